"""What a site is told to publish or take in, beside the links of its pages.

The `nav` and redirects of MkDocs and its snippets; `toctree`, `{doc}` and `{include}` of MyST. Read by lines: the
configuration of MkDocs has tags of Python in it, and what it says of pages is plain.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.history import history
from hardpoint.assurance.documents.markdown import Form, Pointer
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.patterns import matching
from hardpoint.assurance.documents.pointers import SPHINX_OWN, Broken, Wrong, path_of, without_ignored
from hardpoint.assurance.documents.sites import Site, site_of, sites
from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.workspace import Workspace

_MKDOCS = frozenset({"mkdocs.yml", "mkdocs.yaml"})
_NOT_OURS = re.compile(r"(?:^|/)(?:tests?|testing|fixtures|examples?|templates?|samples?)/|\{\{|node_modules/")
_KEY = re.compile(r"^(\w+):")
_ENTRY = re.compile(
    r"""^\s*-\s+(?:(?:"[^"]*"|'[^']*'|[^\s:#'"][^:#]*?):\s+)?(["']?)([^"'#\s:{}*][^"'#:{}*]*?\.(?:md|markdown|ipynb))\1\s*(?:\s#.*)?$"""
)
_REDIRECT = re.compile(
    r"""^\s+(?:"[^"]*"|'[^']*'|[^\s:#'"]+)\s*:\s+(["']?)([^"'#\s:{}*]+\.(?:md|markdown))(?:\#[^"'\s]*)?\1\s*(?:\s#.*)?$"""
)
# Pages that a program writes while the site is built, or whose files it finds by rules of its own.
_MAKES_PAGES = re.compile(
    r"^\s*-\s+['\"]?(?:gen-files|literate-nav|awesome-\w+|monorepo|multirepo|api-autonav|autoapi|include_dir_to_nav|i18n"
    r"|macros|blog|gallery|jupyter|same-dir|exec|simple-hooks|folder-structure|techdocs-core|rss|tags)\b",
    re.MULTILINE,
)
_HOOK = re.compile(r"^\s+-\s+['\"]?([\w./-]+\.py)", re.MULTILINE)
_HOOK_MAKES_PAGES = re.compile(r"\bon_(?:files|nav|pre_build|config)\b|\bFile\(|\bwrite_text\b")
_BASE_PATHS = re.compile(r"base_path:[ \t]*(?:\[([^\n]*)\]|([^\n\[]+)|((?:\n[ \t]+-[^\n]*)+))")
_SNIPPET = re.compile(r"""^[ \t>]*-+8<-+[ \t]+(["'])(?P<path>[^"';:{}$]+\.\w+)(?::[^"']*)?\1[ \t]*$""")
_SNIPPETS = re.compile(r"^[ \t]*-+8<-+[ \t]*$")
_PATH_ALONE = re.compile(r"^[ \t]*(?P<path>[\w./-]+\.\w+)[ \t]*$")
_FENCE = re.compile(r"^([ \t>]*)(`{3,}|~{3,}|:{3,})[ \t]*(?:\{([\w:-]+)\}[ \t]*(.*)|(.*))$")
_DOC = re.compile(r"\{doc\}`(?:[^`<>]*<([^`<>]+)>|([^`<>]+))`")
_TOC_ENTRY = re.compile(r"^\s*(?:[^<>]*<([^<>]+)>|([^<>]+?))\s*$")
_OF_PROSE = frozenset(
    {
        *("note", "tip", "hint", "warning", "important", "attention", "caution", "danger", "error", "seealso", "topic"),
        *("admonition", "dropdown", "margin", "sidebar", "tab-set", "tab-item", "tabs", "tab", "grid", "grid-item"),
        *("grid-item-card", "card", "details", "toggle", "div", "panels", "container", "versionadded", "deprecated"),
        "versionchanged",
    }
)
_PAGES = ("", ".md", ".rst", ".ipynb", ".txt", ".markdown", ".myst", ".mystnb", ".py", "/index.md", "/index.rst")


class Taken(NamedTuple):
    """Something that is named, where, and the paths any of which would answer."""

    pointer: Pointer
    paths: Sequence[str]


def taking(workspace: Workspace) -> Sequence[str]:
    """The configurations and documents that tell a site what to publish or take in."""
    return list(workspace.derive(_missing))


def missing(file: str, workspace: Workspace) -> Sequence[Broken]:
    """What a configuration or a document names for its site, and is not there."""
    return workspace.derive(_missing).get(file, ())


def resolved_from(file: str, workspace: Workspace) -> str:
    """The document as from which a file names others: MkDocs' configuration from its folder of pages.

    And a page takes in snippets from the folder of that configuration, where they are looked for first.
    """
    if posixpath.basename(file) in _MKDOCS:
        return posixpath.join(_docs_of(file, workspace), "nav")
    site = site_of(file, workspace)
    bases = workspace.derive(_bases).get(site.scope) if site and site.generator == "mkdocs" else None
    return posixpath.join(bases[0], "page") if bases else file


def _missing(workspace: Workspace) -> Mapping[str, tuple[Broken, ...]]:
    found = {
        file: tuple(
            Broken(Wrong.GONE, each.pointer, each.paths[0])
            for each in taken
            if not any(path in workspace.paths for path in each.paths) and not each.paths[0].startswith("..")
        )
        for file, taken in _named(workspace)
    }
    return without_ignored(found, workspace)


def _named(workspace: Workspace) -> Iterator[tuple[str, Iterator[Taken]]]:
    configurations = _configurations(workspace)
    excluded = matching(workspace.manifest[DOCUMENTS].exclude, configurations)
    for file in configurations:
        if file not in excluded and _docs_of(file, workspace) in workspace.paths:
            yield file, _of_mkdocs(file, source_of(file, workspace), workspace)
    kinds = {site.generator for site in sites(workspace)}
    if not kinds & {"mkdocs", "myst"}:
        return
    snippets = workspace.derive(_bases)
    for document in documents(workspace):
        site = site_of(document.file, workspace)
        if site is None or document.unread or _NOT_OURS.search(document.file):
            continue
        if site.generator == "myst":
            yield document.file, _of_myst(document.file, source_of(document.file, workspace), site, workspace)
        elif site.generator == "mkdocs" and (bases := snippets.get(site.scope)):
            yield document.file, _snippets(source_of(document.file, workspace), bases)


def _docs_of(file: str, workspace: Workspace) -> str:
    """The folder of pages of a configuration of MkDocs."""
    stated = re.search(r"^docs_dir:\s*['\"]?([^'\"#\n]+)", source_of(file, workspace), re.MULTILINE)
    return path_of(stated[1].strip() if stated else "docs", posixpath.dirname(file))


def _of_mkdocs(file: str, text: str, workspace: Workspace) -> Iterator[Taken]:
    """The pages of `nav`, and those that redirects lead to."""
    folder = _docs_of(file, workspace)
    is_known = history(workspace).knows
    others_make_pages = _makes_pages(file, text, workspace)
    section, redirects = "", -1
    for number, line in enumerate(text.split("\n"), 1):
        if key := _KEY.match(line):
            section = key[1]
        indent = len(line) - len(line.lstrip())
        if redirects >= 0 and line.strip() and indent <= redirects:
            redirects = -1
        pattern = _ENTRY if section == "nav" else _REDIRECT if redirects >= 0 else None
        found = pattern.match(line) if pattern else None
        if line.strip().startswith("redirect_maps:"):
            redirects = indent
        if not found or "://" in found[2]:
            continue
        path = path_of(found[2].lstrip("/"), folder)
        if not others_make_pages or is_known(path):
            yield Taken(Pointer(Form.LINK, found[2], found[2], number, found.start(2) + 1), (path,))


def _makes_pages(file: str, text: str, workspace: Workspace) -> bool:
    """Whether some plugin or hook may add pages that no file shows."""
    plugins = text.partition("\nplugins:")[2]
    if _MAKES_PAGES.search(plugins):
        return True
    hooks = re.search(r"^hooks:\n((?:[ \t]*-.*\n?|[ \t]+.*\n?|\n)*)", text, re.MULTILINE)
    named = _HOOK.findall(hooks[1]) if hooks else []
    return any(_HOOK_MAKES_PAGES.search(source_of(path_of(each, posixpath.dirname(file)), workspace)) for each in named)


def _configurations(workspace: Workspace) -> list[str]:
    return [file for file in workspace.files if posixpath.basename(file) in _MKDOCS and not _NOT_OURS.search(file)]


def _bases(workspace: Workspace) -> Mapping[str, Sequence[str]]:
    """For each folder of pages whose site takes in snippets, the folders that these are looked for in."""
    found = {}
    for file in _configurations(workspace):
        after = source_of(file, workspace).partition("pymdownx.snippets")[2]
        if after:
            given = _BASE_PATHS.search(after)
            words = re.findall(r"[\w.$-][\w./$-]*", " ".join(filter(None, given.groups()))) if given else []
            folder, pages = posixpath.dirname(file), _docs_of(file, workspace)
            stated = [path_of(each.strip("-"), folder) for each in words if "$" not in each]
            found[pages] = list(dict.fromkeys((folder, *stated, pages, "")))
    return found


def _snippets(text: str, bases: Sequence[str]) -> Iterator[Taken]:
    """The files that a page takes in, one to a line: named behind the mark, or between two of them."""
    in_block = False
    for number, line in enumerate(text.split("\n"), 1) if "8<-" in text else ():
        if _SNIPPETS.match(line):
            in_block = not in_block
        elif found := (_PATH_ALONE if in_block else _SNIPPET).match(line):
            pointer = Pointer(Form.LINK, found["path"], found["path"], number, found.start("path") + 1)
            yield Taken(pointer, [path_of(found["path"], base) for base in bases])


def _of_myst(file: str, text: str, site: Site, workspace: Workspace) -> Iterator[Taken]:
    """The pages of each `toctree` and `{doc}`, and the files that `{include}` takes in; examples in code are none."""
    tree: list[Taken] = []
    for number, line, inside, argument in _told(text) if "{" in text else ():
        if inside in {"include", "literalinclude"} and argument and not _is_odd(argument):
            yield _at(argument, number, line, file, site, ends=("",))
        elif inside == "toctree" and argument is not None:  # its first line
            tree = []
        elif inside == "toctree":
            tree += _entry(number, line, file, site)
        elif inside == "toctree ends":
            yield from tree
        elif inside in _OF_PROSE:
            taken = [_at(target, number, line, file, site) for target in _docs_in(line)]
            yield from (each for each in taken if _is_ours(each.paths[0], workspace))


def _told(text: str) -> Iterator[tuple[int, str, str, str | None]]:
    """Each line that is no code: its number, the innermost directive around it, and on that one's first line its words.

    A `toctree` with a pattern is left out, since it is never short of pages; the line after the last of any other is
    `toctree ends`.
    """
    still_open: list[tuple[str, str]] = []  # the marker and the directive
    is_glob = False
    for number, line in enumerate(text.split("\n"), 1):
        inside = still_open[-1][1] if still_open else "note"
        fence = _FENCE.match(line)
        if fence and still_open and _closes(fence, still_open[-1][0]):
            still_open.pop()
            if inside == "toctree" and not is_glob:
                yield number, line, "toctree ends", None
        elif fence and inside in _OF_PROSE:
            still_open.append((fence[2], fence[3] or ""))
            is_glob = False
            yield number, line, fence[3] or "", (fence[4] or "").strip()
        else:
            is_glob = is_glob or (inside == "toctree" and (line.strip() == ":glob:" or "*" in line))
            yield number, line, inside, None


def _entry(number: int, line: str, file: str, site: Site) -> Iterator[Taken]:
    """The page that a line of a `toctree` names."""
    found = None if line.lstrip().startswith((":", "---", "#")) else _TOC_ENTRY.match(line)
    target = (found[1] or found[2]).strip() if found else ""
    if target and not _is_odd(target) and target not in SPHINX_OWN:
        yield _at(target, number, line, file, site)


def _docs_in(line: str) -> Iterator[str]:
    for found in _DOC.finditer(line):
        target = (found[1] or found[2]).strip()
        shown = line.count("``", 0, found.start()) % 2 == 1
        if not shown and not _is_odd(target):
            yield target


def _closes(fence: "re.Match[str]", marker: str) -> bool:
    return fence[2][0] == marker[0] and len(fence[2]) >= len(marker) and not fence[3] and not (fence[5] or "").strip()


def _is_odd(target: str) -> bool:
    """Whether a target is an address, of another inventory, or filled in by a program."""
    return ":" in target or any(each in target for each in "{}<>*$|")


def _is_ours(path: str, workspace: Workspace) -> bool:
    """Whether a page would lie where pages are written by hand: in a folder that is there."""
    return posixpath.dirname(path) in workspace.paths or history(workspace).knows(f"{path}.md")


def _at(target: str, line: int, text: str, file: str, site: Site, ends: Sequence[str] = _PAGES) -> Taken:
    folder = site.scope if target.startswith("/") else posixpath.dirname(file)
    path = path_of(target.lstrip("/"), folder)
    return Taken(Pointer(Form.LINK, target, target, line, text.find(target) + 1), [path + end for end in ends])
