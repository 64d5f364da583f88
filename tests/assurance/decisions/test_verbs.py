"""`hardpoint adr …`: what is written, what is not, and how it is said."""

import re

import pytest
from tests.assurance.decisions.conftest import BODY

PARTS = "\n## Context\n\nc\n\n## Decision\n\nd\n\n## Consequences\n\ne\n"
HEAD = "| ADR | Title | Date |\n|--|--|--|\n"
EMPTY = "## Context\n\n## Decision\n\n## Consequences\n"
NYGARD = "# {n}. {title}\n\nDate: 2026-01-10\n\n## Status\n\nAccepted\n" + PARTS
EMPTY_MADR = "## Context and Problem Statement\n\n## Considered Options\n\n## Decision Outcome\n\n### Consequences\n"
MADR = (
    "---\nstatus: accepted\ndate: 2026-01-10\ndecision-makers: Ada\n---\n\n# {title}\n\n"
    "## Context and Problem Statement\n\nc\n\n"
    "## Considered Options\n\n* a\n\n## Decision Outcome\n\nChosen: a\n\n### Consequences\n\n* Good, because x\n"
)
BACKSTAGE = "---\nid: adrs-adr{n:03}\ntitle: 'ADR{n:03}: {title}'\n---\n" + PARTS
TABLE = "# ADR {n}: {title}\n\n| Status | accepted |\n|---|---|\n| Date | 2026-01-10 |\n" + PARTS


def changed(history) -> list[str]:
    return sorted(line.split()[-1] for line in history.git("status", "--porcelain", "-uall").splitlines())


def lines(history) -> list[str]:
    return [line for line in history.git("diff", "-U0").splitlines() if re.match(r"[-+](?![-+]{2})", line)]


@pytest.mark.requirement("DOC-05")
@pytest.mark.parametrize(
    ("form", "name", "file", "text"),
    [
        (
            NYGARD,
            "docs/adr/{n:04}-a.md",
            "docs/adr/0003-use-two-queues.md",
            f"# 3. Use two queues!\n\nDate: DAY\n\n## Status\n\nProposed\n\n{EMPTY}",
        ),
        (
            MADR,
            "docs/decisions/{n:04}-a.md",
            "docs/decisions/0003-use-two-queues.md",
            f"---\nstatus: proposed\ndate: DAY\ndecision-makers:\n---\n# Use two queues!\n\n{EMPTY_MADR}",
        ),
        (
            BACKSTAGE,
            "docs/architecture-decisions/adr{n:03}-a.md",
            "docs/architecture-decisions/adr003-use-two-queues.md",
            None,
        ),
        (TABLE, "adr/ADR_{n:02}_a_b.md", "adr/ADR_03_use_two_queues.md", None),
        (NYGARD, "doc/adr/{n}-a.md", "doc/adr/3-use-two-queues.md", None),
    ],
)
def test_a_new_decision_has_the_form_of_the_others(history, cli, form, name, file, text):
    history.commit({name.format(n=n): form.format(n=n, title=f"Use {n}") for n in (1, 2)})
    ran = cli("adr", "new", "Use two queues!", folder=history.root)
    assert ran.exit == 0, ran.err
    assert changed(history) == [file]
    written = (history.root / file).read_text()
    assert text in {None, re.sub(r"\d{4}-\d\d-\d\d", "DAY", written)}
    assert "Use two queues!" in written
    checked = cli("check", "--rule", "ADR", "--format", "json", folder=history.root).json
    assert [each for each in checked["findings"] if each["severity"] == "error"] == []


@pytest.mark.requirement("DOC-05")
def test_the_template_of_the_tree_is_used(history, cli, adr):
    head = "# [short title]\n\n* Status: [proposed | accepted] <!-- optional -->\n* Date: [YYYY-MM-DD]\n"
    template = f"{head}\n## Our own\n\n[say it]\n"
    history.commit({"docs/adr/0001-a.md": adr(1, "A"), "docs/adr/template.md": template})
    assert cli("adr", "new", "B", folder=history.root).exit == 0
    written = (history.root / "docs/adr/0002-b.md").read_text()
    assert written.startswith("# 2. B\n\n* Status: proposed <!-- optional -->\n* Date: 20")
    assert written.endswith("## Our own\n\n[say it]\n")


def test_adr_tools_variables_are_filled_in(history, cli):
    template = "# NUMBER. TITLE\n\nDate: DATE\n\n## Status\n\nSTATUS\n\n## Context\n"
    history.commit({"doc/adr/0001-a.md": NYGARD.format(n=1, title="A"), "doc/adr/templates/template.md": template})
    cli("adr", "new", "A DATE with TITLES", folder=history.root)
    written = (history.root / "doc/adr/0002-a-date-with-titles.md").read_text()
    assert written.startswith("# 2. A DATE with TITLES\n\nDate: 20")
    assert "\n## Status\n\nProposed\n" in written


@pytest.mark.requirement("DOC-05")
def test_the_first_decision_makes_the_log(history, cli):
    history.commit({"hardpoint.yaml": "version: 1\ndecisions: {folders: [why], sections: [Context, Answer]}\n"})
    cli("adr", "new", "Begin", folder=history.root)
    assert re.fullmatch(
        r"# 1\. Begin\n\n- Status: Proposed\n- Date: \d{4}-\d\d-\d\d\n\n## Context\n\n## Answer\n",
        (history.root / "why/0001-begin.md").read_text(),
    )


@pytest.mark.requirement("DOC-03")
def test_the_number_is_the_next_of_the_base_too(history, cli, adr):
    history.commit({"docs/adr/0001-a.md": adr(1, "A")})
    history.git("checkout", "-q", "-b", "change")
    history.git("checkout", "-q", "main")
    history.commit({"docs/adr/0007-b.md": adr(7, "B")})
    history.git("checkout", "-q", "change")
    ran = cli("adr", "new", "C", "--against", "main", "--format", "json", folder=history.root)
    assert ran.json["file"] == "docs/adr/0008-c.md"
    assert ran.json["number"] == 8


@pytest.mark.requirement("DOC-04", "DOC-05")
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (NYGARD, ["-Accepted", "+Superseded by [0002](0002-b.md)", "+Supersedes [0001](0001-a.md)", "+"]),
        (MADR, ["-status: accepted", "+status: superseded by [0002](0002-b.md)", '+supersedes: "0001"']),
        (
            TABLE,
            [
                "-| Status | accepted |",
                "+| Status | superseded by [0002](0002-b.md) |",
                "+| Supersedes | [0001](0001-a.md) |",
            ],
        ),
        (
            "# {n}. {title}\n\n- Status: accepted\n" + BODY,
            ["-- Status: accepted", "+- Status: superseded by [0002](0002-b.md)", "+- Supersedes: [0001](0001-a.md)"],
        ),
        (
            "# {title}\n\n**Status**: accepted\n\n**Date**: 2026-01-10\n" + BODY,
            [
                "-**Status**: accepted",
                "+**Status**: superseded by [0002](0002-b.md)",
                "+**Supersedes**: [0001](0001-a.md)",
                "+",
            ],
        ),
    ],
)
def test_both_sides_say_it_and_nothing_else_is_written(history, cli, form, expected):
    history.commit(
        {"docs/adr/0001-a.md": form.format(n=1, title="A"), "docs/adr/0002-b.md": form.format(n=2, title="B")}
    )
    ran = cli("adr", "supersede", "1", "0002", folder=history.root)
    assert ran.exit == 0, ran.err
    assert lines(history) == expected
    checked = cli("check", "--rule", "ADR", "--format", "json", folder=history.root).json
    assert [each["rule"] for each in checked["findings"]] == []
    again = cli("adr", "supersede", "1", "2", "--format", "json", folder=history.root)
    assert again.json["changed"] == []


def test_ends_of_line_marks_and_rights_stay(history, cli, adr):
    history.commit({"docs/adr/0002-b.md": adr(2, "B")})
    file = history.root / "docs/adr/0001-a.md"
    file.write_bytes(b"\xef\xbb\xbf" + adr(1, "A").replace("\n", "\r\n").encode())
    file.chmod(0o600)
    cli("adr", "supersede", "1", "2", folder=history.root)
    written = file.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf# 1. A\r\n\r\n- Status: superseded by")
    assert written.count(b"\n") == written.count(b"\r\n")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.requirement("DOC-05")
def test_what_a_new_one_is_to_supersede_holds_until_it_is_accepted(history, cli, adr):
    rows = "| [0001](0001-a.md) | A | accepted |\n| [0002](0002-b.md) | B | accepted |\n"
    index = f"| no | decision | status |\n|---|---|---|\n{rows}\nEnd.\n"
    history.commit({"docs/adr/0001-a.md": adr(1, "A"), "docs/adr/0002-b.md": adr(2, "B"), "docs/adr/README.md": index})
    ran = cli("adr", "new", "C | D", "--supersedes", "2", "--format", "json", folder=history.root)
    assert sorted(ran.json["changed"]) == changed(history) == ["docs/adr/0003-c-d.md", "docs/adr/README.md"]
    assert lines(history) == [r"+| [0003](0003-c-d.md) | C \| D | proposed |"]
    drafted = history.root / "docs/adr/0003-c-d.md"
    assert "Supersedes: [0002](0002-b.md)" in drafted.read_text()
    early = cli("adr", "supersede", "2", "3", folder=history.root)
    assert (early.exit, "0003 is proposed" in early.err) == (2, True)

    drafted.write_text(drafted.read_text().replace("proposed", "accepted"))
    assert cli("adr", "supersede", "2", "3", folder=history.root).exit == 0
    assert lines(history)[2:] == [
        "-| [0002](0002-b.md) | B | accepted |",
        "+| [0002](0002-b.md) | B | superseded by 0003 |",
        r"+| [0003](0003-c-d.md) | C \| D | accepted |",
    ]
    assert cli("adr", "index", "--check", folder=history.root).exit == 0


@pytest.mark.requirement("DOC-05")
def test_a_circle_is_refused_and_nothing_is_written(history, cli, adr):
    history.commit({f"docs/adr/000{n}-{t.lower()}.md": adr(n, t) for n, t in ((1, "A"), (2, "B"), (3, "C"))})
    assert cli("adr", "supersede", "1", "2", folder=history.root).exit == 0
    assert cli("adr", "supersede", "2", "3", folder=history.root).exit == 0
    before = lines(history)
    for old, new in (("2", "1"), ("3", "1")):
        ran = cli("adr", "supersede", old, new, folder=history.root)
        assert (ran.exit, "in a circle" in ran.err) == (2, True)
    assert lines(history) == before


@pytest.mark.requirement("DOC-05")
@pytest.mark.parametrize(
    ("rows", "after"),
    [
        (
            "* [1. A](0001-a.md)\n* [3. C](0003-c.md)\n",
            "* [1. A](0001-a.md)\n* [2. B](0002-b.md)\n* [3. C](0003-c.md)\n",
        ),
        (
            "- [ADR-0001](0001-a.md) - A\n- [ADR-0003](0003-c.md) - C\n",
            "- [ADR-0001](0001-a.md) - A\n- [ADR-0002](0002-b.md) - B\n- [ADR-0003](0003-c.md) - C\n",
        ),
        (
            "* [3. C](0003-c.md)\n* [1. A](0001-a.md)\n",
            "* [3. C](0003-c.md)\n* [2. B](0002-b.md)\n* [1. A](0001-a.md)\n",
        ),
        (
            f"{HEAD}| 1 | [A](0001-a.md) | d |\n| 3 | [C](0003-c.md) | d |\n",
            f"{HEAD}| 1 | [A](0001-a.md) | d |\n| 2 | [B](0002-b.md) | 2026-01-10 |\n| 3 | [C](0003-c.md) | d |\n",
        ),
    ],
)
def test_a_missing_row_is_written_in_the_form_of_its_neighbours(history, cli, adr, rows, after):
    files = {f"docs/adr/000{n}-{t.lower()}.md": adr(n, t) for n, t in ((1, "A"), (2, "B"), (3, "C"))}
    history.commit({**files, "docs/adr/README.md": f"# Why\n\n{rows}\nThe end.\n"})
    assert cli("adr", "index", "--check", folder=history.root).exit == 1
    assert changed(history) == []
    assert cli("adr", "index", "--write", folder=history.root).exit == 0
    assert (history.root / "docs/adr/README.md").read_text() == f"# Why\n\n{after}\nThe end.\n"
    assert cli("adr", "index", "--check", folder=history.root).exit == 0


def test_an_index_that_is_not_there_is_begun(history, cli, adr):
    history.commit({"docs/adr/0001-a.md": adr(1, "A")})
    assert "| [0001](0001-a.md) | A | accepted |" in cli("adr", "index", folder=history.root).out
    cli("adr", "index", "--write", folder=history.root)
    assert (history.root / "docs/adr/README.md").read_text().splitlines()[-1] == "| [0001](0001-a.md) | A | accepted |"
    assert changed(history) == ["docs/adr/README.md"]


def test_a_page_with_markers_is_filled_between_them(history, cli, adr):
    history.commit(
        {
            "docs/adr/0001-a.md": adr(1, "A"),
            "docs/adr/README.md": "# Why\n\n<!-- adrlog -->\n<!-- adrlogstop -->\n\nMore.\n",
        }
    )
    cli("adr", "index", "--write", folder=history.root)
    text = (history.root / "docs/adr/README.md").read_text()
    assert text.index("<!-- adrlog -->") < text.index("0001-a.md") < text.index("<!-- adrlogstop -->")


@pytest.mark.requirement("DOC-05")
def test_decisions_are_listed(history, cli, adr):
    history.commit(
        {"docs/adr/0001-a.md": adr(1, "A", "superseded by 2"), "docs/adr/0002-b.md": adr(2, "B", "Approved", "soon")}
    )
    ran = cli("adr", "list", "--format", "json", folder=history.root)
    assert [tuple(each.values())[:5] for each in ran.json["decisions"]] == [
        ("0001", "superseded", "2026-01-10", "A", "0002"),
        ("0002", "accepted", "", "B", ""),
    ]
    assert cli("adr", "list", folder=history.root).out.splitlines()[-1] == "2 decisions"


def test_without_decisions_the_list_is_empty(history, cli):
    assert cli("adr", "list", folder=history.root).out == "there are no decisions\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("supersede", "9", "1"), "names no decision"),
        (("supersede", "1", "1"), "cannot supersede itself"),
        (("supersede", "1", "2"), "has no status"),
        (("new", "!!!"), "has no word"),
        (("new", "B", "--supersedes", "x"), "names no decision"),
        (("new", "B", "--against", "gone"), "names no commit"),
        (("index", "--folder", "gone"), "no decisions to list"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(history, cli, adr, arguments, said):
    history.commit(
        {"docs/adr/0001-a.md": adr(1, "A").replace("- Status: accepted\n", ""), "docs/adr/0002-b.md": adr(2, "B")}
    )
    ran = cli("adr", *arguments, folder=history.root)
    assert ran.exit == 2
    assert said in ran.err
    assert changed(history) == []


def test_of_several_logs_one_is_named(history, cli, adr):
    history.commit({"a/adr/0001-a.md": adr(1, "A"), "b/adr/0001-b.md": adr(1, "B")})
    ran = cli("adr", "new", "C", folder=history.root)
    assert (ran.exit, "a/adr | b/adr" in ran.err) == (2, True)
    assert cli("adr", "new", "C", "--folder", "b/adr/", folder=history.root).exit == 0
    assert changed(history) == ["b/adr/0002-c.md"]


def test_a_link_out_of_the_repository_is_not_written(history, cli, adr, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text(adr(1, "A"))
    history.commit({"docs/adr/0002-b.md": adr(2, "B")})
    (history.root / "docs/adr/0001-a.md").symlink_to(outside)
    ran = cli("adr", "supersede", "1", "2", folder=history.root)
    assert ran.exit != 0
    assert outside.read_text() == adr(1, "A")


def test_what_is_not_utf8_is_not_written_anew(history, cli, adr):
    history.commit({"docs/adr/0002-b.md": adr(2, "B")})
    (history.root / "docs/adr/0001-a.md").write_bytes(adr(1, "A").encode() + b"\xff")
    ran = cli("adr", "supersede", "1", "2", folder=history.root)
    assert (ran.exit, "is not UTF-8" in ran.err) == (2, True)


def test_outside_of_git_nobody_is_sent_to_it(tmp_path, cli):
    ran = cli("adr", "new", "A", folder=tmp_path)
    assert (ran.exit, "git diff" in ran.out) == (0, False)
