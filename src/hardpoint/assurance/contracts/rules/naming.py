"""Rules about names: of properties, of parameters, and of the segments of paths."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.contracts.discovery import contracts
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.inventory import Fault, Inventory, node_at
from hardpoint.assurance.contracts.placing import placed
from hardpoint.assurance.contracts.specimen import but, good
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_CASES: Mapping[str, re.Pattern[str]] = {
    "snake_case": re.compile(r"[a-z0-9]+(?:_+[a-z0-9]+)+"),
    "kebab-case": re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z]+[a-z0-9]*)+"),
    "PascalCase": re.compile(r"(?:[A-Z]+[a-z0-9]*)+[a-z][A-Za-z0-9]*"),
    "UPPER_CASE": re.compile(r"[A-Z0-9]+(?:_+[A-Z0-9]+)*"),
}
_WORD = re.compile(r"[a-z0-9]+")
_SIGILS = "_$@+-*"
_MOST = 0.75
"""The share of the names that have to be of one case before the others depart from it."""


@rule(
    "CON019",
    Severity.WARNING,
    over=contracts,
    title="Names are not of one case",
    why="Callers guess names by the others; one that is written otherwise is got wrong, and never changes again.",
    good=good(),
    bad=but(("ship_to", "shipTo")),
)
def mixed_case(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    families = {
        "property": {name: node_at(None, way) for name, way in inventory.found.properties.items()},
        "parameter": _parameters(inventory),
        "segment of a path": _segments(inventory),
    }
    yield from placed(mixed_case, (fault for what, names in families.items() for fault in _departing(what, names)))


def case_of(name: str) -> str:
    """The case that a name is written in; empty for a single word in small letters, which is of every case."""
    bare = name.strip(_SIGILS)
    if not bare or _WORD.fullmatch(bare):
        return ""
    return next((case for case, form in _CASES.items() if form.fullmatch(bare)), "no known case")


def _departing(what: str, names: Mapping[str, Node]) -> Iterator[Fault]:
    cases: dict[str, list[str]] = {}
    for name in names:
        if case := case_of(name):
            cases.setdefault(case, []).append(name)
    if len(cases) <= 1 and "no known case" not in cases:
        return
    usual = max(cases, key=lambda case: (len(cases[case]), case))
    total = sum(map(len, cases.values()))
    if usual == "no known case" or len(cases[usual]) < _MOST * total:
        said = ", ".join(f"{len(found)} in {case} ({found[0]})" for case, found in sorted(cases.items()))
        at = next(names[found[0]] for case, found in sorted(cases.items()) if case != usual or len(cases) == 1)
        yield Fault(at, f"names of one kind ({what}) have several cases: {said}", "Keep to one of them from now on.")
        return
    for case, found in cases.items():
        for name in found if case != usual else ():
            yield Fault(
                names[name], f"the {what} {name!r} is in {case}, and most are in {usual}", f"Write it in {usual}."
            )


def _parameters(inventory: Inventory) -> dict[str, Node]:
    """Names in the query and the path; those of headers have no case, and cookies are often others'."""
    found: dict[str, Node] = {}
    for node in inventory.nodes("parameter"):
        if node.value.get("in") in {"query", "path"} and isinstance(name := node.value.get("name"), str):
            found.setdefault(re.sub(r"\[.*", "", name), node)
    return found


def _segments(inventory: Inventory) -> dict[str, Node]:
    found: dict[str, Node] = {}
    paths = inventory.root.get("paths")
    for path, node in paths.items() if paths else ():
        for segment in path.split("/"):
            if "{" not in segment and "." not in segment:
                found.setdefault(segment.partition(":")[0], node)
    return found
