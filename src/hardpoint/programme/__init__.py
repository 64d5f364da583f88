"""What judges and steers: it reads the record, never the witness."""
