"""What verifies a promise."""
