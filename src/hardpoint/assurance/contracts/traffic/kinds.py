"""The kinds of drift: how bad each is, what it is called, what to do; and the facts that gates can require."""

from collections.abc import Mapping
from dataclasses import dataclass

from hardpoint.kernel.finding import Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of drift: how bad it is, what it is called, what to do."""

    severity: Severity
    text: str
    remedy: str


_DOCUMENT = "Document it, or have the service not do it"
_KEEP = "Have the service keep its promise, or change the contract by a compatible version"
KINDS: Mapping[str, Kind] = {
    "undocumented-operation": Kind(Severity.ERROR, "an operation that is not documented", _DOCUMENT),
    "undocumented-method": Kind(Severity.ERROR, "a method that is not documented", _DOCUMENT),
    "undocumented-status": Kind(Severity.ERROR, "a status that is not documented", _DOCUMENT),
    "undocumented-media": Kind(Severity.ERROR, "a media type that is not documented", _DOCUMENT),
    "undocumented-parameter": Kind(Severity.WARNING, "a parameter that is not documented", _DOCUMENT),
    "undocumented-header": Kind(Severity.WARNING, "a header that is not documented", _DOCUMENT),
    "undocumented-field": Kind(Severity.WARNING, "a field that is not documented", _DOCUMENT),
    "wrong-type": Kind(Severity.ERROR, "a value of another type", _KEEP),
    "wrong-enum": Kind(Severity.ERROR, "a value that is not in the enumeration", _KEEP),
    "wrong-format": Kind(Severity.ERROR, "a value of another format", _KEEP),
    "wrong-value": Kind(Severity.ERROR, "a value outside of its limits", _KEEP),
    "missing-required": Kind(Severity.ERROR, "what is required is missing", _KEEP),
    "error-envelope": Kind(
        Severity.ERROR, "an error that is no problem of RFC 9457", "Answer errors with application/problem+json"
    ),
    "unregistered-code": Kind(
        Severity.ERROR, "an error without a registered code", "Register the code, or answer with one that is registered"
    ),
    "deprecated-used": Kind(
        Severity.NOTE, "is deprecated, and used", "Tell its callers; it can go when nobody calls it any more"
    ),
    "never-seen": Kind(
        Severity.NOTE, "is documented, and was never seen", "Record for longer; if nobody uses it, deprecate it"
    ),
}


def fact_of(kind: str) -> str:
    """The fact that counts the drifts of a kind."""
    return kind.replace("-", "_")


FACTS: Mapping[str, str] = {
    "exchanges": "exchanges that were read",
    "judged": "those of documented operations, or drifted",
    "violating": "those of them with drift",
    "violation_rate": "the share of those judged that drifted, from 0 to 1",
    "errors": "different drifts that break the promise",
    "warnings": "different drifts beside it: parameters, headers and fields that nobody documented",
    "operations": "operations that are documented",
    "seen_operations": "those that were seen",
    "candidates": "operations so little used that they may go",
    **{fact_of(kind): f"different drifts of the kind {kind}" for kind in KINDS},
}
