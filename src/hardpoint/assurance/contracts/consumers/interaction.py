"""An interaction: the request of a consumer, and what it needs of the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hardpoint.assurance.contracts.consumers.rules import NO_RULES, Rules

ABSENT = object()
"""Stands for a body of which nothing is said; None is the null of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What has to be so at the provider before the request: its name, and its parameters."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the consumer sends. A body is JSON, or text as it is."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the consumer needs of the answer; whatever else there is does not concern it."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = ABSENT
    status_rules: Rules = NO_RULES
    header_rules: Rules = NO_RULES
    body_rules: Rules = NO_RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One request and its answer; `unverified` says why it cannot be verified here.

    One that is `pending` may fail: the provider was not asked for it yet (Pact 4).
    """

    name: str
    request: Request
    response: Response
    states: Sequence[State] = ()
    pending: bool = False
    unverified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What one consumer expects of one provider."""

    consumer: str
    provider: str
    interactions: Sequence[Interaction]
