"""Hardpoint decides GO or NO-GO with evidence, and ships the machinery that earns a GO."""

__version__ = "0.1.0"
