"""What programs make of documents and code: pages that no tree holds, and names that only a compiler can follow.

Nothing in a tree shows that such a pointer is broken, so none is said to be, unless its target once was in the tree.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.published import OWN
from hardpoint.assurance.documents.sites import Site
from hardpoint.kernel.workspace import Workspace

HTML = re.compile(r"\.html?$")
_PAGE = re.compile(r"(?:\.(?:md|mdx|markdown|rst|ipynb|html)|/|(?:^|/)[^./]+)$")
_OUTPUT = re.compile(r"(?:^|/)_(?:static|images|downloads|modules|sources)/")
"""Folders of what Sphinx publishes."""
_RUSTDOC = re.compile(
    r"(?:\w+@\w+|std|core|alloc|proc_macro|bool|char|str|slice|tuple|array|pointer|reference|unit|never|fn"
    r"|[iu](?:8|16|32|64|128|size)|f32|f64)$"
)
"""What rustdoc links by its name alone: crates and types that are always there, with `mod@` or the like before."""


def may_be_made(path: str, meant: str, folder: str, site: Site | None, workspace: Workspace) -> bool:
    """Whether a program may make what a document in a folder names as `path`, which is no file at `meant`."""
    if _is_compiled(path, meant, folder, workspace):
        return True
    return _is_page(path, meant, site, workspace) and not history(workspace).knows(meant)


def files_by_name(workspace: Workspace) -> Mapping[str, list[str]]:
    """The files of a workspace by the last part of their path."""
    found: dict[str, list[str]] = {}
    for file in workspace.files:
        found.setdefault(posixpath.basename(file), []).append(file)
    return found


def is_hyphenated(path: str, workspace: Workspace) -> bool:
    """Whether a path may be the address that a site elsewhere gives to a file: its names with `-` for each `_`."""
    parts = path.strip("./").split("/")
    names = workspace.derive(_names)
    return len(parts) > 1 and any("-" in part and part.replace("-", "_") in names for part in parts)


def _names(workspace: Workspace) -> frozenset[str]:
    """Files and folders by their names without endings, where these are of several words."""
    stems = (posixpath.basename(path).partition(".")[0] for path in workspace.paths)
    return frozenset(stem for stem in stems if "_" in stem)


def _is_page(path: str, meant: str, site: Site | None, workspace: Workspace) -> bool:
    """Whether it is a page that the build of its site makes, or one of another site beside it."""
    folder = posixpath.dirname(meant)
    own = site is not None and site.generator == OWN
    if site is not None and site.makes_pages and site.holds(meant) and _PAGE.search(meant):
        return True
    if HTML.search(meant):
        return own or folder not in workspace.derive(_folders_of_html)
    if site is not None and site.generator == "myst" and _OUTPUT.search(path):
        return True
    if site is None or not folder or folder in workspace.paths:
        return False
    return path.endswith((".md", "/")) and (own or (path.startswith("../") and not site.holds(meant)))


def _is_compiled(path: str, meant: str, folder: str, workspace: Workspace) -> bool:
    """Whether a compiler of documents that stand beside code knows the name: ExDoc, rustdoc, SDoc, Stardoc."""
    if "/" not in path and len(workspace.derive(files_by_name).get(path, ())) == 1:
        return _is_below("mix.exs", folder, workspace)  # ExDoc puts all pages into one folder
    if _RUSTDOC.match(path):
        return _is_below("Cargo.toml", folder, workspace)
    if path.startswith("files/") and path[6:] in workspace.paths:
        return _is_below("Rakefile", folder, workspace)
    return path.endswith(".md") and f"{meant[:-3]}.bzl" in workspace.paths


def _is_below(name: str, folder: str, workspace: Workspace) -> bool:
    """Whether a file of that name lies in a folder or above it."""
    return any((f"{each}/{name}" if each else name) in workspace.paths for each in _up(folder))


def _up(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _folders_of_html(workspace: Workspace) -> frozenset[str]:
    """The folders whose HTML is kept in the tree; elsewhere it is made."""
    return frozenset(posixpath.dirname(file) for file in workspace.files if HTML.search(file))
