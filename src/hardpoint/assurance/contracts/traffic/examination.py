"""The examination of traffic: each exchange beside what its operation promises."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.traffic import headers
from hardpoint.assurance.contracts.traffic.checks import Check, Path
from hardpoint.assurance.contracts.traffic.exchange import NOT_MODIFIED, Body, Exchange, Form
from hardpoint.assurance.contracts.traffic.parameters import Parameter, cookies_of, form_value, pairs_of
from hardpoint.assurance.contracts.traffic.promise import (
    MAX_LEARNED,
    PROBLEM_MEDIA,
    AllChecks,
    Answer,
    Content,
    Promise,
    documents_problems,
)
from hardpoint.assurance.contracts.traffic.router import Route, Router
from hardpoint.assurance.contracts.traffic.summary import Summary, Usage
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.machinery.telemetry.paths import template_of
from hardpoint.machinery.telemetry.shapes import MAX_TEXT, instance_of, safe_name, shape_text, type_of

_read_json = encoding.reader(object, what="The body")
_FORM = "application/x-www-form-urlencoded"
_PREFLIGHT = "access-control-request-method"
_HASHED = 16
_METHOD, _MEDIA = 20, 100
"""How long a name that is no standard one may be, to be shown."""
_MEMBERS: Mapping[str, type] = {"type": str, "title": str, "status": int, "detail": str, "instance": str}
"""The members of a problem (RFC 9457, section 3.1) and their types; each may be left out."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Where a request names its tenant: `header` or `query`, and the name; shown as it is, or hashed."""

    where: str
    name: str
    plain: bool = False

    def of(self, exchange: Exchange) -> str | None:
        """The tenant of an exchange, if it names one."""
        if self.where == "header":
            value = (exchange.sent or {}).get(self.name.lower())
        else:
            value = dict(pairs_of(exchange.query or "")).get(self.name)
        if not value:
            return None
        return value if self.plain else sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_HASHED]


class Examiner:
    """Compares exchanges with a contract, one by one, and sums up what it saw; no body outlives its exchange.

    `codes` are the error codes that are registered, None if nobody keeps a register; `envelope` says that errors are to
    be those of RFC 9457 even where the contract says otherwise.
    """

    def __init__(
        self,
        contract: Contract,
        digest: str,
        *,
        bases: Iterable[str] = (),
        codes: frozenset[str] | None = None,
        envelope: bool = False,
        tenant: Tenant | None = None,
    ) -> None:
        self.summary = Summary(digest)
        self._contract = contract
        self._router = Router(contract, bases)
        self._checks = AllChecks(contract)
        self._promises: dict[int, tuple[Promise, Usage]] = {}
        self._codes = codes
        self._insists = envelope
        self._envelope = envelope or codes is not None or documents_problems(contract)
        self._tenant = tenant

    def examine(self, exchange: Exchange) -> None:
        """Look at one exchange."""
        counts = self.summary.counts
        counts["exchanges"] += 1
        if not exchange.is_whole:
            counts["incomplete"] += 1
            return
        route = self._router.find(exchange.method, exchange.path)
        if route is None:
            route = self._without_operation(exchange)
            if route is None:
                return
        promise, usage = self._promised(route)
        counts["judged"] += 1
        usage.sight.note(exchange.time, "")
        usage.statuses[exchange.status] += 1
        if self._tenant is not None:
            tenant = self._tenant.of(exchange)
            if tenant is not None:
                usage.tenants.note((tenant,), exchange.time)
        look = _Look(self, promise, usage, exchange)
        if not exchange.is_refused:
            look.at_request(route.segments)
        look.at_response()
        if look.violates:
            counts["violating"] += 1

    def _promised(self, route: Route) -> tuple[Promise, Usage]:
        known = self._promises.get(id(route.operation))
        if known is None:
            promise = Promise(self._contract, self._checks, route.operation)
            known = self._promises[id(route.operation)] = (promise, self.summary.usage(str(route.operation)))
        return known

    def _without_operation(self, exchange: Exchange) -> Route | None:
        """What a request for no documented operation is: a HEAD for a GET, a refusal, or drift."""
        summary, method = self.summary, exchange.method
        methods = self._router.methods(exchange.path)
        if method == "HEAD" and "GET" in methods:
            return self._router.find("GET", exchange.path)
        if method == "OPTIONS" and (exchange.sent is None or _PREFLIGHT in exchange.sent):
            summary.counts["preflights"] += 1
            return None
        if exchange.is_refused:
            summary.counts["rejected"] += 1
            return None
        summary.counts["judged"] += 1
        summary.counts["violating"] += 1
        shown = method if method.isascii() and method.isalpha() and len(method) <= _METHOD else "{method}"
        if methods:
            operation = next(iter(methods.values()))
            key = ("undocumented-method", f"{shown} {operation.path}", "", "")
        else:
            key = ("undocumented-operation", f"{shown} {template_of(exchange.path.strip('/').split('/'))}", "", "")
        summary.unknown.note(key, exchange.time, str(exchange.status))
        return None

    @property
    def codes(self) -> frozenset[str] | None:
        """The registered error codes, if there is a register."""
        return self._codes

    @property
    def insists_on_envelope(self) -> bool:
        """Whether they are to be, even where the contract documents another form."""
        return self._insists

    @property
    def wants_envelope(self) -> bool:
        """Whether errors are to be those of RFC 9457."""
        return self._envelope


class _Look:
    """One exchange that is looked at."""

    def __init__(self, examiner: Examiner, promise: Promise, usage: Usage, exchange: Exchange) -> None:
        self._examiner, self._promise, self._usage, self._exchange = examiner, promise, usage, exchange
        self.violates = False

    def _note(self, kind: str, where: str, pointer: str = "", shape: str = "", *, harmless: bool = False) -> None:
        self._usage.drifts.note((kind, "", where, pointer), self._exchange.time, shape)
        self.violates = self.violates or not harmless

    def at_request(self, segments: list[str]) -> None:
        """Parameters, headers and the body of the request."""
        promise, exchange = self._promise, self._exchange
        if promise.deprecated:
            self._note("deprecated-used", "operation", harmless=True)
        for behind, parameter in promise.segments if exchange.shows_values else ():
            self._parameter(parameter, [(parameter.name, segments[len(segments) - behind])])
        if exchange.query or (promise.query and exchange.query is not None):
            self._query(pairs_of(exchange.query))
        elif exchange.names is not None:
            self._query([(each, "") for each in exchange.names])
        if exchange.sent is not None:
            self._sent(exchange.sent)
        if exchange.method != "HEAD":
            self._request_body()

    def _query(self, pairs: list[tuple[str, str]]) -> None:
        promise = self._promise
        owned: dict[int, list[tuple[str, str]]] = {}
        for name, text in pairs:
            owner = promise.owner_of(name)
            if owner is not None:
                owned.setdefault(owner, []).append((name, text))
            elif not promise.takes_any_query and name not in promise.secret_queries:
                self._note("undocumented-parameter", "request query", safe_name(name), "string")
        for at, parameter in enumerate(promise.query):
            if at in owned:
                self._parameter(parameter, owned[at])
            elif parameter.required and parameter.where == "query" and not parameter.takes_any_name:
                self._note("missing-required", "request query", parameter.name)

    def _parameter(self, parameter: Parameter, texts: list[tuple[str, str]]) -> None:
        where = f"request {parameter.where}"
        if parameter.deprecated:
            self._note("deprecated-used", where, parameter.name, harmless=True)
        for kind, path, shape in parameter.wrong(texts) if self._exchange.shows_values else ():
            named = "undocumented-parameter" if kind == "undocumented-field" else kind
            self._note(named, where, "/".join((parameter.name, *path)), shape)

    def _sent(self, sent: Mapping[str, str]) -> None:
        promise = self._promise
        for name in sent.keys() - promise.known:
            self._header(name, "request header", promise.known)
        for name in promise.required_headers - sent.keys():
            self._note("missing-required", "request header", name)
        for name, parameter in promise.headers.items():
            if name in sent:
                self._parameter(parameter, [(parameter.name, sent[name])])
        if promise.cookies and sent.get("cookie"):
            cookies = cookies_of(sent["cookie"])
            for parameter in promise.cookies:
                if parameter.name in cookies:
                    self._parameter(parameter, [(parameter.name, cookies[parameter.name])])
                elif parameter.required:
                    self._note("missing-required", "request cookie", parameter.name)

    def _header(self, name: str, where: str, known: set[str]) -> None:
        if headers.is_usual(name):
            if len(known) < MAX_LEARNED * 2:
                known.add(name)
        else:
            self._note("undocumented-header", where, safe_name(name), "string")

    def _request_body(self) -> None:
        promise, exchange = self._promise, self._exchange
        form = exchange.request.form
        if form is Form.UNSEEN:
            return
        if form is Form.ABSENT:
            if promise.needs_body:
                self._note("missing-required", "request body")
        elif promise.takes_body:
            self._content(promise.content, "request body", exchange.request, exchange.sent_media, asked=True)
        elif exchange.method not in ("GET", "HEAD", "DELETE"):
            self._note("undocumented-media", "request body", _shown(exchange.sent_media))

    def at_response(self) -> None:
        """The status, the headers and the body of the response."""
        exchange = self._exchange
        answer = self._promise.answer(exchange.status)
        where = f"response {exchange.status}"
        if answer is None:
            if exchange.status >= HTTPStatus.OK and exchange.status != NOT_MODIFIED:
                self._note("undocumented-status", where, "", _shape_of(exchange.response))
                self._error(exchange.response, None, where)
            return
        if exchange.given is not None:
            self._given(answer, exchange.given, where)
        if exchange.response.form in (Form.UNSEEN, Form.ABSENT) or exchange.method == "HEAD":
            return
        if answer.content or exchange.response.content not in ("", b""):
            self._content(answer.content, where, exchange.response, exchange.given_media, asked=False)
        self._error(exchange.response, answer, where)

    def _given(self, answer: Answer, given: Mapping[str, str], where: str) -> None:
        for name in given.keys() - answer.known:
            self._header(name, f"{where} header", answer.known)
        for name in answer.required - given.keys():
            self._note("missing-required", f"{where} header", name)
        for name, header in answer.headers.items():
            if name in given and self._exchange.shows_values:
                for kind, path, shape in header.wrong([(name, given[name])]):
                    self._note(kind, f"{where} header", "/".join((name, *path)), shape)

    def _content(self, content: Content, where: str, body: Body, seen: str | None, *, asked: bool) -> None:
        if not content and content.node is not None and asked:
            return
        media = content.media(seen)
        if media is None:
            if seen is not None or not content:
                self._note("undocumented-media", where, _shown(seen), _shape_of(body))
            return
        shapes = body.form is Form.SHAPE
        check = content.check(media, shapes=shapes)
        if check is None:
            return
        try:
            value, judged = _value(body, seen or media, lambda: content.schema(media))
        except UnreadableProblem:
            self._note("wrong-format", f"{where} {media}", "", "not JSON")
            return
        if judged:
            self._value(check, value, f"{where} {media}", asked=asked)

    def _value(self, check: Check, value: Any, where: str, *, asked: bool) -> None:
        if not check.is_kept(value):
            for each in check.deviations(value):
                shape = "" if each.kind == "missing-required" else shape_text(each.value)
                self._note(each.kind, where, _pointer(each.path), shape)
        if asked:
            for path in check.deprecated(value):
                self._note("deprecated-used", where, _pointer(path), harmless=True)

    def _error(self, body: Body, answer: Answer | None, where: str) -> None:
        """The envelope of RFC 9457, unless the contract documents another form of this error."""
        exchange, examiner = self._exchange, self._examiner
        if (
            exchange.status < HTTPStatus.BAD_REQUEST
            or not examiner.wants_envelope
            or body.form in (Form.UNSEEN, Form.ABSENT)
        ):
            return
        seen = exchange.given_media
        if seen not in PROBLEM_MEDIA:
            documented = answer.content if answer is not None else None
            if examiner.insists_on_envelope or not documented or documented.has_problem:
                self._note("error-envelope", where, "", _shape_of(body))
            return
        if seen != PROBLEM_MEDIA[0]:
            return
        try:
            value, judged = _value(body, seen, None)
        except UnreadableProblem:
            self._note("error-envelope", where, "", "not JSON")
            return
        if judged:
            self._problem(value, where, values=body.form is not Form.SHAPE)

    def _problem(self, value: Any, where: str, *, values: bool) -> None:
        if not isinstance(value, dict):
            self._note("error-envelope", where, "", type_of(value))
            return
        for name, shape in _MEMBERS.items():
            if name in value and (not isinstance(value[name], shape) or isinstance(value[name], bool)):
                self._note("error-envelope", where, f"/{name}", type_of(value[name]))
        status = value.get("status")
        if values and isinstance(status, int) and status != self._exchange.status:
            self._note("error-envelope", where, "/status", "integer that is not the status")
        codes = self._examiner.codes
        if codes is not None and values:
            code = value.get("code")
            if code is None:
                self._note("unregistered-code", where, "/code", "no code")
            elif str(code) not in codes:
                self._note("unregistered-code", where, "/code", type_of(code))


def _value(body: Body, media: str, schema: Callable[[], Any] | None) -> tuple[Any, bool]:
    """A body as the value that it stands for, and whether there is one: only JSON and forms are read."""
    if body.form is Form.VALUE:
        return body.content, True
    if body.form is Form.SHAPE:
        return instance_of(body.content), True
    if is_json(media):
        text = body.content
        return _read_json(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text), True
    if media == _FORM and schema is not None:
        text = body.content if isinstance(body.content, str) else body.content.decode("utf-8", "replace")
        return form_value(text, schema()), True
    return None, False


def is_json(media: str) -> bool:
    """Whether a media type is JSON (RFC 6839: `+json`)."""
    return media.endswith(("/json", "+json"))


def _shape_of(body: Body) -> str:
    if body.form in (Form.UNSEEN, Form.ABSENT):
        return ""
    if body.form is Form.SHAPE:
        return json.dumps(body.content, separators=(",", ":"))[:MAX_TEXT]
    if body.form is Form.VALUE:
        return shape_text(body.content)
    try:
        text = body.content
        return shape_text(_read_json(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text))
    except UnreadableProblem:
        return "text"


def _shown(media: str | None) -> str:
    """A media type, unless it is none."""
    if media is None:
        return "{none}"
    kind, _, name = media.partition("/")
    plain = kind.isalpha() and name and len(media) <= _MEDIA and name.replace(".", "").replace("+", "").replace("-", "")
    return media if plain and plain.isalnum() else "{other}"


def _pointer(path: Path) -> str:
    return "".join(f"/{each.replace('~', '~0').replace('/', '~1')}" for each in path)


def digest_of(contract: Contract) -> str:
    """The SHA-256 of what a contract says, in hex, however it is laid out, without other files that it has."""
    return sha256(encoding.encode(contract.root.value)).hexdigest()
