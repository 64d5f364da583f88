"""`hardpoint.yaml`: what a team declares for one or more services, one top-level key for each capability."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from hardpoint.kernel import yaml
from hardpoint.kernel.declarations import DeclarationProblem, Mistake, Section, validate
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.spelling import did_you_mean

MANIFEST_FILE = "hardpoint.yaml"
VERSION = 1

T = TypeVar("T")


class Manifest:
    """The sections of a manifest as values, and where each key stands."""

    def __init__(self, values: Mapping[str, object], document: yaml.Document | None) -> None:
        self._values = values
        self._document = document

    @classmethod
    def load(cls, content: bytes | None, sections: Sequence[Section[Any]]) -> "Manifest":
        """Read and validate a manifest; None stands for no manifest at all.

        Raises DeclarationProblem with every mistake, or with the first one in what is not YAML.
        """
        if content is None:
            return cls({}, None)
        try:
            document = yaml.load(content, MANIFEST_FILE)
        except UnreadableProblem as problem:
            place = problem.place or Place(MANIFEST_FILE)
            raise DeclarationProblem(MANIFEST_FILE, [Mistake(place, "", problem.sentence)]) from problem
        mistakes = list(_frame_mistakes(document, [section.key for section in sections]))
        values: dict[str, object] = {}
        for section in sections:
            if isinstance(document.data, Mapping) and section.key in document.data:
                value, wrong = validate(document, (section.key,), section.shape)
                mistakes += wrong
                values[section.key] = value
        if mistakes:
            raise DeclarationProblem(MANIFEST_FILE, mistakes)
        return cls(values, document)

    @property
    def exists(self) -> bool:
        """Whether the repository has a manifest."""
        return self._document is not None

    def __getitem__(self, section: Section[T]) -> T:
        return cast("T", self._values.get(section.key, section.default))

    def data(self, section: Section[Any]) -> object:
        """A section as it is written; None where it is not."""
        data = self._document.data if self._document else None
        return data.get(section.key) if isinstance(data, Mapping) else None

    def place(self, *path: str | int) -> Place:
        """Where the value at a path stands, or the manifest itself."""
        places = self._document.places if self._document else {}
        return places.get(path, Place(MANIFEST_FILE))


def _frame_mistakes(document: yaml.Document, known: Sequence[str]) -> list[Mistake]:
    start = Place(MANIFEST_FILE, 1, 1)
    if not isinstance(document.data, Mapping):
        return [
            Mistake(
                start,
                "",
                "expected keys and values; delete it, and `hardpoint init` writes a first one",
            )
        ]
    mistakes = [
        Mistake(document.key_places[(key,)], key, f"unknown key{did_you_mean(key, ['version', *known])}")
        for key in document.data
        if key not in known and key != "version"
    ]
    if "version" not in document.data:
        mistakes.append(Mistake(start, "version", f"is required: version: {VERSION}"))
    elif document.data["version"] != VERSION or isinstance(document.data["version"], bool):
        found = document.data["version"]
        mistakes.append(Mistake(document.places[("version",)], "version", f"expected {VERSION}, got {found!r}"))
    return mistakes


def json_schema(sections: Sequence[Section[Any]]) -> dict[str, object]:
    """The JSON Schema (2020-12) of the manifest, for editors."""
    from pydantic import TypeAdapter

    adapters = [(section.key, "validation", TypeAdapter(section.shape)) for section in sections]
    schemas, definitions = TypeAdapter.json_schemas(adapters)  # type: ignore[arg-type]
    properties: dict[str, object] = {"version": {"const": VERSION, "description": "The version of this format."}}
    properties |= {key: schema for (key, _), schema in schemas.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hardpoint manifest",
        "type": "object",
        "properties": properties,
        "required": ["version"],
        "additionalProperties": False,
        "$defs": definitions.get("$defs", {}),
    }
