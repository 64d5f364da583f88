"""Keystone tracks projects and the milestones that carry them."""

__version__ = "0.1.0"
