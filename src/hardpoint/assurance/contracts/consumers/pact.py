"""Pact files of version 3 and 4, and expectations in a small YAML of our own, as interactions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from hardpoint.assurance.contracts.consumers.interaction import (
    ABSENT,
    Expectations,
    Interaction,
    Request,
    Response,
    State,
)
from hardpoint.assurance.contracts.consumers.rules import Rule, Rules, path_of, read_rules
from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_BYTES = 32 * 1024 * 1024
MAX_INTERACTIONS = 5_000
_HTTP = "Synchronous/HTTP"
_NAME_ANOTHER = "Name a Pact file of version 3 or 4, or expectations in YAML."


def read_expectations(content: bytes, file: str) -> Expectations:
    """What a consumer expects, from a Pact file (JSON) or from expectations (YAML).

    Raises UnreadableProblem for what is neither, or has an interaction that cannot be understood.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_BYTES} bytes", place=Place(file), remedy=_NAME_ANOTHER)
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    try:
        data = encoding.decode(content.removeprefix(b"\xef\xbb\xbf"), object, what="It") if is_json else None
        told = data if is_json else yaml.load(content, file).data
        found = _pact(told) if isinstance(told, Mapping) and "interactions" in told else _ours(told)
    except UnreadableProblem as problem:
        place = problem.place or Place(file)
        raise UnreadableProblem(problem.sentence, place=place, remedy=problem.remedy or _NAME_ANOTHER) from problem
    if len(found.interactions) > MAX_INTERACTIONS:
        raise UnreadableProblem(f"has more than {MAX_INTERACTIONS} interactions", place=Place(file))
    return found


def _pact(told: Mapping[str, Any]) -> Expectations:
    metadata = told.get("metadata")
    version = _version(metadata if isinstance(metadata, Mapping) else {})
    if not version.startswith(("3", "4")):
        raise UnreadableProblem(
            f"is a Pact file of version {version or 'unknown'}, and 3 and 4 are read",
            remedy="Write it with a newer Pact library.",
        )
    listed = told["interactions"]
    if not isinstance(listed, list):
        raise UnreadableProblem("has interactions that are no list")
    return Expectations(
        consumer=_participant(told, "consumer"),
        provider=_participant(told, "provider"),
        interactions=[_interaction(each, at) for at, each in enumerate(listed)],
    )


def _version(metadata: Mapping[str, Any]) -> str:
    for key in ("pactSpecification", "pact-specification"):
        found = metadata.get(key)
        if isinstance(found, Mapping):
            return str(found.get("version", ""))
    return str(metadata.get("pactSpecificationVersion", ""))


def _participant(told: Mapping[str, Any], role: str) -> str:
    found = told.get(role)
    name = found.get("name") if isinstance(found, Mapping) else found
    if not isinstance(name, str) or not name:
        raise UnreadableProblem(f"names no {role}")
    return name


def _interaction(told: Any, at: int) -> Interaction:
    if not isinstance(told, Mapping):
        raise UnreadableProblem(f"has an interaction that is no object: number {at + 1}")
    name = str(told.get("description") or f"interaction {at + 1}")
    kind = str(told.get("type", _HTTP))
    if kind != _HTTP:
        nothing = Request(method="", path="")
        return Interaction(
            name=name, request=nothing, response=Response(), unverified=f"it is of type {kind}, not HTTP"
        )
    request, response = told.get("request"), told.get("response")
    if not isinstance(request, Mapping) or not isinstance(response, Mapping):
        raise UnreadableProblem(f"has an interaction without request or response: {name!r}")
    rules = response.get("matchingRules")
    rules = rules if isinstance(rules, Mapping) else {}
    return Interaction(
        name=name,
        states=list(_states(told)),
        pending=told.get("pending") is True,
        request=_request(request, name),
        response=Response(
            status=_status(response.get("status"), name),
            headers=_headers(response.get("headers")),
            body=_body(response),
            status_rules=read_rules(rules.get("status"), what=name),
            header_rules=read_rules(rules.get("header") or rules.get("headers"), what=name),
            body_rules=read_rules(rules.get("body"), what=name),
        ),
    )


def _states(told: Mapping[str, Any]) -> Iterator[State]:
    listed = told.get("providerStates")
    if isinstance(listed, list):
        for each in listed:
            params = each.get("params") if isinstance(each, Mapping) else None
            name = each.get("name", "") if isinstance(each, Mapping) else each
            yield State(name=str(name), params=params if isinstance(params, Mapping) else {})
    elif isinstance(told.get("providerState"), str):
        yield State(name=told["providerState"])


def _request(told: Mapping[str, Any], name: str) -> Request:
    path = told.get("path", "/")
    method = str(told.get("method", "GET")).upper()
    if not isinstance(path, str) or not path.startswith("/") or not (method.isascii() and method.isalpha()):
        raise UnreadableProblem(f"has an interaction with no method and path to ask for: {name!r}")
    path, _, asked = path.partition("?")
    return Request(
        method=method,
        path=path,
        query=[*_query(asked), *_query(told.get("query"))],
        headers=_headers(told.get("headers")),
        body=_body(told),
    )


def _query(told: Any) -> Iterator[tuple[str, str]]:
    if isinstance(told, str):
        yield from parse_qsl(told, keep_blank_values=True)
    elif isinstance(told, Mapping):
        for name, values in told.items():
            for value in values if isinstance(values, list) else [values]:
                yield str(name), "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _headers(told: Any) -> Mapping[str, str]:
    if not isinstance(told, Mapping):
        return {}
    joined = {name: ", ".join(map(str, each)) if isinstance(each, list) else str(each) for name, each in told.items()}
    for name, value in joined.items():
        if any(letter in f"{name}{value}" for letter in "\r\n\0") or not f"{name}{value}".isascii():
            raise UnreadableProblem(f"has a header that cannot be sent: {name!r}")
    return joined


def _status(told: Any, name: str) -> int | None:
    if told is None or (isinstance(told, int) and not isinstance(told, bool)):
        return told
    raise UnreadableProblem(f"has an interaction with a status that is no number: {name!r}")


def _body(told: Mapping[str, Any]) -> Any:
    """The body as it is in version 3, or `{content, contentType, encoded}` of version 4."""
    if "body" not in told:
        return ABSENT
    body = told["body"]
    if not (isinstance(body, Mapping) and "content" in body and set(body) <= _CONTENT):
        return ABSENT if body == {} and "contentType" in told else body
    if body.get("encoded"):
        raise UnreadableProblem(f"has a body encoded as {body['encoded']}, which is not read")
    content = body["content"]
    if isinstance(content, str) and "json" in str(body.get("contentType", "")) and body.get("encoded") == "json":
        return encoding.decode(content.encode(), object, what="A body")
    return content


_CONTENT = frozenset({"content", "contentType", "encoded", "contentTypeHint"})


# Expectations of our own


def _ours(told: Any) -> Expectations:
    if not isinstance(told, Mapping) or not isinstance(told.get("expectations"), list):
        raise UnreadableProblem("is neither a Pact file nor has it `expectations`")
    unknown = set(told) - {"consumer", "provider", "expectations"}
    if unknown:
        raise UnreadableProblem(f"has the unknown key {min(map(str, unknown))!r}")
    return Expectations(
        consumer=_participant(told, "consumer"),
        provider=_participant(told, "provider"),
        interactions=[_expectation(each, at) for at, each in enumerate(told["expectations"])],
    )


def _expectation(told: Any, at: int) -> Interaction:
    known = {"name", "given", "request", "response"}
    if not isinstance(told, Mapping) or set(told) - known or not isinstance(told.get("response"), Mapping):
        raise UnreadableProblem(f"expectation {at + 1} has not just {', '.join(sorted(known))}")
    name = str(told.get("name") or f"expectation {at + 1}")
    request, response = told.get("request"), told["response"]
    if not isinstance(request, Mapping) or set(response) - {"status", "headers", "body", "match"}:
        raise UnreadableProblem(f"{name!r} has not just status, headers, body and match in its response")
    match = response.get("match") or {}
    if not isinstance(match, Mapping):
        raise UnreadableProblem(f"{name!r} has a `match` that is no mapping of paths to matchers")
    given = told.get("given")
    states = given if isinstance(given, list) else [given] if given else []
    return Interaction(
        name=name,
        states=[State(name=str(each)) for each in states],
        request=_request(request, name),
        response=Response(
            status=_status(response.get("status"), name),
            headers=_headers(response.get("headers")),
            body=response.get("body", ABSENT),
            body_rules=Rules([Rule((), ({"match": "type"},)), *(_match(path, each) for path, each in match.items())]),
        ),
    )


def _match(path: str, told: Any) -> Rule:
    """A matcher as Pact has it, or only its name: `$.state: equality`."""
    matcher = {"match": told} if isinstance(told, str) else told
    if not isinstance(matcher, Mapping):
        raise UnreadableProblem(f"the matcher at {path!r} is neither a name nor a mapping")
    return Rule(path_of(path), (matcher,))
