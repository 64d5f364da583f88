"""What is checked of pipelines."""
