"""The append-only, tamper-evident log of evidence and events."""
