"""What a service's evidence says at one instant, and who says it: from the record to what the judge takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import KIND, binding_of, from_statement
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.erasure import order_in
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.orders import Orders
from hardpoint.kernel.record.scan import Scan
from hardpoint.programme.gates.judge import Erased, Recorded, Subject, when


def hear_all(scan: Scan, voices: Voices, subject: Subject, *, until: datetime | None = None) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    With `until`, what was in the record by then.
    """
    entries = scan.entries(kind=KIND, subject=subject.service, until=until)
    return _recorded(entries, subject, _Ear(voices, scan.earliest()), scan.orders)


def hear_erased(scan: Scan, subject: Subject, *, until: datetime | None = None) -> list[Erased]:
    """The evidence of a service that was erased and is, or may be, of the subject's commit.

    An order is read whenever it came: what it erased is gone for every instant.
    """
    ours = scan.indexes(kind=KIND, subject=subject.service, until=until) if scan.orders.erasures else ()
    orders = {index: order for index in ours if (order := scan.orders.erasure_of(index)) is not None}
    gone = [entry for entry in scan.read(list(orders)) if entry.payload is None]
    by = {entry.index: entry for entry in scan.read(sorted({orders[entry.index] for entry in gone}))}
    erased = [_erased(entry, by[orders[entry.index]]) for entry in gone]
    return [each for each in erased if each.binding is None or each.binding.commit == subject.commit]


def _erased(entry: Entry, by: Entry) -> Erased:
    order = order_in(by)
    topic = entry.header.topic
    return Erased(
        entry=entry.index, at=entry.header.at, topic=topic, order=by.index, reason=order.reason, binding=order.erased
    )


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states."""

    voices: Voices
    earliest: Sequence[str]

    def hear(self, entry: Entry, *, local: bool) -> Recorded:
        evidence = from_statement(entry.payload or b"")
        at = parse_instant(self.earliest[entry.index])
        voice = self.voices.hear(entry, evidence, at, local=local)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)


def _recorded(entries: Iterable[Entry], subject: Subject, ear: _Ear, orders: Orders) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    What was erased says nothing here: hear_erased tells of it. Where a body of a topic was archived, only what happened
    after it was recorded is heard: anything else may be what it superseded.
    """
    gone: dict[str, tuple[datetime, int]] = {}
    ours: list[tuple[str, Recorded]] = []
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        if entry.payload is None or entry.signature is None:
            if orders.erasure_of(entry.index) is None:
                recorded_at = (parse_instant(entry.header.at), entry.index)
                gone[entry.header.topic] = max(recorded_at, gone.get(entry.header.topic, recorded_at))
        elif (binding := binding_of(entry.payload)).commit == subject.commit:
            ours.append((entry.header.topic, ear.hear(entry, local=subject.local)))
        else:
            elsewhere[binding.kind] = entry
    return [
        *(ear.hear(each, local=subject.local) for each in elsewhere.values()),
        *(each for topic, each in ours if topic not in gone or when(each) > gone[topic]),
    ]
