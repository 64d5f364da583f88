"""One decision as people write it: every usual form, and what is no decision at all."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.decisions.naming import is_called_decision, is_decision_file, is_template, number_in
from hardpoint.assurance.decisions.record import Decision, read_decision
from hardpoint.assurance.decisions.status import State

FILE = "docs/adr/0007-use-a-queue.md"
BODY = "\n## Context\n\nc\n\n## Decision\n\nd\n"


def read(text: str, file: str = FILE) -> Decision:
    return read_decision(file, text.encode())


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("# 7. A\n\n- Status: accepted\n", "accepted"),
        ("# 7. A\n\n* Status: Accepted <!-- optional -->\n", "Accepted"),
        ("# A\n\n**Status**: Proposed\n", "Proposed"),
        ("# A\n\n**Status:** Proposed\n\n**Date:** 2026-01-01\n", "Proposed"),
        ("# A\n\nStatus: Draft\n", "Draft"),
        ("# A\n\n> Status: Draft\n", "Draft"),
        ("# A\n\n| Status | Accepted |\n|---|---|\n| Date | 2026-01-01 |\n", "Accepted"),
        ("| Status | Date |\n|:--|:--|\n| Accepted | 2026-01-01 |\n\n## Context\n", "Accepted"),
        ("---\nstatus: accepted\ndate: 2026-01-01\n---\n# A\n", "accepted"),
        ('---\nstatus: "accepted"\n---\n# A\n', "accepted"),
        ("---\ntitle: ADR001: not YAML\nstatus: accepted\n---\n# A\n", "accepted"),
        ("# 7. A\n\nDate: 13/02/2016\n\n## Status\n\nAccepted\n\n## Context\n", "Accepted"),
        (
            "# A\n\n## Changelog\n\n* x\n\n## Context\n\nc\n\n## Status\n\nACCEPTED - Implemented\n",
            "ACCEPTED - Implemented",
        ),
        ("# A\n\n## Status\n\n[Accepted](https://example.org/pull/395)\n", "Accepted"),
        ("# A\n\n## Status: Accepted\n", "Accepted"),
        ("# A\n\n# Status\n\nAccepted\n\n# Context\n", "Accepted"),
        ("# A\n\n### Status\n\n* Accepted\n", "Accepted"),
        ("# A\n\n## Status\n\n- [ ] Proposed\n- [x] Accepted\n", "[x] Accepted"),
        ("# A\n\n## Status\n\n<!-- proposed, accepted -->\n\nRejected\n", "Rejected"),
        ("# A\n\n## Status\n\n2026-01-01 proposed\n\n2026-02-01 accepted\n", "2026-02-01 accepted"),
        ("# A\n\n## Metadata\n\n- Status: accepted\n\n## Context\n", "accepted"),
        ("# A\r\n\r\n- Status: accepted\r\n", "accepted"),
    ],
)
def test_a_status_is_read_in_every_usual_form(text, status):
    found = read(text).status
    assert found is not None
    assert found.plain == status


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n## Context\n\n- Status: of the art\n",
        "# A\n\n```\nStatus: accepted\n```\n",
        "# A\n\n<!-- Status: accepted -->\n",
        "# A\n\nThe status quo: it works\n",
        "",
        "---\n---\n",
    ],
)
def test_what_only_looks_like_a_status_is_none(text):
    assert read(text).status is None


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("accepted", State.ACCEPTED),
        ("✅ Accepted", State.ACCEPTED),
        ("Accepted (supersedes ADR-3)", State.ACCEPTED),
        ("Accepted, partially superseded by ADR-9", State.ACCEPTED),
        ("Accepted; will be superseded by 9", State.ACCEPTED),
        ("![Accepted](https://img.shields.io/badge/adr-accepted-green)", State.ACCEPTED),
        ("Approved and implemented", State.ACCEPTED),
        ("Proposed (to be accepted)", State.PROPOSED),
        ("In review", State.PROPOSED),
        ("LAST CALL", State.PROPOSED),
        ("superseded by [ADR-0009](0009-x.md)", State.SUPERSEDED),
        ("Superceded by 9", State.SUPERSEDED),
        ("~~Accepted~~ Superseded by [9](0009-x.md)", State.SUPERSEDED),
        ("Replaced by 9", State.SUPERSEDED),
        ("Accepted, superseded by 9", State.SUPERSEDED),
        ("superseded", State.SUPERSEDED),
        ("Deprecated", State.DEPRECATED),
        ("Rejected", State.REJECTED),
        ("On hold", State.DEFERRED),
        ("Akzeptiert", None),
        ("", None),
    ],
)
def test_a_word_means_what_people_mean_by_it(written, state):
    assert read(f"# A\n\n- Status: {written}\n").state is state


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("title", "number", "bare"),
    [
        ("# 7. Use a queue", 7, "Use a queue"),
        ("# ADR-0007: Use a queue", 7, "Use a queue"),
        ("# ADR 007: Use a queue", 7, "Use a queue"),
        ("# [ADR007] Use a queue", 7, "Use a queue"),
        ("# 0007 - Use a queue", 7, "Use a queue"),
        ("# 006. Use a queue", 6, "Use a queue"),
        ("# 7 Use a queue", 7, "Use a queue"),
        ("Use a queue\n===========", None, "Use a queue"),
        ("# 2 factors for all", None, "2 factors for all"),
        ("# 3-tier architecture", None, "3-tier architecture"),
        ("# HTTP/2 for all", None, "HTTP/2 for all"),
        ("# 2026 roadmap", None, "2026 roadmap"),
    ],
)
def test_a_number_in_a_title_is_told_from_a_word_of_it(title, number, bare):
    decision = read(f"{title}\n{BODY}")
    assert (decision.title_number, decision.bare_title) == (number, bare)


def test_a_title_may_stand_in_the_front_matter_alone():
    decision = read(f"---\nid: adrs-adr007\ntitle: 'ADR007: Use a queue'\n---\n{BODY}")
    assert (decision.title_number, decision.bare_title) == (7, "Use a queue")
    assert decision.place.line == 3


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31 (accepted)", date(2026, 1, 31)),
        ("2026-1-3", date(2026, 1, 3)),
        ("2026-02-30", None),
        ("31/01/2026", None),
        ("last week", None),
    ],
)
def test_a_date_is_a_day_or_none(written, day):
    found = read(f"# A\n\nDate: {written}\n").date
    assert found is not None
    assert found.date == day


@pytest.mark.requirement("DOC-04")
@pytest.mark.parametrize(
    ("text", "forward", "backward"),
    [
        ("- Status: superseded by [0009](0009-x.md)\n", [], ["docs/adr/0009-x.md"]),
        ("- Status: superseded by ADR-0009\n", [], [9]),
        ("- Status: superseded by 9\n", [], [9]),
        (
            "- Status: accepted\n- Supersedes: [0003](0003-x.md), [0004](0004-y.md)\n",
            ["docs/adr/0003-x.md", "docs/adr/0004-y.md"],
            [],
        ),
        ("## Status\n\nAccepted\n\nSupersedes [3. X](0003-x.md)\n", ["docs/adr/0003-x.md"], []),
        ("## Status\n\nAccepted\n\nSuperseded by [9. X](0009-x.md)\n", [], ["docs/adr/0009-x.md"]),
        ("## Status\n\nAccepted\n\nSupercedes [3. X](./0003-x.md)\n", ["docs/adr/0003-x.md"], []),
        ("- Status: accepted\n\n## Links\n\n* Supersedes [ADR-0003](0003-x.md)\n", ["docs/adr/0003-x.md"], []),
        ("- Status: accepted\n\n## Supersedes\n\n- 0003\n", [3], []),
        ("- Status: Superseded by the move to the cloud in 2026\n", [], []),
        ("- Status: superseded by https://example.org/adr/0009-x.md\n", [], []),
        ("- Status: accepted\n\n## Context\n\nThis supersedes ADR-3 in spirit.\n", [], []),
        ("- Status: accepted\n\n## Links\n\n- may be superseded by ADR-9\n", [], []),
    ],
)
def test_what_one_supersedes_is_read_where_decisions_say_so(text, forward, backward):
    decision = read(f"# 7. A\n\n{text}")
    assert [each.file or each.number for each in decision.supersedes] == forward
    assert [each.file or each.number for each in decision.superseded_by] == backward


def test_front_matter_names_others_one_or_several():
    decision = read("---\nstatus: accepted\nsupersedes: [3, ADR-0004]\nrelated:\n  - ADR-2\n  - 0005\n---\n# A\n")
    assert [each.number for each in decision.supersedes] == [3, 4]
    assert [each.number for each in decision.related] == [2, 5]


def test_a_part_is_superseded_and_said_to_be():
    (reference,) = read("# A\n\n- Status: accepted\n\n## Links\n\n- Supersedes parts of [3](0003-x.md)\n").supersedes
    assert reference.partly


@pytest.mark.parametrize(
    ("file", "number"),
    [
        ("0007-a.md", 7),
        ("007_a.md", 7),
        ("7.md", 7),
        ("adr-007-a.md", 7),
        ("ADR007-a.md", 7),
        ("adr_0007_a.markdown", 7),
        ("20240520-a.md", None),
        ("2024-05-20-a.md", None),
    ],
)
def test_files_of_decisions_are_known_by_their_names(file, number):
    assert is_decision_file(f"docs/adr/{file}")
    assert number_in(file) == number


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "template.md",
        "0000-template.md",
        "adr-template.md",
        "adr000-template.md",
        "000-index.md",
        "0000-readme.md",
        "a-7.md",
        "7a.md",
        "0007-a.txt",
        "NNNN-template.md",
    ],
)
def test_what_lies_beside_decisions_is_none(file):
    assert not is_decision_file(f"docs/adr/{file}")


def test_a_decision_about_templates_is_a_decision():
    assert is_decision_file("docs/adr/0012-email-template-engine.md")
    assert is_template("docs/adr/template.md")
    assert is_called_decision("docs/architecture/adr-012-x.md")
    assert not is_called_decision("docs/guide/012-x.md")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content):
    decision = read_decision(FILE, content)
    assert decision.place.line >= 1


@given(st.text(alphabet="#-*: \n[]()|~`<>!aS1tusdrebyp.", max_size=200))
def test_any_text_of_the_right_characters_is_read(text):
    read_decision(FILE, f"# A\n\n- Status: {text}\n\n## Status\n\n{text}\n\n## Links\n\n{text}".encode())


@pytest.mark.parametrize(
    "part", ["[a](b) ", "[", "- Status: ", "superseded by ", "# h\n", "```\n", "<!-- ", "| a ", "ADR-1 "]
)
def test_reading_takes_no_more_than_a_time_in_proportion_to_the_length(part):
    began = time.process_time()
    read_decision(
        FILE,
        b"# A\n\n## Status\n\n" + part.encode() * (60_000 // len(part)) + b"\n\n## Links\n\n" + part.encode() * 5000,
    )
    assert time.process_time() - began < 6
