"""Whatever goes wrong, the answer is a problem document."""

import httpx
from fastapi import FastAPI

PROBLEM = "application/problem+json"


def test_an_unknown_path(client: httpx.Client) -> None:
    answer = client.get("/nowhere")
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["type"] == "about:blank"
    assert answer.json()["status"] == 404


def test_a_method_that_is_not_allowed(client: httpx.Client) -> None:
    answer = client.delete("/projects")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_an_invalid_request_lists_every_error(client: httpx.Client) -> None:
    answer = client.get("/projects", params={"after": -1, "limit": 101})
    assert answer.headers["Content-Type"] == PROBLEM
    assert [error.split(":")[0] for error in answer.json()["errors"]] == [
        "query.after",
        "query.limit",
    ]


def test_broken_unicode_is_an_invalid_request(client: httpx.Client) -> None:
    answer = client.post("/projects", content=rb'{"name": "Bridge", "\ud800": 1}')
    assert answer.status_code == 422


def test_an_unexpected_failure_tells_its_request_and_no_more(
    app: FastAPI, client: httpx.Client
) -> None:
    app.state.database.close()
    answer = client.get("/projects", headers={"X-Request-Id": "r-1"})
    assert answer.status_code == 500
    assert answer.json()["detail"] == "An unexpected failure, logged as request r-1."
