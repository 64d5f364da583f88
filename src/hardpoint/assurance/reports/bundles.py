"""Bundles among the files to import: evidence of another record, taken in as it is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardpoint.kernel.importer import MAX_REPORT_BYTES, SNIFF_BYTES
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Problem, UnreadableProblem
from hardpoint.kernel.rooms.cli import Context

if TYPE_CHECKING:  # whoever imports no bundle loads no database
    from hardpoint.kernel.record.bundle import Bundle
    from hardpoint.kernel.record.imported import LeftOut

_BUNDLE = re.compile(rb'\s*\{\s*"schema"\s*:\s*"bundle/')


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """One bundle: from which record, the entries that hold it here, how many were new, and what was left out of it."""

    file: str
    origin: str
    entries: tuple[int, ...] = ()
    added: int = 0
    known: int = 0
    left_out: "tuple[LeftOut, ...]" = ()


def is_bundle(start: bytes) -> bool:
    """Whether a file that begins so is to be read as a bundle."""
    return _BUNDLE.match(start) is not None


def bundles_among(context: Context, files: Sequence[str]) -> "tuple[Mapping[str, Bundle], list[str]]":
    """The bundles by their file, and the other files.

    Raises UnreadableProblem, at the file, for a bundle that cannot be read.
    """
    bundles = {}
    for file in files:
        data = _content(context, file)
        if data is not None:
            from hardpoint.kernel.record.bundle import read_bundle

            with _placed(file):
                bundles[file] = read_bundle(data)
    return bundles, [file for file in files if file not in bundles]


def looked_at(context: Context, bundles: "Mapping[str, Bundle]") -> list[TakenIn]:
    """What would be taken in.

    Raises IntegrityProblem, at the file, if a bundle does not hold.
    """
    if not bundles:
        return []
    from hardpoint.kernel.record.imported import examine

    found = []
    for file, bundle in bundles.items():
        with _placed(file):
            incoming = examine(None, bundle, context.voices(None), context.memory, context.clock())
        origin = incoming.checkpoint.origin
        found.append(TakenIn(file=file, origin=origin, added=len(incoming.drafts), left_out=incoming.left_out))
    return found


def taken_in(context: Context, bundles: "Mapping[str, Bundle]", identity_token: str | None) -> list[TakenIn]:
    """Take each bundle in, all of it or nothing.

    Raises IntegrityProblem, at the file, if a bundle does not hold.
    """
    if not bundles:
        return []
    from hardpoint.kernel.record.imported import examine, take_in

    found = []
    with context.record(identity_token) as record, context.stored() as database:
        for file, bundle in bundles.items():
            with _placed(file):
                incoming = examine(database, bundle, context.voices(database), context.memory, context.clock())
            taken = take_in(record, incoming)
            context.memory.remember(incoming.checkpoint)
            found.append(
                TakenIn(
                    file=file,
                    origin=taken.origin,
                    entries=taken.entries,
                    added=taken.added,
                    known=taken.known,
                    left_out=taken.left_out,
                )
            )
    return found


def headline_of(taken: TakenIn) -> str:
    """A bundle in a few words."""
    entries = "1 entry" if taken.added == 1 else f"{taken.added} entries"
    known = f" and {taken.known} known already" if taken.known else ""
    left_out = f", {len(taken.left_out)} left out" if taken.left_out else ""
    return f"{entries} of {taken.origin}{known}{left_out}"


def _content(context: Context, file: str) -> bytes | None:
    """The bytes of a file that is a bundle; what cannot be opened is left to who reads reports."""
    try:
        with (context.folder / file).open("rb") as opened:
            start = opened.read(SNIFF_BYTES)
            if not is_bundle(start):
                return None
            data = start + opened.read(MAX_REPORT_BYTES)
    except OSError:
        return None
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_REPORT_BYTES // 2**20} MiB", place=Place(file))
    return data


@contextmanager
def _placed(file: str) -> Iterator[None]:
    """Whatever is wrong is wrong with this file."""
    try:
        yield
    except Problem as problem:
        raise type(problem)(problem.sentence, remedy=problem.remedy, place=Place(file)) from problem
