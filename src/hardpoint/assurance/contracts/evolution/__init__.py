"""Schemas of data that outlives its writer: whether one version reads what another wrote."""
