"""Runbooks that lead through an alert."""
