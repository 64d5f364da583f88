"""Who can own a document: services' owners, CODEOWNERS, and the groups and people of a catalogue."""

import posixpath
import re

from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.workspace import Workspace

_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_HANDLE = re.compile(r"(?<![\w\\])@[\w./-]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_CATALOGUE = ("catalog-info.yaml", "catalog-info.yml")
_PART = re.compile(r"^---[^\n]*$", re.MULTILINE)
_NAME = re.compile(r"^[ ]{2,4}name:[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_OWNER = re.compile(r"^[ ]{2,4}owner:[ \t]*[\"']?([\w./:@-]+)", re.MULTILINE)
_GROUP = re.compile(r"^kind:[ \t]*(?:Group|User)\b", re.MULTILINE)
_SEVERAL = re.compile(r"\s*(?:,|;|&|\band\b|/(?=\s))\s*")


def known_owners(workspace: Workspace) -> frozenset[str]:
    """The owners that this repository knows, as `is_known` compares them."""
    return workspace.derive(_known)


def unknown(written: str, known: frozenset[str]) -> list[str]:
    """Those of the owners written in one field that nobody knows."""
    named = [each for each in _SEVERAL.split(written.strip("[] ")) if each]
    return [each for each in named if not _forms(each) & known]


def _known(workspace: Workspace) -> frozenset[str]:
    found = {service.owner for service in workspace.manifest[SERVICES] if service.owner}
    for file in workspace.files:
        if file in _CODEOWNERS:
            for line in source_of(file, workspace).splitlines():
                found.update(_HANDLE.findall(line.partition("#")[0]))
        elif posixpath.basename(file) in _CATALOGUE:
            for part in _PART.split(source_of(file, workspace)):
                found.update(_OWNER.findall(part))
                found.update(_NAME.findall(part)[:1] if _GROUP.search(part) else ())
    return frozenset(form for each in found for form in _forms(each))


def _forms(owner: str) -> frozenset[str]:
    """How an owner may be written: `@acme/team-a`, `group:default/team-a`, `team-a`, `Team A`."""
    plain = owner.strip().strip("\"'<>()[]").casefold()
    if (
        "@" in plain.lstrip("@") and "/" not in plain
    ):  # an address; what stands before it in `Ann <ann@acme.org>` is a name
        return frozenset({plain.rpartition(" ")[2].strip("<>()")})
    last = plain.lstrip("@").rpartition("/")[2].rpartition(":")[2]
    return frozenset({re.sub(r"[\s_]+", "-", last)})
