"""The recorder beside real servers: what it writes, what it does not, and that nothing of it troubles a service."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from hardpoint.assurance.contracts.traffic.exchange import Form
from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
from hardpoint.machinery.telemetry.recorder import ASGIRecorder, Recorder, WSGIRecorder

SECRET = "hunter2"


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def echo(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size)
    answer = json.dumps({"id": 7, "token": SECRET, "echo": len(body)}).encode()
    start_response("201 Created", [("Content-Type", "application/json"), ("X-Kept", SECRET)])
    return [answer]


@pytest.fixture
def served():
    servers = []

    def serve(app):
        server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def post(url, body, media="application/json", headers=()):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": media, **dict(headers)})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def written(folder):
    return [json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.read_text().splitlines()]


@pytest.mark.requirement("INN-02")
def test_a_wsgi_service_is_recorded_as_shapes(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=1.0)
    url = served(WSGIRecorder(echo, recorder))
    body = json.dumps({"name": SECRET, "lines": [{"qty": 1}, {"qty": 2}]}).encode()
    assert post(f"{url}/orders/4711?token={SECRET}", body, headers={"X-Tenant": SECRET})[0] == 201
    recorder.close()
    (told,) = written(tmp_path / "out")
    assert SECRET not in json.dumps(told)
    assert told["request"]["path"] == "/orders/{number}"
    assert told["request"]["names"] == ["token"]
    assert told["request"]["shape"] == {"lines": [{"qty": "integer"}], "name": "string"}
    assert told["response"]["shape"] == {"echo": "integer", "id": "integer", "token": "string"}
    assert told["response"]["status"] == 201
    assert "x-kept" in told["response"]["headers"]
    (file,) = (tmp_path / "out").glob("*.ndjson")
    (exchange,) = read_recording(file, file.name)
    assert exchange.method == "POST"
    assert exchange.request.form is Form.SHAPE
    assert not exchange.shows_values


@pytest.mark.requirement("INN-02")
def test_an_asgi_service_is_recorded_as_shapes(tmp_path):
    uvicorn = pytest.importorskip("uvicorn")
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()

    @app.post("/orders/{number}")
    def order(number: int, content: dict) -> dict:
        return {"number": number, "token": SECRET, "known": sorted(content)}

    recorder = Recorder(tmp_path / "out", sample=1.0)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(ASGIRecorder(app, recorder), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        for _ in range(500):
            if server.started:
                break
            time.sleep(0.02)
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        post(f"{url}/orders/4711", json.dumps({"secret": SECRET}).encode())
        with pytest.raises(urllib.error.HTTPError, match="422"):
            post(f"{url}/orders/{SECRET}x9y8", b"{}")
        server.should_exit = True
        thread.join(10)
    recorder.close()
    first, second = written(tmp_path / "out")
    assert SECRET not in json.dumps([first, second])
    assert first["request"] | {"headers": None} == {
        "method": "POST",
        "path": "/orders/{number}",
        "names": [],
        "headers": None,
        "media": "application/json",
        "shape": {"secret": "string"},
    }
    assert first["response"]["shape"] == {"known": ["string"], "number": "integer", "token": "string"}
    assert second["response"]["status"] == 422


def test_a_sample_of_none_records_nothing(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=0.0)
    url = served(WSGIRecorder(echo, recorder))
    post(f"{url}/orders", b"{}")
    recorder.close()
    assert recorder.counts == {"seen": 1}
    assert not (tmp_path / "out").exists()


def test_a_recorder_that_cannot_write_does_not_trouble_the_service(tmp_path, served):
    (tmp_path / "out").write_text("a file where the folder should be")
    recorder = Recorder(tmp_path / "out", sample=1.0)
    url = served(WSGIRecorder(echo, recorder))
    assert post(f"{url}/orders", b"{}")[0] == 201
    assert post(f"{url}/orders", b"{ no json")[0] == 201
    recorder.close()
    assert recorder.counts["errors"] == 2
    assert recorder.counts["recorded"] == 0


def test_a_large_body_passes_and_is_not_read(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=1.0, body_bytes=100)
    url = served(WSGIRecorder(echo, recorder))
    post(f"{url}/orders", json.dumps({"long": "x" * 1000}).encode())
    recorder.close()
    (told,) = written(tmp_path / "out")
    assert told["request"]["unread"] is True
    assert "shape" not in told["request"]


def test_what_waits_too_long_is_dropped_and_counted(tmp_path):
    recorder = Recorder(tmp_path / "out", sample=1.0, waiting=2)
    recorder._start = lambda: None  # nobody takes from the queue
    for _ in range(5):
        recorder.record({})
    assert recorder.counts["dropped"] == 3


def test_files_are_put_aside_and_the_oldest_go(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=1.0, file_bytes=2000, files=3, waiting=10_000)
    url = served(WSGIRecorder(echo, recorder))
    for _ in range(60):
        post(f"{url}/orders", b"{}")
    recorder.close()
    files = list((tmp_path / "out").glob("*.ndjson"))
    assert len(files) == 3
    assert all(file.stat().st_size <= 2000 for file in files)
    assert recorder.counts["recorded"] == 60


def test_the_service_fails_as_it_would_without_the_recorder(tmp_path):
    def broken(environ, start_response):
        raise RuntimeError("the service's own")

    recorder = Recorder(tmp_path / "out", sample=1.0)
    with pytest.raises(RuntimeError, match="own"):
        WSGIRecorder(broken, recorder)({"REQUEST_METHOD": "GET"}, lambda *_: None)
