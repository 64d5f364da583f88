"""How often each alert fired, from a file that the team exports."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import islice
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_ROWS = 1_000_000
_ALERT = ("alert", "alertname", "alert_name", "name", "rule")
_COUNT = ("count", "volume", "total", "fired", "firings", "value", "notifications")


def read_volume(content: bytes, file: str) -> Counter[str]:
    """Alerts and how often they fired.

    CSV or JSON rows with `alert` and `count`, an object of names and counts, Prometheus' answer to a query such as
    `count by (alertname) (ALERTS)` (https://prometheus.io/docs/prometheus/latest/querying/api/), or Alertmanager's list
    of alerts, each of which counts one. Raises UnreadableProblem for anything else, and where no alert is named.
    """
    place = Place(file, 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8 (byte {error.start})", place=place) from error
    is_json = text.lstrip()[:1] in {"[", "{"}
    rows = _json_rows(encoding.decode(text.encode(), object, what=file)) if is_json else _csv_rows(text, place)
    counts: Counter[str] = Counter()
    for name, count in islice(rows, MAX_ROWS):
        counts[name] += _number(count, name, place)
    if not counts:
        raise UnreadableProblem("names no alert; rows need `alert` and `count`", place=place)
    return counts


def most_frequent(counts: Mapping[str, int], top: int) -> Sequence[tuple[str, int]]:
    """The alerts that fired most, the most frequent first, equal ones by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:top]


def _csv_rows(text: str, place: Place) -> Iterator[tuple[str, Any]]:
    try:
        rows = csv.reader(StringIO(text, newline=""), strict=True)
        head = [each.strip().casefold() for each in next(rows, [])]
        name_at = next((head.index(each) for each in _ALERT if each in head), None)
        count_at = next((head.index(each) for each in _COUNT if each in head), None)
        if name_at is None or count_at is None:
            raise UnreadableProblem("has no columns `alert` and `count`", place=place)
        for row in rows:
            if len(row) > max(name_at, count_at):
                yield row[name_at].strip(), row[count_at]
            elif any(row):
                raise UnreadableProblem(f"has a row with {len(row)} values", place=Place(place.file, rows.line_num))
    except csv.Error as error:
        raise UnreadableProblem(f"is not CSV: {error}", place=place) from error


def _json_rows(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping):
        data = data["data"].get("result")
    if isinstance(data, Mapping):
        yield from ((str(name), count) for name, count in data.items())
    for each in data if isinstance(data, list) else ():
        if isinstance(each, Mapping):
            yield from _json_row(each)


def _json_row(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    labels = row.get("metric", row.get("labels"))
    if isinstance(labels, Mapping):
        sample = row.get("value")
        if isinstance(name := labels.get("alertname"), str):
            yield name, sample[-1] if isinstance(sample, list) and sample else 1
        return
    name = next((row[key] for key in _ALERT if isinstance(row.get(key), str)), None)
    count = next((row[key] for key in _COUNT if key in row), None)
    if name is not None and count is not None:
        yield name, count


def _number(written: Any, name: str, place: Place) -> int:
    try:
        number = -1.0 if isinstance(written, bool) else float(written)
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    if not 0 <= number < math.inf:
        raise UnreadableProblem(f"says that {name} fired {written!r} times", place=place)
    return round(number)
