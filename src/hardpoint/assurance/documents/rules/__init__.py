"""What is checked of documents."""
