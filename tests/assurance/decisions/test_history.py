"""What git knows of decisions: on real repositories, since that is what is read."""

import pytest
from tests.assurance.decisions.conftest import SECTIONS

from hardpoint.assurance.decisions.history import (
    edited,
    first_seen,
    numbers_of_base,
    taken_by_base,
    versions,
    went_back,
)
from hardpoint.assurance.decisions.logs import decisions
from hardpoint.assurance.decisions.rules.index import rewritten_log
from hardpoint.assurance.decisions.rules.lifecycle import edited_text, proposed_again
from hardpoint.assurance.decisions.rules.records import number_twice, proposed_too_long
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

ONE = "docs/adr/0001-queue.md"


def opened(history, against=None) -> Workspace:
    return Workspace.open(history.root, SECTIONS, against=against)


def found(history, rule, against=None) -> list[str]:
    (run,) = run_rules(opened(history, against), [rule])
    assert run.error is None
    return [each.text for each in run.findings]


@pytest.mark.requirement("DOC-03")
def test_a_decision_that_was_accepted_is_not_proposed_again(history, adr):
    history.commit({ONE: adr(1, "A", "proposed")})
    assert found(history, proposed_again) == []
    accepted = history.commit({ONE: adr(1, "A")}, "2026-01-11")
    history.commit({ONE: adr(1, "A", "draft")}, "2026-01-12")
    assert found(history, proposed_again) == [f"it was 'accepted' in commit {accepted[:10]}, and is 'draft'"]
    history.write({ONE: adr(1, "A", "deprecated")})
    assert found(history, proposed_again) == []


@pytest.mark.requirement("DOC-03")
def test_what_a_branch_did_before_it_was_merged_is_no_history(history, adr):
    history.commit({"README.md": "x"})
    history.git("checkout", "-q", "-b", "change")
    history.commit({ONE: adr(1, "A")})
    history.commit({ONE: adr(1, "A", "proposed")})
    history.git("checkout", "-q", "main")
    history.git("merge", "-q", "--no-ff", "change")
    assert found(history, proposed_again) == []


@pytest.mark.requirement("DOC-03")
def test_a_decision_keeps_its_history_under_another_name(history, adr):
    history.commit({ONE: adr(1, "A")})
    history.git("mv", ONE, "docs/adr/0001-queues.md")
    history.commit({})
    history.commit({"docs/adr/0001-queues.md": adr(1, "A", "proposed")}, "2026-01-12")
    assert len(found(history, proposed_again)) == 1


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("One queue it is.", "A log it is, that each of the services reads for itself."), 10),
        (("One queue it is.", "One queue it is, they say, and not more than that."), 7),
        (("One queue it is.", "One qeue it is."), 0),
        (("One queue it is.", "One queue\nit  **is**."), 0),
        (("- Status: accepted", "- Status: superseded by [0002](0002-b.md) and by all that came after it"), 0),
        (("We need it.", "We need [it](https://example.org/some/other/place/that/moved)."), 0),
        (("It works.\n", "It works.\n\n## Update 2026-03\n\nIt does not work as well as we had thought.\n"), 0),
        (("- Date: 2026-01-10", "- Date: 2026-01-12\n- Deciders: Ada, Ben, Cleo, Dan, Eve, Fay"), 0),
    ],
)
def test_only_a_material_edit_of_what_was_accepted_is_one(history, adr, change, words):
    accepted = history.commit({ONE: adr(1, "A")})
    history.commit({"README.md": "x"}, "2026-02-01")
    by = history.commit({ONE: adr(1, "A").replace(*change)}, "2026-02-02")
    (decision,) = decisions(workspace := opened(history))
    edit = edited(decision, workspace)
    assert (edit.words if edit else 0) == words
    if edit:
        assert edit.accepted.commit == accepted
        assert edit.by == f"commit {by[:10]}"


@pytest.mark.requirement("DOC-03")
def test_an_accepted_decision_settles_for_a_week(history, adr):
    other = adr(1, "A").replace("One queue it is.", "A log it is, that each of the services reads for itself.")
    history.commit({ONE: adr(1, "A")})
    history.commit({ONE: other}, "2026-01-16")
    assert found(history, edited_text) == []
    history.write({ONE: other.replace("reads for itself", "gets by mail, once in a while, if somebody asks")})
    (text,) = found(history, edited_text)
    assert "an edit that is not committed" in text


def test_without_a_repository_or_a_commit_there_is_no_history(history, tmp_path, adr):
    history.write({ONE: adr(1, "A")})
    (decision,) = decisions(workspace := opened(history))
    assert versions(decision, workspace) == ()
    assert went_back(decision, workspace) is None
    assert taken_by_base(decision, workspace) is None


@pytest.mark.requirement("DOC-05")
def test_without_a_date_a_decision_is_as_old_as_its_first_commit(history, adr):
    history.commit({ONE: adr(1, "A", "proposed").replace("- Date: 2026-01-10\n", "")}, "2016-05-04")
    (decision,) = decisions(workspace := opened(history))
    assert first_seen(decision, workspace).date().isoformat() == "2016-05-04"
    assert len(found(history, proposed_too_long)) == 1


@pytest.mark.requirement("DOC-03")
def test_a_number_that_the_base_took_meanwhile_is_found(history, adr):
    history.commit({ONE: adr(1, "A")})
    history.git("checkout", "-q", "-b", "change")
    history.commit({"docs/adr/0002-mine.md": adr(2, "Mine")})
    assert found(history, number_twice, "main") == []
    history.git("checkout", "-q", "main")
    history.commit({"docs/adr/0002-theirs.md": adr(2, "Theirs"), "docs/adr/0003-more.md": adr(3, "More")})
    history.git("checkout", "-q", "change")
    assert found(history, number_twice, "main") == ["number 0002 is docs/adr/0002-theirs.md in main by now"]
    assert numbers_of_base("docs/adr", opened(history, "main")) == {1, 2, 3}
    history.git("update-ref", "refs/remotes/origin/main", "main")
    assert found(history, number_twice) == [
        "number 0002 is docs/adr/0002-theirs.md in the main branch of origin by now"
    ]


def test_a_number_that_is_twice_in_the_tree_is_said_once(history, adr):
    history.commit({ONE: adr(1, "A")})
    history.git("checkout", "-q", "-b", "change")
    history.commit({"docs/adr/0002-mine.md": adr(2, "Mine"), "docs/adr/0002-theirs.md": adr(2, "Theirs")})
    history.git("checkout", "-q", "main")
    history.commit({"docs/adr/0002-theirs.md": adr(2, "Theirs")})
    history.git("checkout", "-q", "change")
    assert len(found(history, number_twice, "main")) == 1


def test_a_decision_that_one_side_renamed_is_no_collision(history, adr):
    history.commit({ONE: adr(1, "A")})
    history.git("checkout", "-q", "-b", "change")
    history.commit({"README.md": "x"})
    history.git("checkout", "-q", "main")
    history.git("mv", ONE, "docs/adr/0001-queues.md")
    history.commit({})
    assert found(history, number_twice, "change") == []
    history.git("checkout", "-q", "change")
    assert found(history, number_twice, "main") == []


@pytest.mark.requirement("DOC-06")
def test_an_entry_of_the_log_is_not_rewritten(history, adr):
    manifest = {"hardpoint.yaml": "version: 1\ndecisions: {log: docs/log.md}\n", ONE: adr(1, "A")}
    first = history.commit({**manifest, "docs/log.md": "# Log\n\n- ADR-0001: one queue\n"})
    history.commit({"docs/log.md": "# The log\n\n- ADR-0001: one queue\n- and a word\n"})
    assert found(history, rewritten_log) == []
    history.commit({"docs/log.md": "# The log\n\n- ADR-0001: two queues\n- and a word\n"})
    assert found(history, rewritten_log) == [f"'ADR 0001 one queue' stood in commit {first[:10]}"]


def test_nothing_that_the_checkout_configures_is_run(history, adr, tmp_path):
    history.commit({ONE: adr(1, "A")})
    trap = tmp_path / "trap"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n")
    program.chmod(0o755)
    for setting in (
        "log.showSignature=true",
        f"gpg.program={program}",
        f"diff.external={program}",
        f"core.pager={program}",
    ):
        history.git("config", *setting.split("=", 1))
    tree, head = history.git("rev-parse", "HEAD^{tree}"), history.git("rev-parse", "HEAD")
    who = "A <a@b> 1 +0000"
    seal = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    signed = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n{seal}\n\nm\n"
    (tmp_path / "commit").write_text(signed)
    history.git(
        "update-ref", "refs/heads/main", history.git("hash-object", "-t", "commit", "-w", str(tmp_path / "commit"))
    )
    history.commit({ONE: adr(1, "A", "deprecated")})
    found(history, edited_text)
    assert not trap.exists()
