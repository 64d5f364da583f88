"""What a service's evidence says at one instant, and who says it: from the record to what the judge takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import KIND, binding_of, from_statement, topic_of
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.erasure import order_in
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.scan import Scan
from hardpoint.programme.gates.imported import hear_imported
from hardpoint.programme.gates.judge import Erased, Recorded, Subject, when

_Gone = Mapping[str, tuple[datetime, int]]
"""Topic to the last recording whose body was archived: its instant, and its entry."""


def hear_all(scan: Scan, voices: Voices, subject: Subject, *, until: datetime | None = None) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    With `until`, what was in the record by then. What was erased says nothing here: hear_erased tells of it. Where a
    body of a topic was archived, only what happened after it was recorded is heard: anything else may be what it
    superseded.
    """
    ear = _Ear(voices, scan.earliest())
    own = list(scan.entries(kind=KIND, subject=subject.service, until=until))
    taken = scan.entries(kind=IMPORTED, subject=subject.service, until=until)
    imported = hear_imported(taken, voices, subject, ear.instant)
    gone = _archived(own, scan)
    return [each for each in (*_recorded(own, subject, ear), *imported) if not _is_covered(each, gone)]


def hear_erased(scan: Scan, subject: Subject, *, until: datetime | None = None) -> list[Erased]:
    """The evidence of a service that was erased and is, or may be, of the subject's commit.

    An order is read whenever it came: what it erased is gone for every instant.
    """
    if not scan.orders.erasures:
        return []
    return [
        each
        for kind in (KIND, IMPORTED)
        for each in _erased(scan, scan.indexes(kind=kind, subject=subject.service, until=until))
        if each.binding is None or each.binding.commit == subject.commit
    ]


def _erased(scan: Scan, indexes: Sequence[int]) -> Iterator[Erased]:
    orders = {index: order for index in indexes if (order := scan.orders.erasure_of(index)) is not None}
    gone = [entry for entry in scan.read(list(orders)) if entry.payload is None]
    by = {entry.index: entry for entry in scan.read(sorted({orders[entry.index] for entry in gone}))}
    for entry in gone:
        said = order_in(by[orders[entry.index]])
        yield Erased(
            entry=entry.index,
            at=entry.header.at,
            topic=entry.header.topic,
            order=orders[entry.index],
            reason=said.reason,
            binding=said.erased,
            imported=entry.header.kind == IMPORTED,
        )


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states."""

    voices: Voices
    earliest: Sequence[str]

    def hear(self, entry: Entry, *, local: bool) -> Recorded:
        evidence = from_statement(entry.payload or b"")
        voice = self.voices.hear(entry, evidence, self.instant(entry), local=local)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)

    def instant(self, entry: Entry) -> datetime:
        """When an entry was recorded, as far as that is believed."""
        return parse_instant(self.earliest[entry.index])


def _recorded(entries: Iterable[Entry], subject: Subject, ear: _Ear) -> list[Recorded]:
    ours: list[Entry] = []
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        if entry.payload is None or entry.signature is None:
            continue
        if (binding := binding_of(entry.payload)).commit == subject.commit:
            ours.append(entry)
        else:
            elsewhere[binding.kind] = entry
    return [ear.hear(each, local=subject.local) for each in (*elsewhere.values(), *ours)]


def _archived(entries: Iterable[Entry], scan: Scan) -> _Gone:
    gone: dict[str, tuple[datetime, int]] = {}
    for entry in entries:
        if entry.payload is None and scan.orders.erasure_of(entry.index) is None:
            recorded_at = (parse_instant(entry.header.at), entry.index)
            gone[entry.header.topic] = max(recorded_at, gone.get(entry.header.topic, recorded_at))
    return gone


def _is_covered(recorded: Recorded, gone: _Gone) -> bool:
    """Whether evidence may have been superseded by what was archived: that does not bring it back.

    When the latter happened went with its body, so the instant of its recording stands for it. Between two logs an
    instant has no order.
    """
    last = gone.get(topic_of(recorded.evidence)) if gone else None
    return last is not None and (when(recorded)[:1] <= last[:1] if recorded.log else when(recorded) <= last)
