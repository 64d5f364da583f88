"""A provider build that answers over HTTP: one request at a time, bounded, and never redirected."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import hardpoint
from hardpoint.assurance.contracts.consumers.interaction import ABSENT, Request, State
from hardpoint.kernel.problem import ToolProblem, UsageProblem

TIMEOUT_S = 30.0
MAX_BODY_BYTES = 16 * 1024 * 1024
_SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `headers` by their names in small letters, those of one name joined."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Provider:
    """The provider at a base URL, and the URL that puts it into a state."""

    def __init__(self, base: str, states: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Raises UsageProblem for what is no http or https URL."""
        self._base, self._states = _checked(base), states and _checked(states)
        self._timeout_s = timeout_s

    @property
    def sets_states(self) -> bool:
        """Whether it can be put into a state."""
        return bool(self._states)

    def ask(self, request: Request) -> Answer:
        """Send a request.

        Raises ToolProblem if nothing answers in time, or with more than MAX_BODY_BYTES.
        """
        query = f"?{urlencode(list(request.query))}" if request.query else ""
        body, kind = _written(request.body)
        headers = {**({"Content-Type": kind} if kind else {}), **_without(request.headers)}
        return self._send(request.method, f"{self._base}{quote(request.path, safe=_SAFE)}{query}", headers, body)

    def put_into(self, state: State, consumer: str) -> None:
        """Ask for a state, as Pact's verifier does.

        Raises ToolProblem if the provider does not take it.
        """
        assert self._states
        told = {"consumer": consumer, "state": state.name, "states": [state.name], "action": "setup"}
        body = json.dumps({**told, "params": dict(state.params)}).encode()
        answer = self._send("POST", self._states, {"Content-Type": "application/json"}, body)
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - the successes of RFC 9110, section 15.3
            raise ToolProblem(f"the provider did not take the state {state.name!r}: {answer.status}")

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout_s)
        always = {"User-Agent": f"hardpoint/{hardpoint.__version__}", "Accept-Encoding": "identity"}
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        late = Event()
        try:
            connection.connect()
            with _within(connection.sock, self._timeout_s, late):
                connection.request(method, path, body=body, headers={**always, **headers})
                response = connection.getresponse()
                content = response.read(MAX_BODY_BYTES + 1)
            if late.is_set():  # an answer whose length nobody said ends where it was cut
                raise TimeoutError
        except ValueError as error:
            raise ToolProblem(f"{method} {parts.path}: cannot be asked for: {error}") from error
        except (OSError, HTTPException) as error:
            # What is cut off may look as if the other side had gone.
            cut_off = f"no whole answer came within {self._timeout_s:g} s"
            why = cut_off if late.is_set() else str(error) or type(error).__name__
            raise ToolProblem(f"{method} {parts.path}: nothing answers: {why}") from error
        finally:
            connection.close()
        if len(content) > MAX_BODY_BYTES:
            raise ToolProblem(f"{method} {parts.path}: the answer is larger than {MAX_BODY_BYTES} bytes")
        received: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            received[key] = f"{received[key]}, {value}" if key in received else value
        return Answer(response.status, received, content)


@contextmanager
def _within(connected: socket.socket, timeout_s: float, late: Event) -> Iterator[None]:
    """Ends a connection when its time is up: the time-out of a socket begins anew with every byte that trickles in."""

    def cut() -> None:
        late.set()
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # beneath TLS, which would wait for the other side

    timer = Timer(timeout_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _checked(url: str) -> str:
    if not _is_base(url):
        raise UsageProblem(f"{url!r} is no URL of a provider", remedy="Write it as http://localhost:8080.")
    return url.rstrip("/")


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(named) and not (parts.query or parts.fragment or parts.username is not None)


def _written(body: Any) -> tuple[bytes | None, str]:
    if body is ABSENT:
        return None, ""
    if isinstance(body, str):
        return body.encode(), ""
    return json.dumps(body).encode(), "application/json"


def _without(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that say how the message itself is sent."""
    own = {"content-length", "transfer-encoding", "connection", "host", "accept-encoding"}
    kept = {name: value for name, value in headers.items() if name.lower() not in own}
    return {"Content-Type" if name.lower() == "content-type" else name: value for name, value in kept.items()}
