"""How long builds took, from the lists that `gh run list` and `glab api …/pipelines` export."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_RUNS = 10_000
_BEGINNINGS = ("startedAt", "run_started_at", "started_at", "createdAt", "created_at")
_ENDS = ("updatedAt", "finished_at", "updated_at")


def minutes(content: bytes, file: str) -> list[float]:
    """The minutes of each finished run, successful or not; cancelled and skipped ones say nothing of a build's length.

    Raises UnreadableProblem for what is no list of runs.
    """
    data = encoding.decode(content, object, what=file)
    if isinstance(data, Mapping):
        data = data.get("workflow_runs", [data])
    if not isinstance(data, list) or not all(isinstance(each, Mapping) for each in data) or len(data) > MAX_RUNS:
        raise UnreadableProblem(f"{file} is no list of runs")
    return [length for run in data for length in _minutes(run)]


def median_minutes(lengths: list[float]) -> float:
    """The median, in minutes; of an even number of builds the mean of the two in the middle."""
    return median(lengths)


def _minutes(run: Mapping[str, Any]) -> Iterator[float]:
    ended = run.get("conclusion") or run.get("status")
    if ended not in {"success", "failure", "failed"}:
        return
    duration = run.get("duration")
    if isinstance(duration, int | float) and not isinstance(duration, bool) and duration >= 0:
        yield duration / 60
        return
    begun = next((run[key] for key in _BEGINNINGS if isinstance(run.get(key), str)), None)
    done = next((run[key] for key in _ENDS if isinstance(run.get(key), str)), None)
    if begun is None or done is None:
        return
    try:
        seconds = (parse_instant(done) - parse_instant(begun)).total_seconds()
    except UsageProblem:
        return
    if seconds >= 0:
        yield seconds / 60
