"""What a service's evidence says at one instant, and who says it: from the record to what the judge takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import KIND, binding_of, from_statement
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.reading import earliest_instants, read_entries
from hardpoint.programme.gates.judge import Recorded, Subject, when


def hear_all(database: Database, voices: Voices, subject: Subject, *, until: datetime | None = None) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    With `until`, what was in the record by then.
    """
    entries = read_entries(database, kind=KIND, subject=subject.service, until=until)
    return _recorded(entries, subject, _Ear(voices, earliest_instants(database)))


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states."""

    voices: Voices
    earliest: Sequence[str]

    def hear(self, entry: Entry, *, local: bool) -> Recorded:
        evidence = from_statement(entry.payload or b"")
        known = min(entry.index, len(self.earliest) - 1)  # an entry may have come since they were read
        at = parse_instant(max(entry.header.at, self.earliest[known] if self.earliest else ""))
        voice = self.voices.hear(entry, evidence, at, local=local)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)


def _recorded(entries: Iterable[Entry], subject: Subject, ear: _Ear) -> list[Recorded]:
    """The evidence of a commit, and the newest of each kind that is of another, which tells why there is none.

    Where a body of a topic is gone, erased or archived, only what happened after it was recorded is heard: anything
    else may be what it superseded.
    """
    gone: dict[str, tuple[datetime, int]] = {}
    by_topic: dict[str, list[Recorded]] = {}
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        said = by_topic.setdefault(entry.header.topic, [])
        if entry.payload is None or entry.signature is None:
            recorded_at = (parse_instant(entry.header.at), entry.index)
            gone[entry.header.topic] = max(recorded_at, gone.get(entry.header.topic, recorded_at))
        elif (binding := binding_of(entry.payload)).commit == subject.commit:
            said.append(ear.hear(entry, local=subject.local))
        else:
            elsewhere[binding.kind] = entry
    others = [ear.hear(each, local=subject.local) for each in elsewhere.values()]
    return [
        *others,
        *(each for topic, said in by_topic.items() for each in said if topic not in gone or when(each) > gone[topic]),
    ]
