"""Secrets that scanners found: where they stand and of what sort, never what they are."""

from hardpoint.assurance.reports.exposures import exposed
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.place import Place


def leaked(
    *,
    rule: str,
    place: Place,
    sort: str,
    tool: str,
    works: bool = False,
    state: State = State.OPEN,
    fingerprint: str = "",
) -> Finding:
    """A secret in a file. Scanners of secrets rate none: each is high, and critical if it was seen to work.

    `sort` says what sort of secret it is, in the words of the tool's rule, never in those of the file.
    """
    return exposed(
        rule=rule,
        word="critical" if works else "high",
        place=place,
        text=f"a secret{' that works' if works else ''}: {sort or rule}",
        remedy="Revoke it, then take it out.",
        tool=tool,
        state=state,
        fingerprint=fingerprint,
    )
