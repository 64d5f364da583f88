"""Writes openapi.json, the contract that this service promises its callers."""

import json
from pathlib import Path

from keystone.app import create_app
from keystone.settings import Settings

CONTRACT = Path(__file__).parent.parent / "openapi.json"

if __name__ == "__main__":
    document = create_app(Settings()).openapi()
    CONTRACT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
