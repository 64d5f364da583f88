"""What is found of records: which ones, where, and what is left alone."""

import time
from datetime import UTC, datetime

import pytest
from tests.assurance.decisions.conftest import BODY, SECTIONS, record

from hardpoint.assurance.decisions.rules import index, lifecycle, records
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
RULES = [each for module in (records, lifecycle, index) for each in vars(module).values() if isinstance(each, Rule)]


def found(files, *, before=None, rule_ids=(), manifest="") -> list[str]:
    """The findings as `ADR001 docs/adr/…:1`."""
    if manifest:
        files = {**files, "hardpoint.yaml": f"version: 1\n{manifest}\n"}
    workspace = Workspace.of(files, SECTIONS, before=before, now=NOW)
    workspace.rule_ids = lambda: rule_ids
    runs = run_rules(workspace, RULES)
    assert [run.error for run in runs if run.error] == []
    return [f"{each.rule} {each.place.file}:{each.place.line}" for run in runs for each in run.findings]


def adrs(*texts: str) -> dict[str, str]:
    return {f"docs/adr/{number:04}-a{number}.md": text for number, text in enumerate(texts, 1)}


@pytest.mark.requirement("DOC-03")
def test_a_log_that_is_kept_has_no_finding():
    assert found(adrs(record(1, "A"), record(2, "B"), record(3, "C", "proposed", "2026-03-01"))) == []


@pytest.mark.requirement("DOC-03")
def test_each_decision_after_the_first_of_a_number_is_found():
    files = {
        "docs/adr/0001-a.md": record(1, "A"),
        "docs/adr/0001-b.md": record(1, "B"),
        "docs/adr/0001-c.md": record(1, "C"),
    }
    assert found(files) == ["ADR001 docs/adr/0001-b.md:1", "ADR001 docs/adr/0001-c.md:1"]


@pytest.mark.requirement("DOC-03")
def test_a_gap_is_a_note_at_what_follows():
    files = {"docs/adr/0001-a.md": record(1, "A"), "docs/adr/0004-b.md": record(4, "B")}
    assert found(files) == ["ADR002 docs/adr/0004-b.md:1"]


@pytest.mark.requirement("DOC-03")
def test_a_number_that_was_copied_is_repaired_with_its_zeros():
    workspace = Workspace.of({"docs/adr/0012-a.md": f"# ADR-0003: A\n\n- Status: accepted\n{BODY}"}, SECTIONS)
    (run,) = run_rules(workspace, [records.other_number])
    assert [(each.replaces, each.suggestion) for each in run.findings] == [("0003", "0012")]


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["accepted", "accepted", "accepted", ""], ["ADR018 docs/adr/0004-a4.md:1"]),
        (["accepted", "accepted", "", ""], []),
        (["", "", "", ""], []),
        (["accepted", "Fertig", "accepted"], ["ADR018 docs/adr/0002-a2.md:3"]),
        (["Akzeptiert", "Vorgeschlagen", "accepted"], []),
    ],
)
def test_a_status_is_asked_for_where_the_log_has_the_habit(statuses, expected):
    texts = [
        record(n, "A", s) if s else record(n, "A").replace("- Status: accepted\n", "")
        for n, s in enumerate(statuses, 1)
    ]
    assert found(adrs(*texts)) == expected


@pytest.mark.requirement("DOC-03")
def test_declared_statuses_are_all_that_may_be():
    files = adrs(record(1, "A", "Accepted on Monday"), record(2, "B", "acceptable"), record(3, "C", "done"))
    assert found(files, manifest="decisions: {statuses: [accepted]}") == [
        "ADR004 docs/adr/0002-a2.md:3",
        "ADR004 docs/adr/0003-a3.md:3",
    ]


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize("status", ["rejected", "superseded", "proposed", "deprecated"])
def test_sections_are_asked_of_what_holds(status):
    bare = "# 1. A\n\n- Status: {}\n- Date: 2026-03-01\n\n## Context\n\nc\n\n## Decision\n\nd\n"
    assert [each for each in found(adrs(bare.format(status))) if "ADR009" in each] == []
    assert found(adrs(bare.format("accepted"))) == ["ADR009 docs/adr/0001-a1.md:1"]


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        (["Context", "Decision", "Consequences"], 0),
        (["1. Context", "2. Decision", "3. Impact"], 0),
        (["Context", "Decision", "Trade-offs"], 0),
        (["Context", "Decision"], 1),
        (["Background", "Proposal"], 0),
        (["Context and Problem Statement", "Considered Options", "Decision Outcome"], 0),
        (["Context and Problem Statement", "Decision Drivers", "Considered Options"], 1),
        (["Context and Problem Statement", "Decision Outcome"], 1),
        (["Summary"], 0),
    ],
)
def test_the_template_is_recognised_by_its_headings(headings, missing):
    text = "# 1. A\n\n- Status: accepted\n" + "".join(f"\n## {each}\n\nx\n" for each in headings)
    assert len(found(adrs(text))) == missing


@pytest.mark.requirement("DOC-03")
def test_a_house_template_is_declared():
    manifest = "decisions: {sections: [Context | Why, References], consequences: [Gained, Traded for it]}"
    full = record(1, "A").replace("It works.", "Gained:\n\n- x\n\n**Traded for it:** y\n\n## References\n")
    assert found(adrs(full), manifest=manifest) == []
    assert found(adrs(full.replace("Context", "Why")), manifest=manifest) == []
    assert found(adrs(full.replace("Traded for it", "And")), manifest=manifest) == ["ADR009 docs/adr/0001-a1.md:1"]
    assert found(adrs(full.replace("## References", "")), manifest=manifest) == ["ADR009 docs/adr/0001-a1.md:1"]


@pytest.mark.requirement("DOC-05")
def test_a_decision_is_proposed_for_so_many_days():
    files = adrs(record(1, "A", "proposed", "2025-10-02"), record(2, "B", "proposed", "2025-10-01"))
    assert found(files) == ["ADR013 docs/adr/0002-a2.md:3"]
    assert len(found(files, manifest="decisions: {proposed_days: 30}")) == 2


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-31", []),
        ("2026-04-01", []),
        ("2026-04-02", ["ADR015"]),
        ("2026-13-01", ["ADR015"]),
        ("31/03/2026", ["ADR019"]),
        ("March 3, 2026", ["ADR019"]),
        ("YYYY-MM-DD", []),
        ("soon", []),
    ],
)
def test_a_date_is_a_day_that_has_come(day, expected):
    assert [each[:6] for each in found(adrs(record(1, "A", day=day)))] == expected


def test_a_habit_of_other_dates_is_one_note():
    files = adrs(*(record(n, "A", day=f"{n:02}/03/2026") for n in range(1, 9)))
    assert found(files) == ["ADR019 docs/adr/0001-a1.md:4"]


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("named", "exists"),
    [
        ("DOC001", True),
        ("imports", True),
        ("Imports are kept", True),
        ("ci.yml", True),
        ("merge/documents", True),
        ("documents", True),
        ("tests/test_imports.py", True),
        ("tests/test_imports.py::test_all", True),
        ("Storeys", True),
        ("DOC999", False),
        ("import", False),
    ],
)
def test_what_enforces_a_decision_exists(named, exists):
    workflow = "on: push\njobs:\n  imports:\n    name: Imports are kept\n    runs-on: x\n"
    manifest = (
        "gates:\n  - name: merge\n    criteria:\n      - {id: documents, kind: check, rules: [DOC001]}\n"
        "boundaries:\n  contracts:\n    - {type: independence, name: Storeys, modules: [a]}\n"
    )
    text = f"---\nstatus: accepted\nenforced_by: [{named}]\n---\n# 1. A\n{BODY}"
    files = {**adrs(text), ".github/workflows/ci.yml": workflow, "tests/test_imports.py": "", "a/__init__.py": ""}
    assert (found(files, rule_ids=("DOC001",), manifest=manifest) == []) == exists


@pytest.mark.requirement("DOC-04")
def test_supersession_is_said_by_both():
    old, new = (
        record(1, "A", "superseded by [0002](0002-a2.md)"),
        record(2, "B", more="- Supersedes: [0001](0001-a1.md)\n"),
    )
    assert found(adrs(old, new)) == []
    assert found(adrs(record(1, "A"), new)) == ["ADR006 docs/adr/0001-a1.md:3"]
    assert found(adrs(old, record(2, "B"))) == ["ADR020 docs/adr/0002-a2.md:1"]
    assert found(adrs(old)) == ["ADR007 docs/adr/0001-a1.md:3"]
    assert found(adrs(record(1, "A", "superseded"))) == ["ADR020 docs/adr/0001-a1.md:1"]


@pytest.mark.requirement("DOC-04")
@pytest.mark.parametrize(
    "more",
    [
        "- Supersedes: parts of [0001](0001-a1.md)\n",
        "- Amends: [0001](0001-a1.md)\n",
        "- Supersedes: https://example.org/0001-x.md\n",
    ],
)
def test_what_is_amended_still_holds(more):
    assert found(adrs(record(1, "A"), record(2, "B", more=more))) == []


@pytest.mark.requirement("DOC-04")
def test_what_is_only_proposed_supersedes_nothing_yet():
    assert (
        found(adrs(record(1, "A"), record(2, "B", "proposed", "2026-03-01", "- Supersedes: [0001](0001-a1.md)\n")))
        == []
    )


@pytest.mark.requirement("DOC-04")
def test_a_circle_is_found_once():
    texts = [record(n, "A", f"superseded by [x]({(n % 3) + 1:04}-a{(n % 3) + 1}.md)") for n in (1, 2, 3)]
    assert [each for each in found(adrs(*texts)) if "ADR008" in each] == ["ADR008 docs/adr/0001-a1.md:1"]


@pytest.mark.requirement("DOC-04")
def test_a_decision_that_a_link_to_itself_supersedes_is_a_circle():
    assert "ADR008 docs/adr/0001-a1.md:1" in found(adrs(record(1, "A", "superseded by [x](0001-a1.md)")))
    assert found(adrs(record(1, "A", "superseded by 1"))) == []


@pytest.mark.requirement("DOC-04")
def test_decisions_of_other_logs_and_files_exist_too():
    text = record(1, "A", more="- Related: ADR-7, [x](../../other/adr/0009-x.md)\n")
    files = {**adrs(text), "other/adr/0009-x.md": record(9, "X"), "third/adr/0007-y.md": record(7, "Y")}
    assert [each for each in found(files) if "0001" in each] == []
    assert found(adrs(text)) == ["ADR010 docs/adr/0001-a1.md:5"]


@pytest.mark.requirement("DOC-04")
def test_the_one_that_supersedes_is_not_the_older():
    old = record(1, "A", "superseded by [0002](0002-a2.md)", "2026-02-01")
    new = record(2, "B", "accepted", "2026-01-01", "- Supersedes: [0001](0001-a1.md)\n")
    assert found(adrs(old, new)) == ["ADR021 docs/adr/0002-a2.md:4"]


@pytest.mark.requirement("DOC-04")
@pytest.mark.parametrize(
    ("file", "text", "cited"),
    [
        ("docs/guide.md", "See [the queue](adr/0001-a1.md).", True),
        ("src/q.py", "# one queue, as ADR-0001 says", True),
        ("src/q.go", "// adr 1: one queue", True),
        ("src/q.py", "# ADR-0001 is superseded, this goes", False),
        ("src/q.py", "# ADR-0001, since ADR-0002 two", False),
        ("src/q.py", "# We dropped ADR-0001 in 2024", False),
        ("src/q.py", "# By then ADR-0001 held", False),
        ("src/q.py", "# We follow ADR-0001. Then ADR-0001 again", True),
        ("src/q.py", "# two queues: ADR-0002", False),
        ("CHANGELOG.md", "- one queue (ADR-0001)", False),
        ("docs/adr/README.md", "- [0001](0001-a1.md)", False),
        ("docs/adr/0003-c.md", record(3, "C", more="- Related: ADR-0001\n"), False),
        ("vendor/x.py", "# ADR-0001", False),
        ("src/q.py", "ADR-00011 and LADR-10001", False),
    ],
)
def test_a_superseded_decision_is_cited_as_past_only(file, text, cited):
    old, new = (
        record(1, "A", "superseded by [0002](0002-a2.md)"),
        record(2, "B", more="- Supersedes: [0001](0001-a1.md)\n"),
    )
    expected = [f"ADR014 {file}:1"] if cited else []
    assert [each for each in found({**adrs(old, new), file: text + "\n"}) if "ADR014" in each] == expected


def test_with_several_logs_a_number_alone_cites_none():
    old, new = (
        record(1, "A", "superseded by [0002](0002-a2.md)"),
        record(2, "B", more="- Supersedes: [0001](0001-a1.md)\n"),
    )
    files = {**adrs(old, new), "other/adr/0001-x.md": record(1, "X"), "src/q.py": "# ADR-0001\n"}
    assert found(files) == []


@pytest.mark.requirement("DOC-05")
def test_the_index_has_every_decision_as_it_is():
    files = adrs(record(1, "Use a queue"), record(2, "Use a log", "deprecated"), record(3, "Use mail"))
    rows = ["| [1](0001-a1.md) | Use a queue | accepted |", "| [2](0002-a2.md) | Use a log | accepted |"]
    page = "| no | title | status |\n|---|---|---|\n" + "\n".join([*rows, "| [9](0009-x.md) | X | accepted |"])
    assert found({**files, "docs/adr/README.md": page}) == [
        "ADR011 docs/adr/README.md:1",
        "ADR011 docs/adr/README.md:4",
        "ADR011 docs/adr/README.md:5",
    ]


@pytest.mark.requirement("DOC-05")
@pytest.mark.parametrize(
    "row",
    [
        "[ADR-0001](0001-a1.md) - Use a queue for mail",
        "[1. Use a queue for mail](0001-a1.md)",
        "[Use a queue](0001-a1.md)",
        "[ADR-0001: *Use a queue for mail*](0001-a1.md) (accepted)",
        "[0001](0001-a1.md)",
    ],
)
def test_rows_may_be_of_any_form(row):
    files = adrs(record(1, "Use a queue for mail"), record(2, "Use a log"))
    assert found({**files, "docs/adr/index.md": f"- {row}\n- [2. Use a log](0002-a2.md)\n"}) == []


def test_a_page_that_mentions_one_decision_is_no_index():
    files = adrs(record(1, "A"), record(2, "B"))
    assert found({**files, "docs/adr/README.md": "- begin with [the first](0001-a1.md)\n"}) == []


@pytest.mark.requirement("DOC-06")
@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("- 2026-01-10 ADR-0001\n- 2026-01-10 ADR-0002\n", []),
        ("- 2026-01-10 [b](adr/0002-a2.md)\n- 2026-01-10 [a](adr/0001-a1.md)\n", []),
        ("- ADR-0001\n", ["ADR016 docs/log.md:0"]),
        ("- ADR-0001\n- ADR-0003\n- ADR-0002\n", ["ADR016 docs/log.md:2"]),
    ],
)
def test_the_log_has_every_accepted_decision_in_order(log, expected):
    texts = [record(1, "A"), record(2, "B", day="2026-01-11"), record(4, "D", "proposed", "2026-03-01")]
    texts += [record(3, "C", day="2026-01-12")] if "0003" in log else []
    files = {f"docs/adr/{int(t[2]):04}-a{t[2]}.md": t for t in texts}
    got = [
        each
        for each in found({**files, "docs/log.md": log}, manifest="decisions: {log: docs/log.md}")
        if "ADR016" in each
    ]
    assert got == expected


@pytest.mark.requirement("DOC-06")
def test_a_log_that_is_not_there_has_no_entry():
    got = found(adrs(record(1, "A")), manifest="decisions: {log: docs/log.md}")
    assert got == ["ADR016 hardpoint.yaml:2"]


@pytest.mark.requirement("DOC-06")
@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ("- a\n- b\n", True),
        ("- a\n- b\n- c\n", True),
        ("- c\n- a\n- b\n", True),
        ("* a\n* **b**\n", True),
        ("- b\n- a\n", False),
        ("- a\n", False),
        ("- a\n- B\n", False),
    ],
)
def test_a_log_only_grows(now, kept):
    got = found({"docs/log.md": now}, before={"docs/log.md": "- a\n- b\n"}, manifest="decisions: {log: docs/log.md}")
    assert (got == []) == kept


def test_a_long_log_takes_no_more_than_a_time_in_proportion_to_its_length(history):
    count = 1200
    later = {n: f"superseded by [{n + 1:04}]({n + 1:04}-a.md)" for n in range(1, count, 3)}
    files = {f"docs/adr/{n:04}-a.md": record(n, f"T {n}", later.get(n, "accepted")) for n in range(1, count + 1)}
    rows = "".join(f"- [{n}. T {n}]({n:04}-a.md)\n" for n in range(1, count + 1))
    history.commit({**files, "docs/adr/README.md": rows, "src/a.py": "# ADR-1 ADR-4\n" * count})
    history.commit(
        {name: text.replace("One queue it is.", "A log " * 400) for name, text in files.items()}, "2026-03-01"
    )
    began = time.process_time()
    runs = run_rules(Workspace.open(history.root, SECTIONS, now=NOW), RULES)
    assert [run.error for run in runs if run.error] == []
    assert sum(len(run.findings) for run in runs) > count
    assert time.process_time() - began < 20
