"""What every verb returns: one result, which each form writes in its own way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hardpoint.kernel.problem import Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of a verb.

    `schema` names its JSON form (`check/v1`); `items` are the named lists and `about` the single values that stand at
    its top level. `headline` says the outcome in one line, `next_steps` what to do now, and `detail` is
    what people read in full, where `about` has it as data. Where that is much, `brief` is what text shows in place of
    items and detail. `root` is the folder that the places of its findings are relative to; no form writes it.
    """

    schema: str
    headline: str
    items: Mapping[str, Sequence[object]] = field(default_factory=dict)
    about: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""
    brief: str = ""
    next_steps: Sequence[str] = ()
    exit: Exit = Exit.OK
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A result that is a document by itself, such as a schema or a generated file: each form writes it as it is."""

    text: str
    exit: Exit = Exit.OK
