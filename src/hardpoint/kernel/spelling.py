"""Which known word was meant by a misspelt one, at a cost that is bounded however much is misspelt."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

MAX_KNOWN = 2000
"""How many words are compared with."""
MAX_MISSPELT = 100
"""For how many misspelt words the nearest are looked up; whoever has more corrects those first."""
MAX_WORD = 200
"""Characters of the longest word that is compared: the cost grows with their square."""


class Spelling:
    """Words that are known, and the nearest of them to one that is not."""

    def __init__(self, known: Iterable[str], cutoff: float = 0.6) -> None:
        """`cutoff` is the least similarity, from 0 to 1 (difflib's ratio)."""
        self._known = list(islice((each for each in known if len(each) <= MAX_WORD), MAX_KNOWN))
        self._cutoff = cutoff
        self._found: dict[str, Sequence[str]] = {}

    def nearest(self, word: str) -> Sequence[str]:
        """Up to three known words, the nearest first."""
        if word not in self._found:
            if len(self._found) >= MAX_MISSPELT or len(word) > MAX_WORD:
                return ()
            self._found[word] = difflib.get_close_matches(word, self._known, cutoff=self._cutoff)
        return self._found[word]


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` (did you mean 'x'?)` for the nearest known word, or nothing."""
    nearest = Spelling(known).nearest(word)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""
