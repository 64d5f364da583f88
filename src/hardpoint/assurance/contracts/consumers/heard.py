"""What is heard in the record of verifications, deployments and traffic, whichever service they are about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from hardpoint.kernel.evidence import KIND, Binding, binding_of, topic_of
from hardpoint.kernel.hearing import Ear, Gone, Recorded, believed, believed_instant, gone_from
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.rooms.cli import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the record says: the evidence that counts, and by service what was erased or archived unreplaced."""

    evidence: Sequence[Recorded]
    lost: Mapping[str, Sequence[Gone]] = field(default_factory=dict)


def heard(context: Context, kinds: Collection[str]) -> Heard:
    """All evidence of some kinds that counts, by whoever says it, and what is no longer there of them.

    One's own word, and what a tree with changes gave, count only where no base is named, as at a gate. Raises
    UnreadableProblem if there is no record, IntegrityProblem if it does not hold.
    """

    def is_asked(binding: Binding) -> bool:
        return binding.kind in kinds

    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        voices = context.voices(scan)
        scan.refuse_broken(voices.keys, context.witnesses)
        local = context.base is None
        ear = Ear(voices, scan.earliest(), local)
        own = [
            ear.hear(entry)
            for entry in scan.entries(kind=KIND)
            if entry.payload is not None and entry.signature is not None and is_asked(binding_of(entry.payload))
        ]
        found = [*own, *ear.hear_imported(scan.entries(kind=IMPORTED), is_asked)]
        counts = [each for each in found if not each.voice.why_not and (local or not each.evidence.dirty)]
        services = {whose for _, whose in scan.places}
        lost = {service: _lost(gone_from(scan, service, is_asked), counts) for service in services}
        return Heard(evidence=counts, lost=lost)


def _lost(gone: Sequence[Gone], still: Sequence[Recorded]) -> list[Gone]:
    """What nothing newer of its topic took the place of: whoever erases a failure does not undo it."""
    topics = [topic_of(each.evidence) for each in still] if gone else []
    return [
        each
        for each in gone
        if not any(topic == each.topic and _replaces(one, each) for one, topic in zip(still, topics, strict=True))
    ]


def _replaces(still: Recorded, gone: Gone) -> bool:
    if gone.binding is None:
        return still.entry > gone.order
    happened = believed_instant(gone.at, gone.binding.time)
    if still.log or gone.imported:  # between two logs an instant has no order
        return believed(still)[0] > happened
    return believed(still) >= (happened, gone.entry)
