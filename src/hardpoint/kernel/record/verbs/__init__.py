"""`hardpoint record …`: reading and proving the log, and keeping copies of it."""
