"""The record's own tests use SQLite; what both databases must do stands in tests/conformance."""

from pathlib import Path

import pytest


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The URL of a new SQLite file."""
    return f"sqlite:///{tmp_path / 'store.db'}"
