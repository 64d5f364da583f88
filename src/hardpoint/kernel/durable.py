"""What has reached the disk: files, and the folders that name them."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Return once a file, or what a folder names, has reached the disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
