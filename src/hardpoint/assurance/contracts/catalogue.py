"""What can change in a contract: the id of each rule, how bad it is, why, and what to do instead.

Ids are those of oasdiff where the meaning is the same, so that its users find what they know.
"""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad a change is for whoever uses the interface: an error breaks them, a warning may."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The worst first."""
        return list(Level).index(self)


class Direction(Enum):
    """Who sends what a schema describes: the consumer its requests, the provider its responses."""

    REQUEST = "request"
    RESPONSE = "response"
    NONE = ""

    @property
    def other(self) -> "Direction":
        """The direction in which an answer to this goes."""
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(self, self)


STABILITIES = ("draft", "alpha", "beta", "stable")
"""How much is promised of an operation or a property (`x-stability-level`), the least first."""

E, W, I = Level.ERROR, Level.WARNING, Level.INFO  # noqa: E741 - a table


@dataclass(frozen=True, slots=True)
class Aspect:
    """What can change in a schema: how bad that is in a request and in a response (None: it is not told), and why."""

    request: Level | None
    response: Level | None
    text: str
    remedy: str = ""

    def level(self, direction: Direction) -> Level | None:
        """How bad it is in a direction."""
        return self.response if direction is Direction.RESPONSE else self.request


_KEEP = "Keep accepting and sending what was promised, or announce it in a new version."
_ACCEPT = "Keep accepting what was accepted, at least until the consumers have moved."
_PROMISE = "Keep to what was promised, or tell the consumers first."


def _bound(what: str, *, at_most: bool, set_level: Level = W) -> dict[str, Aspect]:
    """The aspects of a limit: `max…` limits from above, `min…` from below."""
    stricter, looser = ("decreased", "increased") if at_most else ("increased", "decreased")
    return {
        f"{what}-{stricter}": Aspect(E, None, "was {0}, and is now {1}: less is accepted", _ACCEPT),
        f"{what}-{looser}": Aspect(I, E, "was {0}, and is now {1}", _PROMISE),
        f"{what}-set": Aspect(set_level, None, "is now {1}, and was not limited", _ACCEPT),
        f"{what}-unset": Aspect(None, E, "was {0}, and is not limited any more", _PROMISE),
    }


def _part(what: str, *, narrows: bool = True) -> dict[str, Aspect]:
    """The aspects of a keyword that is there or not; one that narrows makes fewer values valid."""
    added, removed = (E, I) if narrows else (I, E)
    return {
        f"{what}-added": Aspect(added, I if narrows else E, "{1} was added", _ACCEPT if narrows else _PROMISE),
        f"{what}-removed": Aspect(removed, E if narrows else I, "{0} was removed", _PROMISE if narrows else _ACCEPT),
    }


ASPECTS: dict[str, Aspect] = {
    "type-changed": Aspect(E, E, "has another type: {0}, now {1}", _KEEP),
    "type-generalized": Aspect(I, E, "has a wider type: {0}, now {1}", _PROMISE),
    "type-specialized": Aspect(E, I, "has a narrower type: {0}, now {1}", _ACCEPT),
    "type-compatible": Aspect(I, I, "has another type, {0}, now {1}, which is the same as text"),
    "list-of-types-widened": Aspect(I, E, "may have more types: {1}", _PROMISE),
    "list-of-types-narrowed": Aspect(E, I, "may have fewer types: not {0}", _ACCEPT),
    "became-nullable": Aspect(I, E, "may now be null", "Leave it out instead, or announce it in a new version."),
    "became-not-nullable": Aspect(E, I, "may no longer be null", _ACCEPT),
    "became-enum": Aspect(E, None, "takes only some values now: {1}", _ACCEPT),
    "enum-value-added": Aspect(I, W, "has the new value {1}", "Consumers may know only the old ones: tell them first."),
    "enum-value-removed": Aspect(E, I, "has no longer the value {0}", _ACCEPT),
    "enum-removed": Aspect(I, W, "is not limited to some values any more", "Tell the consumers first."),
    "x-extensible-enum-value-removed": Aspect(E, None, "has no longer the value {0}", _ACCEPT),
    "const-added": Aspect(E, I, "takes only {1} now", _ACCEPT),
    "const-removed": Aspect(I, E, "is not always {0} any more", _PROMISE),
    "const-changed": Aspect(E, E, "was always {0}, and is now {1}", _KEEP),
    "default-value-added": Aspect(I, I, "has the default {1} now"),
    "default-value-removed": Aspect(I, I, "has no default any more; it was {0}"),
    "default-value-changed": Aspect(I, I, "has another default: {0}, now {1}"),
    **_bound("max", at_most=True),
    **_bound("exclusive-max", at_most=True),
    **_bound("max-length", at_most=True),
    **_bound("max-items", at_most=True),
    **_bound("max-properties", at_most=True),
    **_bound("max-contains", at_most=True),
    **_bound("min", at_most=False),
    **_bound("exclusive-min", at_most=False),
    **_bound("min-length", at_most=False, set_level=E),
    **_bound("min-items", at_most=False),
    **_bound("min-properties", at_most=False, set_level=E),
    **_bound("min-contains", at_most=False, set_level=E),
    "multiple-of-changed": Aspect(E, E, "is a multiple of another number: {0}, now {1}", _KEEP),
    "unique-items-added": Aspect(E, None, "may not have the same item twice any more", _ACCEPT),
    "unique-items-removed": Aspect(None, W, "may have the same item twice now", _PROMISE),
    "pattern-added": Aspect(E, I, "has to match {1} now", _ACCEPT),
    "pattern-removed": Aspect(I, I, "does not have to match {0} any more"),
    "pattern-changed": Aspect(
        W, I, "has to match {1} now, and had to match {0}", "Is all that matched still accepted?"
    ),
    "pattern-generalized": Aspect(I, I, "has to match {1} now, as everything does"),
    **_part("pattern-property"),
    **_part("prefix-items", narrows=False),
    **_part("property-names"),
    **_part("if"),
    **_part("then"),
    **_part("else"),
    "if-changed": Aspect(E, E, "has another condition", _KEEP),
    **_part("contains"),
    **_part("dependent-required"),
    "dependent-required-changed": Aspect(E, E, "requires other properties together: {0}, now {1}", _KEEP),
    **_part("dependent-schema"),
    **_part("unevaluated-items"),
    **_part("unevaluated-properties"),
    **_part("content-schema"),
    "content-media-type-changed": Aspect(E, E, "contains another media type: {0}, now {1}", _KEEP),
    "content-encoding-changed": Aspect(E, E, "is encoded in another way: {0}, now {1}", _KEEP),
    **_part("not"),
    "not-changed": Aspect(E, E, "excludes other values than before", _KEEP),
    "all-of-added": Aspect(I, I, "is also {1}"),
    "all-of-removed": Aspect(I, I, "is no longer also {0}"),
    **_part("one-of", narrows=False),
    "any-of-added": Aspect(I, W, "{1} was added", _PROMISE),
    "any-of-removed": Aspect(E, I, "{0} was removed", _ACCEPT),
    "any-of-became-one-of": Aspect(E, I, "has to be exactly one of several now, not any", _ACCEPT),
    "one-of-became-any-of": Aspect(I, W, "may be more than one of several now", _PROMISE),
    "wrapped-in-one-of": Aspect(E, E, "is now one of several, none of which is what it was", _KEEP),
    "wrapped-in-any-of": Aspect(E, E, "is now any of several, none of which is what it was", _KEEP),
    "unwrapped": Aspect(E, E, "was one of several, and is now none of them", _KEEP),
    "discriminator-added": Aspect(I, I, "is told apart by a discriminator now"),
    "discriminator-removed": Aspect(I, I, "is not told apart by a discriminator any more"),
    "discriminator-property-name-changed": Aspect(I, I, "is told apart by another property: {0}, now {1}"),
    "discriminator-mapping-added": Aspect(I, I, "has the discriminator value {1} now"),
    "discriminator-mapping-deleted": Aspect(I, I, "has no longer the discriminator value {0}"),
    "discriminator-mapping-changed": Aspect(I, I, "means another schema by the discriminator value {0}"),
    "additional-properties-forbidden": Aspect(E, None, "takes no other properties any more", _ACCEPT),
    "additional-properties-restricted": Aspect(W, None, "takes other properties of one schema only", _ACCEPT),
    "additional-properties-opened": Aspect(None, W, "may have other properties of any kind now", _PROMISE),
    # Of one property of an object: what identify() writes in another order.
    "became-required": Aspect(E, I, "is required now", "Keep it optional, with a default on your side."),
    "became-required-with-default": Aspect(E, I, "is required now, although it has a default", "Keep it optional."),
    "became-optional": Aspect(I, E, "is not always there any more", _PROMISE),
    "added-required": Aspect(E, I, "is new, and required", "Make it optional, with a default on your side."),
    "added-required-with-default": Aspect(E, I, "is new, and required although it has a default", "Make it optional."),
    "added-optional": Aspect(I, I, "is new"),
    "removed-required": Aspect(W, E, "was removed", "Deprecate it first, and remove it once nobody reads or sends it."),
    "removed-optional": Aspect(W, W, "was removed", "Deprecate it first, and remove it once nobody reads or sends it."),
    "required-became-read-only": Aspect(I, I, "is read-only now"),
    "required-became-not-read-only": Aspect(E, I, "is not read-only any more: it has to be sent now", _ACCEPT),
    "required-became-write-only": Aspect(I, W, "is write-only now: it is not sent any more", _PROMISE),
    "required-became-not-write-only": Aspect(I, W, "is not write-only any more: it is sent now"),
    "optional-became-read-only": Aspect(I, I, "is read-only now"),
    "optional-became-not-read-only": Aspect(I, I, "is not read-only any more"),
    "optional-became-write-only": Aspect(I, W, "is write-only now: it is not sent any more", _PROMISE),
    "optional-became-not-write-only": Aspect(I, I, "is not write-only any more"),
    "deprecated": Aspect(I, I, "is deprecated"),
    "deprecated-with-sunset": Aspect(I, I, "is deprecated, and will be gone on {1}"),
    "deprecated-sunset-missing": Aspect(E, E, "is deprecated without a sunset date", "Say when it ends: `x-sunset`."),
    "deprecated-sunset-invalid": Aspect(E, E, "has a sunset that is no date: {1}", "Write a date: 2030-01-31."),
    "sunset-date-too-small": Aspect(E, E, "ends too soon: {1}", "Give the consumers the days that were agreed on."),
    "reactivated": Aspect(I, I, "is not deprecated any more"),
    "stability-decreased": Aspect(E, E, "is less stable than promised: {0}, now {1}", _PROMISE),
    "stability-increased": Aspect(I, I, "is more stable: {0}, now {1}"),
    "xml-changed": Aspect(E, E, "is written in XML under another name or in another way", _KEEP),
}
"""Of schemas, wherever they stand. In the text, {0} is what was and {1} what is."""

_PROPERTY = {
    "added-required": "new-required-request-property",
    "added-required-with-default": "new-required-request-property-with-default",
    "added-optional": "new-optional-request-property",
    "removed-required": "request-property-removed",
    "removed-optional": "request-property-removed",
}
_HEADER_PARAMETER = {
    "added-required": "new-required-request-header-property",
    "added-required-with-default": "new-required-request-header-property",
    "became-required": "request-header-property-became-required",
    "became-enum": "request-header-property-became-enum",
}
_SILENT = {
    **{
        ("request-property", aspect): f"request-read-only-property-{aspect}"
        for aspect in (
            *("max-decreased", "exclusive-max-decreased", "max-length-decreased"),
            *("min-increased", "exclusive-min-increased", "enum-value-removed"),
        )
    },
    **{
        ("response-property", aspect): f"response-write-only-property-{aspect}"
        for aspect in ("became-optional", "became-required", "enum-value-added")
    },
}


def identify(where: str, aspect: str, direction: Direction, *, silent: bool = False, header: bool = False) -> str:
    """The id of a change of a schema.

    `where` is what has the schema: `request-body`, `request-property`, `request-parameter`, `response-header`…;
    `silent` says that a request does not take it (it is read-only), or a response has it not (it is write-only).
    """
    if (where, aspect) == ("response-body", "enum-value-removed"):
        return "response-mediatype-enum-value-removed"
    if header and where == "request-parameter-property" and aspect in _HEADER_PARAMETER:
        return _HEADER_PARAMETER[aspect]
    if aspect.startswith(("added-", "removed-", "required-became-", "optional-became-")):
        return _of_property(where, aspect, direction, silent=silent)
    if silent and (where, aspect) in _SILENT:
        return _SILENT[where, aspect]
    return f"{where}-{aspect}"


def _of_property(where: str, aspect: str, direction: Direction, *, silent: bool) -> str:
    """The id of what became of a property of an object."""
    if direction is Direction.REQUEST and aspect in _PROPERTY:
        name = _PROPERTY[aspect]
        return name.replace("request-property", "request-parameter-property") if "parameter" in where else name
    first, _, rest = aspect.removesuffix("-with-default").partition("-")
    if rest.startswith("became-"):
        return f"{direction.value}-{first}-property-{rest}"
    return f"{direction.value}-{rest}-{'write-only-' if silent else ''}property-{first}"


PARAMETER_LEVELS = {"default-value-added": E, "default-value-removed": E, "default-value-changed": E}
"""What is worse of a parameter than of a body: what its absence means changes for every consumer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A change of anything but a schema: how bad it is, what is said of it, and what to do instead."""

    level: Level
    text: str
    remedy: str = ""


_ANNOUNCE = "Deprecate it with a sunset date, and remove it after that date, once nobody calls it."
_DATE = "Write a date: 2030-01-31."
_ENDLESS = "Leave the date, or end the deprecation."
_MOVED = "Accept it until the callers have moved."
_UNTIL = "Accept callers without it until they have moved."
_AGREED = "Give the consumers the days that were agreed on."

KINDS: dict[str, Kind] = {
    "endpoint-added": Kind(I, "is new"),
    "api-path-removed-without-deprecation": Kind(E, "was removed, with its path, without being deprecated", _ANNOUNCE),
    "api-path-removed-with-deprecation": Kind(I, "was removed, with its path, after being deprecated"),
    "api-path-removed-before-sunset": Kind(E, "was removed, with its path, before its sunset date, {0}", _ANNOUNCE),
    "api-path-sunset-parse": Kind(E, "was removed, and its sunset is no date: {0}", _DATE),
    "api-removed-without-deprecation": Kind(E, "was removed without being deprecated", _ANNOUNCE),
    "api-removed-with-deprecation": Kind(I, "was removed after being deprecated"),
    "api-removed-before-sunset": Kind(E, "was removed before its sunset date, {0}", _ANNOUNCE),
    "endpoint-deprecated": Kind(I, "is deprecated", "Say when it ends: `x-sunset`."),
    "endpoint-deprecated-with-sunset": Kind(I, "is deprecated, and ends on {1}"),
    "endpoint-reactivated": Kind(I, "is not deprecated any more"),
    "api-deprecated-sunset-missing": Kind(E, "is deprecated without a sunset date", "Say when it ends: `x-sunset`."),
    "api-deprecated-sunset-parse": Kind(E, "has a sunset that is no date: {1}", _DATE),
    "api-sunset-date-too-small": Kind(E, "ends too soon: {1}", _AGREED),
    "api-sunset-date-changed-too-small": Kind(E, "ends sooner than announced: {0}, now {1}", _AGREED),
    "sunset-deleted": Kind(E, "has no sunset date any more; it was {0}", _ENDLESS),
    "api-stability-decreased": Kind(E, "is less stable than promised: {0}, now {1}", _PROMISE),
    "api-stability-increased": Kind(I, "is more stable: {0}, now {1}"),
    "api-invalid-stability-level": Kind(
        E, "has a stability level that there is not: {1}", "Write draft, alpha, beta or stable."
    ),
    "api-operation-id-removed": Kind(I, "is not called {0} any more: generated clients change"),
    "api-operation-id-added": Kind(I, "is called {1} now"),
    "api-tag-removed": Kind(I, "has no longer the tag {0}"),
    "api-tag-added": Kind(I, "has the tag {1} now"),
    "api-schema-removed": Kind(I, "the schema {0} was removed"),
    "api-version-not-bumped": Kind(I, "the contract breaks, and its version is still {0}", "Raise the major version."),
    "api-version-decreased": Kind(I, "the version went from {0} back to {1}", "Raise it."),
    "api-major-version-not-bumped": Kind(
        I, "the contract breaks, and its version went from {0} to {1} only", "Raise the major version."
    ),
    "new-request-path-parameter": Kind(E, "the path parameter {name} is new", _ACCEPT),
    "new-required-request-parameter": Kind(E, "the {in} parameter {name} is new, and required", "Make it optional."),
    "new-optional-request-parameter": Kind(I, "the {in} parameter {name} is new"),
    "request-parameter-removed": Kind(W, "the {in} parameter {name} was removed", "Deprecate it first."),
    "request-parameter-removed-with-deprecation": Kind(
        I, "the {in} parameter {name} was removed after being deprecated"
    ),
    "request-parameter-removed-before-sunset": Kind(
        E, "the {in} parameter {name} was removed before its sunset date, {0}", "Remove it after that date."
    ),
    "request-parameter-became-required": Kind(E, "the {in} parameter {name} is required now", "Keep it optional."),
    "request-parameter-became-optional": Kind(I, "the {in} parameter {name} is optional now"),
    "request-parameter-deprecated": Kind(I, "the {in} parameter {name} is deprecated"),
    "request-parameter-deprecated-sunset-missing": Kind(
        E, "the {in} parameter {name} is deprecated without a sunset date", "Say when it ends: `x-sunset`."
    ),
    "request-parameter-sunset-parse": Kind(E, "the {in} parameter {name} has a sunset that is no date: {1}", _DATE),
    "request-parameter-sunset-date-too-small": Kind(E, "the {in} parameter {name} ends too soon: {1}", _AGREED),
    "request-parameter-sunset-date-changed-too-small": Kind(
        E, "the {in} parameter {name} ends sooner than announced: {0}, now {1}", _AGREED
    ),
    "request-parameter-sunset-deleted": Kind(
        E, "the {in} parameter {name} has no sunset date any more; it was {0}", _ENDLESS
    ),
    "request-parameter-reactivated": Kind(I, "the {in} parameter {name} is not deprecated any more"),
    "request-parameter-style-changed": Kind(
        E, "the {in} parameter {name} is written in another way: {0}, now {1}", _ACCEPT
    ),
    "request-parameter-content-changed": Kind(
        E, "the {in} parameter {name} has another media type: {0}, now {1}", _ACCEPT
    ),
    "request-parameter-empty-value-forbidden": Kind(E, "the {in} parameter {name} may not be empty any more", _ACCEPT),
    "request-parameter-reserved-forbidden": Kind(
        E, "the {in} parameter {name} may not have reserved characters any more", _ACCEPT
    ),
    "request-body-added-required": Kind(E, "a request body is required now", "Make it optional."),
    "request-body-added-optional": Kind(I, "a request body may be sent now"),
    "request-body-removed": Kind(E, "no request body is taken any more", _ACCEPT),
    "request-body-became-required": Kind(E, "the request body is required now", "Keep it optional."),
    "request-body-became-optional": Kind(I, "the request body is optional now"),
    "request-body-media-type-added": Kind(I, "the request may be {1} now"),
    "request-body-media-type-removed": Kind(E, "the request may not be {0} any more", _ACCEPT),
    "request-body-media-type-schema-added": Kind(E, "the request body has a schema now", _ACCEPT),
    "request-body-media-type-schema-removed": Kind(I, "the request body has no schema any more"),
    "request-body-encoding-changed": Kind(E, "the part {name} of the request is encoded in another way", _ACCEPT),
    "response-success-status-removed": Kind(E, "the status {0} was removed", _PROMISE),
    "response-success-status-added": Kind(I, "the status {1} is new"),
    "response-non-success-status-removed": Kind(I, "the status {0} was removed"),
    "response-non-success-status-added": Kind(I, "the status {1} is new"),
    "response-media-type-added": Kind(I, "the response {name} may be {1} now"),
    "response-media-type-removed": Kind(E, "the response {name} is not {0} any more", _PROMISE),
    "response-media-type-name-generalized": Kind(
        E, "the response {name} may be of other media types than {0} now", _PROMISE
    ),
    "response-body-media-type-schema-added": Kind(I, "the response {name} has a schema now"),
    "response-body-media-type-schema-removed": Kind(W, "the response {name} has no schema any more", _PROMISE),
    "response-header-added": Kind(I, "the response {in} has the header {name} now"),
    "required-response-header-removed": Kind(E, "the response {in} has no header {name} any more", _PROMISE),
    "optional-response-header-removed": Kind(W, "the response {in} has no header {name} any more", _PROMISE),
    "response-header-became-optional": Kind(E, "the header {name} of the response {in} is not always there", _PROMISE),
    "response-header-became-required": Kind(I, "the header {name} of the response {in} is always there now"),
    "response-header-style-changed": Kind(
        E, "the header {name} of the response {in} is written in another way: {0}, now {1}", _KEEP
    ),
    "response-header-content-changed": Kind(
        E, "the header {name} of the response {in} has another media type: {0}, now {1}", _KEEP
    ),
    "response-link-removed": Kind(W, "the response {in} has no link {name} any more", _PROMISE),
    "response-link-changed": Kind(W, "the link {name} of the response {in} leads elsewhere", _PROMISE),
    "sent-parameter-removed": Kind(E, "the {in} parameter {name} is not sent any more", _PROMISE),
    "sent-parameter-became-optional": Kind(E, "the {in} parameter {name} is not always sent any more", _PROMISE),
    "sent-parameter-style-changed": Kind(
        E, "the {in} parameter {name} that is sent is written in another way: {0}, now {1}", _KEEP
    ),
    "sent-parameter-content-changed": Kind(
        E, "the {in} parameter {name} that is sent has another media type: {0}, now {1}", _KEEP
    ),
    "sent-body-removed": Kind(E, "no body is sent any more", _PROMISE),
    "sent-body-became-optional": Kind(E, "a body is not always sent any more", _PROMISE),
    "answer-status-removed": Kind(E, "the answer {0} is not taken any more", _ACCEPT),
    "callback-added": Kind(I, "the callback {name} is new"),
    "callback-removed": Kind(E, "the callback {name} was removed", _PROMISE),
    "webhook-added": Kind(I, "the webhook {name} is new"),
    "webhook-removed": Kind(E, "the webhook {name} was removed", _PROMISE),
    "api-security-added": Kind(E, "callers need {1} now", _UNTIL),
    "api-security-alternative-added": Kind(I, "callers may use {1} now"),
    "api-security-removed": Kind(E, "callers may not use {0} any more", _MOVED),
    "api-security-dropped": Kind(I, "callers need no authentication any more"),
    "api-security-scope-added": Kind(E, "callers need more of {0} now: {1}", _UNTIL),
    "api-security-scope-removed": Kind(I, "callers need less of {0} now: {1}"),
    "api-global-security-added": Kind(E, "callers need {1} now", _UNTIL),
    "api-global-security-alternative-added": Kind(I, "callers may use {1} now"),
    "api-global-security-removed": Kind(E, "callers may not use {0} any more", _MOVED),
    "api-global-security-dropped": Kind(I, "callers need no authentication any more"),
    "api-global-security-scope-added": Kind(
        E, "callers need more of {0} now: {1}", _UNTIL
    ),
    "api-global-security-scope-removed": Kind(I, "callers need less of {0} now: {1}"),
    "api-security-component-added": Kind(I, "the security scheme {1} is new"),
    "api-security-component-removed": Kind(I, "the security scheme {0} was removed"),
    "api-security-component-type-changed": Kind(E, "the security scheme {name} is another one: {0}, now {1}", _ACCEPT),
    "api-security-component-oauth-url-changed": Kind(I, "the security scheme {name} authorizes at {1} now"),
    "api-security-component-oauth-token-url-changed": Kind(I, "the security scheme {name} gives tokens at {1} now"),
    "api-security-component-oauth-flow-removed": Kind(
        E, "the security scheme {name} gives no tokens by the flow {0} any more", _MOVED
    ),
    "api-security-component-oauth-scope-added": Kind(I, "the security scheme {name} has the scope {1} now"),
    "api-security-component-oauth-scope-removed": Kind(I, "the security scheme {name} has no scope {0} any more"),
    "server-removed": Kind(W, "the server {0} was removed", "Keep it reachable until the consumers have moved."),
    "server-added": Kind(I, "the server {1} is new"),
    "server-variable-changed": Kind(W, "the variable {name} of the server {0} takes other values", _KEEP),
}  # fmt: skip
"""Of everything else. In the text, {0} is what was, {1} what is; {in} and {name} say which one."""
