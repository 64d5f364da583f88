"""Delivery pipelines that tell the truth."""
