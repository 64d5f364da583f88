"""The first manifest: what is found in a repository, written down as promises that can be checked at once."""

import re
from dataclasses import dataclass

from hardpoint.kernel import yaml
from hardpoint.kernel.atomic import add_file
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.workspace import Workspace

MAX_NAME = 200
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


def first_manifest(finds: Found) -> str:
    """A manifest of one service and one gate, with comments that say what each promise means."""
    documents = "1 document" if finds.documents == 1 else f"{finds.documents} documents"
    return f"""\
# What {finds.service} promises. `hardpoint gate` answers GO or NO-GO; `hardpoint schema` explains every key.
version: 1

services:
  - name: {_scalar(finds.service)}
    owner: ""  # the team or person who answers for it

documents:  # {documents} found
  exclude: []  # patterns in the syntax of .gitignore, for files that are not yours

gates:
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
