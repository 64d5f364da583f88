"""What the rooms of capabilities are built with."""
