"""What a runbook's page gives, in the styles in which teams write it."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.runbooks.pages import MAX_PAGE_BYTES, is_filled, read_page
from hardpoint.assurance.runbooks.parts import Part, Vocabulary


def given_by(text, words=None):
    page = read_page("a.md", text.encode(), Vocabulary(words))
    return {part: said.value for part, said in page.parts.items() if said.filled}


HOUSES = {
    "list of fields": "# API\n\n- Owner: team-a\n- Severity: SEV-2\n- Alert: ApiDown\n- Last exercised: 2026-01-31\n",
    "bold": "# API\n\n**Owner:** team-a\n**Severity**: SEV-2\n**Alert:** `ApiDown`\n**Last tested:** 2026-01-31\n",
    "one line": "# API\n\n**Owner:** team-a | **Severity:** SEV-2 | **Alert:** ApiDown | **Last drill:** 2026-01-31\n",
    "one line, no bars": "**Owner**: team-a **Severity**: SEV-2 **Alert**: ApiDown **Last drill**: 2026-01-31\n",
    "front matter": "---\nowner: team-a\nseverity: 'SEV-2'\nalert: ApiDown\nlast_exercised: 2026-01-31\n---\n# API\n",
    "front matter lists": "---\nowners:\n  - team-a\npriority: SEV-2\nalerts:\n- ApiDown\ntested: 2026-01-31\n---\n",
    "table of fields": (
        "| Field | Value |\n|---|---|\n| **Owner** | team-a |\n| Severity | SEV-2 |\n| Alert(s) | `ApiDown` |\n"
        "| Last verified | 2026-01-31 |\n"
    ),
    "table with a head": (
        "| Alert | Severity | Team | Last exercised |\n|:--|---|---|---|\n| ApiDown | SEV-2 | team-a | 2026-01-31 |\n"
    ),
    "headings": (
        "## Owner\n\nteam-a\n\n## Severity\nSEV-2\n\n## Alert\n\n- `ApiDown` (5m)\n\n## Last exercised\n\n2026-01-31\n"
    ),
    "quote": "> Owner: [team-a](https://acme.example/a)\n> Severity: SEV-2\n> Trigger: ApiDown\n> Tested: 2026-01-31\n",
    "asciidoc": "= API\n:owner: team-a\n:severity: SEV-2\n:alert: ApiDown\n:last-exercised: 2026-01-31\n",
}


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize("text", HOUSES.values(), ids=HOUSES)
def test_fields_are_read_in_the_style_of_each_house(text):
    page = read_page("a.md", text.encode())
    said = given_by(text)
    assert said[Part.OWNER] == "team-a"
    assert said[Part.SEVERITY] == "SEV-2"
    assert page.alerts == ("ApiDown",)
    assert page.parts[Part.EXERCISED].date == date(2026, 1, 31)


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Diagnosis", {"diagnosis"}),
        ("2. Troubleshooting steps", {"diagnosis"}),
        ("🔍 Investigate", {"diagnosis"}),
        ("Initial Response (First 5 Minutes)", {"diagnosis"}),
        ("Mitigation & Recovery", {"mitigation"}),
        ("What to do", {"mitigation"}),
        ("Rollback & Escalation Path", {"rollback", "mitigation", "escalation"}),
        ("Diagnosis and mitigation", {"diagnosis", "mitigation"}),
        ("Whom to contact", {"escalation"}),
        ("Impact", set()),
        ("Verification", set()),
        ("Meaning", set()),
    ],
)
def test_headings_are_known_by_their_words(title, parts):
    for form in (f"## {title}\n\nText.\n", f"{title}\n-----\n\nText.\n", f"<h2>{title}</h2>\n\nText.\n"):
        found = read_page("a.md", form.encode()).parts
        assert {part.value for part, said in found.items() if said.filled} == parts, form


def test_a_bold_line_stands_for_a_heading_but_a_step_does_not():
    assert Part.DIAGNOSIS in given_by("# API\n\n**Diagnosis:**\n\n- look\n")
    page = read_page("a.md", b"## Mitigation\n\n1. **Rollback the release**\n")
    assert page.parts[Part.MITIGATION].filled


@pytest.mark.requirement("RUN-02")
@pytest.mark.parametrize(
    "said",
    [
        "",
        "TBD",
        "tbd.",
        "TODO",
        "-",
        "—",
        "N/A",
        "none",
        "<team>",
        "[team]",
        "`TBD`",
        "**TBD**",
        "???",
        "never",
        "unassigned",
    ],
)
def test_what_only_stands_for_a_value_is_missing(said):
    assert not is_filled(said)
    assert Part.OWNER not in given_by(f"# API\n\nOwner: {said}\n")
    assert Part.DIAGNOSIS not in given_by(f"# API\n\n## Diagnosis\n\n{said}\n\n## Impact\n\nMuch.\n")


def test_a_section_with_only_a_comment_or_an_empty_subsection_says_nothing():
    assert given_by("## Mitigation\n\n<!-- TODO: write\nthis -->\n\n### Later\n\n## Impact\n\nMuch.\n") == {}


def test_what_stands_below_a_subsection_or_in_code_fills_a_section():
    assert Part.DIAGNOSIS in given_by("## Diagnosis\n\n### Logs\n\nRead them.\n")
    assert Part.DIAGNOSIS in given_by("## Diagnosis\n\n```sh\nkubectl get pods\n```\n")


def test_code_is_not_read_as_headings_or_fields():
    assert given_by("# API\n\n```\n# Diagnosis\nOwner: team-a\n```\n\n~~~\n## Mitigation\ntext\n~~~\n") == {}


def test_parts_stand_in_paragraphs_and_in_headings_too():
    text = "Signal: `up == 0`. Severity: warning.\n\nDiagnosis: look.\n\n## Owner: team-a\n\n## Escalation\nCall.\n"
    assert given_by(text)[Part.SEVERITY] == "warning."
    assert given_by(text)[Part.OWNER] == "team-a"
    assert {Part.ALERT, Part.DIAGNOSIS, Part.ESCALATION} <= set(given_by(text))


def test_a_later_value_counts_where_the_first_says_nothing():
    assert given_by("Owner: TBD\n\n---\n\nOwner: team-a\n")[Part.OWNER] == "team-a"


def test_no_alert_is_an_answer():
    page = read_page("a.md", b"Alert: none\n")
    assert page.parts[Part.ALERT].filled
    assert page.alerts == ()


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("**Alerts:** `A_one`, `BTwo`,\n`CThree`\n\nText with `Other`.\n", ("A_one", "BTwo", "CThree")),
        ("Alert: HighErrorRate -- fires when 5xx\n", ("HighErrorRate",)),
        ("Alert: ApiDown, DbDown and CacheDown\n", ("ApiDown", "DbDown", "CacheDown")),
        ('Alert: "High error rate"\n', ("High error rate",)),
        ("Alert: when the API is down\n", ()),
        ("Trigger: `ReplyError` in the log\n", ()),
        ("## Trigger\n- `ReplyError` in the log\n", ()),
        ("**Alert rule**:\n```yaml\nexpr: up == 0\nalert: SomeName\n```\n", ()),
        ("## Alert condition\n`up{job='a'} == 0` for 1 minute\n", ()),
        ("## Alert\n\nwhen something is down\n", ()),
        ("## Alert\n- `A_one` (14x)\n- `BTwo`\n\n## Impact\n- `NotOne`\n", ("A_one", "BTwo")),
    ],
)
def test_the_names_of_alerts_are_told_from_prose(written, names):
    assert read_page("a.md", written.encode()).alerts == names


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026/1/31 by Ada", date(2026, 1, 31)),
        ("31 January 2026", date(2026, 1, 31)),
        ("January 31st, 2026", date(2026, 1, 31)),
        ("2025-12-01, again 2026-01-31", date(2026, 1, 31)),
        ("2026-02-31", None),
        ("last quarter", None),
        ("01/02/2026", None),
    ],
)
def test_dates_are_read_where_they_are_unambiguous(written, day):
    assert read_page("a.md", f"Last exercised: {written}\n".encode()).parts[Part.EXERCISED].date == day


@pytest.mark.requirement("RUN-02")
def test_a_team_adds_words_of_its_own():
    text = "# API\n\nZuständig: Team A\n\n## Ursachen finden\n\nLogs.\n"
    words = {Part.OWNER: ("Zuständig",), Part.DIAGNOSIS: ("Ursachen finden",)}
    assert given_by(text) == {}
    assert given_by(text, words) == {Part.OWNER: "Team A", Part.DIAGNOSIS: "Logs."}


def test_a_page_that_is_too_large_is_not_read():
    assert read_page("a.md", b"x" * (MAX_PAGE_BYTES + 1)).unread == "is larger than 1 MiB"


@pytest.mark.parametrize(
    "line", ["<!--", "# ", " " * 1900 + "x", "|" * 1900, "[a](" * 400, "**A" * 500, "- " * 900, "`" * 1900]
)
def test_a_page_costs_no_more_than_its_length(line):
    began = time.monotonic()
    read_page("a.md", ((line + "\n") * (500_000 // (len(line) + 1))).encode())
    assert time.monotonic() - began < 5


@given(st.text(alphabet=st.sampled_from("#-=|:*`<>!~ \nOwnerAltTBD[](){}1."), max_size=400))
def test_any_text_can_be_read(text):
    page = read_page("a.md", text.encode())
    lines = text.count("\n") + 1
    assert all(1 <= said.line <= lines for said in page.parts.values())


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content):
    assert read_page("a.md", content).file == "a.md"
