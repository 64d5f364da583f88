"""How far we agree with the best-known tool, on a corpus of pairs that lies outside of the repository."""

import json
import os
from pathlib import Path

import pytest
from bench.contracts import changes, does_break

CORPUS = Path(os.environ.get("HARDPOINT_CONTRACTS_CORPUS") or Path(__file__).parents[4] / "shared/corpus/contracts")
PAIRS = CORPUS / "openapi-changes.json"
KNOWN = {34, 71, 80, 81, 92, 139, 209, 260, 293}
"""Where we differ, and why: docs/explanation/contract-disagreements.md."""


@pytest.mark.requirement("CON-03")
@pytest.mark.skipif(not PAIRS.exists(), reason=f"the corpus is not here: {PAIRS} (HARDPOINT_CONTRACTS_CORPUS names it)")
def test_a_pair_breaks_where_the_best_known_tool_says_so():
    pairs = json.loads(PAIRS.read_text())
    differing = {
        number
        for number, pair in enumerate(pairs)
        if does_break(changes(pair)) != any(each["level"] == "error" for each in pair["expected"])
    }
    assert differing <= KNOWN
    assert len(differing) <= 0.05 * len(pairs)
