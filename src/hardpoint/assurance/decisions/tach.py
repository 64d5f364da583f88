"""`tach.toml`: which of its modules may depend on which, by tach's documentation."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.decisions.imports import Graph, Import
from hardpoint.kernel import toml
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

FILE = "tach.toml"
_IGNORED = "tach-ignore"


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its dotted path: what it may depend on (None is anything), and what not."""

    path: str
    depends_on: frozenset[str] | None
    cannot_depend_on: frozenset[str]
    layer: str | None
    utility: bool


@dataclass(frozen=True)
class Tach:
    """The modules of one `tach.toml`, and its layers, the highest first."""

    modules: Mapping[str, Module]
    layers: tuple[str, ...]
    source_roots: tuple[str, ...]
    without_type_checking: bool
    unjudged: tuple[str, ...] = ()
    """The settings that demand more of imports than is judged here."""

    def module_of(self, name: str) -> Module | None:
        """The module that a Python module belongs to: the nearest above it."""
        parts = name.split(".")
        found = (self.modules.get(".".join(parts[:at])) for at in range(len(parts), 0, -1))
        return next((module for module in found if module), None)

    def allows(self, one: Module, other: Module) -> bool:
        """Whether a module may import another."""
        if one.path == other.path or other.utility:
            return True
        if other.path in one.cannot_depend_on:
            return False
        if one.layer and other.layer and {one.layer, other.layer} <= set(self.layers):
            own, its = self.layers.index(one.layer), self.layers.index(other.layer)
            if own != its:
                return own < its
        return one.depends_on is None or other.path in one.depends_on


def read_tach(file: str, workspace: Workspace) -> Tach:
    """Read a `tach.toml`.

    Raises UnreadableProblem if it is no TOML, or uses what is judged by tach alone.
    """
    data = toml.load(workspace.read(file))
    folder = posixpath.dirname(file)
    if any(each.endswith("tach.domain.toml") for each in workspace.files):
        raise UnreadableProblem("has domains (tach.domain.toml), which only tach itself judges")
    modules = {module.path: module for row in _rows(data.get("modules")) for module in _modules(row)}
    roots = (posixpath.normpath(posixpath.join(folder, each)) for each in _texts(data.get("source_roots", ["."])))
    return Tach(
        modules,
        _texts(data.get("layers")),
        tuple("" if each == "." else each for each in roots),
        data.get("ignore_type_checking_imports", True) is not False,
        tuple(_unjudged(data)),
    )


def disallowed(tach: Tach, known: Graph) -> Iterator[Import]:
    """The imports that no module's declaration allows."""
    for each in known.imports:
        one, other = tach.module_of(each.importer), tach.module_of(each.imported)
        quiet = (tach.without_type_checking and each.type_checking) or _IGNORED in each.text
        if one and other and not quiet and not tach.allows(one, other):
            yield each


def _modules(row: Mapping[str, Any]) -> Iterator[Module]:
    depends_on, layer = row.get("depends_on"), row.get("layer")
    for path in _own_paths(row):
        if path and not path.startswith("<") and "*" not in path:
            yield Module(
                path,
                None if depends_on is None else _paths(depends_on),
                _paths(row.get("cannot_depend_on")),
                layer if isinstance(layer, str) else None,
                row.get("utility") is True,
            )


def _unjudged(data: Mapping[str, Any]) -> Iterator[str]:
    """What tach would refuse besides: by its interfaces, by who may see a module, by layers that are closed."""
    if _rows(data.get("interfaces")):
        yield "interfaces"
    yield from (key for key in ("exact", "forbid_circular_dependencies", "layers_explicit_depends_on") if data.get(key))
    if data.get("root_module") in ("forbid", "dependenciesonly"):
        yield "root_module"
    if any(row.get("closed") for row in _rows(data.get("layers"))):
        yield "layers.closed"
    rows = _rows(data.get("modules"))
    yield from (f"modules.{key}" for key in ("strict", "visibility") if any(row.get(key) for row in rows))
    if any("*" in path for row in rows for path in _own_paths(row)):
        yield "modules.path with a pattern"


def _own_paths(row: Mapping[str, Any]) -> tuple[str, ...]:
    return _texts(row.get("paths") or [row.get("path")])


def _paths(written: Any) -> frozenset[str]:
    return frozenset((*_texts(written), *(str(row.get("path")) for row in _rows(written))))


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; a layer may also be a table with a name."""
    given = value if isinstance(value, list) else []
    named = (each.get("name") if isinstance(each, dict) else each for each in given)
    return tuple(each for each in named if isinstance(each, str))


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
