"""Group commit: callers that wait for the same disk share one transaction (Gawlick and Kinkade, 1985)."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """Callers hand in an item each and wait; one of them at a time commits all that wait by then."""

    def __init__(self, commit: Callable[[Callable[[], Sequence[Item]]], None]) -> None:
        """`commit` takes its items when it is ready to write them: those that came while it waited come along.

        It says by itself, in each item, how it ended; whatever it raises reaches the caller that leads.
        """
        self._commit = commit
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Item]] = []
        self._led = False

    def submit(self, item: Item) -> None:
        """Return once a commit that carries the item has ended."""
        turn = _Turn(item)
        with self._lock:
            self._waiting.append(turn)
            turn.leads, self._led = not self._led, True
        if not turn.leads:
            try:
                turn.called.acquire()
            except BaseException:  # a signal in the main thread: nobody may wait for a leader that is gone
                self._withdraw(turn)
                raise
        if not turn.done:
            self._lead()

    def _lead(self) -> None:
        batch: list[_Turn[Item]] = []

        def take() -> Sequence[Item]:
            if not batch:
                with self._lock:
                    batch[:], self._waiting = self._waiting, []
            return [turn.item for turn in batch]

        try:
            self._commit(take)
        finally:
            take()  # a commit that failed before it took them ends them all the same
            self._pass_on()
            for turn in batch:
                turn.done = True
                turn.called.release()

    def _pass_on(self) -> None:
        """Whoever has waited longest leads the next commit."""
        with self._lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].leads = True
                self._waiting[0].called.release()

    def _withdraw(self, turn: "_Turn[Item]") -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
        if turn.leads and not turn.done:
            self._pass_on()


class _Turn(Generic[Item]):
    """One caller's place in the queue; `called` is released when its item is done, or when it is to lead."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = False
        self.leads = False
        self.called = threading.Semaphore(0)
