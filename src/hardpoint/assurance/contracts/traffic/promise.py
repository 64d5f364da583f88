"""A promise: what one operation takes and gives, compiled when its first exchange is seen."""

from collections.abc import Mapping
from typing import Any

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.schemas import Schema, anything, schema_of
from hardpoint.assurance.contracts.traffic import headers
from hardpoint.assurance.contracts.traffic.checks import Check, Checks
from hardpoint.assurance.contracts.traffic.parameters import Parameter
from hardpoint.assurance.contracts.traffic.schemata import REQUEST, RESPONSE, Schemata

PROBLEM_MEDIA = ("application/problem+json", "application/problem+xml")
MAX_LEARNED = 500
_IGNORED = frozenset({"accept", "content-type", "authorization"})
"""Header parameters that OpenAPI ignores (3.1, section 4.8.12.1)."""


class AllChecks:
    """The checks of a contract: for each direction, of values and of shapes."""

    def __init__(self, contract: Contract) -> None:
        self._of = {
            (direction, shapes): Checks(contract, Schemata(contract, direction, shapes=shapes))
            for direction in (REQUEST, RESPONSE)
            for shapes in (False, True)
        }

    def request(self, *, shapes: bool = False) -> Checks:
        """Checks of what is sent."""
        return self._of[(REQUEST, shapes)]

    def response(self, *, shapes: bool = False) -> Checks:
        """Checks of what is given."""
        return self._of[(RESPONSE, shapes)]


class Content:
    """The bodies that are documented by media type, with a check of each, compiled when it is first asked for."""

    def __init__(self, contract: Contract, values: Checks, shapes: Checks, node: Node | None) -> None:
        self._contract = contract
        self._of = {False: values, True: shapes}
        self._described = {
            media.partition(";")[0].strip().lower(): each
            for media, each in (contract.mapping(node, "content") if node is not None else {}).items()
        }
        self._found: dict[str | None, str | None] = {}
        self._checks: dict[tuple[str, bool], Check | None] = {}
        self.node = node

    def __bool__(self) -> bool:
        return bool(self._described)

    def media(self, seen: str | None) -> str | None:
        """The documented media type, or range, that a body is of; None if it is of none."""
        if seen in self._described:
            return seen
        if seen not in self._found:
            if len(self._found) >= MAX_LEARNED:
                self._found.clear()
            self._found[seen] = self._range(seen)
        return self._found[seen]

    @property
    def has_problem(self) -> bool:
        """Whether an error envelope of RFC 9457 is documented."""
        return any(each in self._described for each in PROBLEM_MEDIA)

    def check(self, media: str, *, shapes: bool) -> Check | None:
        """The check of bodies of a documented media type; None where nothing is said of them."""
        key = (media, shapes)
        if key not in self._checks:
            described = self._described[media].get("schema")
            self._checks[key] = self._of[shapes].of(described) if described is not None else None
        return self._checks[key]

    def schema(self, media: str) -> Schema:
        """The schema of bodies of a documented media type."""
        described = self._described[media].get("schema")
        return schema_of(self._contract, described) if described is not None else anything(self._contract)

    def described(self, media: str) -> Node:
        """Where a media type is described."""
        return self._described[media]

    def _range(self, seen: str | None) -> str | None:
        if seen is None:
            return next(iter(self._described)) if len(self._described) == 1 else None
        ranges = (f"{seen.partition('/')[0]}/*", "*/*", "*")
        return next((each for each in ranges if each in self._described), None)


class Answer:
    """What is promised of one response."""

    def __init__(self, contract: Contract, checks: AllChecks, node: Node) -> None:
        self.node = node
        self.content = Content(contract, checks.response(), checks.response(shapes=True), node)
        named = {name.lower(): each for name, each in contract.mapping(node, "headers").items()}
        described = {name: Node({**each.value, "name": name}, each.source, each.path) for name, each in named.items()}
        self.headers = {
            name: Parameter(contract, checks.response(), "header", each)
            for name, each in described.items()
            if name != "content-type" and isinstance(each.value, dict)
        }
        self.required = frozenset(name for name, each in self.headers.items() if each.required)
        self.known: set[str] = set(headers.OF_RESPONSES | set(named))


class Promise:
    """One operation, compiled."""

    def __init__(self, contract: Contract, checks: AllChecks, operation: Operation) -> None:
        self.operation = operation
        self.deprecated = operation.node.value.get("deprecated") is True
        self._contract, self._checks = contract, checks
        found = contract.parameters(operation)
        self.parameters = [
            Parameter(contract, checks.request(), where, node)
            for (where, name), node in found.items()
            if not (where == "header" and name in _IGNORED)
        ]
        self.query = [each for each in self.parameters if each.where in ("query", "querystring")]
        self.headers = {each.name.lower(): each for each in self.parameters if each.where == "header"}
        self.cookies = [each for each in self.parameters if each.where == "cookie"]
        self.segments = _variables(operation, found, self.parameters)
        self._owners = {each.name: at for at, each in enumerate(self.query)}
        self.takes_any_query = any(each.takes_any_name for each in self.query)
        secrets = _keys(contract)
        self.secret_queries = frozenset(name for where, name in secrets if where == "query")
        self.required_headers = frozenset(name for name, each in self.headers.items() if each.required)
        named = {name.lower() for where, name in secrets if where == "header"}
        self.known: set[str] = set(headers.OF_REQUESTS | set(self.headers) | named | _IGNORED)
        body = contract.request_body(operation)
        self.takes_body = body is not None
        self.needs_body = body is not None and body.value.get("required") is True
        self.content = Content(contract, checks.request(), checks.request(shapes=True), body)
        self._responses = contract.responses(operation)
        self._answers: dict[str, Answer] = {}
        self._by_status: dict[int, Answer | None] = {}

    def owner_of(self, name: str) -> int | None:
        """Which parameter of the query a name belongs to, by its position; None for none."""
        known = self._owners.get(name)
        if known is not None:
            return known
        return next((at for at, each in enumerate(self.query) if each.owns(name)), None)

    def answer(self, status: int) -> Answer | None:
        """What is promised of a response with a status; None if it is not documented."""
        if status not in self._by_status:
            keys = (str(status), f"{status // 100}XX", "default")
            key = next((each for each in keys if each in self._responses), None)
            if key is not None and key not in self._answers:
                self._answers[key] = Answer(self._contract, self._checks, self._responses[key])
            self._by_status[status] = self._answers[key] if key is not None else None
        return self._by_status[status]

    @property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses."""
        return tuple(self._responses)


def _variables(
    operation: Operation, found: Mapping[tuple[str, str], Any], parameters: list[Parameter]
) -> list[tuple[int, Parameter]]:
    """The parameters of the path that are a whole segment, by how many segments stand behind each."""
    segments = operation.path.strip("/").split("/")
    by_node = {id(each.node): each for each in parameters}
    listed: list[tuple[int, Parameter]] = []
    for at, segment in enumerate(segments):
        if not (segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1):
            continue
        position = sum(each.count("{") for each in segments[:at])
        node = found.get(("path", f"{{{position}}}"))
        if node is not None and id(node) in by_node:
            listed.append((len(segments) - at, by_node[id(node)]))
    return listed


def _keys(contract: Contract) -> list[tuple[str, str]]:
    """Where callers put API keys: `in` and name."""
    components = contract.root.get("components")
    schemes = contract.mapping(components, "securitySchemes") if components else {}
    return [
        (str(each.value.get("in")), str(each.value.get("name")))
        for each in schemes.values()
        if isinstance(each.value, dict) and each.value.get("type") == "apiKey"
    ]


def documents_problems(contract: Contract) -> bool:
    """Whether the contract's errors are those of RFC 9457: any response is documented with its media type."""
    for operation in contract.operations:
        for response in contract.responses(operation).values():
            if any(media in contract.mapping(response, "content") for media in PROBLEM_MEDIA):
                return True
    return False
