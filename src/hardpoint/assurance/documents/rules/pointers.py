"""Pointers: that each leads to something, and to what was meant."""

import re
from collections.abc import Iterator, Mapping

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.markdown import Document
from hardpoint.assurance.documents.navigation import missing, resolved_from, taking
from hardpoint.assurance.documents.pointers import Broken, Wrong, broken
from hardpoint.assurance.documents.repairs import repair
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule, rule
from hardpoint.kernel.workspace import Workspace


@rule(
    "DOC001",
    Severity.ERROR,
    over=documents,
    title="A pointer leads to nothing",
    why="A reader who follows it stands before a wall, and whoever moved the target does not know.",
    good={"README.md": "See [operations](docs/operations.md).\n", "docs/operations.md": "# Operations\n"},
    bad={"README.md": "See [operations](docs/operation.md).\n", "docs/operations.md": "# Operations\n"},
)
def missing_target(document: Document, workspace: Workspace) -> Iterator[Finding]:
    if document.unread:  # what could not be read was not judged, and that is no pass
        place = Place(document.file)
        yield missing_target.finding(place, f"The document {document.unread}; its pointers were not judged")
    yield from _findings(missing_target, Wrong.GONE, document, workspace)


@rule(
    "DOC002",
    Severity.WARNING,
    over=documents,
    title="A pointer names an anchor that its target lacks",
    why="The reader lands at the top of a long page and has to guess what was meant; usually a heading was renamed.",
    good={"README.md": "See [how to restore](docs/run.md#restore).\n", "docs/run.md": "# Run\n\n## Restore\n"},
    bad={"README.md": "See [how to restore](docs/run.md#restoring).\n", "docs/run.md": "# Run\n\n## Restore\n"},
)
def missing_anchor(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(missing_anchor, Wrong.ANCHOR, document, workspace)


@rule(
    "DOC003",
    Severity.ERROR,
    over=documents,
    title="A pointer is right but for capital letters",
    why="It works on a laptop that does not tell them apart, and is broken for everybody else.",
    good={"README.md": "See [operations](docs/Operations.md).\n", "docs/Operations.md": "# Operations\n"},
    bad={"README.md": "See [operations](docs/operations.md).\n", "docs/Operations.md": "# Operations\n"},
)
def other_case(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(other_case, Wrong.CASE, document, workspace)


@rule(
    "DOC004",
    Severity.WARNING,
    over=documents,
    title="An address leads to nothing that the tree shows",
    why="A path from the root, out of the repository or of a site's page is judged by what a site is known to publish.",
    good={"README.md": "See [operations](/docs/operations.md).\n", "docs/operations.md": "# Operations\n"},
    bad={"README.md": "See [operations](/doc/operations.md).\n", "docs/operations.md": "# Operations\n"},
)
def missing_address(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(missing_address, Wrong.ADDRESS, document, workspace)


@rule(
    "DOC005",
    Severity.WARNING,
    over=documents,
    title="A link uses a label that is not defined",
    why="Readers see the brackets, and no link.",
    good={"README.md": "See [operations][ops].\n\n[ops]: docs/ops.md\n", "docs/ops.md": "# Operations\n"},
    bad={"README.md": "See [operations][ops].\n", "docs/ops.md": "# Operations\n"},
)
def undefined_label(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(undefined_label, Wrong.LABEL, document, workspace)


@rule(
    "DOC006",
    Severity.NOTE,
    over=documents,
    title="A label is defined and not used",
    why="Whoever reads the source looks for the sentence that it belongs to.",
    good={"README.md": "See [operations][ops].\n\n[ops]: docs/ops.md\n", "docs/ops.md": "# Operations\n"},
    bad={"README.md": "See operations.\n\n[ops]: docs/ops.md\n", "docs/ops.md": "# Operations\n"},
)
def unused_label(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(unused_label, Wrong.UNUSED, document, workspace)


@rule(
    "DOC007",
    Severity.ERROR,
    over=documents,
    title="A link has no target",
    why="It looks like a link and leads to the page that the reader is on: somebody meant to fill it in.",
    good={"README.md": "See [operations](docs/ops.md).\n", "docs/ops.md": "# Operations\n"},
    bad={"README.md": "See [operations]().\n", "docs/ops.md": "# Operations\n"},
)
def empty_target(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(empty_target, Wrong.EMPTY, document, workspace)


@rule(
    "DOC008",
    Severity.WARNING,
    over=documents,
    title="A path in the text does not exist",
    why="Readers copy it, and programs that read documents believe it.",
    good={"README.md": "The entry point is `app/main.py`.\n", "app/main.py": "", "app/run.py": ""},
    bad={"README.md": "The entry point is `app/start.py`.\n", "app/main.py": "", "app/run.py": ""},
)
def missing_path(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(missing_path, Wrong.CODE, document, workspace)


@rule(
    "DOC009",
    Severity.WARNING,
    over=documents,
    title="A pointer leaves out the ending of its file",
    why="Some sites find the page; the forge, editors and every other reader of the file do not.",
    good={"README.md": "See [operations](docs/ops.md).\n", "docs/ops.md": "# Operations\n"},
    bad={"README.md": "See [operations](docs/ops).\n", "docs/ops.md": "# Operations\n"},
)
def missing_ending(document: Document, workspace: Workspace) -> Iterator[Finding]:
    yield from _findings(missing_ending, Wrong.ENDING, document, workspace)


_MKDOCS = "site_name: Shop\nnav:\n  - Home: index.md\n  - Operations: {}\n"
_SITE = {"docs/index.md": "# Shop\n", "docs/operations.md": "# Operations\n"}


@rule(
    "DOC032",
    Severity.WARNING,
    over=taking,
    title="A site is told to take in a file that does not exist",
    why="Its navigation leads to nothing, or a page lacks a part, and the build says so in a line that nobody reads.",
    good={"mkdocs.yml": _MKDOCS.format("operations.md"), **_SITE},
    bad={"mkdocs.yml": _MKDOCS.format("operation.md"), **_SITE},
)
def missing_part(file: str, workspace: Workspace) -> Iterator[Finding]:
    named_by = Document(resolved_from(file, workspace))
    for found in missing(file, workspace):
        mended = repair(found, named_by, workspace)
        leads_out = (
            named_by.file != file and mended is not None and mended.target.startswith("../")
        )  # none is taken there
        yield missing_part.finding(
            Place(file, found.pointer.line, found.pointer.column),
            f"{found.pointer.target} does not exist",
            remedy=f"Name {mended.target}" if mended else "Name what replaced it, or drop it",
            suggestion=mended.target if mended else None,
            replaces=found.pointer.written if mended and mended.certain and not leads_out else None,
        )


_SENTENCES: Mapping[Wrong, str] = {
    Wrong.GONE: "{target} does not exist",
    Wrong.ANCHOR: "{target}: {file} has no anchor #{fragment}",
    Wrong.CASE: "{target} is written with other capital letters than {file}",
    Wrong.ADDRESS: "{target} is not in this tree",
    Wrong.LABEL: "[{target}] is not defined",
    Wrong.UNUSED: "[{target}] is defined and not used",
    Wrong.EMPTY: "a link without a target",
    Wrong.CODE: "`{target}` does not exist",
    Wrong.ENDING: "{target} exists only as {file}",
}
_REMEDIES: Mapping[Wrong, str] = {
    Wrong.ANCHOR: "Point at a heading that is there",
    Wrong.LABEL: "Define the label, or write the target",
    Wrong.UNUSED: "Use the label, or drop its definition",
    Wrong.EMPTY: "Write the target, or drop the link",
}


_HOST = re.compile(r"(?:www\.[\w.-]+|(?:[\w-]+\.)+(?:com|org|net|io|dev|edu|gov))(?=[/#?]|$)", re.IGNORECASE)
"""What begins as the address of a host does whose `https://` was forgotten."""


def _findings(rule_: Rule[Document], wrong: Wrong, document: Document, workspace: Workspace) -> Iterator[Finding]:
    for found in broken(document, workspace):
        if found.wrong is wrong:
            yield _finding(rule_, found, document, workspace)


def _finding(rule_: Rule[Document], found: Broken, document: Document, workspace: Workspace) -> Finding:
    mended = repair(found, document, workspace)
    if found.wrong is Wrong.GONE and _HOST.match(found.pointer.target):
        mended, fallback = None, f"Write https://{found.pointer.target}, if it is an address"
    else:
        fallback = _REMEDIES.get(found.wrong, "Point at what replaced it, or drop it")
    text = _SENTENCES[found.wrong].format(target=found.pointer.target, file=found.answer, fragment=found.fragment)
    return rule_.finding(
        document.place(found.pointer),
        text,
        remedy=f"Point at {mended.target}" if mended else fallback,
        suggestion=mended.target if mended else None,
        replaces=found.pointer.written or None if mended and mended.certain else None,
    )
