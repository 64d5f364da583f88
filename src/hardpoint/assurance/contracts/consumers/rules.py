"""Matching rules as Pact has them: by the path of a value, the most specific first, and passed on to what is below.

Pact specification 3.0 and 4.0 (https://github.com/pact-foundation/pact-specification), section "Matching rules".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from hardpoint.kernel.problem import UnreadableProblem

Step = str | int
MAX_RULES = 10_000
MAX_PATH = 1_000

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]\s*'\"]+)|\.\*|\[\*\]|\[(?P<index>\d+)\]|\[(?P<quote>['\"])(?P<key>.*?)(?P=quote)\]"
)
_STAYS = frozenset({"values", "eachValue", "eachKey", "arrayContains", "array-contains", "notEmpty", "not-empty"})
"""Matchers that are for a value and not for what is in it."""
_TYPES = frozenset({"min-type", "max-type", "min-max-type"})
_LENGTHS = frozenset({"min", "max", "minimum"})

ANY = None
"""Stands for whatever key or position."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the path that it is for, its matchers, and whether one of them is enough."""

    path: tuple[Step | None, ...]
    matchers: tuple[Mapping[str, Any], ...]
    any_of: bool = False

    @property
    def is_passed_on(self) -> bool:
        """Whether it is for what is in the value too."""
        return not any(each.get("match") in _STAYS for each in self.matchers)

    @property
    def passed_on(self) -> "Rule":
        """The rule for what is in the value: how long a list is says nothing of the lists in it."""
        inside = list[Mapping[str, Any]]()
        for each in self.matchers:
            bare = {key: value for key, value in each.items() if key not in _LENGTHS}
            bare = {"match": "type"} if not bare or bare.get("match") in _TYPES else bare
            if bare not in inside:  # each look at what is below doubles with every level
                inside.append(bare)
        return Rule(self.path, tuple(inside), self.any_of)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one category: of a body, the headers, or the status."""

    rules: Sequence[Rule] = ()

    def at(self, path: Sequence[Step]) -> Rule | None:
        """The rule for a value: of those whose path leads to it or to what it is in, the most specific."""
        fitting = [(_weight(each.path, path), len(each.path), each) for each in self.rules]
        fitting = [each for each in fitting if each[0] and (each[1] == len(path) or each[2].is_passed_on)]
        if not fitting:
            return None
        _, length, found = max(fitting, key=itemgetter(0, 1))
        return found if length == len(path) else found.passed_on


NO_RULES = Rules()


def path_of(text: str) -> tuple[Step | None, ...]:
    """A path expression, `$.items[*].id` or `$['first name']`, as steps.

    Raises UnreadableProblem for any other form.
    """
    if len(text) > MAX_PATH:
        raise UnreadableProblem(f"A path of a matching rule has more than {MAX_PATH} characters")
    at, steps = 1 if text.startswith("$") else 0, list[Step | None]()
    if not at:  # the name of a header
        return (text,)
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise UnreadableProblem(f"{text!r} is no path of a matching rule that is known")
        name = found["name"] if found["name"] is not None else found["key"]
        steps.append(name if name is not None else int(found["index"]) if found["index"] is not None else ANY)
        at = found.end()
    return tuple(steps)


def read_rules(written: object, *, what: str) -> Rules:
    """The rules of one category, `{PATH: {combine, matchers}}`.

    Raises UnreadableProblem for what has another form.
    """
    if written is None:
        return NO_RULES
    if not isinstance(written, Mapping) or len(written) > MAX_RULES:
        raise UnreadableProblem(f"The matching rules of {what} are not paths with their matchers")
    if "matchers" in written:  # a category without paths: the status
        return Rules((_rule("$", written, what),))
    return Rules(tuple(_rule(path, each, what) for path, each in written.items()))


def _rule(path: str, written: Any, what: str) -> Rule:
    matchers = written.get("matchers") if isinstance(written, Mapping) else None
    if not isinstance(matchers, list) or not matchers or not all(isinstance(each, Mapping) for each in matchers):
        raise UnreadableProblem(f"The matching rule {path!r} of {what} has no list of matchers")
    return Rule(path_of(path), tuple(matchers), str(written.get("combine", "AND")).upper() == "OR")


def _weight(pattern: Sequence[Step | None], path: Sequence[Step]) -> int:
    """How well a rule's path fits: 0 if it does not; a step that is named counts twice what any does."""
    if len(pattern) > len(path):
        return 0
    weight = 2
    for wanted, step in zip(pattern, path, strict=False):
        if wanted is ANY:
            continue
        if wanted != step:
            return 0
        weight *= 2
    return weight
