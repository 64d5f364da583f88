"""The one verdict on a change."""
