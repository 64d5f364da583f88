"""What is checked of decisions, a file for each family."""
