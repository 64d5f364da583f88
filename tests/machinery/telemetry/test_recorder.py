"""The recorder beside real servers: what it writes, what it does not, and that nothing of it troubles a service."""

import asyncio
import io
import json
import os
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
from hardpoint.machinery.telemetry.shapes import safe_name

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


def close_after(recorder, many):
    """Close it when so many exchanges were written or failed: a server ends one after its client has the answer."""
    for _ in range(500):
        if recorder.counts["recorded"] + recorder.counts["errors"] >= many:
            break
        time.sleep(0.01)
    recorder.close()


def written(folder):
    return [json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.read_text().splitlines()]


@pytest.mark.requirement("INN-02")
def test_a_wsgi_service_is_recorded_as_shapes(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=1.0)
    url = served(WSGIRecorder(echo, recorder))
    body = json.dumps({"name": SECRET, "lines": [{"qty": 1}, {"qty": 2}]}).encode()
    assert post(f"{url}/orders/4711?token={SECRET}", body, headers={"X-Tenant": SECRET})[0] == 201
    close_after(recorder, 1)
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
    close_after(recorder, 2)
    assert recorder.counts["errors"] == 2
    assert recorder.counts["recorded"] == 0


def test_a_large_body_passes_and_is_not_read(tmp_path, served):
    recorder = Recorder(tmp_path / "out", sample=1.0, body_bytes=100)
    url = served(WSGIRecorder(echo, recorder))
    post(f"{url}/orders", json.dumps({"long": "x" * 1000}).encode())
    close_after(recorder, 1)
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
    close_after(recorder, 60)
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


def wsgi(app, recorder, **environ):
    """Call a WSGI application as a server would; returns what the server gets."""
    told = {"REQUEST_METHOD": "POST", "PATH_INFO": "/orders", "wsgi.input": io.BytesIO(b'{"id": 1}'), **environ}
    answer = WSGIRecorder(app, recorder)(told, lambda *_: lambda _: None)
    parts = list(answer)
    if hasattr(answer, "close"):
        answer.close()
    recorder.close()
    return answer, parts, told


def answering(*parts, status="200 OK", headers=(("Content-Type", "application/json"),)):
    def app(environ, start_response):
        environ["wsgi.input"].read()
        environ["added"] = True
        start_response(status, list(headers))
        return list(parts)

    return app


@pytest.mark.parametrize(
    "app",
    [
        answering(None),
        answering(b"1", status=200),
        answering(b"1", status="weird"),
        answering(b"1", headers=[(None, "1")]),
        answering(b"1", headers=[("X", 1)]),
        answering(b"[" * 50_000),
    ],
)
def test_what_is_odd_in_a_wsgi_service_passes(tmp_path, app):
    bare = app({"wsgi.input": io.BytesIO()}, lambda *_: None)
    assert wsgi(app, Recorder(tmp_path / "out", sample=1.0))[1] == bare


def test_a_wsgi_server_gets_what_it_would_without_the_recorder(tmp_path):
    class File:
        def __init__(self, stream):
            self.stream = stream

        def __iter__(self):
            return iter(self.stream)

    def sends_file(environ, start_response):
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](io.BytesIO(b"x"))

    def is_lazy(environ, start_response):
        start_response("200 OK", [])
        yield b"x"

    recorder = Recorder(tmp_path / "out", sample=1.0)
    answer, _, environ = wsgi(answering(b"{}"), recorder)
    assert (len(answer), environ["added"]) == (1, True)
    assert isinstance(wsgi(sends_file, recorder, **{"wsgi.file_wrapper": File})[0], File)
    assert not hasattr(wsgi(is_lazy, recorder)[0], "__len__")
    assert recorder.counts["recorded"] == 3


def test_a_stream_may_be_used_as_its_own(tmp_path):
    def app(environ, start_response):
        start_response("200 OK", [])
        with environ["wsgi.input"] as stream:
            return [next(stream), next(stream)]

    assert wsgi(app, Recorder(tmp_path), **{"wsgi.input": io.BytesIO(b"1\n2\n")})[1] == [b"1\n", b"2\n"]
    recorder = Recorder(tmp_path / "out", sample=1.0)
    assert wsgi(app, recorder, **{"wsgi.input": io.BytesIO(b"1\n2\n")})[1] == [b"1\n", b"2\n"]
    assert recorder.counts == {"seen": 1, "recorded": 1}


def asgi(app, recorder, **scope):
    async def received():
        return {"type": "http.request", "body": b""}

    async def sent(message):
        pass

    told = {"type": "http", "method": "POST", "path": "/orders", "headers": [], **scope}
    asyncio.run(ASGIRecorder(app, recorder)(told, received, sent))


JSON = [(b"content-type", b"application/json")]


def test_a_service_that_answers_500_and_raises_on_is_recorded(tmp_path):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 500, "headers": JSON})
        await send({"type": "http.response.body", "body": b"{}"})
        raise RuntimeError("the service's own")

    recorder = Recorder(tmp_path / "out", sample=1.0)
    with pytest.raises(RuntimeError, match="own"):
        asgi(app, recorder)
    recorder.close()
    (told,) = written(tmp_path / "out")
    assert (told["response"]["status"], told["response"]["shape"]) == (500, {})


def test_a_body_that_was_not_seen_to_its_end_is_unread(tmp_path):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": JSON})
        await send({"type": "http.response.body", "body": b"1", "more_body": True})

    recorder = Recorder(tmp_path / "out", sample=1.0)
    asgi(app, recorder, headers=[(b"content-length", b"20")])
    recorder.close()
    (told,) = written(tmp_path / "out")
    assert (told["request"]["unread"], told["response"]["unread"]) == (True, True)


def test_a_line_that_a_killed_process_left_is_cut_off(tmp_path):
    file = tmp_path / f"traffic-{os.getpid()}.ndjson"
    file.write_text('{"whole": 1}\n{"par')
    wsgi(answering(b"{}"), Recorder(tmp_path, sample=1.0))
    assert [list(each) for each in written(tmp_path)] == [["whole"], ["time", "values", "request", "response"]]


@pytest.mark.parametrize("bound", [{"sample": 2}, {"sample": -1}, {"waiting": 0}, {"body_bytes": -1}])
def test_a_recorder_without_bounds_is_refused_at_once(tmp_path, bound):
    with pytest.raises(ValueError, match="bounds"):
        Recorder(tmp_path, **bound)


def test_a_query_that_is_a_value_is_not_written(tmp_path):
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0"
    query = f"{token}&page=2&filter%5Bname%5D=x&sort[0]=a&a+b=1"
    recorder = Recorder(tmp_path / "out", sample=1.0)
    wsgi(answering(b"{}"), recorder, QUERY_STRING=query)
    (told,) = written(tmp_path / "out")
    assert told["request"]["names"] == ["{key}", "page", "filter[name]", "sort[0]"]


@pytest.mark.parametrize("name", ["sk_live_aB3cDeFgHiJ7kLmNoPqRsTuV", "4711", "ada@example.org", "a" * 200])
def test_a_name_that_may_be_a_key_is_not_shown(name):
    assert safe_name(name) == "{key}"


@pytest.mark.parametrize(
    "name", ["sha256_oaep_v2", "x509Certificate2", "organization_secret_count", "$top", "SHA256_DSA"]
)
def test_a_name_that_a_program_gave_is_shown(name):
    assert safe_name(name) == name
