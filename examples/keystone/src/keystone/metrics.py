"""Durations as Prometheus histograms (text exposition format 0.0.4)."""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

router = APIRouter(include_in_schema=False)


class Histogram:
    def __init__(self, name: str, help_text: str, labels: tuple[str, ...] = ()) -> None:
        self._name = name
        self._help = help_text
        self._labels = labels
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], list[int]] = defaultdict(
            lambda: [0] * (len(BUCKETS_S) + 1)
        )
        self._sums: dict[tuple[str, ...], float] = defaultdict(float)

    def observe(self, seconds: float, *values: str) -> None:
        with self._lock:
            self._counts[values][bisect_left(BUCKETS_S, seconds)] += 1
            self._sums[values] += seconds

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self._name} {self._help}"
        yield f"# TYPE {self._name} histogram"
        with self._lock:
            for values, counts in sorted(self._counts.items()):
                yield from self._series(values, counts)

    def _series(self, values: tuple[str, ...], counts: list[int]) -> Iterator[str]:
        labels = [f'{label}="{value}"' for label, value in zip(self._labels, values, strict=True)]
        total = 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
            total += count
            bucket = ",".join([*labels, f'le="{bound}"'])
            yield f"{self._name}_bucket{{{bucket}}} {total}"
        braced = f"{{{','.join(labels)}}}" if labels else ""
        yield f"{self._name}_sum{braced} {self._sums[values]}"
        yield f"{self._name}_count{braced} {total}"


class Metrics:
    def __init__(self) -> None:
        self.requests = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests.",
            ("http_request_method", "http_route", "http_response_status_code"),
        )
        self.transactions = Histogram(
            "keystone_transaction_duration_seconds",
            "Duration of database transactions, waiting included.",
        )


@router.get("/metrics")
async def scrape(request: Request) -> Response:
    metrics: Metrics = request.app.state.metrics
    lines = [*metrics.requests.lines(), *metrics.transactions.lines(), ""]
    return Response("\n".join(lines), media_type="text/plain; version=0.0.4")
