"""How long work tells that it goes on; quiet unless a terminal watches."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[str, int], Callable[[], None]]
"""Begins a task of so many steps and returns what is to be called after each step."""


def quiet(_label: str, _total: int) -> Callable[[], None]:
    """No display at all: pipes, tests, libraries."""
    return lambda: None


def track(items: Sequence[T], label: str, progress: Progress) -> Iterator[T]:
    """The items one by one, each counted once it is done; all of them once nobody asks for more."""
    step, left = progress(label, len(items)), len(items)
    try:
        for item in items:
            yield item
            left -= 1
            step()
    finally:
        for _ in range(left):
            step()
