"""`hardpoint evidence artifact`: a built file by its digest."""

from hashlib import sha256

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, Assurance, from_statement
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

MANIFEST = """version: 1
services: [{name: keystone}]
gates: [{name: production, criteria: [{id: built, kind: artifact, artifact: app}]}]
"""


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, ".gitignore": "dist/\n"})


def built(root, content=b"wheel", name="app.whl"):
    (root / "dist").mkdir(exist_ok=True)
    (root / "dist" / name).write_bytes(content)
    return f"dist/{name}"


def recorded(root):
    with Context(capabilities(), folder=root).stored() as database:
        return [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]


def test_a_file_is_recorded_by_its_digest(cli, root, git):
    file = built(root)
    ran = cli("evidence", "artifact", file, "--format", "json", folder=root)
    assert ran.exit == 0
    (evidence,) = recorded(root)
    assert (evidence.kind, evidence.name, evidence.dirty) == ("artifact", file, False)
    assert evidence.facts == {"sha256": sha256(b"wheel").hexdigest(), "size_bytes": 5}
    assert evidence.commit == git(root, "rev-parse", "HEAD")
    assert evidence.assurance is Assurance.DECLARED


def test_a_gate_finds_it_by_its_name(cli, root):
    assert cli("evidence", "artifact", built(root), "--name", "app", folder=root).exit == 0
    ran = cli("gate", "production", "--no-check", folder=root)
    assert ran.exit == 0, ran.out
    assert sha256(b"wheel").hexdigest() in ran.out


def test_a_changed_tree_makes_it_dirty(cli, root):
    (root / "new").touch()
    ran = cli("evidence", "artifact", built(root), folder=root)
    assert "local verdict only" in ran.out
    assert recorded(root)[0].dirty


@pytest.mark.parametrize("content", [None, b""])
def test_what_was_not_built_is_refused(cli, root, content):
    file = "dist/none" if content is None else built(root, content)
    assert cli("evidence", "artifact", file, folder=root).exit == 3


def test_several_files_have_their_own_names(cli, root):
    one, two = built(root), built(root, b"other", "two.whl")
    assert cli("evidence", "artifact", one, two, "--name", "x", folder=root).exit == 2
    assert cli("evidence", "artifact", one, one, folder=root).exit == 2
    assert cli("evidence", "artifact", one, two, folder=root).exit == 0
    assert [evidence.name for evidence in recorded(root)] == [one, two]
