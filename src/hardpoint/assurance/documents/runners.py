"""What the tools of a repository can be asked for: scripts, targets, recipes, services, as their files have it."""

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.workspace import Workspace

_TARGET = re.compile(r"^([^\s:#=$%.][^:#=$%\n]*?)[ \t]*::?(?!=)", re.MULTILINE)
_OPAQUE_MAKE = re.compile(r"^[^\s#]*%[^\n]*:|^-?include\b|\$\(eval|\$\(foreach|^\$\(|^\.DEFAULT\b", re.MULTILINE)
_GENERATED_MAKE = ("CMakeLists.txt", "Makefile.am", "Makefile.in", "configure", "configure.ac", "meson.build")
_RECIPE = re.compile(r"^(?:@|\[[^\]\n]*\][ \t]*\n)?@?([A-Za-z_][\w-]*)(?:[ \t]+[^:\n]*)?:(?!=)", re.MULTILINE)
_ALIAS = re.compile(r"^alias[ \t]+([\w-]+)[ \t]*:=", re.MULTILINE)
_TASKS = re.compile(r"^tasks:[ \t]*\n((?:[ \t]+.*\n?|\n)*)", re.MULTILINE)
_TASK = re.compile(r"^(?:  |    |\t)[\"']?([\w:.*-]+)[\"']?:", re.MULTILINE)
_SESSION = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)\(\s*session\b", re.MULTILINE)
_SESSION_NAME = re.compile(r"\bname\s*=\s*[\"']([\w.-]+)[\"']")
_TESTENV = re.compile(r"^\[testenv:([^\]\n]+)\]|^\[tool\.tox\.env\.([\w.-]+)", re.MULTILINE)
_ENVLIST = re.compile(r"^[ \t]*(?:envlist|env_list)[ \t]*=[ \t]*((?:.*\n?)(?:[ \t]+.*\n?)*)", re.MULTILINE)
_COMPOSE = re.compile(r"^(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$")


@dataclass(frozen=True)
class Runner:
    """A tool, and what it can be asked for: by the folder of the file that says so."""

    names: Mapping[str, frozenset[str]]

    @cached_property
    def all(self) -> frozenset[str]:
        """Every name in any folder."""
        return frozenset(name for names in self.names.values() for name in names)


def runner(tool: str, workspace: Workspace) -> Runner | None:
    """What a tool can be asked for; None where nothing in the tree says so, or where not all of it can be known."""
    found = workspace.derive(_runners)
    if tool not in found:
        found[tool] = _read(tool, workspace)
    return found[tool]


def is_compose(name: str) -> bool:
    """Whether a file of that name is one of Compose."""
    return _COMPOSE.match(name) is not None


def services_in_compose(text: str) -> list[str]:
    """The services of a Compose file."""
    return list(_keys_below(text, "services"))


def lines_below(text: str, key: str) -> Iterator[str]:
    """The lines of a mapping or list at the top of a YAML file."""
    inside = False
    for line in text.split("\n"):
        if line[:1] not in {" ", "\t", "#", "", "-"}:
            inside = re.match(rf"[\"']?{key}[\"']?[ \t]*:", line) is not None
        elif inside and line.strip():
            yield line


def _runners(_: Workspace) -> dict[str, Runner | None]:
    return {}


def _read(tool: str, workspace: Workspace) -> Runner | None:
    is_file, read = _TOOLS[tool]
    names: dict[str, frozenset[str]] = {}
    if tool == "make" and any(posixpath.basename(file) in _GENERATED_MAKE for file in workspace.files):
        return None
    for file in workspace.files:
        if not is_file(posixpath.basename(file)) or "node_modules/" in file:
            continue
        said = read(source_of(file, workspace))
        if said is None:
            return None
        folder = posixpath.dirname(file)
        names[folder] = names.get(folder, frozenset()) | frozenset(said)
    return Runner(names) if names else None


def is_application(file: str, workspace: Workspace) -> bool:
    """Whether the package of npm that a document belongs to is private.

    The documents of one that is published tell its users what to run in a project of theirs.
    """
    private = workspace.derive(_private)
    folder = posixpath.dirname(file)
    while folder and folder not in private:
        folder = posixpath.dirname(folder)
    return private.get(folder, all(private.values()))


def dependencies(workspace: Workspace) -> frozenset[str]:
    """The packages that any package.json depends on: each may bring programs, of its own name or of others."""
    return workspace.derive(_dependencies)


def _dependencies(workspace: Workspace) -> frozenset[str]:
    found: set[str] = set()
    for file in workspace.files:
        if posixpath.basename(file) == "package.json" and "node_modules/" not in file:
            package = _package(source_of(file, workspace)) or {}
            found.update(*(each for key in _DEPENDING if isinstance(each := package.get(key), dict)))
    return frozenset(found)


_DEPENDING = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def _private(workspace: Workspace) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    for file in workspace.files:
        if posixpath.basename(file) == "package.json" and "node_modules/" not in file:
            found[posixpath.dirname(file)] = re.search(r'"private"\s*:\s*true', source_of(file, workspace)) is not None
    return found


def _package_scripts(text: str) -> Sequence[str] | None:
    package = _package(text)
    scripts = None if package is None else package.get("scripts", {})
    return list(scripts) if isinstance(scripts, dict) else None


def _package(text: str) -> Mapping[str, Any] | None:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return package if isinstance(package, dict) else None


def _targets(text: str) -> Sequence[str] | None:
    """The targets of a Makefile; none can be known where patterns, includes or evaluation add to them."""
    if _OPAQUE_MAKE.search(text):
        return None
    return [name for found in _TARGET.findall(text) for name in found.split()]


def _recipes(text: str) -> Sequence[str] | None:
    if re.search(r"^(?:import|mod)\b", text, re.MULTILINE):
        return None
    return [*_RECIPE.findall(text), *_ALIAS.findall(text)]


def _tasks(text: str) -> Sequence[str] | None:
    tasks = _TASKS.search(text)
    if tasks is None or re.search(r"^includes:", text, re.MULTILINE):
        return None
    names = _TASK.findall(tasks[1])
    return None if any("*" in name for name in names) else names


def _sessions(text: str) -> Sequence[str] | None:
    return [
        *_SESSION.findall(text),
        *(each.replace("_", "-") for each in _SESSION.findall(text)),
        *_SESSION_NAME.findall(text),
    ]


def _environments(text: str) -> Sequence[str] | None:
    """The environments of tox that are named; those that its factors make up cannot all be known."""
    named = [name for pair in _TESTENV.findall(text) for name in pair if name]
    lists = [name for found in _ENVLIST.findall(text) for name in re.findall(r"[\w.{}-]+", found)]
    if any("{" in name for name in (*named, *lists)) or not (named or lists):
        return None
    return [*named, *lists]


_TOOLS: Mapping[str, tuple[Callable[[str], bool], Callable[[str], Sequence[str] | None]]] = {
    **dict.fromkeys(("npm", "yarn"), (lambda name: name == "package.json", _package_scripts)),
    "make": (lambda name: name in {"Makefile", "makefile", "GNUmakefile"}, _targets),
    "just": (lambda name: name.lower() in {"justfile", ".justfile"}, _recipes),
    "task": (lambda name: name.lower() in {"taskfile.yml", "taskfile.yaml", "taskfile.dist.yml"}, _tasks),
    "nox": (lambda name: name == "noxfile.py", _sessions),
    "tox": (lambda name: name == "tox.ini", _environments),
    "compose": (is_compose, services_in_compose),
}


def python_modules(workspace: Workspace) -> Mapping[str, frozenset[str]]:
    """The modules of the packages in the tree that can be run with `python -m`, by the package at their root."""
    return workspace.derive(_python_modules)


def _python_modules(workspace: Workspace) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    roots = {posixpath.dirname(file) for file in workspace.files if posixpath.basename(file) == "__init__.py"}
    tops = {root for root in roots if posixpath.dirname(root) not in roots}
    for file in workspace.files:
        if file.endswith(".py"):
            for top in _above(file, tops):
                base = posixpath.dirname(top)
                module = file.removeprefix(f"{base}/" if base else "").removesuffix(".py").replace("/", ".")
                found.setdefault(posixpath.basename(top), set()).add(module)
    return {name: frozenset(modules) for name, modules in found.items()}


def _above(file: str, tops: set[str]) -> Iterator[str]:
    folder = posixpath.dirname(file)
    while folder:
        if folder in tops:
            yield folder
        folder = posixpath.dirname(folder)


def _keys_below(text: str, key: str) -> Iterator[str]:
    """The keys of a mapping at the top of a YAML file, by their indentation."""
    indent = None
    for line in lines_below(text, key):
        found = re.match(r"([ ]+)[\"']?([\w.-]+)[\"']?[ \t]*:", line)
        if found and (indent is None or len(found[1]) == indent):
            indent = len(found[1])
            yield found[2]
