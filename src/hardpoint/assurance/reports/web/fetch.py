"""Asking a site: two chains of redirections and a request of another origin, bounded in place, size and time.

Nothing is sent but these requests, and no proxy is asked. An address of this machine is reached only where the URL
itself says so, and a public site cannot lead into a private network.
"""

import re
import socket
import ssl
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from threading import Event, Timer
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import hardpoint
from hardpoint.assurance.reports.web.cookies import kept
from hardpoint.assurance.reports.web.site import CookieSet, Hop, Response, Site
from hardpoint.kernel.clock import monotonic_s
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_REDIRECTS = 20
MAX_BODY_BYTES = 8 * 1024 * 1024
REQUEST_S = 20.0
PROBE_S = 120.0
ORIGIN = "https://hardpoint-probe.example"
"""Who the request of another origin says that it is."""

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SUCCESS, _REDIRECTION = 2, 3
_FINE = frozenset({_SUCCESS, _REDIRECTION})
_ANSWERS = frozenset({401, 403})
_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:=&?~#+!$,;'@()*[]"
_ONCE = frozenset({"content-type", "content-length", "location", "etag", "last-modified", "expires", "age", "server"})
"""Headers of which the first counts; those of any other name are joined (RFC 9110, section 5.3)."""


class NoAnswerError(Exception):
    """Nothing answers there."""


class HalfAnswerError(Exception):
    """Something is there that does not answer in time, or not with whole HTTP: that says neither yes nor no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where http and https are spoken."""

    http: int = 80
    https: int = 443


@dataclass(slots=True)
class _Chain:
    """The answers of one chain of redirections; `response` is the last."""

    response: Response | None = None
    hops: list[Hop] = field(default_factory=list)
    cookies: list[CookieSet] = field(default_factory=list)
    body: str = ""
    context: ssl.SSLContext | None = None


def look_at(url: str, *, ports: Ports | None = None, ca_file: Path | None = None) -> Site:
    """What a site answers over http and https; its own port is the one of the URL's scheme.

    Raises UsageProblem for what is no URL of a site, UnreadableProblem if nothing answers, if it answers with an error,
    with more than MAX_BODY_BYTES, or leads where a probe may not go.
    """
    given = _given(url)
    caller = _Caller(given.hostname or "", monotonic_s() + PROBE_S, _trust(ca_file))
    addresses = _addresses(given, ports or Ports())
    plain, secure = (caller.chain(addresses[scheme]) for scheme in ("http", "https"))
    chosen = secure if secure.response else plain
    if chosen.response is None:
        raise UnreadableProblem(f"Nothing answers at {url}", remedy="Is it running, and reachable from here?")
    status = chosen.response.status
    if status // 100 not in _FINE and status not in _ANSWERS:
        raise UnreadableProblem(f"{url} answers with status {status}", remedy="Probe a page that is there.")
    return Site(
        hostname=given.hostname or "",
        http=plain.response,
        https=secure.response,
        route=plain.hops,
        preflight=caller.preflight(chosen),
        origin=ORIGIN,
        body=chosen.body,
        cookies=chosen.cookies,
    )


def _given(url: str) -> SplitResult:
    try:
        given = urlsplit(url)
        _ = given.port
    except ValueError as error:
        raise UsageProblem(f"{url!r} is no URL: {error}") from error
    if given.scheme not in _PORTS or not given.hostname or given.username or given.password:
        raise UsageProblem(f"{url!r} is no URL of a site", remedy="Write it as in https://www.example.org/")
    return given


def _addresses(given: SplitResult, ports: Ports) -> Mapping[str, str]:
    host = f"[{given.hostname}]" if ":" in (given.hostname or "") else given.hostname
    found = {}
    for scheme, port in (("http", ports.http), ("https", ports.https)):
        own = given.port if given.scheme == scheme and given.port else port
        at = "" if own == _PORTS[scheme] else f":{own}"
        found[scheme] = f"{scheme}://{host}{at}{given.path or '/'}{f'?{given.query}' if given.query else ''}"
    return found


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageProblem(f"{ca_file} holds no certificates: {error}") from error
    return context


def _blind() -> ssl.SSLContext:
    """Trusts anything: only to see what a site whose certificate does not hold would say."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class _Caller:
    """Makes the requests of one probe; `host` is the one that was named, `deadline` when all of them must be done."""

    host: str
    deadline: float
    trust: ssl.SSLContext

    def chain(self, url: str) -> _Chain:
        """The chain of redirections from a URL; empty if it leads to no answer."""
        try:
            try:
                return self._followed(url, self.trust)
            except ssl.SSLCertVerificationError:
                return self._followed(url, _blind(), verified=False)
        except (OSError, NoAnswerError):
            return _Chain()
        except HalfAnswerError as error:
            raise UnreadableProblem(f"{url}: {error}", remedy="Probe it again when it answers.") from error

    def preflight(self, chain: _Chain) -> Response | None:
        """The answer to whether another origin may read, at the end of a chain; None unless that succeeds."""
        headers = {"Access-Control-Request-Method": "GET", "Origin": ORIGIN}
        try:
            assert chain.context is not None
            found = self._followed(chain.hops[-1].url, chain.context, method="OPTIONS", headers=headers).response
        except (OSError, NoAnswerError, HalfAnswerError):
            return None
        return found if found and found.status // 100 == _SUCCESS else None

    def _followed(
        self,
        url: str,
        context: ssl.SSLContext,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        verified: bool = True,
    ) -> _Chain:
        chain = _Chain(context=context)
        while True:
            cookies = _sent(url, chain.cookies)
            given = {**(headers or {}), **({"Cookie": cookies} if cookies else {})}
            try:
                status, received, body = self._ask(method, url, given, context)
            except ssl.SSLCertVerificationError:
                raise
            except (OSError, NoAnswerError) as error:
                if not chain.hops:
                    raise
                raise HalfAnswerError(f"leads to {url}, where nothing answers") from error
            chain.hops.append(Hop(url=url, status=status))
            chain.cookies += [CookieSet(url=url, header=value) for name, value in received if name == "set-cookie"]
            to = next((value for name, value in received if name == "location"), "")
            next_url = _target(url, to) if status in _REDIRECTS and to else None
            if next_url is None or len(chain.hops) > MAX_REDIRECTS:
                chain.response = Response(status=status, headers=received, verified=verified)
                chain.body = _text(body, received)
                return chain
            url = next_url

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], context: ssl.SSLContext
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(url)
        left = min(REQUEST_S, self.deadline - monotonic_s())
        if left <= 0 or parts.hostname is None:
            raise NoAnswerError
        stream = self._connect(parts, left)
        if parts.scheme == "https":
            stream = context.wrap_socket(stream, server_hostname=parts.hostname, do_handshake_on_connect=False)
        late = Event()
        watch = Timer(left, _end, [stream, late])
        watch.start()
        try:
            with stream:
                return _spoken(stream, method, url, headers)
        except (OSError, HTTPException) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise HalfAnswerError(f"does not answer within {left:.0f} s") from error
            if isinstance(error, HTTPException) and not isinstance(error, RemoteDisconnected):
                raise HalfAnswerError("answers with what is no whole HTTP") from error
            raise
        finally:
            watch.cancel()

    def _connect(self, parts: SplitResult, timeout_s: float) -> socket.socket:
        assert parts.hostname is not None
        port = parts.port or _PORTS[parts.scheme]
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:  # such as a part of more than 63 characters
            raise NoAnswerError from error
        for *_, address in found:
            self._refuse_inside(parts.hostname, ip_address(str(address[0]).partition("%")[0]))
        failure: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            connected = socket.socket(family, kind, protocol)
            try:
                connected.settimeout(timeout_s)
                connected.connect(address)
            except OSError as error:
                connected.close()
                failure = error
            else:
                return connected
        raise failure

    def _refuse_inside(self, host: str, address: IPv4Address | IPv6Address) -> None:
        """Raises UnreadableProblem for an address of this machine or network that the URL itself does not name."""
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_global and not address.is_multicast:
            return
        if address.is_loopback:
            allowed = _is_this_machine(self.host)
        elif address.is_unspecified or address.is_link_local or address.is_multicast:
            allowed = host == self.host == str(address)
        else:
            allowed = host == self.host
        if allowed:
            return
        raise UnreadableProblem(
            f"{host} is {address}, which a probe of {self.host} may not ask",
            remedy="Probe it by that address, if it is meant.",
        )


def _is_this_machine(host: str) -> bool:
    """Whether a host is written as this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _end(stream: socket.socket, late: Event) -> None:
    """A server that sends a byte now and then never meets a timeout of the socket."""
    late.set()
    with suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)


def _spoken(
    stream: socket.socket, method: str, url: str, headers: Mapping[str, str]
) -> tuple[int, list[tuple[str, str]], bytes]:
    if isinstance(stream, ssl.SSLSocket):
        stream.do_handshake()
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "")
    connection.sock = stream
    agent = f"hardpoint/{hardpoint.__version__}"
    always = {"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip", "Connection": "close"}
    path = quote(f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", safe=_SAFE)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": _host(parts), **always, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    return response.status, _received(response), _body(response, url)


def _host(parts: SplitResult) -> str:
    """The value of the Host header: without who asks, and as DNS has it."""
    host = parts.netloc.rpartition("@")[2]
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _target(url: str, location: str) -> str | None:
    """Where a redirection leads; None if that is no site."""
    try:
        target = urlsplit(urljoin(url, quote(location.encode("latin-1", "replace"), safe=_SAFE)))
        _ = target.port
    except ValueError:
        return None
    return target._replace(fragment="").geturl() if target.scheme in _PORTS and target.hostname else None


def _sent(url: str, cookies: Sequence[CookieSet]) -> str:
    """What a browser would send back along the chain."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    sent = [
        f"{each.name}={each.value}"
        for each in kept(cookies)
        if (host == each.domain or host.endswith(f".{each.domain}"))
        and path.startswith(each.path)
        and (parts.scheme == "https" or not each.secure)
    ]
    return "; ".join(sent)


def _received(response: HTTPResponse) -> list[tuple[str, str]]:
    """The headers in small letters, those of one name joined, except cookies."""
    joined: dict[str, str] = {}
    cookies: list[tuple[str, str]] = []
    for name, given in response.getheaders():
        value = re.sub(r"\r?\n[ \t]*", " ", given).strip(" \t")
        if name.lower() == "set-cookie":
            cookies.append(("set-cookie", value))
        elif name.lower() not in joined:
            joined[name.lower()] = value
        elif name.lower() not in _ONCE:
            joined[name.lower()] += f", {value}"
    return [*joined.items(), *cookies]


def _body(response: HTTPResponse, url: str) -> bytes:
    data = response.read(MAX_BODY_BYTES + 1)
    is_whole = not response.length or len(data) > MAX_BODY_BYTES
    encoding = (response.getheader("Content-Encoding") or "identity").strip().lower() if data else "identity"
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise HalfAnswerError(f"answers in the encoding {encoding!r}, which was not asked for")
    if encoding != "identity":
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            data = reader.decompress(data, MAX_BODY_BYTES + 1)
            is_whole = is_whole and (reader.eof or len(data) > MAX_BODY_BYTES)
        except zlib.error as error:
            raise HalfAnswerError("answers with what is no whole HTTP") from error
    if not is_whole:  # scripts may stand in what is not there
        raise HalfAnswerError("answers with what is no whole HTTP")
    if len(data) > MAX_BODY_BYTES:
        raise UnreadableProblem(f"{url} answers with more than {MAX_BODY_BYTES} bytes", remedy="Probe a smaller page.")
    return data


def _text(body: bytes, headers: Sequence[tuple[str, str]]) -> str:
    """The page as text; what is not ASCII decides nothing here, but for the two byte encodings that hide everything."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or any(
        name == "content-type" and "utf-16" in value.lower() for name, value in headers
    ):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")
