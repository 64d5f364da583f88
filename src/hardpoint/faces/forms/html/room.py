"""Room: how much a page may still hold, so that a result of any size gives a page that opens."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from hardpoint.faces.forms.html.elements import Markup

PAGE_CHARACTERS = 3_500_000
"""What the lists of one page may take together: a browser opens that at once, and no mail server refuses it."""

MAX_ROWS = 2_000
"""Rows of one table: nobody reads more, and JSON has all of them."""

T = TypeVar("T")


class Room:
    """What is left of a page."""

    def __init__(self, characters: int = PAGE_CHARACTERS) -> None:
        self._left = characters

    def fill(self, items: Iterable[T], drawn: Callable[[T], Markup], most: int = MAX_ROWS) -> list[Markup]:
        """As many of the items as there is room for, from the first."""
        rows: list[Markup] = []
        for item in items:
            if len(rows) == most or self._left <= 0:
                break
            rows.append(drawn(item))
            self._left -= len(rows[-1].encode())
        return rows
