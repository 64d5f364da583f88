"""Pairs of versions at work together: each declared command, run once for every release in the window."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from hardpoint.assurance.contracts.model import VersionPair
from hardpoint.assurance.contracts.releases import Release
from hardpoint.kernel import command
from hardpoint.kernel.identity.keys import SETTING
from hardpoint.kernel.problem import ToolProblem

CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRun:
    """One run of a pair: which versions, how it ended, and why it came to no result, if so."""

    pair: str
    client: str
    server: str
    schema: str
    argv: str
    exit: int | None = None
    duration_s: float = 0.0
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the versions work together."""
        return self.error is None and self.exit == 0


def run_pairs(
    pairs: Sequence[VersionPair], releases: Sequence[Release], folder: Path, echo: TextIO
) -> Iterator[PairRun]:
    """Run every pair; with `previous` in it, once for each release. The commands do not get the key that signs."""
    for pair in pairs:
        before = "previous" in (pair.client, pair.server, pair.schema_)
        for release in [each.name for each in releases] if before else [CURRENT]:
            yield _run(pair, release, folder, echo)


def _run(pair: VersionPair, release: str, folder: Path, echo: TextIO) -> PairRun:
    client, server, schema = (
        release if side == "previous" else CURRENT for side in (pair.client, pair.server, pair.schema_)
    )
    told = PairRun(pair=pair.name, client=client, server=server, schema=schema, argv=shlex.join(pair.run))
    try:
        ended = command.run(
            pair.run,
            cwd=folder,
            timeout_s=pair.timeout.seconds,
            env={"CLIENT_VERSION": client, "SERVER_VERSION": server, "SCHEMA_VERSION": schema},
            without={SETTING},
            echo=echo,
        )
    except ToolProblem as problem:
        return replace(told, error=problem.sentence)
    killed = f"was ended by signal {-ended.exit}" if ended.exit < 0 else None
    return replace(told, exit=ended.exit, duration_s=round(ended.duration_s, 3), error=killed)
