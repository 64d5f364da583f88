"""Expressions: what conditions cannot say, in CEL (Common Expression Language), over the facts of several reports.

Every number is a double, whether it is written with a point or not, so that a report that says 300 and one that says
300.5 are judged alike. A fact that is not there is missing before anything is evaluated; words are never numbers.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any

from hardpoint.kernel.evidence import Fact
from hardpoint.kernel.verdict import Verdict

MAX_EXPRESSION = 2000
"""Characters of the longest expression."""
MAX_COMBINATIONS = 100
"""How many combinations of reports one expression is evaluated for."""

ANY = "DYN"
"""The type of a fact of which none is known."""

Facts = Mapping[str, Fact]

_SPOKEN = {"DOUBLE": "a number", "STRING": "a text"}

_PLACE = re.compile(r"<input>:\d+:(\d+): (.*?)(?:\s*\n|\s*\[|$)", re.DOTALL)
_IDENTIFIERS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
# A string is passed over whole; a number with a point, an exponent, an `u` or of another base is one already.
_TOKEN = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?<![\w.])(\d+)(?![\w.])""")


class Unjudged(Exception):  # noqa: N818 - not an error of the program: what the judge says instead of true or false
    """Why an expression is neither true nor false, as the verdict that this is."""

    def __init__(self, verdict: Verdict, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict
        self.remedy = remedy


def evaluate(expression: str, facts: Mapping[str, Sequence[Facts]]) -> tuple[bool, str]:
    """Whether an expression is true for every combination of the reports that its names stand for, and of which not.

    Raises Unjudged for an absent fact, a mistake in the expression, and a result that is not true or false.
    """
    combinations = list(islice(product(*facts.values()), MAX_COMBINATIONS + 1))
    if not combinations:
        raise Unjudged(Verdict.MISSING, "there is nothing to evaluate it for", "Import a report of each kind")
    if len(combinations) > MAX_COMBINATIONS:
        raise Unjudged(Verdict.ERROR, f"there are more than {MAX_COMBINATIONS} combinations of reports", "Ask of fewer")
    said = ""
    for combination in combinations:
        values = dict(_flat(zip(facts, combination, strict=True)))
        if not _is_true(expression, values):
            return False, f"not true: {_shown(expression, values)}"
        said = said or _shown(expression, values)
    return True, said


def mistake_in(expression: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """What is wrong with an expression, as far as is known without values; or nothing.

    `names` has for each name the facts that it stands for, and of each its type as `type_of` says it, or ANY.
    """
    types = {
        f"{name}.{fact}": known
        for name, facts in names.items()
        for fact, known in facts.items()
        if _IDENTIFIERS.fullmatch(fact)
    }
    try:
        result = _compiled(expression, tuple(sorted(types.items()))).return_type().name().upper()
    except Unjudged as problem:
        return str(problem)
    bare = _TOKEN.sub("", expression)
    if not any(_names(fact, bare) for fact in types):
        return "it names no fact, so that no report can change what it says"
    if result not in {"BOOL", ANY}:
        return f"its result is {_SPOKEN.get(result, result.lower())}, which is not true or false"
    return ""


def type_of(value: Fact) -> str:
    """What an expression takes a fact for; every number is a double."""
    if isinstance(value, bool):
        return "BOOL"
    return "STRING" if isinstance(value, str) else "DOUBLE"


def _is_true(expression: str, values: Facts) -> bool:
    types = tuple(sorted((name, type_of(value)) for name, value in values.items()))
    doubles = {name: float(value) if type_of(value) == "DOUBLE" else value for name, value in values.items()}
    try:
        result: Any = _compiled(expression, types).eval(data=doubles)
    except RuntimeError as error:  # such as one that counts through lists within lists
        raise Unjudged(Verdict.ERROR, f"{expression!r}: {_sentence(str(error))}", "Correct the expression") from error
    if result.type().name().lower() == "bool":
        return bool(result.value())
    if "ERROR" in str(result.type()).upper():
        raise Unjudged(Verdict.ERROR, f"{expression!r}: {_sentence(str(result.value()))}", "Correct the expression")
    raise Unjudged(
        Verdict.ERROR, f"{expression!r} is {result.value()!r}, which is not true or false", "Compare it with something"
    )


@lru_cache(maxsize=256)
def _compiled(expression: str, types: tuple[tuple[str, str], ...]) -> Any:
    if len(expression) > MAX_EXPRESSION:
        raise Unjudged(Verdict.ERROR, f"the expression is longer than {MAX_EXPRESSION} characters", "Shorten it")
    cel = _cel()
    env = cel.NewEnv(variables={name: getattr(cel.Type, each) for name, each in types})
    try:
        return env.compile(_with_doubles(expression))
    except RuntimeError as error:
        raise _unjudged(expression, str(error), [name for name, _ in types]) from error


def _unjudged(expression: str, message: str, known: Sequence[str]) -> Unjudged:
    if undeclared := _UNDECLARED.search(message):
        sentence = f"there is no fact {undeclared[1]!r}; there are {', '.join(known) or 'none'}"
        return Unjudged(Verdict.MISSING, sentence, "Correct its name, or import a report that has it")
    place = _PLACE.search(message)
    column = _written_at(expression, int(place[1])) if place else 0
    at = f" at character {column}" if column else ""
    return Unjudged(Verdict.ERROR, f"the expression is wrong{at}: {_sentence(message)}", "Correct the expression")


def _sentence(message: str) -> str:
    place = _PLACE.search(message)
    return (place[2] if place else message).strip().removeprefix("INVALID_ARGUMENT: ")


def _with_doubles(expression: str) -> str:
    return _TOKEN.sub(lambda found: f"{found[1]}.0" if found[1] else found[0], expression)


def _written_at(expression: str, column: int) -> int:
    """The column in the expression as it was written, of one after whole numbers were given their point."""
    added = 0
    for found in _TOKEN.finditer(expression):
        if found[1] and found.end() + added < column:
            added += len(".0")
    return column - added


def _flat(named: Iterable[tuple[str, Facts]]) -> Iterator[tuple[str, Fact]]:
    for name, facts in named:
        for fact, value in facts.items():
            # Another name could not be written in an expression, and what is no number has no order: both are absent.
            if _IDENTIFIERS.fullmatch(fact) and (type_of(value) != "DOUBLE" or _is_finite(value)):
                yield f"{name}.{fact}", value


def _is_finite(value: Fact) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _shown(expression: str, values: Facts) -> str:
    used = [f"{name} {value}" for name, value in sorted(values.items()) if _names(name, expression)]
    return ", ".join(used) or expression


def _names(fact: str, expression: str) -> bool:
    return re.search(rf"\b{re.escape(fact)}\b", expression) is not None


def _cel() -> Any:
    from cel_expr_python import cel  # type: ignore[import-untyped]  # a program of its own size: loaded where there is an expression

    return cel
