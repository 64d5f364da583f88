"""Documents that change with code, and what something new has to bring."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.coupling import changed_without_document, covers_nothing, not_done
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.workspace import Workspace

SECTIONS = [DOCUMENTS, SERVICES]
MANIFEST = "version: 1\ndocuments:\n  coupled:\n    - {code: [src/api/], documents: [docs/api.md, openapi.json]}\n"
MARKED = "# Tax\n\n<!-- hardpoint: covers src/tax/** src/vat.py -->\n"
FILES = {
    "hardpoint.yaml": MANIFEST,
    "docs/api.md": "# API\n",
    "docs/tax.md": MARKED,
    "src/api/a.py": "1\n",
    "src/api/b.py": "1\n",
    "src/tax/t.py": "1\n",
    "src/vat.py": "1\n",
}


def judged(workspace, rule):
    (run,) = run_rules(workspace, [rule])
    assert run.error is None
    return run


def found(after, rule=changed_without_document, before=FILES):
    workspace = Workspace.of(after, SECTIONS, before=before)
    return [(str(each.place), each.text) for each in judged(workspace, rule).findings]


@pytest.mark.requirement("DOC-02")
def test_code_that_changes_alone_is_found_once_for_each_coupling():
    after = {**FILES, "src/api/a.py": "2\n", "src/api/b.py": "2\n", "src/vat.py": "2\n"}
    assert sorted(found(after)) == [
        ("docs/tax.md:3", "src/vat.py changed since before, and docs/tax.md did not"),
        ("hardpoint.yaml:4:7", "src/api/a.py and 1 more changed since before, and docs/api.md or openapi.json did not"),
    ]


@pytest.mark.requirement("DOC-02")
@pytest.mark.parametrize(
    "more",
    [
        {"src/api/a.py": "2\n", "docs/api.md": "# API 2\n"},
        {"src/api/a.py": "2\n", "openapi.json": "{}"},
        {"src/tax/t.py": "2\n", "docs/tax.md": f"{MARKED}\nMore.\n"},
        {"docs/api.md": "# API 2\n"},
        {"src/other.py": "2\n"},
    ],
)
def test_code_that_changes_with_its_document_is_in_order(more):
    assert found({**FILES, **more}) == []


@pytest.mark.requirement("DOC-02")
def test_code_that_is_deleted_or_added_is_changed_too():
    assert len(found({name: text for name, text in FILES.items() if name != "src/vat.py"})) == 1
    assert len(found({**FILES, "src/tax/new.py": ""})) == 1


def test_a_marker_in_an_example_is_none():
    files = {"docs/a.md": "```md\n<!-- hardpoint: covers src/ -->\n```\n\n`<!-- hardpoint: covers src/ -->`\n"}
    assert judged(Workspace.of(files, SECTIONS), covers_nothing).examined == 0


def test_without_a_base_there_is_nothing_to_examine():
    workspace = Workspace.of(FILES, SECTIONS)
    assert judged(workspace, changed_without_document).examined == 0
    assert judged(workspace, not_done).examined == 0
    assert judged(workspace, covers_nothing).examined == 2


@pytest.mark.requirement("DOC-02")
def test_an_exemption_stands_in_every_commit_that_touches_the_code(repository, git):
    root = repository(FILES)
    git(root, "checkout", "-q", "-b", "topic")

    def change(text, message):
        (root / "src/vat.py").write_text(text)
        git(root, "commit", "-qam", message)

    def findings():
        return len(judged(Workspace.open(root, SECTIONS, against="main"), changed_without_document).findings)

    change("2\n", "tidy")
    assert findings() == 1
    git(root, "commit", "-q", "--amend", "-m", "tidy\n\nDocs-Exempt: names only")
    assert findings() == 0
    change("3\n", "and more")
    assert findings() == 1
    git(root, "commit", "-q", "--amend", "-m", "and more\n\nDocs-Exempt: names only")
    assert findings() == 0
    (root / "src/vat.py").write_text("4\n")
    assert findings() == 1


@pytest.mark.requirement("DOC-02")
def test_a_check_judges_a_change_where_it_is_asked_to(repository, git, cli):
    root = repository(FILES)
    git(root, "checkout", "-q", "-b", "topic")
    (root / "src/vat.py").write_text("2\n")
    git(root, "commit", "-qam", "tidy")
    plain = cli("check", "--rule", "DOC019", "--format", "json", folder=root)
    assert (plain.exit, plain.json["unexamined"]) == (0, ["DOC019"])
    ran = cli("check", "--rule", "DOC019", "--against", "main", "--format", "json", folder=root)
    assert (ran.exit, ran.json["against"]) == (1, "main")
    assert ran.json["findings"][0]["place"]["file"] == "docs/tax.md"
    assert cli("check", "--against", "gone", folder=root).exit != 0


def test_a_pattern_that_matches_nothing_is_told():
    after = {name: text for name, text in FILES.items() if not name.startswith("src/api")}
    assert found(after, covers_nothing) == [("hardpoint.yaml:4:7", "src/api/ matches no file")]


def done(adds, files="[]"):
    brings = "[docs/runbooks/, docs/checklists/, docs/decisions/]"
    return f"version: 1\ndocuments:\n  done:\n    - {{adds: {adds}, files: {files}, brings: {brings}}}\n"


BROUGHT = {"docs/runbooks/a.md": "x", "docs/checklists/a.md": "x", "docs/decisions/0001-a.md": "x"}


@pytest.mark.requirement("DOC-10")
@pytest.mark.parametrize(
    ("adds", "file", "old", "new", "name"),
    [
        ("alert", "rules.yml", "- alert: Up\n", '- alert: Up\n- alert: "Down"\n', "Down"),
        (
            "service",
            "compose.yaml",
            "services:\n  a:\n    image: x\n",
            "services:\n  a:\n    image: x\n  b:\n    image: y\n",
            "b",
        ),
        (
            "service",
            "k8s/b.yaml",
            "",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels: {}\n  name: b\n",
            "b",
        ),
        ("operation", "ops/purge.py", None, "x", "ops/purge.py"),
    ],
)
def test_something_new_brings_its_documents(adds, file, old, new, name):
    manifest = {"hardpoint.yaml": done(adds, "[ops/]" if adds == "operation" else "[]")}
    before = {**manifest, **({file: old} if old is not None else {})}
    after = {**manifest, file: new}
    ((place, text),) = found(after, not_done, before)
    assert place == "hardpoint.yaml:4:7"
    assert f"the {adds} {name} ({file})" in text
    assert found({**after, **BROUGHT}, not_done, before) == []
    lacking = {**after, **BROUGHT}
    del lacking["docs/checklists/a.md"]
    assert "docs/checklists/" in found(lacking, not_done, before)[0][1]
    assert found(before, not_done, before) == []


@pytest.mark.requirement("DOC-10")
def test_a_service_of_the_manifest_is_one():
    before = {"hardpoint.yaml": f"{done('service')}services:\n  - name: shop\n"}
    after = {"hardpoint.yaml": f"{done('service')}services:\n  - name: shop\n  - {{name: billing, owner: a}}\n"}
    after["hardpoint.yaml"] = after["hardpoint.yaml"].replace("{name: billing, owner: a}", "name: billing")
    assert "billing" in found(after, not_done, before)[0][1]


def test_a_document_brought_long_ago_does_not_count():
    manifest = {"hardpoint.yaml": done("alert"), **BROUGHT}
    assert len(found({**manifest, "rules.yml": "- alert: Down\n"}, not_done, manifest)) == 1


def test_the_protected_branch_is_the_base_where_no_other_is_named(repository, git, cli, monkeypatch):
    root = repository(FILES)
    git(root, "checkout", "-q", "-b", "topic")
    (root / "src/vat.py").write_text("2\n")
    monkeypatch.setenv("HARDPOINT_BASE", "main")
    assert cli("check", "--rule", "DOC019", folder=root).exit == 1
    assert cli("check", "--rule", "DOC019", "--against", "HEAD", folder=root).exit == 1
    git(root, "commit", "-qam", "tidy")
    assert cli("check", "--rule", "DOC019", "--against", "HEAD", folder=root).exit == 0
    monkeypatch.setenv("HARDPOINT_BASE", "gone")
    assert cli("check", "--rule", "DOC019", folder=root).exit == 2
    assert cli("check", "--rule", "DOC010", folder=root).exit == 2
    assert cli("check", "--rule", "DOC010", "--against", "gone", folder=root).exit == 2


@pytest.mark.requirement("DOC-02")
def test_documents_alone_are_judged_as_a_change_too(repository, git, cli):
    root = repository({name: text for name, text in FILES.items() if name != "hardpoint.yaml"})
    (root / "src/vat.py").write_text("2\n")
    ran = cli("docs", "check", "--against", "HEAD", "--format", "json", folder=root)
    assert (ran.exit, [each["rule"] for each in ran.json["findings"]]) == (1, ["DOC019"])
    assert cli("docs", "check", folder=root).exit == 0
