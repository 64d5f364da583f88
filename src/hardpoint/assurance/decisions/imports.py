"""Which Python module imports which, read from the source without executing any of it."""

import ast
import io
import posixpath
import re
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_SOURCE_BYTES = 4 * 1024 * 1024
MAX_MODULES = 50_000

_Statement = ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Import:
    """One module imports another, at a line of its file."""

    importer: str
    imported: str
    file: str
    line: int
    type_checking: bool = False
    text: str = ""


@dataclass(frozen=True)
class Graph:
    """The modules of some packages with their files, and what they import; `unread` says why a file is not known."""

    modules: Mapping[str, str]
    imports: Sequence[Import]
    unread: Mapping[str, str] = field(default_factory=dict)

    def has(self, module: str) -> bool:
        """Whether a module or a package is there."""
        return module in self.modules or module in self.packages

    @cached_property
    def packages(self) -> frozenset[str]:
        """Every package, those without a file of their own too."""
        return frozenset(
            ".".join(parts[:at]) for name in self.modules for parts in [name.split(".")] for at in range(1, len(parts))
        )


def graph(roots: Sequence[str], base: str, workspace: Workspace) -> Graph:
    """The imports of some top-level packages that lie below a folder (`""` is the root of the repository)."""
    made: dict[tuple[tuple[str, ...], str], Graph] = workspace.derive(_graphs)
    key = (tuple(sorted(roots)), base)
    if key not in made:
        made[key] = _graph(sorted(roots), base, workspace)
    return made[key]


def modules_of(root: str, base: str, workspace: Workspace) -> Mapping[str, str]:
    """The modules of a top-level package and their files: of several folders of its name, the one under `src` first."""
    prefix = f"{base}/" if base else ""
    end = re.compile(rf"(?:^|/){re.escape(root.replace('.', '/'))}(?:/|\.pyi?$)")
    found: dict[str, list[str]] = {}
    for file in workspace.files:
        if file.endswith(".py") and file.startswith(prefix) and (match := end.search(file, max(len(prefix) - 1, 0))):
            found.setdefault(file[: match.start()], []).append(file)
    if not found:
        return {}
    folder = min(found, key=lambda each: (_rank(each, base), each.count("/"), each))
    inside = f"{folder}/" if folder else ""
    names = {_module(file.removeprefix(inside)): file for file in found[folder][:MAX_MODULES]}
    return {name: file for name, file in names.items() if name is not None}


def _rank(folder: str, base: str) -> int:
    usual = [posixpath.join(base, "src"), base, posixpath.join(base, "lib")]
    return usual.index(folder) if folder in usual else len(usual)


def _graphs(_: Workspace) -> dict[tuple[tuple[str, ...], str], Graph]:
    return {}


def _module(path: str) -> str | None:
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _graph(roots: Sequence[str], base: str, workspace: Workspace) -> Graph:
    modules: dict[str, str] = {}
    for root in roots:
        modules |= modules_of(root, base, workspace)
    imports: list[Import] = []
    unread: dict[str, str] = {}
    known = _Known(modules)
    for name, file in sorted(modules.items()):
        try:
            imports += _imports(name, file, known, workspace)
        except UnreadableProblem as problem:
            unread[file] = problem.sentence
    return Graph(modules, imports, unread)


class _Known:
    """Tells modules of the graph from what they define, and from other packages."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._roots = {name.split(".")[0] for name in modules}

    def resolve(self, name: str) -> str | None:
        """The module that an imported name is or stands in; of another package its first part.

        None for what the source does not have, such as a compiled module.
        """
        root = name.partition(".")[0]
        if root not in self._roots:
            return root
        return next((each for each in (name, name.rpartition(".")[0]) if each in self._modules), None)


def _imports(module: str, file: str, known: _Known, workspace: Workspace) -> Iterator[Import]:
    source = workspace.read(file)
    if len(source) > MAX_SOURCE_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_SOURCE_BYTES // 2**20} MiB")
    if b"\0" in source:
        raise UnreadableProblem("holds a null byte, which no Python does")
    lines = source.split(b"\n")
    is_package = posixpath.basename(file) == "__init__.py"
    for node, type_checking in sorted(_statements(source), key=lambda each: each[0].lineno):
        text = lines[node.lineno - 1].decode("utf-8", "replace") if node.lineno <= len(lines) else ""
        for name in dict.fromkeys(_named(node, module, is_package=is_package)):
            found = known.resolve(name)
            if found is not None and found != module:
                yield Import(module, found, file, node.lineno, type_checking, text)


def _statements(source: bytes) -> Iterator[tuple[_Statement, bool]]:
    """Every import statement, and whether it stands under `if TYPE_CHECKING:`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the source does wrong besides is not our business
            tree = ast.parse(source)
    except SyntaxError:
        return _statements_by_token(source)  # the syntax of a newer Python; its imports are as they always were
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableProblem(f"cannot be parsed: {error}") from error
    return _statements_below(tree)


def _statements_below(tree: ast.Module) -> Iterator[tuple[_Statement, bool]]:
    rest: list[tuple[ast.AST, bool]] = [(tree, False)]
    while rest:
        node, type_checking = rest.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, type_checking
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            rest += [(each, True) for each in node.body] + [(each, type_checking) for each in node.orelse]
        else:
            rest += [(each, type_checking) for each in ast.iter_child_nodes(node)]


def _statements_by_token(source: bytes) -> Iterator[tuple[_Statement, bool]]:
    """The same from the lines that begin with `import` or `from`.

    Raises UnreadableProblem for what is no Python of any version.
    """
    depth, quiet = 0, 0  # quiet is the depth of the block under `if TYPE_CHECKING:`
    line: list[tokenize.TokenInfo] = []
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            depth += {tokenize.INDENT: 1, tokenize.DEDENT: -1}.get(token.type, 0)
            if token.type == tokenize.DEDENT and depth < quiet:
                quiet = 0
            if token.type != tokenize.NEWLINE:
                line += [token] if token.type in {tokenize.NAME, tokenize.OP} else []
                continue
            words = [each.string for each in line]
            if words[:1] == ["if"] and "TYPE_CHECKING" in words and words[-1] == ":":
                quiet = quiet or depth + 1
            elif words[:1] in (["import"], ["from"]):
                for node in ast.parse(" ".join(words)).body:
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        yield ast.increment_lineno(node, line[0].start[0] - 1), quiet > 0
            line = []
    except (tokenize.TokenError, SyntaxError, ValueError, UnicodeDecodeError) as error:
        raise UnreadableProblem(f"is not Python: {error}") from error


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _named(node: _Statement, module: str, *, is_package: bool) -> Iterator[str]:
    """The dotted names that a statement imports: `a.b` for `from a import b`, be it a module or defined in `a`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    source = node.module or ""
    if node.level:
        parts = module.split(".")
        kept = len(parts) - node.level + (1 if is_package else 0)
        if kept < 1:
            return
        source = ".".join([*parts[:kept], *([source] if source else [])])
    yield from (source if alias.name == "*" else f"{source}.{alias.name}" for alias in node.names)
