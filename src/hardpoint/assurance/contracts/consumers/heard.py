"""What is heard in the record of verifications, deployments and traffic, whichever service they are about."""

from collections.abc import Collection

from hardpoint.kernel.evidence import KIND, Binding, binding_of
from hardpoint.kernel.hearing import Ear, Recorded
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.scan import scanned
from hardpoint.kernel.rooms.cli import Context


def heard(context: Context, kinds: Collection[str]) -> list[Recorded]:
    """All evidence of some kinds that counts, by whoever says it.

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
        return [each for each in found if not each.voice.why_not and (local or not each.evidence.dirty)]
