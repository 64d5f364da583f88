"""The laws of decisions: a log that is kept has no finding, and each way to break it is found."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hardpoint.assurance.decisions.rules import index, lifecycle, records
from hardpoint.capabilities import capabilities
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

NOW = datetime(2026, 3, 31, tzinfo=UTC)
RULES = [each for module in (records, lifecycle, index) for each in vars(module).values() if isinstance(each, Rule)]
SECTIONS = Context(capabilities()).collect("model", Section)
WORDS = ["queue", "log", "store", "mail", "cache", "search", "index", "page", "form", "token"]

Files = dict[str, str]


NYGARD = "\n## Context\n\nc\n\n## Decision\n\nd\n\n## Consequences\n\ne\n"
MADR = "\n## Context and Problem Statement\n\nc\n\n## Considered Options\n\n* a\n\n## Decision Outcome\n\na\n"


def listed(links: list[str], mark: str = "*") -> str:
    return "".join(f"{mark} {each}\n" for each in links)


def nygard(number: int, title: str, status: str, day: date, links: list[str]) -> str:
    said = "\n\n".join([status.capitalize(), *links])
    return f"# {number}. {title}\n\nDate: {day}\n\n## Status\n\n{said}\n{NYGARD}"


def madr2(number: int, title: str, status: str, day: date, links: list[str]) -> str:
    return f"# {title}\n\n* Status: {status}\n* Date: {day}\n{MADR}\n## Links\n\n{listed(links)}"


def madr4(number: int, title: str, status: str, day: date, links: list[str]) -> str:
    return f"---\nstatus: {status}\ndate: {day}\n---\n\n# {title}\n{MADR}\n## More Information\n\n{listed(links)}"


def house(number: int, title: str, status: str, day: date, links: list[str]) -> str:
    said = listed(links, "-").replace("Supersedes", "Supersedes:")
    return f"# {number:04}: {title}\n\n- Status: {status}\n- Date: {day}\n{said}{NYGARD}"


@st.composite
def logs(draw) -> Files:
    """A log of three to eight decisions in one form, where later ones may supersede earlier ones, with its index."""
    form = draw(st.sampled_from([nygard, madr2, madr4, house]))
    count = draw(st.integers(3, 8))
    titles = [f"Use {draw(st.sampled_from(WORDS))} {draw(st.sampled_from(WORDS))} {n}th" for n in range(1, count + 1)]
    files = [f"{n:04}-{title.lower().replace(' ', '-')}.md" for n, title in enumerate(titles, 1)]
    after = {n: draw(st.integers(n + 1, count)) for n in range(1, count) if draw(st.integers(0, 3)) == 0}
    days = [date(2025, 12, 1) + timedelta(days=n) for n in range(count)]
    found: Files = {}
    rows = []
    for n in range(1, count + 1):
        status = draw(st.sampled_from(["accepted", "accepted", "rejected", "deprecated", "proposed"]))
        status = "accepted" if n in after.values() else status
        status = f"superseded by [{after[n]:04}]({files[after[n] - 1]})" if n in after else status
        links = [f"Supersedes [{old:04}]({files[old - 1]})" for old, new in after.items() if new == n]
        found[f"docs/adr/{files[n - 1]}"] = form(n, titles[n - 1], status, days[n - 1], links)
        rows.append(f"| [{n:04}]({files[n - 1]}) | {titles[n - 1]} | {status.split(' [')[0]} |")
    head = "# Decisions\n\n| number | title | status |\n|---|---|---|\n"
    return {**found, "docs/adr/README.md": head + "\n".join(rows) + "\n"}


def findings(files: Files, before: Files | None = None) -> list[str]:
    runs = run_rules(Workspace.of(files, SECTIONS, before=before, now=NOW), RULES)
    assert [run.error for run in runs if run.error] == []
    return [f"{each.rule} {each.place.file}" for run in runs for each in run.findings]


def nth(files: Files, at: int) -> str:
    return sorted(file for file in files if "README" not in file)[at]


@pytest.mark.requirement("DOC-03", "DOC-04", "DOC-05")
@given(logs())
def test_a_log_that_is_kept_has_no_finding(files):
    assert findings(files, before=files) == []


def number_twice(files: Files) -> str:
    file = nth(files, 1)
    files[file.replace("0002-use", "0001-also")] = files.pop(file)
    return "ADR001"


def taken_out(files: Files) -> str:
    files.pop(nth(files, 1))
    return "ADR002"


def not_a_day(files: Files) -> str:
    file = nth(files, 0)
    files[file] = files[file].replace("2025-12-01", "2025-12-32")
    return "ADR015"


def to_come(files: Files) -> str:
    file = nth(files, 0)
    files[file] = files[file].replace("2025-12-01", "2031-12-01")
    return "ADR015"


def old_proposal(files: Files) -> str:
    file = nth(files, 0)
    assume("uperseded" not in files[file])
    for word in ("accepted", "rejected", "deprecated"):
        files[file] = files[file].replace(word, "proposed").replace(word.capitalize(), "Proposed")
    files[file] = files[file].replace("2025-12-01", "2020-12-01")
    return "ADR013"


def misspelt(files: Files) -> str:
    file = next((each for each in sorted(files) if "ccepted" in files[each] and "README" not in each), None)
    assume(file)
    files[file] = files[file].replace("accepted", "acceptd").replace("Accepted", "Acceptd")
    return "ADR018"


def without_outcome(files: Files) -> str:
    file = next((each for each in sorted(files) if "ccepted" in files[each] and "README" not in each), None)
    assume(file)
    files[file] = files[file].replace("## Decision Outcome\n", "").replace("## Consequences\n", "")
    return "ADR009"


def one_side_only(files: Files) -> str:
    old = next((each for each in sorted(files) if "uperseded by" in files[each] and "README" not in each), None)
    assume(old)
    files[old] = re.sub(r"[Ss]uperseded by .*", "accepted", files[old])
    return "ADR006"


def to_nowhere(files: Files) -> str:
    old = next((each for each in sorted(files) if "uperseded by" in files[each] and "README" not in each), None)
    assume(old)
    files[old] = files[old].replace("uperseded by [00", "uperseded by [09").replace("](00", "](09")
    return "ADR007"


def row_taken_out(files: Files) -> str:
    lines = files["docs/adr/README.md"].split("\n")
    files["docs/adr/README.md"] = "\n".join([*lines[:4], *lines[5:]])
    return "ADR011"


def row_says_other(files: Files) -> str:
    assume("| accepted |" in files["docs/adr/README.md"])
    files["docs/adr/README.md"] = files["docs/adr/README.md"].replace("| accepted |", "| rejected |", 1)
    return "ADR011"


MUTATIONS = [
    number_twice,
    taken_out,
    not_a_day,
    to_come,
    old_proposal,
    misspelt,
    without_outcome,
    one_side_only,
    to_nowhere,
    row_taken_out,
    row_says_other,
]


@pytest.mark.requirement("DOC-03", "DOC-04", "DOC-05")
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.__name__)
@given(logs())
def test_each_way_to_break_it_is_found(mutation, files):
    changed = dict(files)
    rule = mutation(changed)
    assert rule in {each.split()[0] for each in findings(changed)}


@pytest.mark.requirement("DOC-03")
@given(logs())
def test_what_was_accepted_is_neither_proposed_again_nor_rewritten(files):
    file = next((each for each in sorted(files) if "ccepted" in files[each] and "README" not in each), None)
    assume(file)
    back = {**files, file: files[file].replace("accepted", "proposed").replace("Accepted", "Proposed")}
    assert f"ADR005 {file}" in findings(back, before=files)
    other = files[file].replace("\nc\n", "\nWe had thought of something else by that time, all of us.\n")
    assert f"ADR012 {file}" in findings({**files, file: other}, before=files)
