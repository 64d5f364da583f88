"""Contracts: what an interface promises, and what changes in it."""
