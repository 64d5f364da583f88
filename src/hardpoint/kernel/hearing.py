"""Hearing: what the evidence in a record says, and who says it, imported evidence beside the record's own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import KIND, Binding, Evidence, binding_of, from_statement
from hardpoint.kernel.identity.voices import Voice, Voices
from hardpoint.kernel.problem import IntegrityProblem, UsageProblem
from hardpoint.kernel.record.erasure import order_in
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.imported import Original, original_of, verified_original
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.scan import Scan
from hardpoint.kernel.record.stated import UNSTATED, is_stated
from hardpoint.kernel.waiver import APPROVAL

MAX_INSTANTS = 65_536
"""How many instants are kept once they were read."""
instant_of = lru_cache(maxsize=MAX_INSTANTS)(parse_instant)
"""An instant as it is written, read once for all evidence of one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Evidence as it stands in the record: its entry, when it was recorded, and who says it.

    `log` and `place` are the log that it was first recorded in, and where there: that log's order is known, and
    between two logs only time tells. This record's own evidence names neither.
    """

    entry: int
    at: str
    evidence: Evidence
    voice: Voice
    log: str = ""
    place: int | None = None

    @property
    def order(self) -> int:
        """Its place in its own log."""
        return self.entry if self.place is None else self.place

    @property
    def happened(self) -> datetime | None:
        """The instant that it says it is of, if that is one."""
        return _instant(self.evidence.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Evidence whose body was erased or archived: its entry and topic, the order, and how it went.

    `binding` is what it was bound to; None where the order does not say, so that it may have been bound to anything.
    `imported` is what another log recorded first: then `at` is when it was taken in, for all that is known.
    """

    entry: int
    at: str
    topic: str
    order: int
    how: str
    binding: Binding | None
    imported: bool = False


def believed(recorded: Recorded) -> tuple[datetime, int]:
    """When it happened, as far as that is believed: nothing happened after it was recorded."""
    return believed_instant(recorded.at, recorded.evidence.time), recorded.entry


def believed_instant(at: str, time: str | None) -> datetime:
    """When something happened that was recorded at one instant and says that it is of another."""
    recorded, happened = instant_of(at), _instant(time)
    return min(recorded, happened) if happened else recorded


def _instant(time: str | None) -> datetime | None:
    try:
        return instant_of(time) if time is not None else None
    except UsageProblem:
        return None


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states.

    `earliest` is the instant before which each entry cannot have been recorded (Scan.earliest).
    """

    voices: Voices
    earliest: Sequence[str]
    local: bool

    def hear(self, entry: Entry) -> Recorded:
        """What an entry of this record says; its body must be there."""
        evidence = from_statement(entry.payload or b"")
        voice = self.voices.hear(entry, evidence, self._instant(entry), local=self.local)
        if not is_stated(entry.header, entry.payload or b""):  # the log's word, and not that of who signed the evidence
            voice = Voice(holder="nobody", why_not=UNSTATED)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)

    def hear_imported(self, entries: Iterable[Entry], is_in_scope: Callable[[Binding], bool]) -> Iterator[Recorded]:
        """What was imported and is in scope: by its first signer, and in the order of time."""
        for entry in entries:
            if entry.payload is not None:
                original = original_of(entry.payload)
                if is_in_scope(binding_of(original.payload)):
                    yield self._imported(entry, original)

    def _imported(self, entry: Entry, original: Original) -> Recorded:
        """Evidence as it was recorded there, or taken in here if that was earlier: an import makes nothing newer."""
        at, evidence = self._instant(entry), from_statement(original.payload)
        header = replace(original.header, at=format_instant(at))
        there = Entry(index=entry.index, header=header, payload=original.payload, signature=original.signature)
        recorded_at = entry.header.at
        try:
            recorder = verified_original(entry.header, entry.payload or b"", self.voices.keys).recorder
            voice = self.voices.hear_imported(entry, there, recorder, evidence, at, local=self.local)
            recorded_at = min(recorded_at, original.header.at)
        except IntegrityProblem as problem:
            voice = Voice(holder="nobody", why_not=problem.sentence)
        return Recorded(
            entry=entry.index,
            at=recorded_at,
            evidence=evidence,
            voice=voice,
            log=original.origin,
            place=original.header.index,
        )

    def _instant(self, entry: Entry) -> datetime:
        """When an entry was recorded, as far as that is believed."""
        return parse_instant(self.earliest[entry.index])


def approvals_in(scan: Scan, voices: Voices, service: str) -> dict[str, set[str]]:
    """The digest of each waiver that is approved of in words that count, and by whom."""
    ear = Ear(voices, scan.earliest(), local=False)
    heard = [ear.hear(entry) for entry in scan.entries(kind=KIND, subject=service) if _is_approval(entry)]
    heard += ear.hear_imported(scan.entries(kind=IMPORTED, subject=service), _approves)
    found: dict[str, set[str]] = {}
    for each in heard:
        if not each.voice.why_not:
            found.setdefault(str(each.evidence.facts.get("digest")), set()).add(each.voice.holder)
    return found


def _is_approval(entry: Entry) -> bool:
    return entry.payload is not None and entry.signature is not None and _approves(binding_of(entry.payload))


def _approves(binding: Binding) -> bool:
    return binding.kind == APPROVAL


def gone_from(
    scan: Scan, service: str, is_in_scope: Callable[[Binding], bool], *, until: datetime | None = None
) -> list[Gone]:
    """The evidence of a service that was erased or archived and is, or may be, in scope.

    An order is read whenever it came: what it took out is gone for every instant.
    """
    found: list[Gone] = []
    for kind in (KIND, IMPORTED):
        indexes = scan.indexes(kind=kind, subject=service, until=until)
        found += [*_erased(scan, indexes), *_archived(scan, indexes)]
    return [each for each in found if each.binding is None or is_in_scope(each.binding)]


def _erased(scan: Scan, indexes: Sequence[int]) -> Iterator[Gone]:
    orders = {index: order for index in indexes if (order := scan.orders.erasure_of(index)) is not None}
    gone = [entry for entry in scan.read(list(orders)) if entry.payload is None]
    by = {entry.index: entry for entry in scan.read(sorted({orders[entry.index] for entry in gone}))}
    for entry in gone:
        said = order_in(by[orders[entry.index]])
        yield _gone(entry, orders[entry.index], f"erased: {said.reason}", said.erased)


def _archived(scan: Scan, indexes: Sequence[int]) -> Iterator[Gone]:
    for archival in scan.orders.archivals:
        for entry in scan.read(archival.among(indexes)):
            if entry.payload is None and scan.orders.erasure_of(entry.index) is None:
                how = f"archived in {archival.file}"
                yield _gone(entry, archival.order, how, archival.bound.get(entry.index))


def _gone(entry: Entry, order: int, how: str, binding: Binding | None) -> Gone:
    return Gone(
        entry=entry.index,
        at=entry.header.at,
        topic=entry.header.topic,
        order=order,
        how=how,
        binding=binding,
        imported=entry.header.kind == IMPORTED,
    )
