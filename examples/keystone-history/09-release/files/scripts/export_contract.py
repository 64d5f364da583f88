"""Writes openapi.json, the contract that this service promises its callers."""

import json
import sys
from pathlib import Path

from keystone.app import create_app
from keystone.settings import Settings

CONTRACT = Path(__file__).parent.parent / "openapi.json"

if __name__ == "__main__":
    document = create_app(Settings()).openapi()
    with open(CONTRACT, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=2) + "\n")
