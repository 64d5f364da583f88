"""What is checked of an error taxonomy, and of the programs that raise its errors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hardpoint.assurance.errors.generation import generated
from hardpoint.assurance.errors.model import ERRORS, Code
from hardpoint.assurance.errors.raised import Source, sources
from hardpoint.assurance.errors.taxonomy import FORM, Entry, Taxonomy, before, taxonomy
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.workspace import Workspace

_MANIFEST = """\
version: 1
errors:
  files: [errors.yaml]
  raised: [{files: ['*.py'], calls: [ShopError]}]
"""
_CODES = """\
codes:
  - code: ORDER_GONE
    number: 1001
    title: The order is no longer there
    category: state
    severity: warning
    retry: never
    remedy: List the orders again.
    status: 410
  - code: STOCK_BUSY
    number: 1002
    title: The stock is being counted
    category: dependency
    severity: error
    retry: backoff
    remedy: Try again in a minute.
"""
_PROGRAM = """\
def show():
    raise ShopError("ORDER_GONE")


def count():
    raise ShopError("STOCK_BUSY")
"""
_GOOD = {
    "hardpoint.yaml": _MANIFEST,
    "errors.yaml": _CODES,
    "orders.py": _PROGRAM,
}


def _but(file: str, old: str, new: str) -> Mapping[str, str]:
    assert old in _GOOD[file], old
    return {**_GOOD, file: _GOOD[file].replace(old, new, 1)}


def _entries(workspace: Workspace) -> list[Entry]:
    return list(taxonomy(workspace).entries)


@rule(
    "ERR001",
    Severity.ERROR,
    over=_entries,
    title="A code of an error is no code, or stands for two errors",
    why="Callers decide by it what to do: one code has one meaning, one number and one constant.",
    good=_GOOD,
    bad=_but("errors.yaml", "number: 1002", "number: 1001"),
)
def ambiguous(entry: Entry, workspace: Workspace) -> Iterator[Finding]:
    if not FORM.fullmatch(entry.code.code):
        text = f"{entry.code.code!r} is no code"
        yield ambiguous.finding(entry.place, text, remedy="Write letters and digits, with . _ - : / between them.")
    declared = workspace.manifest[ERRORS].categories
    if declared and entry.code.category not in declared:
        text = (
            f"{entry.code.code} has the category {entry.code.category!r}{did_you_mean(entry.code.category, declared)}"
        )
        yield ambiguous.finding(entry.place, text, remedy=f"The categories are {', '.join(declared)}.")
    for what, value in _identities(entry):
        first = workspace.derive(_firsts)[what, value]
        if first is not entry:
            text = f"{entry.code.code} has the {what} {value} of {first.code.code} ({first.place})"
            yield ambiguous.finding(entry.place, text, remedy="Give it another that was never used.")


def _firsts(workspace: Workspace) -> Mapping[tuple[str, object], Entry]:
    """The first entry that has a code, a number or a constant."""
    return {key: each for each in reversed(taxonomy(workspace).entries) for key in _identities(each)}


def _identities(entry: Entry) -> list[tuple[str, object]]:
    number = [("number", entry.code.number)] if entry.code.number is not None else []
    return [("code", entry.code.code), *number, ("constant", entry.constant)]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A code of the base, and what it is now."""

    was: Entry
    now: Entry | None
    taken: Entry | None
    """Who has its number now, unless it has it itself."""


def _kept(workspace: Workspace) -> list[_Kept]:
    base, after = before(workspace), taxonomy(workspace)
    numbers: dict[int | None, Entry] = {each.code.number: each for each in after.entries}

    def kept(was: Entry) -> _Kept:
        now, taken = after.by_code.get(was.code.code), numbers.get(was.code.number)
        is_taken = was.code.number is not None and taken is not None and taken.code.code != was.code.code
        return _Kept(was, now, taken if is_taken else None)

    return [kept(each) for each in base.by_code.values()] if base else []


@rule(
    "ERR002",
    Severity.ERROR,
    over=_kept,
    title="A code of an error is gone, renumbered or used again",
    why="Callers that know the code would take another error for it, or be left without a meaning for the old one.",
    before=_GOOD,
    good=_GOOD,
    bad=_but("errors.yaml", "number: 1002", "number: 1003"),
)
def reused(each: _Kept, _: Workspace) -> Iterator[Finding]:
    was, now = each.was.code, each.now
    if now is None:
        yield reused.finding(
            each.was.place, f"{was.code} is gone from the taxonomy", remedy="Keep it, with `retired: true`."
        )
    elif was.number is not None and now.code.number != was.number:
        text = f"{was.code} had the number {was.number}, and has {now.code.number or 'none'} now"
        yield reused.finding(now.place, text, remedy=f"Give it {was.number} again.")
    elif was.retired and not now.code.retired:
        text = f"{was.code} was retired, and is in use again"
        yield reused.finding(now.place, text, remedy="Give the error a code that was never used.")
    if each.taken:
        text = f"{each.taken.code.code} has the number {was.number}, which was that of {was.code}"
        yield reused.finding(each.taken.place, text, remedy="Give it a number that was never used.")


_TRAITS: Mapping[str, Callable[[Code], object]] = {
    "category": lambda code: code.category,
    "retry": lambda code: code.retry,
    "status": lambda code: code.status,
}


@rule(
    "ERR003",
    Severity.WARNING,
    over=_kept,
    title="A code of an error means something else than before",
    why="Callers branch by status and category, and repeat what they were told they may.",
    before=_GOOD,
    good=_GOOD,
    bad=_but("errors.yaml", "retry: never", "retry: backoff"),
)
def changed(each: _Kept, _: Workspace) -> Iterator[Finding]:
    if each.now is None:
        return
    for name, of in _TRAITS.items():
        was, now = of(each.was.code), of(each.now.code)
        if was != now and was is not None:
            text = f"the {name} of {each.was.code.code} was {was}, and is {now if now is not None else 'not said'} now"
            yield changed.finding(each.now.place, text, remedy="Give the new meaning a new code, and retire this one.")


def _sources(workspace: Workspace) -> list[Source]:
    return sources(workspace) if taxonomy(workspace) else []


@rule(
    "ERR004",
    Severity.ERROR,
    over=_sources,
    title="An error is raised whose code is not registered",
    why="Nobody is told what it means, whether to try again, or what to do; it may mean another thing elsewhere.",
    good=_GOOD,
    bad=_but("orders.py", "STOCK_BUSY", "STOCK_LOCKED"),
)
def unregistered(source: Source, workspace: Workspace) -> Iterator[Finding]:
    known = taxonomy(workspace)
    for mention in source.mentions:
        if mention.code not in known.in_use:
            retired = mention.code in known.by_code
            meant = "" if retired else did_you_mean(mention.code, sorted(known.in_use))
            yield unregistered.finding(
                mention.place,
                f"the code {mention.code!r} is {'retired' if retired else f'not registered{meant}'}",
                remedy="Raise another." if retired else "Register it in the taxonomy, or raise one that is.",
            )


@rule(
    "ERR005",
    Severity.WARNING,
    over=_sources,
    title="Source that raises errors cannot be read",
    why="The codes in it were not looked at.",
    good=_GOOD,
    bad=_but("orders.py", "def show():", "def show(:"),
)
def unread(source: Source, _: Workspace) -> Iterator[Finding]:
    if source.unread:
        yield unread.finding(Place(source.file, source.line), source.unread, remedy="Repair it.")


def _looked_for(workspace: Workspace) -> list[Entry]:
    """The codes in use, where it is known which of them are raised."""
    read = _sources(workspace)
    if not any(each.mentions for each in read) or any(each.unread for each in read):
        return []
    return [each for each in taxonomy(workspace).by_code.values() if not each.code.retired]


@rule(
    "ERR006",
    Severity.NOTE,
    over=_looked_for,
    title="A code is registered that nothing raises",
    why="Callers prepare for what never comes; or it is raised in a way that is not looked for.",
    good=_GOOD,
    bad=_but("orders.py", 'raise ShopError("STOCK_BUSY")', "return 0"),
)
def idle(entry: Entry, workspace: Workspace) -> Iterator[Finding]:
    if entry.code.code not in workspace.derive(_mentioned):
        remedy = "Mark it `retired: true`, or declare under errors.raised how it is raised."
        yield idle.finding(entry.place, f"nothing raises {entry.code.code}", remedy=remedy)


def _mentioned(workspace: Workspace) -> frozenset[str]:
    return frozenset(mention.code for source in sources(workspace) for mention in source.mentions)


@dataclass(frozen=True, slots=True)
class _Made:
    file: str
    text: str


def _made(workspace: Workspace) -> list[_Made]:
    known: Taxonomy = taxonomy(workspace)
    files = generated(known, workspace.manifest[ERRORS].generated) if known else {}
    return [_Made(file, text) for file, text in files.items()]


_GENERATING = {
    **_GOOD,
    "hardpoint.yaml": f"{_MANIFEST}  generated: {{markdown: docs/errors.md}}\n",
}


@rule(
    "ERR007",
    Severity.ERROR,
    over=_made,
    title="What is made of the error taxonomy is not as the taxonomy has it",
    why="Programs are compiled, and people act, by what it said once.",
    good={
        **_GENERATING,
        "docs/errors.md": """\
# Errors

<!-- Generated by `hardpoint errors generate`; change the taxonomy instead. -->

## ORDER_GONE (1001)

The order is no longer there

| | |
|---|---|
| category | state |
| severity | warning |
| retry | never |
| status | 410 |

List the orders again.

## STOCK_BUSY (1002)

The stock is being counted

| | |
|---|---|
| category | dependency |
| severity | error |
| retry | backoff |

Try again in a minute.
""",
    },
    bad={**_GENERATING, "docs/errors.md": "# Errors\n"},
)
def outdated(made: _Made, workspace: Workspace) -> Iterator[Finding]:
    now = workspace.read(made.file) if made.file in workspace.file_names else None
    if now is None or now.replace(b"\r\n", b"\n") != made.text.encode():
        text = "is not there" if now is None else "is not what the taxonomy makes"
        yield outdated.finding(Place(made.file), text, remedy="`hardpoint errors generate` writes it.")
