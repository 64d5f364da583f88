"""Scorecards: which level a service reaches, and what it lacks for the next."""
