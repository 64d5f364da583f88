"""`hardpoint init`: what it says, what it adds, and that it adds nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from hardpoint.faces.cli.survey.plan import write
from hardpoint.kernel.problem import UsageProblem

FIRST = ["hardpoint.baseline.json", "hardpoint.yaml"]
MESSY = {
    "README.md": "# Shop\n\n[gone](docs/gone.md), [moved](docs/OPERATIONS.md)\n",
    "docs/operations.md": "# Operations\n",
    "package.json": '{"workspaces": ["apps/*"], "scripts": {"test": "jest"}}',
    "apps/api/package.json": '{"name": "@acme/api", "dependencies": {"fastify": "5"}}',
    "apps/web/package.json": '{"name": "@acme/web", "dependencies": {"next": "15"}}',
    "apps/web/index.test.ts": "",
    ".github/CODEOWNERS": "* @acme/shop\n",
    ".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: npm test || true\n",
}


def listing(root):
    return {
        str(path.relative_to(root)): path.lstat().st_mtime_ns
        for path in root.rglob("*")
        if path.is_file() and ".git/" not in str(path)
    }


@pytest.mark.parametrize(
    "files",
    [
        MESSY,
        {"README.md": "# x\n"},
        {"README.md": "[a](b.md)\n" * 30},
        {"tox.ini": "[testenv]\ncommands = pytest\n"},
        {".gitlab-ci.yml": "a:\n  script: [pytest]\n  allow_failure: true\n"},
        {
            "docs/adr/0001-a.md": "# 1. A\n\n## Status\n\nAccepted\n",
            "docs/adr/0001-b.md": "# 1. B\n\n## Status\n\nAccepted\n",
        },
    ],
)
def test_the_gate_is_go_at_merge_right_after(cli, repository, files):
    root = repository(files)
    ran = cli("init", "--format", "json", folder=root)
    assert (ran.exit, ran.json["written"]) == (0, FIRST)
    assert cli("gate", "merge", folder=root).exit == 0
    assert cli("check", folder=root).exit == 0


def test_what_gets_worse_is_no_go(cli, repository):
    root = repository(MESSY)
    cli("init", folder=root)
    (root / "README.md").write_text(MESSY["README.md"] + "[another](docs/another.md)\n")
    assert cli("gate", "merge", folder=root).exit == 1


@pytest.mark.requirement("PLN-23")
def test_it_says_what_it_found_in_at_most_20_lines_of_80_columns(cli, repository):
    root = repository(MESSY)
    ran = cli("init", folder=root)
    lines = ran.out.splitlines()
    assert len(lines) <= 20
    assert all(len(line) <= 80 for line in lines if "git add" not in line)
    assert [line.split()[0] for line in lines if line[0] != " "] == ["found", "strong", "weak", "debt", "Wrote"]
    assert "2 services in repository: api, web" in ran.out
    assert re.search(
        r"^debt +\d+ findings? in the baseline: \d+ errors?(?:, \d+ warnings?)?(?:, \d+ notes?)?$",
        ran.out,
        re.MULTILINE,
    )


def test_it_gives_the_same_as_data(cli, repository):
    said = cli("init", "--format", "json", folder=repository(MESSY)).json
    assert said["schema"] == "init/v1"
    assert [(each["name"], each["owner"]) for each in said["services"]] == [
        ("repository", "@acme/shop"),
        ("api", "@acme/shop"),
        ("web", "@acme/shop"),
    ]
    assert {each["what"]: each["count"] for each in said["found"]}["pipeline"] == 1
    assert said["debt"]["DOC001"] == 1
    assert all(each["proof"] for each in said["strong"] + said["weak"])
    assert [each["minutes"] for each in said["weak"]] == sorted(each["minutes"] for each in said["weak"])


def test_the_manifest_is_short_and_has_nothing_wrong_but_what_nobody_said(cli, repository):
    root = repository(MESSY)
    cli("init", folder=root)
    text = (root / "hardpoint.yaml").read_text()
    assert len(text.splitlines()) <= 32
    assert cli("gate", "lint", "--format", "json", folder=root).json["findings"] == []
    assert "rules: [DOC001" in text
    assert "rules: [CI001" in text


def test_commands_that_name_no_service_are_about_the_repository(cli, repository):
    root = repository(MESSY)
    cli("init", folder=root)
    assert cli("check", "--record", "--format", "json", folder=root).json["service"] == "repository"


def test_twice_changes_nothing_and_says_what_is_there(cli, repository):
    root = repository(MESSY)
    cli("init", folder=root)
    before = listing(root)
    ran = cli("init", "--format", "json", folder=root)
    assert (ran.exit, ran.json["written"], ran.json["there"]) == (0, [], ["hardpoint.yaml"])
    assert "nothing was changed" in cli("init", folder=root).out
    assert listing(root) == before


def test_a_manifest_with_mistakes_is_not_taken_for_one(cli, repository):
    root = repository({"README.md": "# x\n", "hardpoint.yaml": "version: 7\n"})
    ran = cli("init", folder=root)
    assert (ran.exit, "expected 1, got 7" in ran.err) == (2, True)


def test_a_baseline_that_is_there_stays_as_it_is(cli, repository):
    kept = '{"schema": "baseline/v1", "known": []}'
    root = repository({"README.md": "# x\n", "hardpoint.baseline.json": kept})
    assert cli("init", "--format", "json", folder=root).json["written"] == ["hardpoint.yaml"]
    assert (root / "hardpoint.baseline.json").read_text() == kept


def test_it_executes_nothing_and_leaves_other_files_alone(cli, repository):
    bomb = "raise SystemExit(9)"
    root = repository({"README.md": "x", "setup.py": bomb, "conftest.py": bomb, "noxfile.py": bomb})
    before = listing(root)
    assert cli("init", "--ci", "github", "--strict", folder=root).exit == 0
    after = listing(root)
    assert {path for path in after if path not in before} == {
        *FIRST,
        ".github/workflows/hardpoint.yml",
        "scripts/ci-strict",
    }
    assert {path: after[path] for path in before} == before


def test_below_the_root_it_writes_at_the_root(cli, repository):
    root = repository({"docs/a.md": ""})
    assert cli("init", folder=root / "docs").exit == 0
    assert (root / "hardpoint.yaml").exists()
    assert not (root / "docs/hardpoint.yaml").exists()


@pytest.mark.parametrize(
    "name", ["keystone", "2024", "true", "null", "1e5", "0x1f", "my service!", "-", "~", "é", "x" * 240]
)
def test_in_a_folder_of_any_name_it_writes_a_manifest_that_is_read(cli, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "README.md").write_text("# x\n")
    assert cli("init", folder=folder).exit == 0
    assert cli("check", "--service", "nobody", folder=folder).err.startswith("error: No service is named 'nobody'")


def test_owners_and_paths_of_any_sort_are_written_as_text(cli, repository):
    files = {".github/CODEOWNERS": '* @a/b-{x}#: "y"\n', "a #b/fixtures/x.md": "", "R.md": "# x\n"}
    root = repository({**files, "catalog-info.yaml": 'kind: Component\nspec: {owner: "a: b # c\\n- d"}\n'})
    assert cli("init", folder=root).exit == 0
    assert cli("check", folder=root).exit == 0


@pytest.mark.requirement("GAT-22")
@pytest.mark.parametrize(("git_at", "says"), [("none", "no git here"), ("no commit", "no commit yet")])
def test_without_a_commit_it_says_so_and_the_gate_is_no_go(cli, tmp_path, git, git_at, says):
    if git_at != "none":
        git(tmp_path, "init", "-q")
    (tmp_path / "README.md").write_text("# x\n")
    assert says in cli("init", folder=tmp_path).out
    ran = cli("gate", "merge", "--format", "json", folder=tmp_path)
    assert (ran.exit, ran.json["answer"]) == (1, "NO-GO")


def test_a_check_of_a_bare_repository_is_refused(cli, tmp_path, git):
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    ran = cli("check", folder=tmp_path / "bare.git")
    assert (ran.exit, "is a bare repository" in ran.err) == (2, True)


@pytest.mark.parametrize("verb", ["init", "assess"])
def test_what_is_no_repository_of_files_is_refused_in_a_sentence(cli, tmp_path, git, verb):
    (tmp_path / "empty").mkdir()
    git(tmp_path, "init", "-q", "empty-of-git")
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    for folder, says in (
        ("empty", "holds no file"),
        ("empty-of-git", "holds no file"),
        ("bare.git", "is a bare repository"),
    ):
        before = listing(tmp_path / folder)
        ran = cli(verb, folder=tmp_path / folder)
        assert (ran.exit, says in ran.err, len(ran.err.splitlines())) == (2, True, 2), ran.err
        assert listing(tmp_path / folder) == before


def test_a_shallow_clone_is_told(cli, repository, git, tmp_path):
    root = repository({"README.md": "# x\n"})
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    assert "a shallow clone" in cli("init", folder=tmp_path / "shallow").out


def test_a_checkout_that_cannot_be_written_is_told_before_anything_is_looked_at(repository):
    root = repository({"README.md": "# x\n"})
    root.chmod(0o555)
    as_anyone = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    if as_anyone and not shutil.which("setpriv"):
        pytest.skip("root writes wherever it likes, and setpriv is not here")
    code = "import sys; from hardpoint.faces.cli.main import run; sys.exit(run(['init']))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [*as_anyone, sys.executable, "-c", code]
    ran = subprocess.run(argv, cwd=root, env=environment, capture_output=True, text=True, check=False)
    root.chmod(0o755)
    assert (ran.returncode, "cannot be written" in ran.stderr, ran.stdout) == (2, True, ""), ran.stderr
    assert "hardpoint assess" in ran.stderr
    assert not (root / "hardpoint.yaml").exists()


def test_a_file_that_appears_meanwhile_is_left_and_told(tmp_path):
    (tmp_path / "hardpoint.yaml").write_text("mine")
    with pytest.raises(UsageProblem, match=r"hardpoint\.yaml appeared meanwhile"):
        write(tmp_path, {"hardpoint.yaml": b"ours"})
    assert (tmp_path / "hardpoint.yaml").read_text() == "mine"


def test_on_a_terminal_it_shows_the_files_and_asks_once(cli, repository, monkeypatch):
    root = repository(MESSY)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    ran = cli("init", folder=root)
    assert (ran.exit, "name: production" in ran.err, "weak" in ran.err) == (3, True, True)
    assert not (root / "hardpoint.yaml").exists()
    assert cli("init", "--yes", folder=root).exit == 0


@pytest.mark.requirement("CID-02")
def test_strict_declares_the_command_and_the_gate_that_asks_for_it(cli, repository):
    root = repository({"go.mod": "module x\n", "README.md": "# x\n"})
    ran = cli("init", "--strict", "--ci", "github", "--format", "json", folder=root)
    assert ran.json["written"] == ["scripts/ci-strict", ".github/workflows/hardpoint.yml", *FIRST]
    text = (root / "hardpoint.yaml").read_text()
    assert "{name: ci-strict, run: [sh, scripts/ci-strict]}" in text
    assert "command: ci-strict, run: [sh, scripts/ci-strict]" in text
    assert "hardpoint evidence run ci-strict -- sh scripts/ci-strict" in cli("gate", folder=root).out
    cli("evidence", "run", "ci-strict", "--", "true", folder=root)
    verdicts = cli("gate", "production", "--format", "json", folder=root).json["gates"][0]["criteria"]
    assert [each["verdict"] for each in verdicts if each["criterion"] == "build-is-strict"] != ["pass"]
    assert subprocess.run(["sh", "-n", "scripts/ci-strict"], cwd=root, check=False).returncode == 0
    assert json.loads((root / "hardpoint.baseline.json").read_text())["schema"] == "baseline/v1"
    assert cli("gate", "merge", folder=root).exit == 0


@pytest.mark.requirement("CID-02")
def test_what_a_repository_lacks_is_added_later_too(cli, repository):
    root = repository({"README.md": "# x\n"})
    cli("init", folder=root)
    ran = cli("init", "--ci", "gitlab", "--format", "json", folder=root)
    assert (ran.json["written"], ran.json["there"]) == ([".gitlab-ci.yml"], ["hardpoint.yaml"])
    assert "write scripts/ci-strict yourself" in cli("init", "--strict", folder=root).out


def test_where_nothing_can_be_judged_yet_it_says_so_and_the_gate_is_no_go(cli, repository):
    root = repository({"main.c": "int main(){}\n"})
    ran = cli("init", folder=root)
    assert "merge is NO-GO" in ran.out
    assert cli("gate", "merge", folder=root).exit == 1
    assert "advisory" not in (root / "hardpoint.yaml").read_text()


def test_files_that_git_ignores_are_told(cli, repository):
    root = repository({"README.md": "# x\n", ".gitignore": "*.json\n"})
    ran = cli("init", folder=root)
    assert "take hardpoint.baseline.json out of .gitignore" in ran.out
    assert "take hardpoint.yaml" not in ran.out


def test_a_pipeline_that_is_there_is_left_and_told(cli, repository):
    mine = "on: push\njobs: {}\n"
    root = repository({"README.md": "# x\n", ".github/workflows/hardpoint.yml": mine})
    ran = cli("init", "--ci", "github", "--format", "json", folder=root)
    assert (ran.json["written"], ran.json["there"]) == (FIRST, [".github/workflows/hardpoint.yml"])
    assert (root / ".github/workflows/hardpoint.yml").read_text() == mine


@pytest.mark.parametrize("asks", [True, False])
def test_a_name_of_a_file_moves_no_cursor_and_begins_no_line(cli, repository, monkeypatch, asks):
    root = repository({"README.md": "# x\n", "tests/test_\x1b[2Jx\nstrong  \u202efake.py": ""})
    monkeypatch.setattr("sys.stdin.isatty", lambda: asks, raising=False)
    ran = cli("init", folder=root)
    said = ran.out + ran.err
    assert "test_ [2Jx strong" in said
    assert "\x1b[2J" not in said
    assert "\u202e" not in said
