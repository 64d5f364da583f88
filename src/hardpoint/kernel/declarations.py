"""What a team declares: YAML validated into frozen dataclasses, every mistake reported at once at its place."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, dataclass_transform

from hardpoint.kernel import encoding
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.yaml import Document, Path

T = TypeVar("T")
Shape_co = TypeVar("Shape_co", covariant=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def declared(cls: type[T]) -> type[T]:
    """Make a declaration of a class: a frozen dataclass whose unknown keys are mistakes.

    The docstrings under its fields become the descriptions in the JSON Schema. A field whose key is a word of Python's
    own ends in an underscore: `from_` is declared as `from`.
    """
    cls.__pydantic_config__ = {  # type: ignore[attr-defined]
        "extra": "forbid",
        "use_attribute_docstrings": True,
        "alias_generator": lambda name: name.removesuffix("_"),
        "json_schema_extra": _describe_inherited,
    }
    return dataclass(frozen=True, kw_only=True, slots=True)(cls)


def _describe_inherited(schema: dict[str, Any], cls: type) -> None:
    """Give inherited fields the descriptions that their own class has; pydantic looks at the last class alone."""
    for base in cls.__mro__[1:-1]:
        told = _adapter(base).json_schema().get("properties", {})
        for name, field in schema.get("properties", {}).items():
            if "description" in told.get(name, {}):
                field.setdefault("description", told[name]["description"])


@dataclass(frozen=True, slots=True)
class By:
    """Marks a union whose alternatives are told apart by one key: `Annotated[Report | Check, By("kind")]`."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import Field

        return handler(Annotated[source, Field(discriminator=self.key)])


@dataclass(frozen=True, slots=True)
class Meaning:
    """Says what a value is that is a section by itself, and so has no docstring: `Annotated[int, Meaning("…")]`."""

    text: str

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "description": self.text}


@dataclass(frozen=True, slots=True)
class Section(Generic[Shape_co]):
    """One top-level key of the manifest: its shape, and the value where it is absent."""

    key: str
    shape: type[Shape_co]
    default: Shape_co


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a declaration: where, at which path, and what was expected."""

    place: Place
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.path}: {self.text}" if self.path else f"{self.place}: {self.text}"


class DeclarationProblem(Problem):
    """A declaration has mistakes; each is named with its place and what was expected instead."""

    code = "declaration"
    exit = Exit.USAGE

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"{file} has {count}", remedy="`hardpoint schema` prints what may stand where.")
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.place))


def validate(document: Document, path: Path, shape: type[T]) -> tuple[T | None, list[Mistake]]:
    """The value at `path` as `shape`, or None with every mistake in it."""
    from pydantic import ValidationError

    data = _value_at(document.data, path)
    mistakes = [*_repeated_names(document, data, path), *_endless_numbers(document, data, path)]
    adapter = _adapter(shape)  # type: ignore[arg-type]  # mypy does not know that a type is hashable
    try:
        # As JSON text, strict mode takes a list for a tuple and text for an enum, and nothing else for anything.
        value = adapter.validate_json(encoding.encode(data), strict=True)
    except ValidationError as error:
        schema = adapter.json_schema()
        found = [details for details in error.errors(include_url=False) if not _is_consequence(details)]
        named = {mistake.place for mistake in mistakes}
        told = [_mistake(document, path, schema, details) for details in found]
        return None, mistakes + [each for each in told if each.place not in named]
    return (None if mistakes else value), mistakes


def schema_of(shape: type[Any]) -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of one shape."""
    return _adapter(shape).json_schema()  # type: ignore[arg-type,no-any-return]  # as in validate()


@cache
def _adapter(shape: Any) -> Any:
    """Made once for each shape: making it takes longer than what it is made for."""
    from pydantic import TypeAdapter

    return TypeAdapter(shape)


def _repeated_names(document: Document, data: Any, path: Path) -> Iterator[Mistake]:
    """Things in one list are told apart by their name or id, so each stands once."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _repeated_names(document, value, (*path, key))
    elif isinstance(data, list):
        seen: dict[tuple[str, str], Path] = {}
        for index, item in enumerate(data):
            here = (*path, index)
            yield from _repeated_names(document, item, here)
            name = next((key for key in ("id", "name") if isinstance(item, Mapping) and key in item), None)
            if name is None or not isinstance(item[name], str):
                continue
            first = seen.setdefault((name, item[name]), here)
            if first != here:
                place = document.places[(*here, name)]
                where = document.places[(*first, name)]
                yield Mistake(place, _written((*here, name)), f"{item[name]!r} stands already in line {where.line}")


def _endless_numbers(document: Document, data: Any, path: Path) -> Iterator[Mistake]:
    """JSON has no form for them, so validation would take them for nothing at all."""
    if isinstance(data, float) and not math.isfinite(data):
        yield Mistake(document.places[path], _written(path), f"expected a finite number, got {data!r}")
    elif isinstance(data, Mapping | list):
        for step, item in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from _endless_numbers(document, item, (*path, step))


def _is_consequence(details: Mapping[str, Any]) -> bool:
    """Whether a list is too short only because the items with mistakes were not counted."""
    return details["type"] == "too_short" and bool(len(details["input"]) >= details["ctx"]["min_length"])


def _mistake(document: Document, base: Path, schema: Mapping[str, Any], details: Mapping[str, Any]) -> Mistake:
    path = base + _actual_path(_value_at(document.data, base), details["loc"], details["type"])
    place = document.places.get(path)
    if details["type"] in _UNKNOWN_KEY:
        place = document.key_places.get(path, place)
    if place is None:  # a required key that is not there: its parent stands for it
        place = document.places.get(path[:-1], Place(next(iter(document.places.values())).file))
    say = _SENTENCES.get(details["type"], _any_other)
    return Mistake(place, _written(path), say(details, _known_keys(schema, path[len(base) : -1])))


def _actual_path(data: Any, loc: Sequence[str | int], kind: str) -> Path:
    """pydantic's location without the union tags and type names that it mixes in.

    A tag may read as a key that is there too (`report` in `{kind: report, report: junit}`), so both are tried.
    """
    if not loc:
        return ()
    step, rest = loc[0], loc[1:]
    skipped = _actual_path(data, rest, kind)
    if isinstance(data, Mapping) and (step in data or (not rest and kind == "missing")):
        taken = (step, *_actual_path(data.get(step), rest, kind))
    elif isinstance(data, list) and isinstance(step, int) and step < len(data):
        taken = (step, *_actual_path(data[step], rest, kind))
    else:
        return skipped
    return taken if len(taken) > len(skipped) else skipped


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _known_keys(schema: Mapping[str, Any], path: Path) -> list[str]:
    """The keys that may stand in the mapping at `path`, in any of its alternatives."""
    level = _alternatives(schema, schema)
    for step in path:
        below: list[Mapping[str, Any]] = []
        for option in level:
            if isinstance(step, int):
                below += [option["items"]] if isinstance(option.get("items"), Mapping) else []
            elif step in option.get("properties", {}):
                below.append(option["properties"][step])
            elif isinstance(option.get("additionalProperties"), Mapping):
                below.append(option["additionalProperties"])
        level = [expanded for option in below for expanded in _alternatives(schema, option)]
    return sorted({key for option in level for key in option.get("properties", {})})


def _alternatives(root: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in schema:
        return _alternatives(root, root["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    nested = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return [option for each in nested for option in _alternatives(root, each)] or [schema]


def _written(path: Path) -> str:
    """A path as people write it: `slo[0].window`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


Sentence = Callable[[Mapping[str, Any], Sequence[str]], str]


def _any_other(details: Mapping[str, Any], _: Sequence[str]) -> str:
    message = str(details["msg"]).replace("Input should be", "expected")
    got = details["input"]
    shown = f", got {got!r}" if isinstance(got, str | int | float | bool | None) else ""
    return message[:1].lower() + message[1:] + shown


def _unknown_key(details: Mapping[str, Any], known: Sequence[str]) -> str:
    key = str(details["loc"][-1])
    return f"unknown key{did_you_mean(key, known)}" + (
        "" if did_you_mean(key, known) else f"; known are {', '.join(known)}"
    )


def _not_one_of(details: Mapping[str, Any], _: Sequence[str]) -> str:
    context = details["ctx"]
    expected = str(context.get("expected") or context.get("expected_tags"))
    got = context.get("tag", details["input"])
    words = [word.strip(" '") for part in expected.split(",") for word in part.split(" or ")]
    return f"expected {expected}, got {got!r}{did_you_mean(str(got), words)}"


_UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")
_SENTENCES: Mapping[str, Sentence] = {
    "missing": lambda *_: "is required",
    **dict.fromkeys(_UNKNOWN_KEY, _unknown_key),
    "literal_error": _not_one_of,
    "enum": _not_one_of,
    "union_tag_invalid": _not_one_of,
    "union_tag_not_found": lambda details, _: (
        f"needs {str(details['ctx']['discriminator']).strip(chr(39))!r}, which says what it is"
    ),
    "value_error": lambda details, _: str(details["ctx"]["error"]),
    "dataclass_type": lambda details, _: f"expected keys and values, got {details['input']!r}",
    "too_short": lambda details, _: f"needs at least {details['ctx']['min_length']}, got {len(details['input'])}",
    "tuple_type": lambda details, _: f"expected a list, got {details['input']!r}",
}
