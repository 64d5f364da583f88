"""Load tests in every tool's words: requests, failures and latencies, of the whole and of its parts."""

from collections.abc import Mapping
from typing import Any

from hardpoint.kernel.problem import UnreadableProblem

LOAD_FACTS: Mapping[str, str] = {
    "requests": "requests that were made",
    "failed_requests": "those that failed",
    "error_percent": "failed requests in percent of all, rounded up to three decimals",
    "avg_ms": "average duration of a request",
    "p50_ms": "duration that half of the requests stayed within",
    "p95_ms": "duration that 95 % of the requests stayed within",
    "p99_ms": "duration that 99 % of the requests stayed within",
    "max_ms": "longest duration of a request",
}
"""The facts of a load test, and as `PART.fact` of a scenario or an endpoint of it."""

MAX_MEASURED = 10**15
_THOUSANDTHS = 1000


def error_percent(failed: int, requests: int) -> float:
    """Failed requests in percent, rounded up to three decimals: one failure among a million is not none."""
    return -(-100 * _THOUSANDTHS * failed // requests) / _THOUSANDTHS


def number_at(values: Mapping[str, Any], name: str, path: str) -> float | None:
    """A measured value, or None where there is none.

    Raises UnreadableProblem if it is no number, endless or less than nothing.
    """
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_MEASURED:
        raise UnreadableProblem(f"says {str(value)[:80]!r}, which is no measurement (`{path}.{name}`)")
    return value


def count_at(values: Mapping[str, Any], name: str, path: str) -> int | None:
    """A count, or None where there is none.

    Raises UnreadableProblem if it is no whole number.
    """
    value = number_at(values, name, path)
    if value is not None and value != int(value):
        raise UnreadableProblem(f"says {value}, which is no count (`{path}.{name}`)")
    return None if value is None else int(value)
