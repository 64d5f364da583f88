"""External addresses: whether other hosts still answer, asked politely and remembered; advice, never a verdict."""

import http.client
import socket
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from hardpoint.assurance.documents.answers import cache_folder
from hardpoint.assurance.documents.corpus import documents, pointers_of
from hardpoint.assurance.documents.markdown import Document, Form, Pointer
from hardpoint.kernel import encoding
from hardpoint.kernel.clock import Clock
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

RULE = "DOC020"
MAX_ADDRESSES = 2000
"""How many addresses one run asks for; the others wait for the next, which knows these."""
TIMEOUT_S = 10.0
PAUSE_S = 0.5
"""Between two requests to one host."""
REMEMBERED_S = 24 * 3600.0
_HOSTS_AT_ONCE = 8
_HEADERS = {"User-Agent": "hardpoint (link check)"}
_NO_HOST = "names a host that is not found, while others are"
_GONE = frozenset({404, 410})
_NEVER_ASKED = ("localhost", "127.", "0.0.0.0", "[::1]", "10.", "192.168.", "example.")  # noqa: S104 - not bound to


def unreachable(workspace: Workspace, clock: Clock) -> list[Finding]:
    """A note for each address that its host says is gone, or whose host is not found while others are.

    A host that refuses (401, 403, 429), fails (5xx) or is slow has not said so.
    """
    places = _places(workspace)
    known = _Remembered(cache_folder() / "external.json", clock().timestamp())
    asked = [address for address in places if known.complaint(address) is None][:MAX_ADDRESSES]
    by_host: dict[str, list[str]] = {}
    for address in asked:
        by_host.setdefault(urlsplit(address).netloc, []).append(address)
    with ThreadPoolExecutor(_HOSTS_AT_ONCE) as pool:
        answers = [each for answered in pool.map(_ask_host, by_host.values()) for each in answered.items()]
    known.remember(_believed(dict(answers)))
    known.save()
    return [
        Finding(
            rule=RULE,
            severity=Severity.NOTE,
            place=document.place(pointer),
            text=f"{address} {complaint}",
            remedy="Point at where it went, or at an archived copy",
        )
        for address, found in places.items()
        if (complaint := known.complaint(address))
        for document, pointer in found
    ]


def _places(workspace: Workspace) -> dict[str, list[tuple[Document, Pointer]]]:
    places: dict[str, list[tuple[Document, Pointer]]] = {}
    for document in documents(workspace):
        for pointer in pointers_of(document, workspace):
            if pointer.form is not Form.CODE and _is_asked(pointer.target):
                places.setdefault(pointer.target.partition("#")[0], []).append((document, pointer))
    return places


def _is_asked(target: str) -> bool:
    if not target.startswith(("http://", "https://")):
        return False
    try:
        host = urlsplit(target).hostname or ""
    except ValueError:
        return False
    return "." in host and not host.startswith(_NEVER_ASKED) and not host.endswith((".local", ".internal", ".test"))


def _ask_host(addresses: list[str]) -> dict[str, str]:
    answers = {}
    for at, address in enumerate(addresses):
        if at:
            time.sleep(PAUSE_S)
        answers[address] = complaint_of(address)
    return answers


def _believed(answers: dict[str, str]) -> dict[str, str]:
    """The answers; that a host is not found is one only while others are, else it is our network that has no names."""
    if _NO_HOST not in answers.values():
        return answers
    hosts = {urlsplit(address).hostname or "" for address, complaint in answers.items() if complaint != _NO_HOST}
    if any(map(_is_found, sorted(hosts))):
        return answers
    return {address: complaint for address, complaint in answers.items() if complaint != _NO_HOST}


def _is_found(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 443))
    except (OSError, UnicodeError):
        return False


def complaint_of(address: str) -> str:
    """What its host says against an address; empty where it says nothing against it, or nothing clear."""
    for method in ("HEAD", "GET"):  # some hosts know no HEAD
        try:
            request = urllib.request.Request(address, method=method, headers=_HEADERS)  # noqa: S310 - http(s) only
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
                return ""
        except urllib.error.HTTPError as error:
            if method == "GET":
                return f"answers {error.code}" if error.code in _GONE else ""
        except urllib.error.URLError as error:
            return _NO_HOST if "not known" in str(error.reason) else ""
        except (OSError, http.client.HTTPException, ValueError):
            return ""
    return ""


class _Remembered:
    """What hosts said, for a day, in the user's own cache."""

    def __init__(self, file: Path, now_s: float) -> None:
        self._file = file
        self._now_s = now_s
        self._said: dict[str, tuple[float, str]] = {}
        with suppress(OSError, UnreadableProblem):
            said = encoding.decode(file.read_bytes(), dict[str, tuple[float, str]], what=file.name)
            self._said = {address: each for address, each in said.items() if 0 <= now_s - each[0] < REMEMBERED_S}

    def complaint(self, address: str) -> str | None:
        """What was said of an address; None if it was not asked for."""
        said = self._said.get(address)
        return said[1] if said else None

    def remember(self, answers: dict[str, str]) -> None:
        self._said |= {address: (self._now_s, complaint) for address, complaint in answers.items()}

    def save(self) -> None:
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file.write_bytes(encoding.encode(self._said))
