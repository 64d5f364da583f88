"""Whether a condition of GitHub Actions or Azure may hold though something before it failed."""

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\s*(?:(&&|\|\||[()!](?!=))|('(?:[^']|'')*'|[^\s()!&|']+|[!&|]=?))")
_STATUS = {"always": True, "success": False, "failure": True, "cancelled": False, "succeededorfailed": True}
_OUTCOME = re.compile(r"\bneeds\b|\bsteps\b|\boutcome\b|\bconclusion\b|\bjob\.status\b|\bdependencies\b")
_MAX_CONDITION = 4000


def holds_after_failure(condition: str) -> bool:
    """Whether it may hold after a failure, by the status functions in it; no where it asks for an outcome itself.

    Without a status function the host adds `success()`. Whatever else is asked may be so or not.
    """
    plain = re.sub(r"\$\{\{|\}\}", " ", condition).strip()
    if len(plain) > _MAX_CONDITION or _OUTCOME.search(plain) or not _status_functions(plain):
        return False
    words = [operator or operand for operator, operand in _TOKEN.findall(plain)]
    may, _, rest = _either(words)
    return may and not rest


def only_after_failure(condition: str) -> bool:
    """Whether it asks for a failure."""
    return "failure" in _status_functions(condition) and not {"success", "always"} & set(_status_functions(condition))


def _status_functions(condition: str) -> list[str]:
    return [name.lower() for name in re.findall(r"\b(\w+)\(\s*\)", condition) if name.lower() in _STATUS]


_Read = tuple[bool, bool, Sequence[str]]
"""Whether it may be true, whether it may be false, and the words that are left."""


def _either(words: Sequence[str]) -> _Read:
    true, false, rest = _both(words)
    while rest[:1] == ["||"]:
        also, neither, rest = _both(rest[1:])
        true, false = true or also, false and neither
    return true, false, rest


def _both(words: Sequence[str]) -> _Read:
    true, false, rest = _one(words)
    while rest[:1] == ["&&"]:
        also, neither, rest = _one(rest[1:])
        true, false = true and also, false or neither
    return true, false, rest


def _one(words: Sequence[str]) -> _Read:
    if words[:1] == ["!"]:
        true, false, rest = _one(words[1:])
        return false, true, rest
    if words[:1] == ["("]:
        true, false, rest = _either(words[1:])
        return true, false, rest[1:]
    if words[:1] and words[0].lower() in _STATUS and words[1:3] == ["(", ")"]:
        holds = _STATUS[words[0].lower()]
        return holds, not holds, words[3:]
    return True, True, _after_operand(words)


def _after_operand(words: Sequence[str]) -> Sequence[str]:
    """What follows a comparison or a call, whose brackets are its own."""
    depth = 0
    for at, word in enumerate(words):
        if depth == 0 and word in {"&&", "||", ")"}:
            return words[at:]
        depth += {"(": 1, ")": -1}.get(word, 0)
    return []
