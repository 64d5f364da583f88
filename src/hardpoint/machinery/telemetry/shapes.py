"""Shapes: what is kept of a value. The names and the types of its parts, and nothing that it says.

A shape is the type's name (`"string"`, `"integer"`, …), a mapping of fields to shapes, or a list of the different
shapes of an array's members.
"""

import json
import re
from typing import Any

MAX_TEXT = 400
"""How many characters of a shape are shown."""
MAX_FIELDS = 40
MAX_DEPTH = 6
MAX_MEMBERS = 50
OTHER = "{key}"
"""What stands for a name that may itself say something: an e-mail address, a number, a token."""

_NAME = re.compile(r"[A-Za-z_$@][A-Za-z_$.:\-]{0,47}(?:[0-9]{0,3}[A-Za-z_$.:\-]{0,24}){0,3}\Z")
_RANDOM = re.compile(r"(?=[A-Za-z0-9]{20})[A-Za-z]*[0-9]+[A-Za-z]+[0-9]")
"""As keys and tokens are: twenty letters and digits at a stretch, with digits in two places."""
_STANDS_FOR: dict[str, Any] = {"integer": 0, "number": 0.5, "string": "", "boolean": False, "null": None}


def type_of(value: Any) -> str:
    """The type of a JSON value: `integer` for a whole number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def safe_name(name: str) -> str:
    """A field's name if it looks like one that a program gave, else what stands for it."""
    return name if _NAME.match(name) and not _RANDOM.search(name) else OTHER


def shape_of(value: Any, depth: int = 0) -> Any:
    """The shape of a value; what is deeper or longer than the limits is left out."""
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return "object"
        named = {safe_name(str(key)): each for key, each in sorted(value.items(), key=_by_key)[:MAX_FIELDS]}
        return {name: shape_of(each, depth + 1) for name, each in named.items()}
    if isinstance(value, list):
        if depth >= MAX_DEPTH:
            return "array"
        different = {json.dumps(each): each for each in (shape_of(one, depth + 1) for one in value[:MAX_MEMBERS])}
        return [different[key] for key in sorted(different)]
    return type_of(value)


def shape_text(value: Any) -> str:
    """The shape of a value as compact JSON, cut where it is long."""
    text = json.dumps(shape_of(value), separators=(",", ":"))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def instance_of(shape: Any) -> Any:
    """A value of a shape: zero, empty text, false. Types, names and presence can be judged by it, and nothing else."""
    if isinstance(shape, dict):
        return {name: instance_of(each) for name, each in shape.items()}
    if isinstance(shape, list):
        return [instance_of(each) for each in shape]
    if shape == "object":
        return {}
    return [] if shape == "array" else _STANDS_FOR.get(str(shape), "")


def _by_key(item: tuple[Any, Any]) -> str:
    return str(item[0])
