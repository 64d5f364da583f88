"""What is checked of contracts, a file for each concern."""
