"""GO or NO-GO at a gate, judged from the record alone."""
