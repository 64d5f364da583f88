"""Machinery: what runs inside services, so that they are what their gates ask for."""
