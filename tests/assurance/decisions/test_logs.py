"""Where decisions are kept, and which files are decisions."""

import pytest

from hardpoint.assurance.decisions.logs import folder_of, logs, same_number
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.kernel.workspace import Workspace


def kept(files) -> dict[str, list[str]]:
    workspace = Workspace.of(files, [DECISIONS, DOCUMENTS])
    return {log.folder: [each.file.removeprefix(f"{log.folder}/") for each in log.decisions] for log in logs(workspace)}


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    "folder",
    [
        "docs/adr",
        "docs/ADRs",
        "doc/architecture/decisions",
        "docs/decisions",
        "adr",
        "docs/architecture-decisions",
        "docs/architecture_decision_records",
        "docs/explanations/decisions",
        "backend/docs/decision-records",
        "docs/madr",
    ],
)
def test_folders_are_found_by_their_names(folder, adr):
    assert kept({f"{folder}/0001-a.md": adr(1, "A"), f"{folder}/README.md": "# x"}) == {folder: ["0001-a.md"]}


@pytest.mark.parametrize(
    "file",
    [
        "docs/0001-a.md",
        "src/decisions.md",
        "node_modules/x/docs/adr/0001-a.md",
        "tests/fixtures/docs/adr/0001-a.md",
        "examples/docs/adr/0001-a.md",
        "vendor/x/adr/0001-a.md",
        "docs/adr-tools/0001-a.md",
    ],
)
def test_what_is_elsewhere_or_of_others_is_no_log(file, adr):
    assert kept({file: adr(1, "A")}) == {}


def test_a_folder_of_meetings_is_no_log():
    assert kept({"docs/decisions/0001-meeting.md": "# Meeting\n\n## Agenda\n\nx\n"}) == {}


def test_files_that_are_called_decisions_make_a_log_wherever_they_lie(adr):
    files = {"docs/architecture/adr-001-a.md": adr(1, "A"), "docs/architecture/README.md": "x"}
    assert kept(files) == {"docs/architecture": ["adr-001-a.md"]}


@pytest.mark.parametrize(
    ("told", "folder"),
    [
        ({".adr-dir": "notes/why\n"}, "notes/why"),
        ({".log4brains.yml": "project:\n  adrFolder: ./notes/why\n"}, "notes/why"),
        ({"sub/.adr-dir": "why"}, "sub/why"),
        ({"hardpoint.yaml": "version: 1\ndecisions: {folders: [notes/why/]}\n"}, "notes/why"),
    ],
)
def test_a_tree_may_say_where_its_decisions_are(told, folder, adr):
    assert kept({**told, f"{folder}/0001-a.md": adr(1, "A")}) == {folder: ["0001-a.md"]}


def test_what_is_declared_is_all_there_is(adr):
    files = {"docs/adr/0001-a.md": adr(1, "A"), "why/0001-b.md": "no form at all"}
    assert kept({**files, "hardpoint.yaml": "version: 1\ndecisions: {folders: [why]}\n"}) == {"why": ["0001-b.md"]}


def test_what_documents_exclude_is_left_out(adr):
    files = {"docs/adr/0001-a.md": adr(1, "A"), "hardpoint.yaml": "version: 1\ndocuments: {exclude: [docs/adr/]}\n"}
    assert kept(files) == {}


def test_a_path_out_of_the_repository_is_no_folder(adr):
    assert kept({".adr-dir": "../../etc\n", "notes/0001-a.md": adr(1, "A")}) == {}


def test_decisions_stand_in_the_order_of_their_numbers_and_dates(adr):
    names = ["0010-b.md", "0009-a.md", "20250101-c.md", "sub/0001-d.md"]
    files = {f"docs/adr/{name}": adr(1, "A") for name in names}
    assert kept(files) == {"docs/adr": ["sub/0001-d.md", "0009-a.md", "0010-b.md", "20250101-c.md"]}


def test_the_innermost_folder_counts():
    assert folder_of("docs/decisions/adr/x/0001-a.md") == "docs/decisions/adr"


@pytest.mark.requirement("DOC-03")
@pytest.mark.parametrize(
    ("names", "twice"),
    [
        (["0001-a.md", "0001-b.md"], True),
        (["0001-queue.md", "0001-queues.md"], True),
        (["0001-queue.md", "0001-queue-annex.md"], False),
        (["0001-queue.md", "0001-queue-appendix-a.md"], False),
        (["0001-queue.md", "0001-queue.de.md"], False),
        (["0001-queue.md", "0001-queue_pt-br.md"], False),
        (["0001-queue.md", "0001-queue-for-mail.md"], True),
        (["0001-queue.md", "0001-queue-notebooks.md"], True),
        (["x/0001-a.md", "y/0001-b.md"], False),
        (["0001-a.md", "01-b.md"], True),
    ],
)
def test_annexes_translations_and_other_rows_share_a_number(names, twice, adr):
    workspace = Workspace.of({f"docs/adr/{name}": adr(1, "A") for name in names}, [DECISIONS, DOCUMENTS])
    (log,) = logs(workspace)
    assert any(len(same_number(each, log)) > 1 for each in log.decisions) == twice


def test_what_is_named_after_a_decision_and_gives_no_status_is_part_of_it(adr):
    files = {"docs/adr/0001-queue.md": adr(1, "A"), "docs/adr/0001-queue-load-tests.md": "# Load tests\n"}
    (log,) = logs(Workspace.of(files, [DECISIONS, DOCUMENTS]))
    assert [len(same_number(each, log)) for each in log.decisions] == [0, 1]


def test_what_cannot_be_read_is_a_decision_that_was_not_judged(tmp_path):
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    (tmp_path / "docs" / "adr" / "0001-a.md").write_text("# A\n\n- Status: accepted\n")
    (tmp_path / "docs" / "adr" / "0002-b.md").symlink_to("/etc/hostname")
    (tmp_path / "docs" / "adr" / "0003-c.md").write_bytes(b"x" * (1024 * 1024 + 1))
    (log,) = logs(Workspace.open(tmp_path, [DECISIONS, DOCUMENTS]))
    assert ["leads out" in (each.unread or "") or "larger" in (each.unread or "") for each in log.decisions] == [
        False,
        True,
        True,
    ]
