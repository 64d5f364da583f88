"""Every example in the docs runs: commands and their output, files, manifests, and code.

A document is played from its top in a new folder named `shop`, by the info string of each fenced block:

- `console`: lines after `$ ` are run by sh; the output must be as shown. `…` stands for any text in a line, and a line
  of its own for any lines.
- `LANGUAGE file=NAME`: the block is written to that file.
- `yaml` alone: a manifest, or some of its sections.
- `python` alone: it is executed; the rules and importers in it must hold for their own examples.
- anything else, such as `sh` and `text`, is only shown.

A comment that begins with `<!-- setup` is run too, unseen by the reader.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel import yaml
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.importer import Importer, read_report
from hardpoint.kernel.manifest import Manifest
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

ROOT = Path(__file__).parents[2]
AT_THE_ROOT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "tests/README.md")
WRITTEN = sorted(each for each in (ROOT / "docs").rglob("*.md") if each.parent.name != "reference")
DOCUMENTS = [*(ROOT / name for name in AT_THE_ROOT), *WRITTEN]

STEP = re.compile(
    r"^<!-- setup\n(?P<setup>.*?)^-->$|^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = Context(capabilities()).collect("model", Section)
IDENTITY = {"NAME": "Ada Wren", "EMAIL": "ada@example.org", "DATE": "2026-03-01T12:00:00Z"}


class Reader:
    """Someone who follows a document, in a folder and with settings of their own."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "shop"
        self.folder.mkdir()
        self.code = {}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in IDENTITY.items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HOME": str(home), "HARDPOINT_CONFIG_DIR": str(home / "settings"), "NO_COLOR": "1", "PATH": path}
        self.environment = {**os.environ, **who, **own}

    def follow(self, step: re.Match) -> None:
        info = (step["info"] or "").split()
        files = [each.removeprefix("file=") for each in info if each.startswith("file=")]
        if step["setup"] is not None:
            said = self.run("set -e\n" + step["setup"])
            assert said == "", said
        elif files:
            file = self.folder / files[0]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step["body"], encoding="utf-8")
        elif info == ["console"]:
            self.play(step["body"])
        elif info == ["yaml"]:
            declare(step["body"])
        elif info == ["python"]:
            self.execute(step["body"])

    def play(self, session: str) -> None:
        before, *commands = re.split(r"^\$ ", session, flags=re.MULTILINE)
        assert before == "", "a session begins with a command"
        for command in commands:
            line, _, shown = command.partition("\n")
            said = self.run(line)
            assert matches(shown, said), f"$ {line}\nthe document shows:\n{shown}\nit says:\n{said}"

    def run(self, script: str) -> str:
        ended = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return ended.stdout

    def execute(self, source: str) -> None:
        known = set(self.code)
        exec(compile(source, "example.py", "exec"), self.code)  # the documents are ours
        for name, value in list(self.code.items()):
            if name not in known and isinstance(value, Rule):
                hold_rule(value)
            elif name not in known and isinstance(value, Importer):
                hold_importer(value)


def declare(text: str) -> None:
    """Validate a manifest, or some sections of one."""
    whole = text if "version" in yaml.load(text.encode(), "example").data else f"version: 1\n{text}"
    Manifest.load(whole.encode(), SECTIONS)


def hold_rule(rule: Rule) -> None:
    good, bad = (run_rules(Workspace.of(example, SECTIONS), [rule])[0] for example in (rule.good, rule.bad))
    assert (good.error, bad.error, good.findings) == (None, None, ())
    assert good.examined
    assert bad.findings


def hold_importer(importer: Importer) -> None:
    read_report(importer.good, [importer])
    with pytest.raises(UnreadableProblem):
        read_report(importer.bad, [importer])


def matches(shown: str, said: str) -> bool:
    """Whether the output is the one shown."""
    pattern = ""
    for line in shown.splitlines():
        inside = ".*".join(re.escape(part) for part in line.rstrip().split("…"))
        pattern += r"(?:.*\n)*?" if line.strip() == "…" else inside + r"[ ]*\n"
    return re.fullmatch(pattern, said if said.endswith("\n") or not said else said + "\n") is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_example_of_a_document_runs(document, tmp_path):
    reader = Reader(tmp_path)
    for step in STEP.finditer(document.read_text(encoding="utf-8")):
        reader.follow(step)


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a … c\n", "a b c\n", True),
        ("a …\n", "a b\nc\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\n", "a\n", True),
        ("", "a\n", False),
    ],
)
def test_output_is_compared_line_by_line(shown, said, same):
    assert matches(shown, said) is same


def test_an_example_that_is_wrong_is_found(tmp_path):
    reader = Reader(tmp_path)
    (step,) = STEP.finditer("```console\n$ hardpoint --version\nhardpoint 0.0.0\n```\n")
    with pytest.raises(AssertionError, match="the document shows"):
        reader.follow(step)
