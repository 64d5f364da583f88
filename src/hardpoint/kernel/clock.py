"""The only place that reads time, and the one way to write an instant down."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from hardpoint.kernel.problem import UsageProblem

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds of a clock that never runs backwards, for durations."""
    return time.monotonic()


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with microseconds, so that text order is time order."""
    # strftime would write the year 1 with one digit, and text order would be lost.
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def after(instant: datetime, length: timedelta) -> datetime | None:
    """The instant that is so much later; None if that is beyond the calendar."""
    try:
        return instant + length
    except OverflowError:
        return None


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant; one without an offset is refused, because it names no instant.

    Raises UsageProblem.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: an offset that leads out of the calendar
        pass
    raise UsageProblem(f"{text!r} is not an instant", remedy="Write it with its offset, as in 2026-03-31T14:00:00Z.")


class _Declared:
    """Reads an instant in a declaration: text that names its offset."""

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> object:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            _declared, json_schema_input_schema=core_schema.datetime_schema()
        )


def _declared(written: object) -> datetime:
    """Raises ValueError with the sentence for a declaration's mistake."""
    try:
        return parse_instant(str(written))
    except UsageProblem as problem:
        raise ValueError(f"expected an instant such as 2026-03-31T14:00:00Z, got {written!r}") from problem


Instant = Annotated[datetime, _Declared()]
"""An instant in a declaration."""
