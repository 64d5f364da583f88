"""External addresses: what a host says, on a real server of the loopback."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hardpoint.assurance.documents import external
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.kernel.workspace import Workspace


@pytest.fixture
def server():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            asked.append((self.command, self.path))
            code = int(self.path.strip("/") or 200)
            self.send_response(405 if code == 299 and self.command == "HEAD" else code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET = _answer  # noqa: N815 - the names that the base class calls

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "complaint", "methods"),
    [
        (200, "", ["HEAD"]),
        (299, "", ["HEAD", "GET"]),
        (404, "answers 404", ["HEAD", "GET"]),
        (410, "answers 410", ["HEAD", "GET"]),
        (401, "", ["HEAD", "GET"]),
        (403, "", ["HEAD", "GET"]),
        (429, "", ["HEAD", "GET"]),
        (500, "", ["HEAD", "GET"]),
    ],
)
def test_only_what_a_host_says_is_gone_is_gone(server, code, complaint, methods):
    host, asked = server
    assert external.complaint_of(f"{host}/{code}") == complaint
    assert [method for method, _ in asked] == methods


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "https://[", "http://a b/"])
def test_a_host_that_does_not_answer_has_said_nothing(address):
    assert external.complaint_of(address) == ""


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost/x",
        "http://127.0.0.1/",
        "https://example.org/x",
        "https://[",
        "ftp://a.de/",
        "http://intranet/x",
    ],
)
def test_what_only_the_reader_can_reach_is_not_asked(target):
    assert not external._is_asked(target)


def test_each_address_is_asked_once_a_day_and_told_at_each_place(server, monkeypatch, tmp_path):
    host, asked = server
    monkeypatch.setenv("HARDPOINT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(external, "_is_asked", lambda target: target.startswith(host))
    monkeypatch.setattr(external, "PAUSE_S", 0)
    text = f"[a]({host}/404) [b]({host}/404#x) <{host}/200> `{host}/410`\n"
    workspace = Workspace.of({"a.md": text}, [DOCUMENTS])
    for _ in range(2):
        found = external.unreachable(workspace, lambda: datetime(2026, 11, 21, tzinfo=UTC))
        assert [(each.severity.value, each.text) for each in found] == [("note", f"{host}/404 answers 404")] * 2
    assert len(asked) == 3
    external.unreachable(workspace, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    assert len(asked) == 6
    (tmp_path / "external.json").write_bytes(b"\xff{")
    assert len(external.unreachable(workspace, lambda: datetime(2026, 11, 23, tzinfo=UTC))) == 2


@pytest.mark.parametrize("others_are_found", [True, False])
def test_without_names_for_any_host_nothing_is_said_of_one_and_nothing_is_remembered(
    server, monkeypatch, tmp_path, others_are_found
):
    host, _ = server
    gone = "http://no-such-host.invalid/"
    monkeypatch.setenv("HARDPOINT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(external, "_is_asked", lambda target: target.startswith("http"))
    real = external.complaint_of
    monkeypatch.setattr(external, "complaint_of", lambda each: external._NO_HOST if each == gone else real(each))
    monkeypatch.setattr(external, "_is_found", lambda _: others_are_found)
    workspace = Workspace.of({"a.md": f"[a]({gone}) [b]({host}/200)\n"}, [DOCUMENTS])
    found = external.unreachable(workspace, lambda: datetime(2026, 11, 21, tzinfo=UTC))
    assert [each.text for each in found] == [f"{gone} {external._NO_HOST}"] * others_are_found
    assert (gone.encode() in (tmp_path / "external.json").read_bytes()) == others_are_found
