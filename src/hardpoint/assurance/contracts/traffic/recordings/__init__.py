"""Recordings of traffic: one file a format, each read as a stream of exchanges."""
