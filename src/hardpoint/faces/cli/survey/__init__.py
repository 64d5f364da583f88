"""What a repository holds, what of it is strong and weak, and the first files that it could have."""
