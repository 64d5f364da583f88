"""Where a link to a runbook leads: a file of this repository, one that is not there, or elsewhere."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from hardpoint.assurance.runbooks.model import RUNBOOKS, Address
from hardpoint.kernel.workspace import Workspace

SUFFIXES = (".md", ".markdown", ".mdx", ".adoc", ".asciidoc", ".rst")
"""The endings of documents that may be runbooks."""

_FORMS = ("", *SUFFIXES, *(f"/{name}{suffix}" for name in ("README", "index", "_index") for suffix in SUFFIXES))
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://", re.ASCII)
# `https://github.com/OWNER/NAME/blob/REF/PATH` and the like of GitHub, GitLab, Gitea and Bitbucket.
_FORGE = re.compile(r"^(https?://[^/\s]+/[^\s]+?)/(?:-/)?(?:blob|tree|raw|src/branch|src)/([^/\s]+)/([^\s?#]+)")
_MAIN = frozenset({"main", "master", "trunk", "HEAD", "develop"})
_UNKNOWN = re.compile(r"\{\{|\$\{|\$labels|[<>]|%\(")


@dataclass(frozen=True, slots=True)
class Led:
    """What a link names: `file` is the document of this repository, `missing` the path that should be one and is not.

    Neither stands for what is elsewhere, or cannot be told from the files. `section` is the anchor in the file.
    """

    file: str = ""
    missing: str = ""
    section: str = ""


def follow(written: str, file: str, workspace: Workspace) -> Led:
    """Where a link written in a file leads; a relative one is looked for beside the file and in those above."""
    led = _follow(written.strip(), file, workspace)
    return replace(led, section=unquote(written.strip().partition("#")[2])) if led.file else led


def _follow(written: str, file: str, workspace: Workspace) -> Led:
    target = written.partition("#")[0].partition("?")[0].strip()
    if not target or _UNKNOWN.search(written):
        return Led()
    if not _SCHEME.match(target):
        return _relative(unquote(target), file, workspace)
    for address in workspace.manifest[RUNBOOKS].addresses:
        if target.startswith(address.url):
            return _published(unquote(target.removeprefix(address.url)), address, workspace)
    return _on_forge(target, workspace)


def repository_of(written: str) -> str:
    """The address of the repository that a link into a forge's main branch names, or nothing."""
    found = _FORGE.match(written)
    return found[1] if found and found[2] in _MAIN else ""


def document_at(path: str, workspace: Workspace) -> str:
    """The document at a path, which may be written without its ending or name a folder; nothing if there is none."""
    found = next((path + form for form in _FORMS if path + form in workspace.paths), "")
    return found if found.lower().endswith(SUFFIXES) else ""


def _relative(target: str, file: str, workspace: Workspace) -> Led:
    for each in _upwards(posixpath.dirname(file)):
        path = posixpath.normpath(posixpath.join(each, target.lstrip("/")))
        if found := document_at(path, workspace):
            return Led(file=found)
        if path in workspace.paths:  # a page in a form that is not read
            return Led()
    is_path = target.lower().endswith(SUFFIXES) or ("/" in target and _first(target) in workspace.paths)
    return Led(missing=target) if is_path and " " not in target and not target.startswith("/") else Led()


def _first(target: str) -> str:
    return posixpath.normpath(target).partition("/")[0]


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _published(rest: str, address: Address, workspace: Workspace) -> Led:
    """A page of a site that the team declares; sites write names in lower case and without endings."""
    path = posixpath.normpath(posixpath.join(address.folder, rest.strip("/").removesuffix(".html")))
    if found := document_at(path, workspace):
        return Led(file=found)
    folded = workspace.derive(_folded)
    found = next((folded[each] for form in _FORMS if (each := (path + form).casefold()) in folded), "")
    return Led(file=found) if found else Led(missing=path)


def _on_forge(target: str, workspace: Workspace) -> Led:
    """A file of some repository: of this one, if it is there; that it is missing can be told from other links only."""
    found = _FORGE.match(target)
    if not found:
        return Led()
    path = unquote(found[3]).rstrip("/")
    return Led(file=document_at(path, workspace)) if "/" in path or path in workspace.paths else Led()


def forge_path(written: str) -> str:
    """The path that a link into a forge names in its repository, or nothing."""
    found = _FORGE.match(written)
    return unquote(found[3]).rstrip("/") if found else ""


def _folded(workspace: Workspace) -> Mapping[str, str]:
    return {file.casefold(): file for file in workspace.files if file.lower().endswith(SUFFIXES)}
