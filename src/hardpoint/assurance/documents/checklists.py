"""Checklists: documents of boxes to tick, and what counts as evidence beside a ticked one."""

import posixpath
import re

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.outline import Task, outline, text_of
from hardpoint.assurance.documents.patterns import matching
from hardpoint.kernel.workspace import Workspace

_NAMED = re.compile(r"(?:^|[-_ ])(?:checklist|readiness)s?(?:$|[-_ ])", re.IGNORECASE)
_TEMPLATE = re.compile(r"template", re.IGNORECASE)
_TICKED = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[[xX]\]", re.MULTILINE)
_EVIDENCE = re.compile(
    r"https?://\S"
    r"|(?<![\w&])#\d+\b|\bGH-\d+|![0-9]+\b"  # an issue, a pull or a merge request
    r"|\b[A-Z][A-Z0-9]{1,9}-\d+\b"  # a ticket or a decision
    r"|\bentry\s+#?\d+|\bentries\s+#?\d+"  # of the record
    r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|\bsha256:[0-9a-f]{8,}"
    r"|`[^`\n]*(?:/|\.[a-z]{1,5}\b)[^`\n]*`|(?<![\w/.-])[\w.-]+(?:/[\w.-]+)+\.[a-z]{1,5}\b"  # a file
)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_PERSON = re.compile(
    r"@\w[\w-]+|\b(?:by|of|from)\s+[A-Z]\w+|\([^()]{0,80}\b[A-Z]\w+[^()]{0,80}\)|[A-Z]\w+,?\s+\d{4}-|\d{4}-\d{2}-\d{2},?\s+\(?[A-Z]\w+"
)


def declared_checklists(workspace: Workspace) -> list[str]:
    """The documents that the team declares as checklists."""
    return matching(workspace.manifest[DOCUMENTS].checklists, (each.file for each in documents(workspace)))


def named_checklists(workspace: Workspace) -> list[str]:
    """The documents that are not declared, but called a checklist and have a ticked box; templates are none."""
    declared = set(declared_checklists(workspace))
    stems = ((each.file, posixpath.splitext(posixpath.basename(each.file))[0]) for each in documents(workspace))
    named = (file for file, stem in stems if _NAMED.search(stem) and not _TEMPLATE.search(file))
    return [file for file in named if file not in declared and _TICKED.search(text_of(file, workspace))]


def unproven(file: str, workspace: Workspace) -> list[Task]:
    """The ticked boxes with no evidence beside them; one that only sums up the boxes below it needs none."""
    return [each for each in outline(file, workspace).tasks if each.ticked and not each.parent and not _is_proven(each)]


def _is_proven(task: Task) -> bool:
    if task.links or _EVIDENCE.search(task.beside):
        return True
    return bool(_DATE.search(task.beside) and _PERSON.search(task.beside))
