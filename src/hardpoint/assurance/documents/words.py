"""Words: how alike two names are that people gave, whatever stands between their words."""

import difflib
import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_LITTLE = frozenset({"a", "an", "the", "to", "of", "for", "in", "on", "and", "or", "with", "your", "how", "is", "s"})
_ENDING = re.compile(r"(?<=\w\w)(?:ations?|ing|ies|es|ed|s|e|y)$")
_SHORT_OF = 0.9


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name without their grammar: `using-the-servers` and `use-server` are the same."""
    found = _WORD.findall(name.lower())
    return tuple(_ENDING.sub("", each) for each in found if each not in _LITTLE) or tuple(found)


def alike(one: str, other: str) -> float:
    """From 0 to 1: by their letters, by their words, or as one that says more than the other."""
    mine, others = words(one), words(other)
    if mine == others or "".join(mine) == "".join(others):
        return 1.0
    common = len({*mine} & {*others})
    shorter, longer = sorted((mine, others), key=len)
    begins = _SHORT_OF if longer[: len(shorter)] == shorter else 0.0
    inside = _SHORT_OF * common / len({*shorter}) if len(shorter) > 1 and common == len({*shorter}) else 0.0
    letters = difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio()
    return max(letters, 2 * common / (len({*mine}) + len({*others})), begins, inside)
