"""Lookback: what gates said before, and how long builds took, as the record has it from those who are vouched for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import KIND as EVIDENCE
from hardpoint.kernel.evidence import Assurance, binding_of
from hardpoint.kernel.hearing import Ear, Recorded
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.scan import Scan, scanned
from hardpoint.kernel.record.stated import DECISION, VERDICT, is_stated
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.verdict import Decision
from hardpoint.programme.gates.demands import COMMAND

MAX_VERDICTS, MAX_EVIDENCE = 2000, 20_000
"""How many entries of a kind are looked at, the newest of them."""
_AT_ONCE = 50
"""How many verdicts are read at once, so that who asks for the newest reads little more."""


class Past(NamedTuple):
    """A verdict that was recorded, and its entry."""

    entry: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class _Statement:
    predicate: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lookback:
    """A record that holds, and who may be heard in it."""

    scan: Scan
    voices: Voices

    def verdicts(self, service: str, *, until: datetime | None = None) -> Iterator[Past]:
        """The verdicts on a service, the newest first, of signers whom the team vouched for when they were recorded.

        At most MAX_VERDICTS entries are looked at, each when its turn comes.
        """
        indexes = self.scan.indexes(kind=VERDICT, subject=service, until=until)[-MAX_VERDICTS:]
        earliest = self.scan.earliest() if indexes else ()
        for end in range(len(indexes), 0, -_AT_ONCE):
            entries = list(self.scan.read(indexes[max(end - _AT_ONCE, 0) : end]))
            yield from past(each for each in reversed(entries) if self._is_vouched_for(each, earliest[each.index]))

    def builds(self, service: str, name: str, since: datetime, until: datetime) -> list[float]:
        """The seconds of each build of that name in a window, however it ended; of one that came to no result, none."""
        ear = Ear(self.voices, self.scan.earliest(), local=False)
        heard = [*self._own(ear, service, since), *self._imported(ear, service)]
        return [
            float(seconds)
            for each in heard
            if each.evidence.name == name and _is_build(each) and _is_within(each, since, until)
            if isinstance(seconds := each.evidence.facts.get("duration_s"), int | float) and seconds >= 0
        ]

    def _own(self, ear: Ear, service: str, since: datetime) -> Iterator[Recorded]:
        written = format_instant(since)
        indexes = self.scan.indexes(kind=EVIDENCE, subject=service)[-MAX_EVIDENCE:]
        for entry in self.scan.read([each for each in indexes if self.scan.instants[each] >= written]):
            if entry.payload is not None and binding_of(entry.payload).kind == COMMAND:
                yield ear.hear(entry)

    def _imported(self, ear: Ear, service: str) -> Iterator[Recorded]:
        indexes = self.scan.indexes(kind=IMPORTED, subject=service)[-MAX_EVIDENCE:]
        return ear.hear_imported(self.scan.read(indexes), lambda binding: binding.kind == COMMAND)

    def _is_vouched_for(self, entry: Entry, at: str) -> bool:
        return is_stated(entry.header, entry.payload or b"") and self.voices.answers_for(
            entry, parse_instant(at), local=False
        )


@contextmanager
def looking_back(context: Context) -> Iterator[Lookback]:
    """The record of the workspace's store, for looking back.

    Raises UnreadableProblem if there is none, IntegrityProblem if it does not hold.
    """
    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        voices = context.voices(scan)
        scan.refuse_broken(voices.keys, context.witnesses)
        yield Lookback(scan, voices)


def past(entries: Iterable[Entry]) -> Iterator[Past]:
    """The decisions that entries hold; those of a version that is not known here are left to `record show`."""
    for entry in entries:
        if entry.payload is None:
            continue
        try:
            said = encoding.decode(entry.payload, _Statement, what="The verdict").predicate.get(DECISION)
            yield Past(entry.index, encoding.convert(said, Decision, what="The verdict"))
        except UnreadableProblem:
            continue


def _is_build(recorded: Recorded) -> bool:
    evidence, voice = recorded.evidence, recorded.voice
    return evidence.error is None and not voice.why_not and voice.assurance >= Assurance.RAN


def _is_within(recorded: Recorded, since: datetime, until: datetime) -> bool:
    return recorded.happened is not None and since <= recorded.happened <= until
