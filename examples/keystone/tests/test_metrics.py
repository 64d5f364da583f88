"""Durations, as Prometheus reads them."""

import httpx

from keystone.metrics import Histogram


def test_buckets_are_cumulative() -> None:
    histogram = Histogram("wait_seconds", "Time in the queue.", ("lane",))
    for seconds in (0.005, 0.2, 9.0):
        histogram.observe(seconds, "left")
    lines = list(histogram.lines())
    assert 'wait_seconds_bucket{lane="left",le="0.005"} 1' in lines
    assert 'wait_seconds_bucket{lane="left",le="0.25"} 2' in lines
    assert 'wait_seconds_bucket{lane="left",le="+Inf"} 3' in lines
    assert 'wait_seconds_count{lane="left"} 3' in lines


def test_a_scrape_tells_routes_apart_and_never_paths(client: httpx.Client, project: str) -> None:
    client.get(project)
    client.get("/nowhere/at-all")
    text = client.get("/metrics").text
    assert 'http_route="/projects/{project_id}",http_response_status_code="200"' in text
    assert 'http_route="unrouted",http_response_status_code="404"' in text
    assert "keystone_transaction_duration_seconds_count 2" in text
    assert "at-all" not in text
