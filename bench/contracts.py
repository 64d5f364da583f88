"""How far `contract diff` agrees with the best-known tool, pair by pair: `python -m bench.contracts CORPUS`."""

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import read_contract


def main(corpus: Path) -> None:
    """Print the agreement, and every disagreement."""
    pairs = json.loads(corpus.read_text())
    breaks = same = 0
    for number, pair in enumerate(pairs):
        found = changes(pair)
        ours, theirs = {each.id for each in found}, {each["id"] for each in pair["expected"]}
        agrees = does_break(found) == any(each["level"] == "error" for each in pair["expected"])
        breaks += agrees
        same += ours == theirs
        if not agrees or ours != theirs:
            mark = "" if agrees else "BREAKS " if does_break(found) else "PASSES "
            print(f"{number}: {mark}only ours {_listed(found, theirs)}; only theirs {sorted(theirs - ours)}")
    total = len(pairs)
    print(f"{breaks} of {total} agree on whether a pair breaks ({breaks / total:.1%})")
    print(f"{same} of {total} agree on every id ({same / total:.1%})")


def changes(pair: dict[str, Any]) -> tuple[Change, ...]:
    """What changed in a pair of the corpus."""
    base, revision = (read_contract(f"{side}.json", json.dumps(pair[side]).encode()) for side in ("base", "revision"))
    days = pair["config"]
    calendar = Calendar(date.fromisoformat(pair["today"]), days["min_sunset_stable_days"], days["min_sunset_beta_days"])
    return compare_contracts(base, revision, calendar)


def does_break(found: tuple[Change, ...]) -> bool:
    """Whether any change is an error."""
    return any(each.level is Level.ERROR for each in found)


def _listed(found: tuple[Change, ...], theirs: set[str]) -> list[str]:
    counted = Counter((each.id, each.level.value[0]) for each in found if each.id not in theirs)
    return [f"{name}:{level}" for name, level in sorted(counted)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
