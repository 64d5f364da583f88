"""What a team says of its decisions, and of the boundaries between its modules."""

from typing import Annotated, Literal

from annotated_types import Ge, MinLen

from hardpoint.kernel.declarations import By, Section, declared

Names = tuple[str, ...]
SomeNames = Annotated[Names, MinLen(1)]
Name = Annotated[str, MinLen(1)]


@declared
class Decisions:
    """The records of a team's decisions (ADRs), and how it keeps them."""

    folders: Names = ()
    """Folders with decisions, such as `docs/decisions`; found by their names and by `.adr-dir` if left out."""
    sections: Names = ()
    """Headings that each decision has, such as `Context`; `Context | Background` stands for either. Recognised (Nygard,
    MADR) if left out."""
    consequences: Names = ()
    """What the section Consequences names: `[Gained, Traded for it]`; any if left out."""
    statuses: Names = ()
    """What a status may be: `[proposed, accepted, superseded]`; the usual words if left out."""
    proposed_days: Annotated[int, Ge(1)] = 180
    """After how many days a decision has been proposed for too long."""
    index: str = ""
    """The page that lists the decisions; recognised (`README.md`, `index.md` beside them) if left out."""
    log: str = ""
    """The log that has an entry for every accepted decision, in order, and only grows."""


DECISIONS = Section("decisions", Decisions, Decisions())


@declared
class Layers:
    """Layers, the highest first: none imports from one above it, directly or through others."""

    type: Literal["layers"]
    name: Name
    """What the contract says, in a sentence."""
    layers: Annotated[Names, MinLen(2)]
    """Modules. `a | b` are layers side by side that do not import each other, `a : b` may; `(a)` need not exist."""
    containers: Names = ()
    """Packages that each have these layers below them."""
    ignore_imports: Names = ()
    """Imports that are allowed all the same: `shop.web -> shop.store`; `*` is one part of a name, `**` several."""


@declared
class Forbidden:
    """Modules that do not import some others, directly or through others."""

    type: Literal["forbidden"]
    name: Name
    """What the contract says, in a sentence."""
    source_modules: SomeNames
    """Who must not import, each with what is below it."""
    forbidden_modules: SomeNames
    """What must not be imported, modules of other packages too."""
    allow_indirect_imports: bool = False
    """Whether they may be reached through others."""
    ignore_imports: Names = ()
    """Imports that are allowed all the same: `shop.web -> shop.store`."""


@declared
class Independence:
    """Modules that do not import each other, directly or through others."""

    type: Literal["independence"]
    name: Name
    """What the contract says, in a sentence."""
    modules: SomeNames
    """The modules, each with what is below it."""
    ignore_imports: Names = ()
    """Imports that are allowed all the same: `shop.web -> shop.store`."""


@declared
class Protected:
    """Modules that only some others import directly."""

    type: Literal["protected"]
    name: Name
    """What the contract says, in a sentence."""
    protected_modules: SomeNames
    """What is protected, each with what is below it."""
    allowed_importers: Names = ()
    """Who may import it, each with what is below it."""
    ignore_imports: Names = ()
    """Imports that are allowed all the same: `shop.web -> shop.store`."""


Contract = Annotated[Layers | Forbidden | Independence | Protected, By("type")]


@declared
class Boundaries:
    """Contracts on the imports of Python modules, in the terms of import-linter.

    Those that `[tool.importlinter]`, `.importlinter` and `tach.toml` declare are read and need not be repeated.
    """

    contracts: tuple[Contract, ...] = ()
    """What may import what."""
    exclude_type_checking_imports: bool = False
    """Whether imports under `if TYPE_CHECKING:` are left out."""


BOUNDARIES = Section("boundaries", Boundaries, Boundaries())
