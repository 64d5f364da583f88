"""Decisions that are kept: their records, their log, and the boundaries that they draw."""
