"""The packages that a monorepo says it consists of, by whichever of its tools says so."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hardpoint.kernel import encoding, toml, yaml
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_MANIFEST_BYTES = 1024 * 1024
MAX_WORKSPACES = 40
"""How many files that may list members are read."""
MAX_PATTERNS = 200
MAX_GLOBS = 100
"""How many patterns are compared with every folder, in all."""
MAX_MEMBERS = 2000
_MAX_STARS = 6
# Of spaces and empty lines there may be a megabyte: what passes over them never tries a shorter run (`*+`).
_INCLUDE = re.compile(
    r"^[ \t]*+include(?:Flat)?\b[ \t]*+\(?+((?:[ \t\r\n]*+[\"'][^\"'\n]{1,200}[\"'][ \t]*+,?+)+)", re.MULTILINE
)
_QUOTED = re.compile(r"[\"']([^\"'\n]+)[\"']")
_MODULE = re.compile(r"<module>\s*([^<\s]{1,300})\s*</module>")
_PROJECT = re.compile(r'^Project\("[^"\n]*"\)\s*=\s*"[^"\n]*",\s*"([^"\n]{1,300}\.\w{2}proj)"', re.MULTILINE)
_USE = re.compile(r"^[ \t]*+(\.{0,2}/?[^\s()/][^\s()]*|\.)[ \t\r]*(?://.*)?$", re.MULTILINE)
_USE_BLOCK = re.compile(r"^use\s*+\(([^()]*)\)|^use\s++([^\s(]+)", re.MULTILINE)


def members(workspace: Workspace, files: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The folders of the members, each with the file that says so, and the files that could not be read."""
    named = [file for file in files if posixpath.basename(file) in _READERS or file.endswith(".sln")]
    shallow_first = sorted(named, key=lambda file: (file.count("/"), file))[:MAX_WORKSPACES]
    folders = {posixpath.dirname(file) for file in files}
    found: dict[str, str] = {}
    unread: list[str] = []
    globs = 0
    for file in shallow_first:
        read = _READERS.get(posixpath.basename(file), _solution)
        try:
            content = content_of(file, workspace)
            patterns = [each for each in read(content, file) if isinstance(each, str)][:MAX_PATTERNS]
        except UnreadableProblem:
            unread.append(file)
            continue
        globs += sum("*" in each for each in patterns)
        patterns = patterns if globs <= MAX_GLOBS else [each for each in patterns if "*" not in each]
        for folder in _resolved(patterns, posixpath.dirname(file), folders):
            if len(found) < MAX_MEMBERS:
                found.setdefault(folder, file)
    if "nx.json" in files:
        projects = (file for file in files if file.endswith("/project.json"))
        found |= {folder: file for file in projects if (folder := posixpath.dirname(file)) not in found}
    return found, unread


def content_of(file: str, workspace: Workspace) -> bytes:
    """The content of a manifest.

    Raises UnreadableProblem for what cannot be read or is larger than any manifest.
    """
    content = workspace.read(file)
    if len(content) > MAX_MANIFEST_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_MANIFEST_BYTES // 2**10} KiB")
    return content


def mapping(value: object) -> Mapping[str, Any]:
    """A value where it is keys and values, else none."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    """A value where it is a list, else an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


def json_of(content: bytes, file: str) -> Mapping[str, Any]:
    """The keys and values of a JSON file."""
    return mapping(encoding.decode(content.removeprefix(b"\xef\xbb\xbf"), object, what=file))


def _npm(content: bytes, file: str) -> list[Any]:
    said = json_of(content, file).get("workspaces")
    return listing(said) or listing(mapping(said).get("packages"))


def _lerna(content: bytes, file: str) -> list[Any]:
    return listing(json_of(content, file).get("packages"))


def _pnpm(content: bytes, file: str) -> list[Any]:
    return listing(mapping(yaml.load(content, file, foreign=True).data).get("packages"))


def _cargo(content: bytes, _file: str) -> list[Any]:
    said = mapping(toml.load(content).get("workspace"))
    return [*listing(said.get("members")), *(f"!{each}" for each in listing(said.get("exclude")))]


def _python(content: bytes, _file: str) -> list[Any]:
    """The workspace of uv, and what Poetry and uv take from folders beside."""
    tool = mapping(toml.load(content).get("tool"))
    uv, poetry = mapping(tool.get("uv")), mapping(tool.get("poetry"))
    workspace = mapping(uv.get("workspace"))
    groups = [mapping(mapping(each).get("dependencies")) for each in mapping(poetry.get("group")).values()]
    sources = [mapping(uv.get("sources")), mapping(poetry.get("dependencies")), *groups]
    paths = [mapping(each).get("path") for source in sources for each in source.values()]
    left_out = [f"!{each}" for each in listing(workspace.get("exclude"))]
    return [*listing(workspace.get("members")), *(path for path in paths if path), *left_out]


def _gradle(content: bytes, _file: str) -> list[Any]:
    text = content.decode("utf-8", "replace")
    names = [name for listed in _INCLUDE.findall(text) for name in _QUOTED.findall(listed)]
    return [name.strip(":").replace(":", "/") for name in names]


def _maven(content: bytes, _file: str) -> list[Any]:
    modules = _MODULE.findall(content.decode("utf-8", "replace"))
    return [posixpath.dirname(each) if each.endswith(".xml") else each for each in modules]


def _go(content: bytes, _file: str) -> list[Any]:
    text = content.decode("utf-8", "replace")
    return [each for block, one in _USE_BLOCK.findall(text) for each in ([one] if one else _USE.findall(block))]


def _solution(content: bytes, _file: str) -> list[Any]:
    text = content.decode("utf-8-sig", "replace").replace("\\", "/")
    return [posixpath.dirname(each) for each in _PROJECT.findall(text)]


_READERS: Mapping[str, Callable[[bytes, str], Iterable[Any]]] = {
    "package.json": _npm,
    "lerna.json": _lerna,
    "pnpm-workspace.yaml": _pnpm,
    "Cargo.toml": _cargo,
    "pyproject.toml": _python,
    "settings.gradle": _gradle,
    "settings.gradle.kts": _gradle,
    "pom.xml": _maven,
    "go.work": _go,
}


def _resolved(patterns: Sequence[str], base: str, folders: set[str]) -> Iterator[str]:
    """The folders of the tree that the patterns of a file in `base` mean."""
    wanted: dict[str, None] = {}
    for pattern in patterns:
        taken_away, written = pattern.startswith("!"), pattern.removeprefix("!").rstrip("/")
        whole = posixpath.normpath(posixpath.join(base, written))
        if "*" not in whole:
            hits = [whole] if whole in folders else []
        elif whole.count("*") <= _MAX_STARS:
            like = _like(whole)
            hits = sorted(folder for folder in folders if like.fullmatch(f"{folder}/"))
        else:
            hits = []
        for folder in hits:
            if taken_away:
                wanted.pop(folder, None)
            else:
                wanted[folder] = None
    yield from (folder for folder in wanted if folder and not folder.startswith(".."))


def _like(pattern: str) -> re.Pattern[str]:
    """A glob of folders, each ending with a slash: `*` is a part of a name, `**` any number of folders.

    What stands between two stars is taken where it first fits and nowhere else (`(?>`): no name is tried twice.
    """
    runs = [""]
    for name in pattern.split("/"):
        runs = [*runs, ""] if name == "**" else [*runs[:-1], f"{runs[-1]}{_like_name(name)}/"]
    return re.compile(_between_stars(runs, "(?:[^/]+/)*"))


def _like_name(name: str) -> str:
    return _between_stars([re.escape(part) for part in name.split("*")], "[^/]*")


def _between_stars(parts: Sequence[str], star: str) -> str:
    first, *others = parts
    fixed = "".join(f"(?>{star}?{part})" for part in others[:-1])
    return f"{first}{fixed}{star}{others[-1]}" if others else first
