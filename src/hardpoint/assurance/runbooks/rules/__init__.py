"""What is checked of runbooks."""
