"""Commands in documents against what the tools of the tree know."""

import time

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.commands import missing_command
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

TREE = {
    "package.json": '{"private": true, "scripts": {"build": "x", "test:unit": "x"}}',
    "web/package.json": '{"private": true, "scripts": {"dev": "x"}}',
    "Makefile": "all check: build\n\tx\nbuild::\n\ty\nX := 1\n.PHONY: all\n",
    "justfile": "set shell := ['sh']\n# say\nship version='1': build\n  x\n@quiet:\n  y\nalias s := ship\n",
    "Taskfile.yml": "version: '3'\ntasks:\n  lint:\n    cmds: [x]\n  db:up:\n    cmds: [y]\n",
    "noxfile.py": "@nox.session\ndef tests(session):\n    pass\n",
    "tox.ini": "[tox]\nenvlist = py311, lint\n[testenv:docs]\n",
    "compose.yaml": "services:\n  api:\n    image: x\n  db:\n    image: y\nvolumes:\n  data: {}\n",
    "src/shop/__init__.py": "",
    "src/shop/worker.py": "",
    "src/shop/cli/__main__.py": "",
    "scripts/seed.sh": "",
    ".github/workflows/ci.yml": "",
}


def said(text, tree=TREE, name="README.md"):
    (run,) = run_rules(Workspace.of({**tree, name: text}, [DOCUMENTS]), [missing_command])
    assert run.error is None
    return run


@pytest.mark.parametrize(
    "command",
    [
        "npm run build",
        "npm run test:unit -- --watch",
        "pnpm run dev",
        "yarn run dev",
        "cd web && npm run dev",
        "make",
        "make check build",
        "make -C web all",
        "make X=1",
        "just ship 2.0",
        "just s",
        "task db:up",
        "nox -s tests",
        "tox -e lint,docs",
        "docker compose up -d api db",
        "docker compose exec api sh",
        "docker-compose logs -f db",
        "docker compose down",
        "python -m shop.worker --once",
        "python3 -m shop.cli",
        "python -m http.server",
        "./scripts/seed.sh",
        "bash scripts/seed.sh",
        "FOO=1 make check",
        "gh workflow run ci.yml",
        "npm run <script>",
        "npm run $NAME",
        "make [target]",
        "npm install",
        "yarn add x",
        "poetry run x",
        "./configure",
        "task --list",
        "npm test -- --help",
        "yarn build",
        "yarn dev",
        "yarn workspace web dev",
        "cd web && yarn test:unit",
        "yarn install --immutable",
        "yarn why gone",
        "pnpm dev",
        "pnpm --filter web dev",
        "pnpm -r build",
        "pnpm deploy",
        "pnpm --unknown gone",
        "bun run dev",
        "bun test",
        "bun index.ts",
        "bunx gone",
    ],
)
def test_what_is_there_is_in_order(command):
    assert said(f"```sh\n{command}\n```\n").findings == ()


@pytest.mark.parametrize(
    ("command", "asked", "suggestion"),
    [
        ("npm run biuld", "biuld", "build"),
        ("npm test", "test", None),
        ("cd web && npm run build", "build", None),
        ("yarn biuld", "biuld", "build"),
        ("yarn run biuld", "biuld", "build"),
        ("yarn workspace web dve", "dve", "dev"),
        ("yarn workspaces run dve", "dve", "dev"),
        ("pnpm biuld", "biuld", "build"),
        ("pnpm --filter web dve", "dve", "dev"),
        ("pnpm run biuld", "biuld", "build"),
        ("bun run biuld", "biuld", "build"),
        ("yarn test:units", "test:units", "test:unit"),
        ("make chek", "chek", "check"),
        ("just shipp", "shipp", "ship"),
        ("task db:upp", "db:upp", "db:up"),
        ("nox -s test", "test", "tests"),
        ("tox -e lnt", "lnt", "lint"),
        ("docker compose up -d apy", "apy", "api"),
        ("docker compose exec wrk sh", "wrk", None),
        ("python -m shop.workers", "shop.workers", "shop.worker"),
        ("./scripts/sed.sh", "scripts/sed.sh", "scripts/seed.sh"),
        ("gh workflow run cd.yml", "cd.yml", "ci.yml"),
    ],
)
@pytest.mark.parametrize(
    "form", ["```sh\n{}\n```\n", "```console\n$ {}\nout\n```\n", "```\n$ {}\n```\n", "Run `{}` now.\n"]
)
def test_what_is_not_there_is_found(command, asked, suggestion, form):
    (finding,) = said(form.format(command)).findings
    assert asked in finding.text
    assert finding.suggestion == suggestion or suggestion is None
    assert finding.replaces is None


@pytest.mark.parametrize(
    "text",
    [
        "```\nnpm run gone\n```\n",
        "```console\nnpm run gone\n```\n",
        "```js\nnpm run gone\n```\n",
        "Please npm run gone.\n",
        "```sh\ngit clone https://example.org/other.git\ncd other\nnpm run gone\n```\n",
        "```sh\ncd ../elsewhere\nmake gone\n```\n",
        "```sh\n# make gone\n```\n",
        "```sh\nmake 'gone\n```\n",
        "Run `make x`, `npm run x` or `./scripts/x.sh`.\n",
    ],
)
def test_what_is_no_command_of_this_repository_is_left_alone(text):
    assert said(text).findings == ()


def test_a_clone_of_this_repository_is_no_other():
    text = "```sh\ngit clone https://example.org/acme/example.git\ncd example\nmake gone\n```\n"
    assert len(said(text).findings) == 1


def test_a_published_package_tells_its_users_what_to_run_in_theirs():
    tree = {"package.json": '{"scripts": {"build": "x"}}'}
    assert said("Run `npm run dev`.\n", tree).examined == 0
    assert len(said("Run `npm run dev`.\n", tree, "CONTRIBUTING.md").findings) == 1


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("yarn tsc", 0),
        ("yarn run tsc", 0),
        ("pnpm tsc", 0),
        ("bun run tsc", 0),
        ("yarn jest", 0),
        ("yarn lint", 0),
        ("yarn dev", 1),
        ("yarn test:gone", 1),
        ("pnpm run tsc", 1),
        ("npm run tsc", 1),
    ],
)
def test_what_a_dependency_may_bring_is_left_alone(command, found):
    tree = {
        "package.json": '{"private": true, "scripts": {"build": "x"}, "devDependencies": {"typescript": "5"}}',
        "web/package.json": '{"private": true, "dependencies": {"lint": "1"}}',
    }
    assert len(said(f"```sh\n{command}\n```\n", tree).findings) == found


def test_history_is_not_judged():
    assert said("Run `make gone`.\n", TREE, "CHANGELOG.md").examined == 0


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"Makefile": "include more.mk\nall:\n"},
        {"Makefile": "%.o: %.c\n"},
        {"Makefile": "all:\n", "CMakeLists.txt": ""},
        {"package.json": "{"},
        {"package.json": "[]"},
    ],
)
def test_where_a_tool_cannot_be_known_nothing_is_judged(tree):
    assert said("Run `make gone`, `npm run gone` and `just gone`.\n", tree).examined == 0


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("README.md", "```sh\n" + "git clone /" * 50_000 + "\n```\n`make gone`\n"),
        ("README.md", "`make gone` " * 20_000),
        ("README.md", "```sh\n" + "make gone\n" * 50_000 + "```\n"),
        ("Makefile", "a" + " " * 500_000),
        ("Makefile", "a%" * 500_000),
        ("justfile", "a " * 500_000),
        ("Taskfile.yml", "tasks:\n" + "  \n" * 200_000),
        ("tox.ini", "[testenv:" * 100_000),
        ("package.json", "[" * 100_000),
        ("compose.yaml", "services:\n" + " a:\n" * 200_000),
    ],
)
def test_hostile_files_are_read_in_time(file, text):
    began = time.monotonic()
    said(text, {**TREE, "README.md": "`make gone` `npm run gone` `tox -e gone` `just gone`"}, file)
    assert time.monotonic() - began < 20


def test_a_target_is_judged_where_readers_stand_before_a_makefile():
    tree = {"part/Makefile": "build:\n\tx\n"}
    assert said("Run `make gone`.\n", tree).examined == 0
    assert said("Run `make gone`.\n", tree, "part/docs/README.md").examined == 1
