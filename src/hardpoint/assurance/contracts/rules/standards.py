"""Rules about what every interface of a team does alike: versions, pages, retries and errors."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.contracts.discovery import contracts
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.inventory import Fault, Inventory
from hardpoint.assurance.contracts.operations import Operation
from hardpoint.assurance.contracts.placing import placed
from hardpoint.assurance.contracts.schemas import Schema, schema_of
from hardpoint.assurance.contracts.specimen import but, good
from hardpoint.assurance.errors.taxonomy import taxonomy
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.workspace import Workspace

_SEMVER = re.compile(
    r"v?(?P<major>0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?"
)
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[.-]\w+)?")
_VERSION = re.compile(r"v(\d+)(?:(?:alpha|beta|rc)\d*)?|v?\d{4}-\d\d-\d\d", re.IGNORECASE)
_VERSIONED_MEDIA = re.compile(r"[.;+ ]v(?:ersion=)?\d", re.IGNORECASE)
_UNVERSIONED = frozenset(
    {
        "health",
        "healthz",
        "livez",
        "readyz",
        "ready",
        "live",
        "ping",
        "status",
        "metrics",
        "version",
        "docs",
        ".well-known",
    }
)


@rule(
    "CON012",
    Severity.WARNING,
    over=contracts,
    title="The version of a contract is neither SemVer nor a date",
    why="What cannot be ordered cannot say whether a change breaks: SemVer 2.0.0 and calendar versions can.",
    good=good(),
    bad=but(("version: 1.2.0", "version: newest")),
)
def unordered_version(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    version = _info_version(inventory)
    if version and isinstance(text := version.value, str) and not (_SEMVER.fullmatch(text) or _DATE.fullmatch(text)):
        remedy = "Write MAJOR.MINOR.PATCH, or the day of the release (2026-01-31)."
        yield from placed(unordered_version, [Fault(version, f"the version is {text!r}", remedy)])


@rule(
    "CON013",
    Severity.WARNING,
    over=contracts,
    title="Some paths say a version, and others do not",
    why="A second version of what says none has nowhere to stand, and callers cannot tell what they are promised.",
    good=good(),
    bad=but(("  /orders:\n", "  /v1/orders:\n")),
)
def uneven_versions(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(uneven_versions, _uneven(inventory))


def _uneven(inventory: Inventory) -> Iterator[Fault]:
    paths = {path: node for path, node in _paths(inventory) if not _UNVERSIONED & set(path.split("/"))}
    without = [path for path in paths if not _path_version(path)]
    if not 0 < len(without) < len(paths):
        return
    others = f" (and {len(without) - 1} more)" if len(without) > 1 else ""
    text = f"{without[0]}{others} says no version, and {next(p for p in paths if p not in without)} does"
    yield Fault(paths[without[0]], text, "Begin every path with a version, or none and let the server's URL say it.")


@rule(
    "CON014",
    Severity.NOTE,
    over=contracts,
    title="No request says which version of the interface it is for",
    why="Once there are two versions, old callers have to be told from new ones; adding that later breaks them.",
    good=good(),
    bad=but(("api.shop.example/v1", "api.shop.example")),
)
def no_version(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    if inventory.operations and not any(_says_version(inventory)):
        text = "neither a path nor a server, a header, a parameter or a media type says a version"
        yield from placed(no_version, [Fault(inventory.root, text, "Begin the paths, or the server's URL, with /v1.")])


def _says_version(inventory: Inventory) -> Iterator[bool]:
    yield from (bool(_path_version(path)) for path, _ in _paths(inventory))
    yield from (bool(_path_version(str(node.value.get("url")))) for node in inventory.nodes("server"))
    yield from ("version" in str(node.value.get("name")).lower() for node in inventory.nodes("parameter"))
    yield from (bool(_VERSIONED_MEDIA.search(str(node.path[-1]))) for node in inventory.nodes("media"))


def _paths(inventory: Inventory) -> list[tuple[str, Node]]:
    paths = inventory.root.get("paths")
    return [(path, node) for path, node in (paths.items() if paths else ()) if path.startswith("/")]


def _path_version(path: str) -> bool:
    return any(_VERSION.fullmatch(segment) for segment in path.split("/"))


def _info_version(inventory: Inventory) -> Node | None:
    info = inventory.root.get("info")
    return info.get("version") if info else None


_PAGED_BY = re.compile(
    r"cursor|page|offset|skip|after|before|(?:starting|ending)_?(?:after|before)|since|continuation|next|token|marker",
    re.IGNORECASE,
)
_PAGED_WITH = re.compile(
    r"next|cursor|has_?more|_?links|pagination|paging|page|nextlink|continuation|marker", re.IGNORECASE
)
_LIST = frozenset({"array"})
_ENVELOPES = frozenset({"items", "data", "results", "values", "records", "entries", "elements", "content", "edges"})


@rule(
    "CON015",
    Severity.WARNING,
    over=contracts,
    title="A list comes without pages",
    why="A list that can only be had whole grows until it can no more be had, and pages added later break callers.",
    good=good(),
    bad=but(
        ("      parameters: [{name: cursor, in: query, schema: {type: string}}]\n", ""),
        ("          headers: {Link: {description: The next page (RFC 8288), schema: {type: string}}}\n", ""),
    ),
)
def unpaged(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unpaged, (fault for each in inventory.operations for fault in _without_pages(each, inventory)))


def _without_pages(operation: Operation, inventory: Inventory) -> Iterator[Fault]:
    if operation.method != "GET":
        return
    asked = (each.value for each in inventory.parameters(operation) if each.value.get("in") == "query")
    if any(_PAGED_BY.search(str(each.get("name"))) for each in asked):
        return
    for status, response in inventory.responses(operation).items():
        if status[:1] != "2" or any(name.lower() == "link" for name in inventory.named(response, "headers")):
            continue
        for media, node in inventory.named(response, "content").items():
            if _is_json(media) and _is_unbounded_list(_schema(node, inventory), operation):
                remedy = "Take a cursor and a limit, and link to the next page (RFC 8288, `Link`) or give its cursor."
                yield Fault(operation.node, f"{operation} gives a list, and takes no page", remedy)
                return


def _is_unbounded_list(schema: Schema | None, operation: Operation) -> bool:
    """Whether a schema is a list without a most, or an object that does nothing but hold one."""
    if schema is None:
        return False
    if schema.types == _LIST:
        return schema.first("maxItems") is None and not _is_enumerated(schema)
    names = schema.property_names
    if any(_PAGED_WITH.fullmatch(name) or name.lower().startswith(("next", "page")) for name in names):
        return False
    last = next((each for each in reversed(operation.path.split("/")) if each and "{" not in each), "")
    held = [name for name in names if name in _ENVELOPES or name == last]
    if operation.path.rstrip("/").endswith("}"):
        return False
    lists = (each for name in held if (each := _property(schema, name)) is not None)
    return any(each.types == _LIST and each.first("maxItems") is None and not _is_enumerated(each) for each in lists)


def _is_enumerated(schema: Schema) -> bool:
    try:
        below = schema.below("items")
    except (UnreadableProblem, RecursionError):  # as above
        return False
    return below is not None and below.first("enum") is not None and schema.first("uniqueItems") is True


def _schema(media: Node, inventory: Inventory) -> Schema | None:
    node = media.get("schema")
    try:
        return schema_of(inventory.contract, node) if node else None
    except (UnreadableProblem, RecursionError):  # a reference that leads nowhere is told by itself
        return None


def _property(schema: Schema | None, name: str) -> Schema | None:
    try:
        return schema.property_of(name) if schema else None
    except (UnreadableProblem, RecursionError):  # as above
        return None


def _is_json(media: str) -> bool:
    bare = _bare(media)
    return bare.endswith(("/json", "+json"))


def _bare(media: str) -> str:
    return media.partition(";")[0].strip().lower()


_KEYS = frozenset({"idempotency-key", "x-idempotency-key"})
_CONDITIONS = frozenset({"if-match", "if-none-match", "if-unmodified-since"})
_READING = frozenset(["search", "query", "lookup", "validate", "preview", "estimate", "introspect"])


@rule(
    "CON016",
    Severity.WARNING,
    over=contracts,
    title="A request that changes something cannot be repeated safely",
    why="A caller that gets no answer does not know whether it was heard; repeating it may do it twice.",
    good=good(),
    bad=but(("parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}]", "tags: []")),
)
def unrepeatable(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    remedy = "Take an Idempotency-Key (IETF draft), If-Match for a PATCH, or state `x-idempotent: true` if it is."
    unsafe = (each for each in inventory.operations if _is_unrepeatable(each, inventory))
    yield from placed(unrepeatable, (Fault(each.node, f"{each} takes no Idempotency-Key", remedy) for each in unsafe))


def _is_unrepeatable(operation: Operation, inventory: Inventory) -> bool:
    if operation.method not in {"POST", "PATCH"} or operation.node.value.get("x-idempotent") is True:
        return False
    if re.split(r"[/:]", operation.path.rstrip("/"))[-1].lower() in _READING:
        return False
    headers = {
        str(each.value.get("name")).lower()
        for each in inventory.parameters(operation)
        if each.value.get("in") == "header"
    }
    return not headers & (_KEYS | _CONDITIONS)


_PROBLEMS = frozenset({"application/problem+json", "application/problem+xml"})
_MEMBERS: Mapping[str, str] = {
    "type": "string",
    "title": "string",
    "status": "integer",
    "detail": "string",
    "instance": "string",
}
"""The members of a problem details object (RFC 9457, section 3.1)."""


@rule(
    "CON017",
    Severity.WARNING,
    over=contracts,
    title="An error does not come in the standard envelope",
    why="A client that knows one form of error can handle them all (RFC 9457); each other form is code of its own.",
    good=good(),
    bad=but(("application/problem+json", "application/json")),
)
def other_envelope(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(other_envelope, (fault for each in errors(inventory) for fault in _enveloped(each, inventory)))


def _enveloped(response: Node, inventory: Inventory) -> Iterator[Fault]:
    content = inventory.named(response, "content")
    problems = [node for media, node in content.items() if _bare(media) in _PROBLEMS]
    if content and not problems:
        text = f"an error comes as {', '.join(content)}"
        yield Fault(response, text, "Give application/problem+json with type, title, status and a registered code.")
    for media in problems:
        schema = _schema(media, inventory)
        for name, kind in _MEMBERS.items() if schema else ():
            below = _property(schema, name)
            if below is not None and below.types and not below.types & {kind, "number" if kind == "integer" else kind}:
                said = " or ".join(sorted(below.types))
                yield Fault(
                    media, f"the member {name!r} of a problem is of type {kind}, and here {said}", "See RFC 9457, 3.1."
                )


def errors(inventory: Inventory) -> list[Node]:
    """Every response that tells of an error, once, at the place where it is written."""
    told = {}
    for operation in inventory.operations:
        responses = inventory.responses(operation)
        succeeds = any(status[:1] in {"2", "3"} for status in responses)
        for status, node in responses.items():
            if status[:1] in {"4", "5"} or (status == "default" and succeeds):
                told[id(node.value)] = node
    return list(told.values())


def _under_codes(workspace: Workspace) -> list[Inventory]:
    return contracts(workspace) if taxonomy(workspace) else []


_TAXONOMY = """\
version: 1
errors:
  codes:
    - {code: ORDER_GONE, title: It is gone, category: state, severity: error, retry: never, remedy: List them again.}
"""


@rule(
    "CON027",
    Severity.ERROR,
    over=_under_codes,
    title="A contract tells of an error whose code is not registered",
    why="Callers are promised a code that the taxonomy gives no meaning, or that is spelt otherwise there.",
    good={"hardpoint.yaml": _TAXONOMY, **good()},
    bad={"hardpoint.yaml": _TAXONOMY, **but(("enum: [ORDER_GONE]", "enum: [ORDER_LOST]"))},
)
def unregistered(inventory: Inventory, workspace: Workspace) -> Iterator[Finding]:
    known = taxonomy(workspace).in_use
    remedy = "Register it in the taxonomy, or correct it."
    if known:
        found = (each for each in codes(inventory) if each.value not in known)
        yield from placed(
            unregistered,
            (
                Fault(
                    each, f"the code {each.value!r} is not registered{did_you_mean(each.value, sorted(known))}", remedy
                )
                for each in found
            ),
        )


def codes(inventory: Inventory) -> list[Node]:
    """The codes of errors that a contract names: as the values of the member `code`, and in examples of errors."""
    found: dict[object, Node] = {}
    for response in errors(inventory):
        for media in inventory.named(response, "content").values():
            schema = _schema(media, inventory)
            below = _property(schema, "code")
            for node in (*_values(below), *_in_examples(media, inventory)):
                if isinstance(node.value, str):
                    found[node.source.file, node.path] = node
    return list(found.values())


def _values(schema: Schema | None) -> Iterator[Node]:
    if schema is not None:
        yield from schema.having("const")
        yield from (each for node in schema.having("enum") for each in node.each())


def _in_examples(media: Node, inventory: Inventory) -> Iterator[Node]:
    one = media.get("example")
    several = (each.get("value") for each in inventory.named(media, "examples").values())
    for example in (one, *several):
        if example is not None and (code := example.get("code")) is not None:
            yield code


@rule(
    "CON018",
    Severity.NOTE,
    over=contracts,
    title="An operation says of no error how it looks",
    why="Every operation fails at times; what callers are not told of, they do not handle.",
    good=good(),
    bad=but(("        '404': {$ref: '#/components/responses/Problem'}\n", "")),
)
def no_errors(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    silent = (each for each in inventory.operations if not any(_is_error(s) for s in inventory.responses(each)))
    remedy = "Describe 4XX and 5XX, or default."
    yield from placed(no_errors, (Fault(each.node, f"{each} describes no error", remedy) for each in silent))


def _is_error(status: str) -> bool:
    return status[:1] in {"4", "5"} or status == "default"
