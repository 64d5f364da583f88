"""What a team says of its documents: the `documents` section of the manifest."""

from typing import Annotated, Literal

from annotated_types import Ge, MinLen

from hardpoint.assurance.documents.slugs import Dialect
from hardpoint.kernel.declarations import Section, declared

Patterns = tuple[str, ...]
SomePatterns = Annotated[Patterns, MinLen(1)]


@declared
class Index:
    """The page that every document can be reached from."""

    document: str
    """Its path, such as `docs/00-index.md`. Documents in its folder and below it are to be reachable."""
    depth: Annotated[int, Ge(1)] | None = None
    """How many links away a document may be; any number if left out."""


@declared
class Track:
    """A track of the plan, and the one numbered document that it is described in."""

    name: Annotated[str, MinLen(1)]
    """What the plan calls it."""
    document: str
    """The path of its document: `docs/03-security.md`."""


@declared
class Plans:
    """The documents that plan. Of the roadmaps and of the boards exactly one is active, by its `status`."""

    roadmaps: Patterns = ()
    """Patterns in the syntax of .gitignore."""
    boards: Patterns = ()
    """Phase boards."""
    others: Patterns = ()
    """Plans of which several may be active; their items are compared with all others."""


@declared
class Kind:
    """A kind of document, and what each document of it has to say."""

    name: Annotated[str, MinLen(1)]
    """What people call it: `runbook`, `epic`."""
    files: SomePatterns
    """Patterns in the syntax of .gitignore."""
    fields: tuple[str, ...] = ()
    """What its front matter or the lines under its title (`Owner: …`) have to give: `owner`, `status`, `date`,
    `review_by`. TBD is not given."""
    sections: tuple[str, ...] = ()
    """Headings that must be there with text below: `Summary`, `Scope`, `Risks`, `Rollout`, `Success metrics`,
    `Backout`, `Follow-ups`."""
    statuses: tuple[str, ...] = ()
    """What `status` may be; anything if left out."""


@declared
class Coupling:
    """Code and the documents that describe it: a change of the one changes the other."""

    code: SomePatterns
    """Patterns in the syntax of .gitignore."""
    documents: SomePatterns
    """Documents of which at least one has to change too."""


@declared
class Done:
    """What a change has to bring before it is done."""

    adds: Literal["service", "alert", "operation"]
    """What the change adds. Services are found in this manifest, in Compose files and in Kubernetes workloads, alerts
    in Prometheus rules; each added file that matches `files` is an operation."""
    files: Patterns = ()
    """Where to look for them; everywhere if left out."""
    brings: SomePatterns
    """For each pattern, a document that the change adds or edits: the runbook, the checklist, the decision."""


@declared
class Handbook:
    """Published standards: their index, their ids, and where code refers to them."""

    index: str
    """The path of the page that leads to every standard; the folder that it is in is the handbook."""
    ids: Annotated[tuple[str, ...], MinLen(1)]
    """What ids look like: `STD-#` for STD-12, `ERR_*` for ERR_TIMEOUT. A standard's id stands in its heading or in the
    first cell of a table."""
    code: SomePatterns = ("*",)
    """Files whose references are checked; every file if left out."""


@declared
class Documents:
    """The Markdown files whose pointers are promises, and what else a team promises of them."""

    exclude: Patterns = ()
    """Patterns in the syntax of .gitignore, such as `examples/` or `**/CHANGELOG.md`."""
    index: Index | None = None
    """The page that every document can be reached from; recognised if left out: `00-index.md`, `index.md` or
    the readme in `docs`, or the `nav` of MkDocs."""
    tracks: tuple[Track, ...] = ()
    """The plan's tracks, one to one with numbered documents."""
    plans: Plans = Plans()
    """Which documents plan."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of document, with what each has to say."""
    coupled: tuple[Coupling, ...] = ()
    """Documents that have to change with code. A document can say it itself:
    `<!-- hardpoint: covers src/billing/** -->`."""
    done: tuple[Done, ...] = ()
    """The definition of done."""
    checklists: Patterns = ()
    """Documents in which a ticked box needs evidence beside it."""
    handbook: Handbook | None = None
    """The engineering handbook."""
    platform_variables: tuple[str, ...] = ()
    """Environment variables that the platform sets, so that no example has to list them; `*` stands for anything."""

    slugs: Dialect | None = None
    """Whose anchors headings get; recognised by the files of the tree where it is left out."""


DOCUMENTS = Section("documents", Documents, Documents())
