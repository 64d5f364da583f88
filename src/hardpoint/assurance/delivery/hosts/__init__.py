"""Readers of the files in which pipelines and their scripts are written, one module for each form."""
