"""Halves: work over many items in two processes, where the machine has two cores and the system can fork."""

import os
import pickle
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

WORTH_FORKING = 400
"""Items below which a second process costs more than it saves."""


def in_halves(
    work: Callable[[Iterable[T]], list[R]],
    items: Sequence[T],
    told: Callable[[Sequence[T]], Iterable[T]] = iter,
) -> list[R]:
    """The results of `work`, one for each item and in their order; where a second process fails, one does all.

    `told` hands on the items that this process works on, and may count them; the other one stays quiet.
    """
    alone = not hasattr(os, "fork") or os.cpu_count() == 1 or threading.active_count() > 1
    if alone or len(items) < WORTH_FORKING:
        return work(told(items))
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:  # as many processes as may be
        os.close(reading)
        os.close(writing)
        return work(items)
    if child == 0:
        _answer(lambda: work(items[1::2]), reading, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        even = work(told(items[::2]))
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    odd = cast("list[R]", pickle.loads(answer)) if status == 0 else work(items[1::2])  # noqa: S301 - from our own child
    results = even + odd
    results[::2], results[1::2] = even, odd
    return results


def _answer(work: Callable[[], object], reading: int, writing: int) -> None:
    """What the child does: write the result and end at once, without the parent's handlers and buffers."""
    status = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(work(), pickle.HIGHEST_PROTOCOL))
        status = 0
    finally:
        os._exit(status)
