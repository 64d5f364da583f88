"""Inference: the contract that traffic would keep, or what a contract lacks; a proposal, never accepted here."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hardpoint.assurance.contracts.document import Node, pointer_of
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.schemas import UNIONS, Schema, schema_of
from hardpoint.assurance.contracts.traffic import headers
from hardpoint.assurance.contracts.traffic.examination import is_json
from hardpoint.assurance.contracts.traffic.exchange import NOT_MODIFIED, Body, Exchange, Form
from hardpoint.assurance.contracts.traffic.lattice import Seen
from hardpoint.assurance.contracts.traffic.parameters import pairs_of
from hardpoint.assurance.contracts.traffic.promise import AllChecks, Content, Promise
from hardpoint.assurance.contracts.traffic.router import Router
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.machinery.telemetry.paths import segment_shape
from hardpoint.machinery.telemetry.shapes import safe_name

MAX_WORDS = 24
"""How many words that lead on alike may stand in one place of a path, before they are taken for values."""
MAX_HELD = 500
"""How many different words are told apart in one place of a path at all."""
_ALIKE = 0.8
MAX_PATHS = 2000
MAX_NAMES = 100
MAX_STATUSES = 50
MAX_MEDIA = 20
_WHOLE = {"integer": int, "number": float}
_read_json = encoding.reader(object, what="The body")


class Bodies:
    """The bodies that were seen in one place, by media type."""

    def __init__(self) -> None:
        self.by_media: dict[str, Seen] = {}

    def see(self, body: Body, media: str | None) -> None:
        """See a body, if there was one."""
        if media is None or body.form in (Form.UNSEEN, Form.ABSENT):
            return
        if media not in self.by_media and len(self.by_media) >= MAX_MEDIA:
            return
        seen = self.by_media.setdefault(media, Seen())
        if body.form is Form.SHAPE:
            seen.see_shape(body.content)
        elif body.form is Form.VALUE:
            seen.see(body.content)
        elif is_json(media):
            try:
                text = body.content
                seen.see(_read_json(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text))
            except UnreadableProblem:
                seen.count += 1
        else:
            seen.count += 1

    def join(self, other: "Bodies") -> None:
        """Take in what was seen elsewhere."""
        for media, each in other.by_media.items():
            self.by_media.setdefault(media, Seen()).join(each)

    def content(self, support: int) -> dict[str, Any]:
        """What was seen as an OpenAPI `content`."""
        return {
            media: {"schema": each.schema(support)} if each.types else {}
            for media, each in sorted(self.by_media.items())
        }


class Observed:
    """What was seen of one operation."""

    def __init__(self) -> None:
        self.count = 0
        self.accepted = 0
        self.queries: dict[str, Seen] = {}
        self.headers: Counter[str] = Counter()
        self.request = Bodies()
        self.responses: dict[int, Bodies] = {}
        self.statuses: Counter[int] = Counter()

    def see(self, exchange: Exchange) -> None:
        """See an exchange; of one that was refused, only the response counts."""
        self.count += 1
        self.statuses[exchange.status] += 1
        if exchange.status in self.responses or len(self.responses) < MAX_STATUSES:
            self.responses.setdefault(exchange.status, Bodies()).see(exchange.response, exchange.given_media)
        if exchange.is_refused:
            return
        self.accepted += 1
        self.request.see(exchange.request, exchange.sent_media)
        values = pairs_of(exchange.query) if exchange.query else [(each, "") for each in exchange.names or ()]
        for name, text in dict(values).items():
            if safe_name(name) == name and (name in self.queries or len(self.queries) < MAX_NAMES):
                self.queries.setdefault(name, Seen()).see(_typed(text))
        for name in (exchange.sent or {}).keys() - headers.OF_REQUESTS:
            if not headers.is_usual(name) and safe_name(name) == name and len(self.headers) < MAX_NAMES:
                self.headers[name] += 1

    def join(self, other: "Observed") -> None:
        """Take in what was seen elsewhere."""
        self.count += other.count
        self.accepted += other.accepted
        self.statuses += other.statuses
        self.headers += other.headers
        self.request.join(other.request)
        for name, each in other.queries.items():
            self.queries.setdefault(name, Seen()).join(each)
        for status, bodies in other.responses.items():
            self.responses.setdefault(status, Bodies()).join(bodies)

    def operation(self, variables: list[str], support: int) -> dict[str, Any]:
        """What was seen as an OpenAPI operation."""
        made: dict[str, Any] = {"x-observed": self.count, "responses": {}}
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in variables
        ]
        parameters += [
            query_parameter(name, each, self.accepted, support) for name, each in sorted(self.queries.items())
        ]
        parameters += [header_parameter(name, count) for name, count in sorted(self.headers.items())]
        if parameters:
            made["parameters"] = parameters
        if self.request.by_media:
            sent = sum(each.count for each in self.request.by_media.values())
            made["requestBody"] = {
                **({"required": True} if sent == self.accepted >= support else {}),
                "content": self.request.content(support),
            }
        for status in sorted(self.responses):
            made["responses"][str(status)] = self.response(status, support)
        return made

    def response(self, status: int, support: int) -> dict[str, Any]:
        """What was seen of one status as an OpenAPI response."""
        content = self.responses[status].content(support)
        told = {"description": "Observed; describe it.", "x-observed": self.statuses[status]}
        return {**told, "content": content} if content else told


def query_parameter(name: str, seen: Seen, requests: int, support: int) -> dict[str, Any]:
    """A parameter of the query; required if no request lacked it."""
    required = {"required": True} if seen.count == requests >= support else {}
    return {"name": name, "in": "query", **required, "schema": seen.schema(support)}


def header_parameter(name: str, count: int) -> dict[str, Any]:
    """A header of the request, never required: proxies and clients differ."""
    return {"name": name, "in": "header", "schema": {"type": "string"}, "x-observed": count}


class _Segment:
    """One place in paths: the words that stand there, or any text."""

    def __init__(self) -> None:
        self.below: dict[str, _Segment] = {}
        self.anything: _Segment | None = None
        self.methods: dict[str, Observed] = {}

    def step(self, text: str) -> "_Segment":
        shown = segment_shape(text)
        is_word = shown == text and not shown.startswith("{")
        if self.anything is not None and (not is_word or not self.below):
            return self.anything
        if is_word and text in self.below:
            return self.below[text]
        if not is_word:
            self.anything = self.anything or _Segment()
            return self.anything
        if len(self.below) >= MAX_HELD:
            self.collapse()
            return self.step(text)
        return self.below.setdefault(text, _Segment())

    def collapse(self) -> None:
        self.anything = self.anything or _Segment()
        for each in self.below.values():
            self.anything.join(each)
        self.below = {}

    def join(self, other: "_Segment") -> None:
        for method, seen in other.methods.items():
            self.methods.setdefault(method, Observed()).join(seen)
        if other.anything is not None:
            self.anything = self.anything or _Segment()
            self.anything.join(other.anything)
        for text, each in other.below.items():
            self.step(text).join(each)

    def _is_alike(self) -> bool:
        """Whether the words lead on in the same way, as values do, and resources do not."""
        ways = Counter(
            (frozenset(each.methods), frozenset(each.below), each.anything is None) for each in self.below.values()
        )
        return ways.most_common(1)[0][1] >= _ALIKE * len(self.below)

    def paths(self, path: str, variables: list[str]) -> Iterator[tuple[str, list[str], dict[str, Observed]]]:
        if len(self.below) > MAX_WORDS and self._is_alike():
            self.collapse()
        if self.methods:
            yield path or "/", variables, self.methods
        for text, each in sorted(self.below.items()):
            yield from each.paths(f"{path}/{text}", variables)
        if self.anything is not None:
            name = _variable(path, variables)
            yield from self.anything.paths(f"{path}/{{{name}}}", [*variables, name])


def _variable(path: str, taken: list[str]) -> str:
    """`orders/{orderId}`: named after what stands before it."""
    before = path.rpartition("/")[2]
    stem = before.rstrip("s") if before and not before.startswith("{") else ""
    name = f"{stem}Id" if stem.isidentifier() else "id"
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}{number}", number + 1
    return unique


class Inference:
    """Sees exchanges one by one, and proposes a contract that they would keep."""

    def __init__(self) -> None:
        self._root = _Segment()
        self.seen = self.passed_over = 0

    def see(self, exchange: Exchange) -> None:
        """See an exchange. What was answered 404, 405 or 501 proposes no operation."""
        if not exchange.is_whole or exchange.status in (404, 405, 501) or exchange.method == "OPTIONS":
            self.passed_over += 1
            return
        self.seen += 1
        at = self._root
        for each in exchange.path.strip("/").split("/") if exchange.path.strip("/") else ():
            at = at.step(each)
        at.methods.setdefault(exchange.method, Observed()).see(exchange)

    def paths(self, support: int) -> dict[str, Any]:
        """The paths that were seen, as OpenAPI `paths`, without operations that were seen less often than `support`."""
        made: dict[str, Any] = {}
        for path, variables, methods in self._root.paths("", []):
            kept = {
                method.lower(): seen.operation(variables, support)
                for method, seen in sorted(methods.items())
                if seen.count >= support and method.isalpha()
            }
            if kept and len(made) < MAX_PATHS:
                made[path] = kept
        return made

    def document(self, support: int) -> dict[str, Any]:
        """The proposal as an OpenAPI 3.1 document."""
        return {
            "openapi": "3.1.0",
            "info": {"title": "Proposed from observed traffic", "version": "0.0.0", "x-proposed": True},
            "paths": self.paths(support),
        }


class Patch:
    """Sees exchanges beside a contract, and proposes what it lacks, as additions of RFC 6902."""

    def __init__(self, contract: Contract, bases: tuple[str, ...] = ()) -> None:
        self._contract = contract
        self._router = Router(contract, bases)
        self._checks = AllChecks(contract)
        self._seen: dict[int, tuple[Operation, Observed]] = {}
        self._others = Inference()
        self.seen = 0

    def see(self, exchange: Exchange) -> None:
        """See an exchange."""
        self.seen += 1
        route = self._router.find(exchange.method, exchange.path)
        if route is None:
            if not exchange.is_refused and exchange.method not in ("HEAD", "OPTIONS"):
                self._others.see(exchange)
            return
        if exchange.is_whole:
            self._seen.setdefault(id(route.operation), (route.operation, Observed()))[1].see(exchange)

    def additions(self, support: int) -> list[dict[str, Any]]:
        """What to add, each with how often it was seen, by where; what several operations share is added once."""
        fields: dict[str, Seen] = {}
        found = [each for operation, seen in self._seen.values() for each in self._of(operation, seen, support, fields)]
        found += self._of_others(support)
        found += [_added(at, each.schema(support), each.count) for at, each in fields.items() if each.count >= support]
        return sorted(found, key=lambda each: (str(each["path"]), -int(each["count"])))

    def _of_others(self, support: int) -> Iterator[dict[str, Any]]:
        paths = self._contract.root.get("paths")
        known = dict(paths.items()) if paths is not None else {}
        for path, item in self._others.paths(support).items():
            if path in known:
                for method, operation in item.items():
                    pointer = known[path].pointer
                    yield _added(f"{pointer}/{method}", operation, operation["x-observed"])
            else:
                count = sum(each["x-observed"] for each in item.values())
                yield _added(pointer_of(("paths", path)), item, count)

    def _of(
        self, operation: Operation, seen: Observed, support: int, fields: dict[str, Seen]
    ) -> Iterator[dict[str, Any]]:
        promise = Promise(self._contract, self._checks, operation)
        at = operation.node.pointer
        for parameter, count in self._parameters(promise, seen, support):
            yield _added(f"{at}/parameters/-", parameter, count)
        yield from _of_bodies(self._contract, promise.content, seen.request, support, fields)
        for status, bodies in sorted(seen.responses.items()):
            answer = promise.answer(status)
            if answer is not None:
                yield from _of_bodies(self._contract, answer.content, bodies, support, fields)
            elif seen.statuses[status] >= support and status != NOT_MODIFIED:
                yield _added(f"{at}/responses/{status}", seen.response(status, support), seen.statuses[status])

    def _parameters(self, promise: Promise, seen: Observed, support: int) -> Iterator[tuple[dict[str, Any], int]]:
        for name, each in sorted(seen.queries.items()):
            known = promise.owner_of(name) is not None or promise.takes_any_query or name in promise.secret_queries
            if not known and each.count >= support:
                yield {"name": name, "in": "query", "schema": each.schema(support)}, each.count
        for name, count in sorted(seen.headers.items()):
            if name not in promise.known and count >= support:
                yield header_parameter(name, count), count


def _of_bodies(
    contract: Contract, content: Content, bodies: Bodies, support: int, fields: dict[str, Seen]
) -> Iterator[dict[str, Any]]:
    if content.node is None:
        return
    for media, seen in sorted(bodies.by_media.items()):
        known = content.media(media)
        described = content.described(known).get("schema") if known is not None else None
        if described is not None:
            _of_fields(contract, described, seen, fields, frozenset())
        elif known is None and seen.count >= support:
            value = {"schema": seen.schema(support)} if seen.types else {}
            pointer = f"{content.node.pointer}/content"
            if content.node.get("content") is None:
                yield _added(pointer, {media: value}, seen.count)
            else:
                yield _added(pointer + pointer_of((media,)), value, seen.count)


def _of_fields(contract: Contract, node: Node, seen: Seen, fields: dict[str, Seen], visited: frozenset[int]) -> None:
    """Join to `fields` those that a schema does not name, by the place beside its others."""
    schema = schema_of(contract, node)
    if id(node.value) in visited:
        return
    visited |= {id(node.value)}
    items = schema.having("items")
    if seen.members is not None and items:
        _of_fields(contract, items[0], seen.members, fields, visited)
    named = schema.having("properties")
    if not named or seen.is_map or isinstance(schema.first("additionalProperties"), dict):
        return
    for name, each in sorted(seen.fields.items()):
        holders = [holder[name] for holder in named if isinstance(holder.value, dict) and name in holder.value]
        if holders:
            _of_fields(contract, holders[0], each, fields, visited)
        elif not _in_union(schema, name):
            fields.setdefault(named[0].pointer + pointer_of((name,)), Seen()).join(each)


def _in_union(schema: Schema, name: str) -> bool:
    return any(name in each.property_names for keyword in UNIONS for each in schema.alternatives(keyword))


def _added(pointer: str, value: object, count: int) -> dict[str, Any]:
    return {"op": "add", "path": pointer, "value": value, "count": count}


def _typed(text: str) -> Any:
    """Text of a query as the type that it looks like."""
    if text in ("true", "false"):
        return text == "true"
    for kind in _WHOLE.values():
        try:
            return kind(text) if text[:1] in "+-.0123456789" and text else text
        except ValueError:
            continue
    return text
