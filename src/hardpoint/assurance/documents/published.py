"""Folders whose documents a program of the team's own publishes: known by how its pages name each other."""

import posixpath
from collections import Counter
from collections.abc import Mapping

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.sites import Site, site_of
from hardpoint.assurance.documents.slugs import Dialect
from hardpoint.kernel.workspace import Workspace

OWN = "own"
"""The generator of such a site: its anchors follow rules that nobody here knows."""
_ENOUGH = 3
_FEW = 4


def published(folder: str, workspace: Workspace) -> Site | None:
    """The site of a folder that no generator we know has, but whose documents call each other `x.html`.

    There is only an `x.md`, so something makes the one of the other. Three such pointers, and one for four to `x.md`,
    are no slip.
    """
    return workspace.derive(_published).get(folder)


def _published(workspace: Workspace) -> Mapping[str, Site]:
    made: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    for document in documents(workspace):
        folder = posixpath.dirname(document.file)
        for target in document.targets:
            path = target.partition("#")[0]
            if ":" in path or path.startswith("/"):
                continue
            if path.endswith(".html"):
                meant = posixpath.normpath(posixpath.join(folder, path))
                made[folder] += meant not in workspace.paths and f"{meant[:-5]}.md" in workspace.paths
            elif path.endswith(".md"):
                plain[folder] += 1
    return {
        folder: Site(OWN, folder, (folder,), Dialect.GITHUB, pages=True)
        for folder, count in made.items()
        if count >= max(_ENOUGH, plain[folder] / _FEW) and site_of(f"{folder}/x.md", workspace) is None
    }
