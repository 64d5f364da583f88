"""The committed contract is the one that the service keeps."""

import json
from pathlib import Path

import httpx

CONTRACT = Path(__file__).parent.parent / "openapi.json"


def test_the_committed_contract_is_what_the_service_serves(client: httpx.Client) -> None:
    committed = json.loads(CONTRACT.read_text(encoding="utf-8"))
    assert client.get("/openapi.json").json() == committed, "run scripts/export_contract.py"
