"""`hardpoint contract verify` against a provider that really answers."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hardpoint.assurance.contracts.consumers.interaction import Request
from hardpoint.assurance.contracts.consumers.pact import read_expectations
from hardpoint.assurance.contracts.consumers.provider import Provider
from hardpoint.kernel.problem import ToolProblem


class Shop(BaseHTTPRequestHandler):
    """Orders by their number, once the state says that there are some."""

    def _answer(self, status, body, kind="application/json"):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        if self.path.startswith("/orders/7") and server.has_orders:
            self._answer(200, {"id": 7, "state": "open", "lines": [{"sku": "a", "count": 2}], "more": True})
        else:
            self._answer(404, {"title": "There is none"}, "application/problem+json")

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/states":
            self.server.has_orders = told["state"] == "there are orders" and told["action"] == "setup"
            self._answer(200 if self.server.has_orders else 500, {})
        else:
            self._answer(201, {"echo": told, "type": self.headers["Content-Type"]})

    def log_message(self, *_):
        pass


@contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.asked, server.has_orders = [], False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def shop():
    with serving(Shop) as server:
        yield server


def url(server, path=""):
    return f"http://127.0.0.1:{server.server_port}{path}"


def order(**changes):
    """An interaction of Pact 4."""
    return {
        "type": "Synchronous/HTTP",
        "description": "an order",
        "providerStates": [{"name": "there are orders"}],
        "request": {"method": "GET", "path": "/orders/7", "query": {"full": ["yes please"]}},
        "response": {
            "status": 200,
            "headers": {"Content-Type": ["application/json"]},
            "body": {"content": {"id": 1, "lines": [{"sku": "x"}]}, "contentType": "application/json"},
            "matchingRules": {"body": {"$": {"combine": "AND", "matchers": [{"match": "type"}]}}},
        },
        **changes,
    }


def pact(*interactions, version="4.0", **more):
    return json.dumps(
        {
            "consumer": {"name": "web"},
            "provider": {"name": "shop"},
            "interactions": list(interactions or [order()]),
            "metadata": {"pactSpecification": {"version": version}},
            **more,
        }
    )


@pytest.mark.requirement("CON-06")
def test_a_provider_that_keeps_it_is_verified(shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact())
    arguments = "contract", "verify", "web.json", "--provider", url(shop), "--states", url(shop, "/states")
    ran = cli(*arguments, folder=tmp_path)
    assert (ran.exit, ran.out) == (0, "1 verified\n")
    assert shop.asked == ["/orders/7?full=yes+please"]


@pytest.mark.requirement("CON-06")
def test_what_a_consumer_needs_and_does_not_get_is_told(shop, tmp_path, cli):
    body = {"content": {"id": "7", "total": 1}, "contentType": "application/json"}
    (tmp_path / "web.json").write_text(pact(order(response={**order()["response"], "body": body})))
    arguments = "contract", "verify", "web.json", "--provider", url(shop), "--states", url(shop, "/states")
    ran = cli(*arguments, folder=tmp_path)
    assert ran.exit == 1
    assert "web: an order (GET /orders/7): the body $.id is 7, and text is expected" in ran.out
    assert "$.total is not there" in ran.out


def test_a_state_that_nobody_sets_is_told(shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact())
    ran = cli("contract", "verify", "web.json", "--provider", url(shop), folder=tmp_path)
    assert (ran.exit, "give --states" in ran.out) == (1, True)


def test_a_state_that_the_provider_does_not_take_is_no_result(shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact(order(providerStates=[{"name": "the moon is full"}])))
    arguments = "contract", "verify", "web.json", "--provider", url(shop), "--states", url(shop, "/states")
    ran = cli(*arguments, folder=tmp_path)
    assert (ran.exit, "did not take the state 'the moon is full': 500" in ran.out) == (3, True)


def test_a_provider_that_does_not_answer_is_no_result(tmp_path, cli):
    (tmp_path / "web.json").write_text(pact())
    ran = cli("contract", "verify", "web.json", "--provider", "http://127.0.0.1:9", folder=tmp_path)
    assert (ran.exit, "nothing answers" in ran.out) == (3, True)
    assert "Start the provider" in ran.out


def test_messages_are_not_judged_and_that_is_no_pass(shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact({"type": "Asynchronous/Messages", "description": "an event"}))
    ran = cli("contract", "verify", "web.json", "--provider", url(shop), folder=tmp_path)
    assert (ran.exit, "it is of type Asynchronous/Messages, not HTTP" in ran.out) == (3, True)


def test_what_is_pending_may_fail(shop, tmp_path, cli):
    request = {"method": "GET", "path": "/orders/8"}
    late = order(description="later", request=request, pending=True)
    (tmp_path / "web.json").write_text(pact(order(), late))
    arguments = "contract", "verify", "web.json", "--provider", url(shop), "--states", url(shop, "/states")
    assert (cli(*arguments, folder=tmp_path).exit, cli(*arguments, folder=tmp_path).out.splitlines()[-1]) == (
        0,
        "1 verified, 1 pending",
    )


def test_a_pact_of_version_3(shop, tmp_path, cli):
    interaction = {
        "description": "a new order",
        "providerState": "anything",
        "request": {
            "method": "post",
            "path": "/orders",
            "headers": {"Content-Type": "application/x"},
            "body": {"a": 1},
        },
        "response": {
            "status": 201,
            "body": {"echo": {"a": 1}, "type": "application/x"},
            "matchingRules": {"body": {"$.echo.a": {"matchers": [{"match": "integer"}]}}},
        },
    }
    (tmp_path / "web.json").write_text(pact(interaction, version="3.0.0"))
    assert cli("contract", "verify", "web.json", "--provider", url(shop), folder=tmp_path).exit == 0


EXPECTATIONS = """consumer: web
provider: shop
expectations:
  - name: an order
    given: there are orders
    request: {method: GET, path: /orders/7}
    response:
      status: 200
      body: {id: 1, state: open, lines: [{sku: x}]}
      match:
        $.state: {match: regex, regex: ^(open|closed)$}
"""


@pytest.mark.requirement("CON-06")
def test_expectations_of_our_own(shop, tmp_path, cli):
    (tmp_path / "web.yaml").write_text(EXPECTATIONS)
    arguments = "contract", "verify", "web.yaml", "--provider", url(shop), "--states", url(shop, "/states")
    assert cli(*arguments, folder=tmp_path).exit == 0
    (tmp_path / "web.yaml").write_text(EXPECTATIONS.replace("open|closed", "paid"))
    assert cli(*arguments, folder=tmp_path).exit == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is neither a Pact file nor has it `expectations`"),
        ("{", "is not the JSON"),
        ("[]", "is neither a Pact file"),
        (pact(version="2.0.0"), "is a Pact file of version 2.0.0, and 3 and 4 are read"),
        (json.dumps({"interactions": []}), "version unknown"),
        (pact(provider={}), "names no provider"),
        (pact({"description": "x"}), "without request or response"),
        (pact(order(request={"method": "GET", "path": "http://elsewhere/"})), "no method and path"),
        (pact(order(request={"method": "GET", "path": "/", "headers": {"A": "b\r\nC: d"}})), "cannot be sent"),
        (pact(order(response={"status": "200"})), "a status that is no number"),
        (EXPECTATIONS.replace("given", "given_that"), "has not just"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, says, shop, tmp_path, cli):
    (tmp_path / "web.pact").write_text(text)
    ran = cli("contract", "verify", "web.pact", "--provider", url(shop), folder=tmp_path)
    assert (ran.exit, ran.out) == (3, "")
    assert "web.pact" in ran.err
    assert says in ran.err
    assert not shop.asked


@pytest.mark.parametrize(
    "address", ["shop", "ftp://shop", "http://", "http://shop?a=b", "http://user@shop", "http://[::"]
)
def test_what_is_no_url_is_refused(address, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact())
    assert cli("contract", "verify", "web.json", "--provider", address, folder=tmp_path).exit == 2


@pytest.mark.requirement("CON-06")
def test_an_answer_that_trickles_is_cut_at_its_time(shop):
    class Slow(Shop):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b" ")
                    time.sleep(0.02)

    with serving(Slow) as server:
        began = time.monotonic()
        with pytest.raises(ToolProblem, match=r"no whole answer came within 0\.2 s"):
            Provider(url(server), timeout_s=0.2).ask(Request(method="GET", path="/"))
        assert time.monotonic() - began < 1.8  # the whole answer takes two


@pytest.mark.parametrize("request_", [{"headers": {"a:": "c"}}, {"query": {"a": "\ud800"}}, {"body": "\ud800"}])
def test_what_cannot_be_sent_is_no_result_and_no_trace(request_, shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact(order(request={"method": "GET", "path": "/", **request_})))
    ran = cli("contract", "verify", "web.json", "--provider", url(shop), folder=tmp_path)
    assert (ran.exit, "Traceback" in ran.err) == (3, False)


def test_a_path_may_have_its_query_with_it(shop):
    assert read_expectations(EXPECTATIONS.replace("/orders/7", "/orders/7?full=yes").encode(), "web.yaml").interactions[
        0
    ].request.query == [("full", "yes")]


@pytest.mark.requirement("CON-06")
def test_where_no_status_is_named_an_error_is_no_success(shop, tmp_path, cli):
    (tmp_path / "web.json").write_text(pact(order(response={}, providerStates=[])))
    ran = cli("contract", "verify", "web.json", "--provider", url(shop), folder=tmp_path)
    assert (ran.exit, "the status is 404, and a success is expected" in ran.out) == (1, True)


def test_half_a_character_in_an_answer_is_told_and_no_trace(tmp_path, cli):
    class Half(Shop):
        def do_GET(self):
            self._answer(200, b'{"id": "\\ud800"}')

    rules = {"body": {"$.id": {"matchers": [{"match": "regex", "regex": "^x$"}]}}}
    wanted = {"status": 200, "body": {"content": {"id": "x"}}, "matchingRules": rules}
    (tmp_path / "web.json").write_text(pact(order(response=wanted, providerStates=[])))
    with serving(Half) as server:
        ran = cli("contract", "verify", "web.json", "--provider", url(server), "--format", "json", folder=tmp_path)
    assert (ran.exit, "which does not match" in ran.out) == (1, True)
