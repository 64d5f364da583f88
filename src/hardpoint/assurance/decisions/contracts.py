"""Contracts on imports: those that a team declares here, to import-linter or to tach, and which imports break them."""

import configparser
import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.decisions.imports import Graph, Import, graph, modules_of
from hardpoint.assurance.decisions.model import BOUNDARIES, Contract, Forbidden, Independence, Layers, Protected
from hardpoint.assurance.decisions.tach import FILE, Tach, disallowed, read_tach
from hardpoint.kernel import toml
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_CONFIG_BYTES = 1024 * 1024
MAX_CHAIN = 20
_KEYS: Mapping[str, tuple[str, ...]] = {
    "layers": ("layers", "containers", "ignore_imports"),
    "forbidden": ("source_modules", "forbidden_modules", "ignore_imports"),
    "independence": ("modules", "ignore_imports"),
    "protected": ("protected_modules", "allowed_importers", "ignore_imports"),
}
_SHAPES = {"layers": Layers, "forbidden": Forbidden, "independence": Independence, "protected": Protected}


@dataclass(frozen=True)
class Bound:
    """A contract and the packages that it is about; `unclear` says why it cannot be judged here."""

    name: str
    place: Place
    rule: Contract | Tach | None
    roots: tuple[str, ...]
    base: str = ""
    without_type_checking: bool = False
    unclear: str | None = None
    foreign: bool = False
    unjudged: tuple[str, ...] = ()
    """What its own tool judges besides."""


@dataclass(frozen=True, slots=True)
class Breach:
    """An import that breaks a contract, and the way from it to what must not be reached."""

    by: Import
    chain: tuple[str, ...]


def contracts(workspace: Workspace) -> list[Bound]:
    """Every contract of the workspace."""
    return workspace.derive(_contracts)


def judged_contracts(workspace: Workspace) -> list[Bound]:
    """Those that can be judged here."""
    return [each for each in contracts(workspace) if each.unclear is None]


def breaches(contract: Bound, workspace: Workspace) -> list[Breach]:
    """Every import that breaks a contract, by its place."""
    assert contract.rule is not None
    known = graph(contract.roots, contract.base, workspace)
    found: Iterable[Breach]
    if isinstance(contract.rule, Tach):
        found = (Breach(each, (each.importer, each.imported)) for each in disallowed(contract.rule, known))
    else:
        found = _Judge(known, contract.rule, quiet=contract.without_type_checking).broken()
    once = {(each.by.file, each.by.line, each.chain): each for each in found}
    return [once[key] for key in sorted(once)]


def missing(contract: Bound, workspace: Workspace) -> list[str]:
    """The modules that a contract names and that are not there: it says nothing about them."""
    assert contract.rule is not None
    known = graph(contract.roots, contract.base, workspace)
    required = contract.rule.modules if isinstance(contract.rule, Tach) else _required(contract.rule)
    return [name for name in required if not _present(name, known)]


def unread(contract: Bound, workspace: Workspace) -> Mapping[str, str]:
    """The files whose imports a contract is the first that cannot see, each with the reason."""
    same = (each for each in judged_contracts(workspace) if (each.roots, each.base) == (contract.roots, contract.base))
    return graph(contract.roots, contract.base, workspace).unread if next(same) is contract else {}


def _contracts(workspace: Workspace) -> list[Bound]:
    declared = workspace.manifest[BOUNDARIES]
    found = []
    for at, rule in enumerate(declared.contracts):
        place = workspace.manifest.place("boundaries", "contracts", at)
        roots = _roots(rule, lambda root: bool(modules_of(root, "", workspace)))
        found.append(Bound(rule.name, place, rule, roots, "", declared.exclude_type_checking_imports))
    for file in workspace.files:
        name = posixpath.basename(file)
        if file.count("/") <= 2 and (name in {".importlinter", "setup.cfg", "pyproject.toml"}):  # noqa: PLR2004
            found += _of_import_linter(file, workspace)
        elif file == FILE:
            found.append(_of_tach(file, workspace))
    return found


def _roots(rule: Contract, exists: Callable[[str], bool]) -> tuple[str, ...]:
    """The packages of ours that a contract names: what it says of others is only ever imported."""
    names = {_bare(name).split(".")[0] for name in _all_names(rule)}
    return tuple(sorted(root for root in names if root.isidentifier() and exists(root)))


def _all_names(rule: Contract) -> Iterator[str]:
    if isinstance(rule, Layers):
        yield from rule.containers or (name for layer in rule.layers for name in _siblings(layer)[0])
    elif isinstance(rule, Forbidden):
        yield from (*rule.source_modules, *rule.forbidden_modules)
    elif isinstance(rule, Independence):
        yield from rule.modules
    else:
        yield from (*rule.protected_modules, *rule.allowed_importers)


def _required(rule: Contract) -> Iterator[str]:
    """The modules that have to be there; what must not be imported may be elsewhere, or gone."""
    if isinstance(rule, Layers):
        for layer in rule.layers:
            for name in _siblings(layer)[0]:
                if not name.startswith("("):
                    yield from (f"{container}.{name}" for container in rule.containers) if rule.containers else (name,)
    elif isinstance(rule, Forbidden):
        yield from rule.source_modules
    elif isinstance(rule, Independence):
        yield from rule.modules
    else:
        yield from rule.protected_modules


def _present(name: str, known: Graph) -> bool:
    return known.has(name) if "*" not in name else any(_expanded([name], known))


class _Judge:
    """Judges one contract over one graph."""

    def __init__(self, known: Graph, rule: Contract, *, quiet: bool) -> None:
        """`quiet` leaves imports for type checkers out."""
        self._rule = rule
        self._known = known
        self._own_roots = frozenset(name.split(".")[0] for name in known.modules)
        ignored = [_arrow(each) for each in self._rule.ignore_imports]
        self._out: dict[str, list[Import]] = {}
        for each in known.imports:
            allowed = any(one.fullmatch(each.importer) and two.fullmatch(each.imported) for one, two in ignored)
            if not allowed and not (quiet and each.type_checking):
                self._out.setdefault(each.importer, []).append(each)

    def broken(self) -> Iterator[Breach]:
        rule = self._rule
        if isinstance(rule, Layers):
            for container in _expanded(rule.containers, self._known) if rule.containers else ("",):
                yield from self._layers([_layer(each, container) for each in rule.layers])
        elif isinstance(rule, Independence):
            yield from self._layers([(tuple(_expanded(rule.modules, self._known)), True)])
        elif isinstance(rule, Forbidden):
            targets = self._closed(_expanded(rule.forbidden_modules, self._known, elsewhere=True))
            for source in _expanded(rule.source_modules, self._known):
                inside = self._closed([source])
                yield from self._from(inside, targets - inside, frozenset(), direct=rule.allow_indirect_imports)
        else:
            protected = self._closed(_expanded(rule.protected_modules, self._known))
            allowed = self._closed(_expanded(rule.allowed_importers, self._known)) | protected
            for module in sorted(self._out.keys() - allowed):
                yield from self._from(frozenset({module}), protected, frozenset(), direct=True)

    def _layers(self, layers: Sequence[tuple[tuple[str, ...], bool]]) -> Iterator[Breach]:
        """No way from a lower layer to a higher one, nor between independent ones side by side, but through others."""
        named = [(row, independent, name) for row, (names, independent) in enumerate(layers) for name in names]
        inside = {name: self._closed([name]) for _, _, name in named}
        for row, independent, name in named:
            above = [other for level, _, other in named if level < row]
            beside = [other for level, _, other in named if level == row and other != name and independent]
            for other in above + beside:
                through = frozenset().union(*(inside[each] for _, _, each in named if each not in {name, other}))
                yield from self._from(inside[name], inside[other], through - inside[other] - inside[name], direct=False)

    def _from(
        self, source: frozenset[str], targets: frozenset[str], barred: frozenset[str], *, direct: bool
    ) -> Iterator[Breach]:
        """The imports by which a way from the source to a target leaves it, each with the shortest such way."""
        onward: Mapping[str, str] = {} if direct else self._ways(source, targets, barred)
        for module in sorted(source):
            for each in self._out.get(module, ()):
                if each.imported in targets:
                    yield Breach(each, (module, each.imported))
                elif each.imported in onward and each.imported not in source:
                    yield Breach(each, (module, *_walk(each.imported, onward)))

    def _ways(self, source: frozenset[str], targets: frozenset[str], barred: frozenset[str]) -> Mapping[str, str]:
        """The next step towards the nearest target, for every module that reaches one."""
        back: dict[str, list[str]] = {}
        for importer, imports in self._out.items():
            if importer not in source and importer not in barred:
                for each in imports:
                    back.setdefault(each.imported, []).append(importer)
        onward: dict[str, str] = {}
        rest = deque(sorted(targets))
        while rest:
            reached = rest.popleft()
            for importer in back.get(reached, ()):
                if importer not in onward and importer not in targets:
                    onward[importer] = reached
                    rest.append(importer)
        return onward

    def _closed(self, names: Iterable[str]) -> frozenset[str]:
        """Modules with all that is below them; one that is not ours stands for itself."""
        wanted = set(names)
        found = {module for module in self._known.modules if any(above in wanted for above in _and_above(module))}
        return frozenset(found | {name.split(".")[0] for name in wanted if name.split(".")[0] not in self._own_roots})


def _walk(start: str, onward: Mapping[str, str]) -> Iterator[str]:
    at: str | None = start
    for _ in range(MAX_CHAIN):
        if at is None:
            return
        yield at
        at = onward.get(at)


def _and_above(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:at]) for at in range(len(parts), 0, -1))


def _layer(written: str, container: str) -> tuple[tuple[str, ...], bool]:
    names, independent = _siblings(written)
    prefix = f"{container}." if container else ""
    return tuple(f"{prefix}{_bare(name)}" for name in names), independent


def _siblings(layer: str) -> tuple[list[str], bool]:
    """The modules of one layer, and whether they must not import each other."""
    independent = "|" in layer or ":" not in layer
    return [name.strip() for name in layer.split("|" if "|" in layer else ":")], independent


def _bare(name: str) -> str:
    return name.strip().removeprefix("(").removesuffix(")").strip()


def _expanded(names: Iterable[str], known: Graph, *, elsewhere: bool = False) -> list[str]:
    """The modules that some patterns name; without a pattern a name stands for itself."""
    found: list[str] = []
    for name in names:
        if "*" in name:
            pattern = _pattern(name)
            found += sorted(each for each in {*known.modules, *known.packages} if pattern.fullmatch(each))
        elif elsewhere or known.has(name):
            found.append(name)
    return list(dict.fromkeys(found))


def _arrow(written: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    importer, _, imported = written.partition("->")
    return _pattern(importer.strip()), _pattern(imported.strip())


def _pattern(name: str) -> re.Pattern[str]:
    parts = {"**": r"[^.]+(?:\.[^.]+)*", "*": r"[^.]+"}
    return re.compile(r"\.".join(parts.get(part, re.escape(part)) for part in name.split(".")))


def _of_import_linter(file: str, workspace: Workspace) -> Iterator[Bound]:
    """The contracts of import-linter's own configuration, by its documentation."""
    try:
        content = workspace.read(file)
    except UnreadableProblem:
        return
    if b"importlinter" not in content[:MAX_CONFIG_BYTES]:
        return
    try:
        settings, rows = _settings(file, content[:MAX_CONFIG_BYTES])
    except UnreadableProblem as problem:
        yield Bound(file, Place(file), None, (), unclear=problem.sentence, foreign=True)
        return
    base = posixpath.dirname(file)
    roots = tuple(_names(settings.get("root_packages") or settings.get("root_package") or ()))
    quiet = str(settings.get("exclude_type_checking_imports", "")).lower() == "true"
    for row in rows:
        name = str(row.get("name", "unnamed"))
        place = _place_of(name, file, content)
        kind = str(row.get("type", ""))
        if kind not in _SHAPES:
            why = f"is of type {kind!r}, which only import-linter itself judges"
            yield Bound(name, place, None, roots, base, quiet, unclear=why, foreign=True)
        elif absent := [root for root in roots if not modules_of(root, base, workspace)]:
            yield Bound(
                name,
                place,
                None,
                roots,
                base,
                quiet,
                unclear=f"is about {absent[0]}, which is not in the tree",
                foreign=True,
            )
        else:
            yield Bound(name, place, _rule(kind, name, row), roots, base, quiet, foreign=True)


def _of_tach(file: str, workspace: Workspace) -> Bound:
    try:
        tach = read_tach(file, workspace)
    except UnreadableProblem as problem:
        return Bound(file, Place(file, 1), None, (), unclear=problem.sentence, foreign=True)
    base = next((root for root in tach.source_roots), "")
    roots = tuple(sorted({path.split(".")[0] for path in tach.modules}))
    if len(tach.source_roots) > 1:
        return Bound(
            file,
            Place(file, 1),
            None,
            roots,
            unclear="has several source roots, which only tach itself judges",
            foreign=True,
        )
    return Bound(file, Place(file, 1), tach, roots, base, foreign=True, unjudged=tach.unjudged)


def _rule(kind: str, name: str, row: Mapping[str, Any]) -> Contract:
    given: dict[str, Any] = {key: tuple(_names(row[key])) for key in _KEYS[kind] if key in row}
    if kind == "forbidden":
        given.setdefault("forbidden_modules", ())
        given.setdefault("source_modules", ())
        given["allow_indirect_imports"] = str(row.get("allow_indirect_imports", "")).lower() == "true"
    shape: Any = _SHAPES[kind]
    required = {"layers": "layers", "independence": "modules", "protected": "protected_modules"}.get(kind)
    if required:
        given.setdefault(required, ())
    rule: Contract = shape(type=kind, name=name, **given)
    return rule


def _settings(file: str, content: bytes) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """The settings and the contracts of import-linter, of TOML or INI.

    Raises UnreadableProblem for what is neither.
    """
    if file.endswith(".toml"):
        tool = _table(_table(toml.load(content).get("tool")).get("importlinter"))
        rows_ = tool.get("contracts")
        return tool, [row for row in rows_ if isinstance(row, dict)] if isinstance(rows_, list) else []
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content.decode("utf-8", "replace"))
    except configparser.Error as error:
        raise UnreadableProblem(f"cannot be read: {error}".replace("\n", " ")) from error
    rows = [dict(parser[name]) for name in parser.sections() if name.startswith("importlinter:contract:")]
    return dict(parser["importlinter"]) if parser.has_section("importlinter") else {}, rows


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    """A list, or the lines of a text."""
    lines = value.split("\n") if isinstance(value, str) else map(str, value) if isinstance(value, list | tuple) else ()
    return [name for line in lines if (name := line.partition("#")[0].strip())]


def _place_of(name: str, file: str, content: bytes) -> Place:
    at = content.find(name.encode())
    return Place(file, content.count(b"\n", 0, at) + 1 if at >= 0 else 1)
