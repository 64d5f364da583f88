"""The first manifest: what is found in a repository, written down as promises that can be checked at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from hardpoint.kernel import yaml
from hardpoint.kernel.atomic import add_file
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ruleset import NEWEST
from hardpoint.kernel.workspace import Workspace

MAX_NAME = 200
STARTERS = ("merge", "production")
"""The gates that `hardpoint init --gate` offers, each a file of this folder's starters/."""
_SOON, _LATER = timedelta(days=14), timedelta(days=60)
_DOCUMENT_SUFFIXES = (".md", ".markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What `init` saw of a repository."""

    service: str
    documents: int
    manifest_exists: bool


def look(workspace: Workspace) -> Found:
    """Look at names only; nothing is executed."""
    return Found(
        service=re.sub(r"[^A-Za-z0-9._-]+", "-", workspace.name).strip("-")[:MAX_NAME] or "service",
        documents=sum(file.lower().endswith(_DOCUMENT_SUFFIXES) for file in workspace.files),
        manifest_exists=MANIFEST_FILE in workspace.paths,
    )


def first_manifest(finds: Found, gates: Sequence[str] = (), now: datetime | None = None) -> str:
    """A manifest of one service and the starter gates, or a first small one, with comments that say what they mean."""
    documents = "1 document" if finds.documents == 1 else f"{finds.documents} documents"
    return f"""\
# What {finds.service} promises. `hardpoint gate` answers GO or NO-GO; `hardpoint schema` explains every key.
version: 1

services:
  - name: {_scalar(finds.service)}
    owner: ""  # the team or person who answers for it

documents:  # {documents} found
  exclude: []  # patterns in the syntax of .gitignore, for files that are not yours

ruleset: {NEWEST}  # a new release of Hardpoint judges by the rules of this one until you raise it

gates:
{starter_gates(finds, gates, now) if gates else _FIRST_GATE}"""


def starter_gates(finds: Found, gates: Sequence[str], now: datetime | None) -> str:
    """The text of starter gates, to stand under `gates:`; what joins later does so from `now` on."""
    text = "".join((files(__package__) / "starters" / f"{name}.yaml").read_text(encoding="utf-8") for name in gates)
    for word, after in (("SOON", _SOON), ("LATER", _LATER)):
        text = text.replace(word, f"{(now or system_clock()) + after:%Y-%m-%d}T00:00:00Z")
    return text.replace("SERVICE", finds.service.lower())


_FIRST_GATE = """\
  - name: merge
    criteria:
      - id: documents-hold
        kind: check
        rules: [DOC001]  # no pointer leads to nothing
      - id: tests-pass
        kind: report
        report: junit  # hardpoint evidence import --commit HEAD <your JUnit report>
        require:
          tests: ">= 1"
          failures: 0
          errors: 0
        severity: advisory  # delete this line once the report is imported in CI
"""


def _scalar(name: str) -> str:
    """A name as YAML text: one that reads as something else, such as 2024 or true, needs quotes."""
    return name if yaml.load(name.encode(), MANIFEST_FILE).data == name else f'"{name}"'


def write_manifest(workspace: Workspace, text: str) -> None:
    """Add the file; one that appeared meanwhile is left as it is.

    Raises UsageProblem if it did, or cannot be written.
    """
    assert workspace.root is not None
    add_file(workspace.root, MANIFEST_FILE, text.encode())
