"""Hostile trees through the command line: a finding or a sentence, never a stack trace or a hang, at a linear cost."""

import json
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60
"""What no call takes, on a busy machine either."""
SUPERLINEAR = 3.0
"""Twice the work costs twice the time; four times would be its square."""

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{before}'] * 10)}]\n" for before, this in zip("abcdefgh", "bcdefghi", strict=True)
)
WRONG_SHAPES = """on: 5
jobs:
  a: {steps: 5, needs: {a: 1}, continue-on-error: [], strategy: 3, if: [], permissions: 3, uses: [1]}
  b: {steps: [1, [], null, {run: 5, uses: 7, with: [], continue-on-error: {}, env: 3}], needs: [1, {}]}
  5: x
services: {a: 5, b: {environment: 5}, c: {environment: [5, {}, A=]}, d: []}
groups: [5, {rules: 7}, {rules: [1, {alert: 5, labels: [], annotations: 3, expr: []}, {alert: [], for: {}}]}]
pipelines: {default: [1, {step: 5}, {step: {script: 5}}, {parallel: 7}], branches: []}
nav: [[[5]], {a: {b: c}}, {5: []}]
tasks: [5]
"""
YAML = {
    "laughs": LAUGHS,
    "deep": "{a: " * 50_000,
    "deep-by-lines": "".join(" " * level + "a:\n" for level in range(1000)),
    "twice": "on: push\non: push\n",
    "long": "on: push\njobs: {a: {steps: [{run: '" + "x || true; " * 100_000 + "'}]}}\n",
    "tag": "on: !!python/object/apply:os.system [id]\n",
    "merged-with-itself": "a: &a {<<: *a}\n",
    "itself": "&a [*a]\n",
    "keys": "? [a]\n: b\n",
    "nothing": "",
    "number": "5",
    "numbers": "on: 1e999999\nx: " + "9" * 100_000 + "\n",
    "shapes": WRONG_SHAPES,
    "bytes": "\xff\x00{[<\n",
}
READ_AS_YAML = (
    *(".github/workflows/{}.yml", "{}/.gitlab-ci.yml", "{}/compose.yaml", "{}/prometheus.rules.yml", "{}/mkdocs.yml"),
    *("{}/Taskfile.yml", "{}/azure-pipelines.yml", "{}/bitbucket-pipelines.yml", "{}/.circleci/config.yml"),
)
JSON = {
    "deep": "[" * 200_000,
    "deep-by-name": '{"scripts":' * 50_000,
    "shapes": '{"scripts": 5, "workspaces": 7, "dependencies": [], "panels": {"a": [5]}, "templating": 3}',
    "values": '{"scripts": {"a": 5, "b": [], "test": null}, "bin": [], "name": 5, "panels": [1, {"links": 3}]}',
    "twice": '{"scripts": {"x": "\\ud800 || true", "x": NaN}}',
    "list": "[1]",
    "text": '"x"',
}
OTHERS = {
    "pyproject.toml": "[tool.importlinter]\na = " + "[" * 50_000,
    "tach.toml": "a = " + "[" * 50_000,
    "tox.ini": "[tox\n" * 1000 + "[testenv]\ncommands = %(x)s {[a]b} || true\n",
    "noxfile.py": "(" * 100_000,
    "src/deep.py": "(" * 100_000,
    "src/minus.py": "x=" + "-" * 200_000 + "1",
    "src/dots.py": "import " + "a." * 50_000 + "b\n",
    "docs/adr/0001-a.md": "---\nstatus: " + "[" * 5000 + "\ndate: {a: b}\n---\n# a\n",
    "docs/runbooks/a.md": "---\nowner: " + "{" * 5000 + "\n---\n# a\n",
    "docs/laughs.md": f"---\n{LAUGHS}---\n# a\n",
    "README.md": "```sh\nnox -s x\ntox -e y\nnpm run q\nyarn z\nmake t\npython -m src.a\n```\n",
}
MANY = 50_000
DOCUMENTS = {
    "brackets": "[" * MANY,
    "closed": "[" * MANY + "]" * MANY,
    "links": "[a](" * MANY,
    "images": "![[" * MANY,
    "references": "[a][" * MANY,
    "quotes": ">" * MANY + " [a](gone.md)",
    "lists": "- " * MANY + "[a](gone.md)",
    "stars": "*a **b _c " * MANY,
    "ticks": "`" * MANY + "a",
    "tags": "<a href=x " * MANY,
    "less": "<" * MANY,
    "headings": "<h1>" * MANY,
    "comments": "<!--" * MANY,
    "table": "|a" * MANY + "|\n" + "|-" * MANY + "|\n" + "|b" * MANY + "|\n",
    "footnotes": "".join(f"[^{number}] " for number in range(MANY)),
    "long-word": f"# {chr(0x4E00) * MANY}\n\n[x](#{chr(0x4E01) * MANY}) [y](docs/{'z' * MANY}.md)\n",
    "zero": "# a\0b [x](\0.md)\n",
    "returns": "# Hi\r\r[x](#hi)\r[n](#no)\r",
    "both": "\ufeff# Hi\r\n\r\n[x](#hi)\r\n[n](#no)\r\n",
    "same": "# Same\n\n" * 10_000 + "[a](#same-9999) [b](#same-10000)\n",
}
BYTES = {
    "invalid.md": b"\xff\xfe# \xc3\x28 [x](\xff.md)\n[y](gone.md)\n",
    "utf-16.md": "# hi\n".encode("utf-16"),
    "page.mdx": b"import A from './a.mdx'\n\n<A b={c} href={'x'}/>\n{/* c */}\n"
    + b"<B x={y}>\n" * MANY
    + b"[b](c.md)\n",
}


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    return root


def write(root: Path, name: str, content: str | bytes) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


def judged(root: Path, *verb: str) -> dict:
    """What a verb says of a tree; that it says anything is the test."""
    argv = [sys.executable, "-m", "hardpoint", *(verb or ("check",)), "--format", "json"]
    settings = {"XDG_CACHE_HOME": str(root.parent / "cache"), "HARDPOINT_CONFIG_DIR": str(root.parent / "settings")}
    completed = subprocess.run(
        argv, cwd=root, capture_output=True, env={**os.environ, **settings}, timeout=SECONDS, check=False
    )
    said = completed.stderr.decode()
    assert completed.returncode in {0, 1}, said
    assert "defect" not in said
    return json.loads(completed.stdout)


def found(said: dict) -> set[tuple[str, str]]:
    return {(each["rule"], each["place"]["file"]) for each in said["findings"]}


def seconds_of(work) -> float:
    """The processor time of the processes that some work starts, however busy the machine is."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_documents_of_every_hostile_kind(tree):
    for name, text in DOCUMENTS.items():
        write(tree, f"docs/{name}.md", text)
    for name, content in BYTES.items():
        write(tree, f"docs/{name}", content)
    for name in ("line", "lines"):
        with (tree / f"docs/{name}.md").open("wb") as file:  # 100 MB, of which the disk holds nothing
            file.write(b"# A title\n" if name == "lines" else b"x")
            file.truncate(100_000_000)
    said = judged(tree, "docs", "check")
    assert {file for rule, file in found(said) if rule == "DOC001"} >= {
        *("docs/quotes.md", "docs/lists.md", "docs/invalid.md", "docs/page.mdx", "docs/line.md", "docs/lines.md")
    }
    assert {file for rule, file in found(said) if rule == "DOC002"} == {
        *("docs/returns.md", "docs/both.md", "docs/same.md", "docs/long-word.md")
    }
    (text,) = (each["text"] for each in said["findings"] if each["place"]["file"] == "docs/line.md")
    assert "is larger than 32 MiB" in text


@pytest.mark.parametrize("verb", ["docs check", "check"])
def test_declarations_of_every_hostile_kind(tree, verb):
    for name, text in YAML.items():
        for pattern in READ_AS_YAML if name != "laughs" else READ_AS_YAML[:1]:  # each takes its second
            write(tree, pattern.format(name), text)
    for file in (".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml"):
        write(tree, file, WRONG_SHAPES)
    for name, text in JSON.items():
        for pattern in ("{}/package.json", "dashboards/{}.json", "{}/composer.json"):
            write(tree, pattern.format(name), text)
    for file, text in OTHERS.items():
        write(tree, file, text)
    judged(tree, *verb.split())


def test_large_files_of_tools(tree):
    write(tree, "Makefile", "t: a\n\tfalse || true\n" * 500_000)
    write(tree, "dashboards/a.json", json.dumps({"panels": [{"title": "p", "links": []}] * 1_500_000}))
    write(tree, "package.json", json.dumps({"scripts": {f"s{at}": "jest --passWithNoTests" for at in range(300_000)}}))
    write(tree, "Jenkinsfile", "sh 'x || true'\n" * 700_000)
    write(tree, "README.md", "```sh\nnpm run nope\nmake nope\n```\n")
    judged(tree)


def test_files_that_are_none(tree):
    write(tree, "README.md", "[a](loop) [b](out.md) [c](pipe.md) [d](self/self/README.md) [e](new%0Aline.md)\n")
    for name, target in {
        "loop": "loop",
        "one.md": "two.md",
        "two.md": "one.md",
        "out.md": "/etc/passwd",
        "self": ".",
        "gone.md": "nowhere.md",
        "folder": "/etc",
        "Makefile": "/dev/zero",
        "package.json": "/dev/zero",
        ".gitattributes": "/dev/zero",
        "a.json": "/dev/zero",
        "pyproject.toml": "/proc/self/mem",
    }.items():
        (tree / name).symlink_to(target)
    (tree / ".github/workflows").mkdir(parents=True)
    for name in ("pipe.md", ".github/workflows/a.yml", "compose.yaml", ".env.example", "a.rules.yml", "tach.toml"):
        os.mkfifo(tree / name)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(tree / "socket.md"))
    for name in (b"new\nline.md", b"not-utf-8-\xff.md", b"\x1b[31mred.md", b"tab\t.md", b".github/workflows/\xff.yml"):
        (tree / os.fsdecode(name)).write_bytes(b"[x](missing.md)\n")
    (tree / "folder.md").mkdir()
    (tree / "web/package.json").mkdir(parents=True)
    write(tree, "web/package.json/x", "x")
    said = judged(tree)
    texts = {each["place"]["file"]: each["text"] for each in said["findings"]}
    assert "is a link that leads to itself" in texts["one.md"]
    assert "is a link that leads out of the repository" in texts["out.md"]
    assert ("DOC001", "not-utf-8-\\xff.md") in found(said)
    assert judged(tree, "docs", "check")["documents"]


def test_checkouts_that_hold_less_than_they_list(tree, git, tmp_path):
    write(tree, "docs/a.md", "[x](../a/b.md) [y](gone.md)\n")
    write(tree, "a/b.md", "# b\n")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "one")
    git(tree, "mv", "a/b.md", "a/c.md")
    git(tree, "commit", "-q", "-m", "two")
    shallow, sparse = tmp_path / "shallow", tmp_path / "sparse"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tree}", str(shallow))
    git(tmp_path, "clone", "-q", str(tree), str(sparse))
    git(sparse, "sparse-checkout", "set", "docs")
    for clone in (shallow, sparse):
        assert found(judged(clone, "docs", "check")) == {("DOC001", "docs/a.md")}


def broken_anchors(root, many):
    write(root, "a.md", "# Some\n\n" + "".join(f"[x](#0-{number})\n" for number in range(many)))


def broken_links(root, many):
    write(root, "a.md", "".join(f"[x](docs/gone-{number}.md)\n" for number in range(4 * many)))


def undefined_labels(root, many):
    write(root, "a.md", "".join(f"[x {number}][label {number}]\n" for number in range(8 * many)))


def split_pages(root, many):
    for number in range(many // 4):
        write(root, f"docs/p{number}.md", "")
    write(root, "a.md", "".join(f"[x](docs.md#anchor-{number})\n" for number in range(many // 2)))


def paths_in_text(root, many):
    for number in range(many // 2):
        write(root, f"p{number}/conf.py", "")
    write(root, "a.md", "".join(f"`p{number}/q/conf.py`\n" for number in range(many)))


def unknown_commands(root, many):
    write(root, "package.json", json.dumps({"private": True, "scripts": {f"s{at}": "x" for at in range(many)}}))
    lines = (f"cd d{number}\nyarn t{number}\nmake u{number}\nbash scripts/x{number}.sh\n" for number in range(many))
    write(root, "README.md", "".join(f"```sh\n{line}```\n" for line in lines))
    write(root, "Makefile", "".join(f"t{number}:\n" for number in range(many)))
    write(root, "scripts/y.sh", "")


@pytest.mark.parametrize(
    "make", [broken_anchors, broken_links, undefined_labels, split_pages, paths_in_text, unknown_commands]
)
def test_twice_as_much_costs_no_more_than_twice(tree, make):
    many = 3000
    make(tree, 1)
    least = seconds_of(lambda: judged(tree, "docs", "check"))
    make(tree, many)
    once = seconds_of(lambda: judged(tree, "docs", "check"))
    make(tree, 2 * many)
    twice = seconds_of(lambda: judged(tree, "docs", "check"))
    assert twice - least < SUPERLINEAR * max(once - least, 0.4)
