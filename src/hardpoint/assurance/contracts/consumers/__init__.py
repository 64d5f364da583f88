"""What consumers expect of a provider, whether a build keeps it, and so whether it can be deployed."""
