"""What operators see: settings, health, request ids and logs."""

import json
import logging

import httpx
import pytest
from fastapi import FastAPI

from keystone.logs import JsonFormatter, request_id
from keystone.settings import Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSTONE_DATABASE", "elsewhere.db")
    monkeypatch.setenv("KEYSTONE_LOG_LEVEL", "DEBUG")
    assert Settings.from_environment() == Settings("elsewhere.db", "DEBUG")


def test_a_healthy_service_says_so(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_without_its_database_it_is_alive_but_not_ready(app: FastAPI, client: httpx.Client) -> None:
    app.state.database.close()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_request_keeps_the_id_it_came_with(client: httpx.Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": "from-the-proxy.1"})
    assert answer.headers["X-Request-Id"] == "from-the-proxy.1"


def test_a_request_with_an_odd_id_gets_a_new_one(client: httpx.Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": "two words"})
    assert len(answer.headers["X-Request-Id"]) == 32


def test_a_log_line_has_the_route_and_no_ids(
    client: httpx.Client, project: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="keystone"):
        client.get(project, params={"token": "hush"})
    (record,) = [found for found in caplog.records if found.name == "keystone.journal"]
    fields = record.__dict__["fields"]
    assert fields.pop("duration_ms") >= 0
    assert fields == {"method": "GET", "route": "/projects/{project_id}", "status": 200}


def test_a_log_line_is_json_with_the_request_id() -> None:
    record = logging.LogRecord("keystone", logging.INFO, "", 0, "moved %s", ("it",), None)
    token = request_id.set("r-1")
    entry = json.loads(JsonFormatter().format(record))
    request_id.reset(token)
    assert (entry["message"], entry["level"], entry["request_id"]) == ("moved it", "INFO", "r-1")
