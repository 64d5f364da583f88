"""Results of other tools, read into evidence."""
