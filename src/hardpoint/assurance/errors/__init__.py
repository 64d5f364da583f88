"""Errors by their codes: what each means, what to do about it, and that no code ever means something else."""

from hardpoint.assurance.errors.taxonomy import Taxonomy, read_taxonomy, taxonomy

__all__ = ["Taxonomy", "read_taxonomy", "taxonomy"]
