"""Types and formats, before and after: wider, narrower, or another."""

from typing import Any

from hardpoint.assurance.contracts.schemas import Schema, contains

_WIDEST = {"int64", "double"}
"""What a number is where nothing is said: as wide as the type."""


def type_aspect(base: Schema, revision: Schema, *, is_request: bool, text: bool) -> str:
    """What became of the type and the format of a value; nothing where both are as they were.

    A request may be of a wider type, and a response of a narrower one. In `text`, a number is a string as well.
    """
    was, now = base.types, revision.types
    types = _relation(wider=contains(now, was), narrower=contains(was, now))
    if types == "other" and text and (aspect := _as_text(base, revision, is_request=is_request)):
        return aspect
    form = _format_relation(_format(base), _format(revision))
    if types in {"wider", "narrower"} and None in (was, now):
        form = "same"  # a format says nothing without its type
    relations = {types, form} - {"same"}
    if not relations:
        return ""
    if is_request:
        return "type-generalized" if relations == {"wider"} else "type-changed"
    if relations == {"narrower"}:
        return "type-specialized"
    return "type-generalized" if relations == {"wider"} and now is not None and form == "same" else "type-changed"


def _as_text(base: Schema, revision: Schema, *, is_request: bool) -> str:
    """What became of a type where all is text, and nothing else limits the text that may stand there."""
    if is_request and _is_free(revision) and contains(revision.types, base.types, text=True):
        return "type-generalized"
    if not is_request and _is_free(base) and contains(base.types, revision.types, text=True):
        return "type-compatible"
    return ""


def _is_free(schema: Schema) -> bool:
    return schema.keywords.isdisjoint({"format", "enum", "const", "pattern"})


def _relation(*, wider: bool, narrower: bool) -> str:
    if wider and narrower:
        return "same"
    return "wider" if wider else "narrower" if narrower else "other"


def _format(schema: Schema) -> Any:
    stated = schema.first("format")
    return None if isinstance(stated, str) and stated in _WIDEST else stated


def _format_relation(was: Any, now: Any) -> str:
    if was == now:
        return "same"
    return "wider" if now is None else "narrower" if was is None else "other"


def typed(schema: Schema) -> str:
    """The type and the format of a schema, for people."""
    types = schema.types
    said = " or ".join(sorted(types)) if types else "nothing" if schema.never or types is not None else "any"
    return f"{said} ({schema.first('format')})" if schema.first("format") else said
