"""Ignore files of oasdiff (`--err-ignore`): which of our changes a line is about, and which lines are about none.

A line there names an operation and the text of a message. The texts are its own, so they are mapped to rule ids by what
they say; a line that names an id (`[api-removed-without-deprecation]`) is taken at that. Case says nothing, as there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import MAX_USES
from hardpoint.assurance.contracts.descriptions import Reported
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_BYTES = 4 * 1024 * 1024
_OPERATION = re.compile(r"\b(get|put|post|delete|options|head|patch|trace|query)\s+(/\S*)", re.IGNORECASE)
_ID = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)+)\]")
_QUOTED = re.compile(r"[`']([^`']+)[`']")
_BRANCH = re.compile(r"(?:all|any|one)of\[[^\]]*\]/?")
"""A step into a branch of a schema, which is no property."""
_SIDE = r"(?P<side>request|response)"

# What a message says, and the rule that says the same here; {side} is request or response.
_TEXTS: Sequence[tuple[str, str]] = (
    (r"api path removed without deprecation", "api-path-removed-without-deprecation"),
    (r"api removed without deprecation", "api-removed-without-deprecation"),
    (r"api path removed before the sunset", "api-path-removed-before-sunset"),
    (r"api removed before the sunset", "api-removed-before-sunset"),
    (r"added the new required request property", "new-required-request-property"),
    (r"added the new path request parameter", "new-request-path-parameter"),
    (r"added the new required \S+ request parameter", "new-required-request-parameter"),
    (r"deleted the \S+ request parameter", "request-parameter-removed"),
    (r"removed the success response with the status", "response-success-status-removed"),
    (r"removed the media type .+ for the response", "response-media-type-removed"),
    (r"removed the media type .+ from the request", "request-body-media-type-removed"),
    (r"removed the (?P<need>required|optional) property .+ from the response", "response-{need}-property-removed"),
    (rf"the {_SIDE} property .+ became not nullable", "{side}-property-became-not-nullable"),
    (rf"the {_SIDE} property .+ became nullable", "{side}-property-became-nullable"),
    (rf"the {_SIDE} property .+ became required", "{side}-property-became-required"),
    (rf"the {_SIDE} property .+ became optional", "{side}-property-became-optional"),
    (r"the \S+ request parameter .+ became required", "request-parameter-became-required"),
    (r"request body became required", "request-body-became-required"),
    (r"removed the enum value .+ (?:from|of) the request property", "request-property-enum-value-removed"),
    (r"removed the enum value .+ (?:from|of) the .*request parameter", "request-parameter-enum-value-removed"),
    (rf"the .+ {_SIDE}(?:'s)? property (?:`?type|`?format)", "{side}-property-type-changed"),
    (rf"the {_SIDE}'s body (?:`?type|`?format)", "{side}-body-type-changed"),
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A line: which rules of which operation it is about, with the names that it quotes; no rule if that is unclear."""

    line: int
    text: str
    method: str = ""
    path: str = ""
    rules: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    """Whatever it quotes, as the way to a property: of two with one name it is about the one that it leads to."""

    @property
    def is_mapped(self) -> bool:
        """Whether it is known what it is about."""
        return bool(self.rules)

    def covers(self, change: Reported) -> bool:
        """Whether it is about a break: its operation and rule, and all that it quotes."""
        if change.level is not Level.ERROR or change.id not in self.rules:
            return False
        if (change.method or "").lower() != self.method or (change.path or "").lower() != self.path:
            return False
        if change.uses > MAX_USES:  # it breaks operations that are not listed, and this is about one alone
            return False
        if change.property and self.ways and _way(change.property.lower()) not in self.ways:
            return False
        words = f" {_plain(change.text)} {_plain(change.property)} "
        return all(f" {name} " in words for name in self.names)


def read_ignores(content: bytes, file: str) -> list[Ignored]:
    """The lines of an ignore file; comments and empty ones are none.

    Raises UnreadableProblem for what is no text.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_BYTES} bytes", place=Place(file))
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableProblem("is not UTF-8", place=Place(file), remedy="Name oasdiff's ignore file.") from error
    told = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return [_read(number, line) for number, line in told if line and not line.startswith("#")]


def _read(number: int, line: str) -> Ignored:
    operation = _OPERATION.search(line)
    if operation is None:
        return Ignored(number, line)
    said, named = line[operation.end() :].lower(), _ID.search(line)
    rules = frozenset([named[1]] if named else _rules(said))
    quoted = _QUOTED.findall(said)
    names = frozenset(filter(None, (_plain(each.rpartition("/")[2]) for each in quoted)))
    if not named and not names and not all(rule.startswith("api-") for rule in rules):
        return Ignored(number, line)  # which property, parameter or status it means is not said
    return Ignored(number, line, operation[1].lower(), operation[2].lower(), rules, names, frozenset(map(_way, quoted)))


def _rules(said: str) -> list[str]:
    for pattern, rule in _TEXTS:
        found = re.search(pattern, said)
        if found:
            return [rule.format(**found.groupdict())]
    return []


def _way(text: str) -> str:
    """The way to a property without the branches that it leads through."""
    return _BRANCH.sub("", text).strip("/")


def _plain(text: str) -> str:
    """Words in small letters with one space between them."""
    return " ".join(re.sub(r"[^0-9a-z_$.-]+", " ", text.lower()).split())
