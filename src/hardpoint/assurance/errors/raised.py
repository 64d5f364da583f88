"""Codes in source text: where a program raises or returns an error by its code."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pathspec

from hardpoint.assurance.errors.model import ERRORS, Raised
from hardpoint.kernel.declarations import DeclarationProblem, Mistake
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_SOURCE_BYTES = 4 * 1024 * 1024
_COMMENT = re.compile(r"\s*(?://|#|\*|/\*|--)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A code that a line of a program raises."""

    code: str
    place: Place


@dataclass(frozen=True, slots=True)
class Source:
    """A file that raises errors, with the codes in it; `unread` says why they are not known."""

    file: str
    mentions: tuple[Mention, ...] = ()
    unread: str = ""
    line: int = 0


def sources(workspace: Workspace) -> list[Source]:
    """Every file that is declared to raise errors.

    Raises DeclarationProblem for a pattern that is no regular expression.
    """
    return workspace.derive(_sources)


def _sources(workspace: Workspace) -> list[Source]:
    found: dict[str, Source] = {}
    for at, each in enumerate(workspace.manifest[ERRORS].raised):
        patterns = _compiled(each, at, workspace)
        spec = pathspec.GitIgnoreSpec.from_lines(each.files)
        for file in (name for name in workspace.files if spec.match_file(name) and workspace.holds(name)):
            read = _read(file, each, patterns, workspace)
            before = found.get(file, Source(file))
            mentions = tuple(dict.fromkeys((*before.mentions, *read.mentions)))
            found[file] = Source(file, mentions, before.unread or read.unread, before.line or read.line)
    return [found[file] for file in sorted(found)]


def _compiled(raised: Raised, at: int, workspace: Workspace) -> list[re.Pattern[str]]:
    patterns = []
    for index, text in enumerate(raised.patterns):
        try:
            pattern = re.compile(text, re.MULTILINE)
        except re.error as error:
            raise _mistaken(at, index, f"is no regular expression: {error}", workspace) from error
        if not pattern.groups:
            raise _mistaken(at, index, "has no group: put the code into ( )", workspace)
        patterns.append(pattern)
    return patterns


def _mistaken(at: int, index: int, text: str, workspace: Workspace) -> DeclarationProblem:
    place = workspace.manifest.place(ERRORS.key, "raised", at, "patterns", index)
    return DeclarationProblem(MANIFEST_FILE, [Mistake(place, f"errors.raised[{at}].patterns[{index}]", text)])


def _read(file: str, raised: Raised, patterns: list[re.Pattern[str]], workspace: Workspace) -> Source:
    try:
        content = workspace.read(file)
        if len(content) > MAX_SOURCE_BYTES:
            return Source(file, unread=f"is larger than {MAX_SOURCE_BYTES} bytes")
        text = content.decode("utf-8-sig")
        python = _in_python(file, text, raised) if file.endswith((".py", ".pyi")) else ()
        return Source(file, (*python, *_in_text(file, text, patterns)))
    except UnicodeDecodeError as error:
        return Source(file, unread=f"is not UTF-8 (byte {error.start})")
    except SyntaxError as error:
        return Source(file, unread=f"is not Python that is read here: {error.msg}", line=error.lineno or 0)
    except (ValueError, RecursionError, MemoryError):
        return Source(file, unread="is nested too deeply, or holds a NUL")
    except UnreadableProblem as problem:
        return Source(file, unread=problem.sentence)


def _in_text(file: str, text: str, patterns: list[re.Pattern[str]]) -> Iterator[Mention]:
    for pattern in patterns:
        group = "code" if "code" in pattern.groupindex else 1
        for found in pattern.finditer(text):
            start = found.start(group)
            line_start = text.rfind("\n", 0, start) + 1
            if found[group] and not _COMMENT.match(text, line_start, start + 1):
                place = Place(file, text.count("\n", 0, start) + 1, start - line_start + 1)
                yield Mention(found[group], place)


def _in_python(file: str, text: str, raised: Raised) -> tuple[Mention, ...]:
    if not raised.calls and not raised.attributes:
        return ()
    found: list[ast.Constant] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _is_named(node.func, raised.calls):
            found += _texts(_code_of(node, raised.argument))
        elif isinstance(node, ast.ClassDef):
            found += [text for each in node.body for text in _texts(_assigned(each, raised.attributes))]
    return tuple(Mention(str(each.value), Place(file, each.lineno, each.col_offset + 1)) for each in found)


def _is_named(function: ast.expr, calls: tuple[str, ...]) -> bool:
    name = _dotted(function)
    return any(name == call or name.endswith(f".{call}") for call in calls)


def _dotted(expression: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    parts.append(expression.id if isinstance(expression, ast.Name) else "")
    return ".".join(reversed(parts))


def _code_of(call: ast.Call, argument: str) -> ast.expr | None:
    named = next((each.value for each in call.keywords if each.arg == argument), None)
    return named if named is not None else call.args[0] if call.args else None


def _assigned(statement: ast.stmt, names: tuple[str, ...]) -> ast.expr | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    if any(isinstance(each, ast.Name) and each.id in names for each in targets):
        return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return None


def _texts(expression: ast.expr | None) -> list[ast.Constant]:
    """The texts that an expression may be; what is put together at run time is not known."""
    if isinstance(expression, ast.IfExp):
        return [*_texts(expression.body), *_texts(expression.orelse)]
    if isinstance(expression, ast.BoolOp):
        return [each for value in expression.values for each in _texts(value)]
    return [expression] if isinstance(expression, ast.Constant) and isinstance(expression.value, str) else []
