"""Figures of GOALS, each measured beside its peer in one run."""
