"""What imported evidence says, beside a record's own: by its first signer, and in the order of time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Binding, binding_of, from_statement
from hardpoint.kernel.identity.voices import Voice, Voices
from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record.imported import Original, original_of, verified_original
from hardpoint.kernel.record.model import Entry
from hardpoint.programme.gates.standing import Recorded

Instant = Callable[[Entry], datetime]
"""When an entry was recorded, as far as that is believed."""


def hear_imported(
    entries: Iterable[Entry], voices: Voices, is_in_scope: Callable[[Binding], bool], instant: Instant, *, local: bool
) -> Iterator[Recorded]:
    """What was imported and is in scope."""
    for entry in entries:
        if entry.payload is not None:
            original = original_of(entry.payload)
            if is_in_scope(binding_of(original.payload)):
                yield _heard(entry, original, voices, instant(entry), local=local)


def _heard(entry: Entry, original: Original, voices: Voices, at: datetime, *, local: bool) -> Recorded:
    """Evidence as it was recorded there, or taken in here if that was earlier: an import makes nothing newer."""
    evidence = from_statement(original.payload)
    header = replace(original.header, at=format_instant(at))
    there = Entry(index=entry.index, header=header, payload=original.payload, signature=original.signature)
    recorded_at = entry.header.at
    try:
        recorder = verified_original(entry.header, entry.payload or b"", voices.keys).recorder
        voice = voices.hear_imported(entry, there, recorder, evidence, at, local=local)
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
