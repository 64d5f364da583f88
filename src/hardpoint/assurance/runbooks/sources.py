"""The files that a kind of source may be in: the team's own, neither tests nor what others wrote."""

import re
from collections.abc import Sequence

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.runbooks.model import RUNBOOKS
from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.workspace import Workspace

NOT_OURS = ("node_modules/", "vendor/", "third_party/", "site-packages/", ".venv/")
_TESTS = re.compile(r"(?:^|/)(?:tests?|testdata|fixtures|__\w+__|e2e)/", re.IGNORECASE)


def own_files(workspace: Workspace) -> Sequence[str]:
    """The files that are not excluded, neither here nor as documents."""
    return workspace.derive(_own_files)


def is_test(file: str) -> bool:
    """Whether a file lies where tests and their data do."""
    return _TESTS.search(file) is not None


def _own_files(workspace: Workspace) -> Sequence[str]:
    manifest = workspace.manifest
    spec = spec_of([*NOT_OURS, *manifest[DOCUMENTS].exclude, *manifest[RUNBOOKS].exclude])
    return [file for file in workspace.files if not spec.match_file(file)]
