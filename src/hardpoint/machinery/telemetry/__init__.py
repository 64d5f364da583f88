"""Telemetry: what a service tells of itself."""
