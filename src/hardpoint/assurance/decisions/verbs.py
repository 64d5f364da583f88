"""`hardpoint adr …`: a new decision, the list of them, one that supersedes another, and their index."""

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

if TYPE_CHECKING:
    from hardpoint.assurance.decisions.index import Index
    from hardpoint.assurance.decisions.logs import Log
    from hardpoint.assurance.decisions.record import Decision
    from hardpoint.kernel.workspace import Workspace

DEFAULT_FOLDER = "docs/decisions"

_folder = click.option(
    "--folder", metavar="FOLDER", help="Which decisions, where the repository has several folders of them."
)


@verb("adr", "new")
@click.argument("title")
@click.option("--supersedes", metavar="NUMBER", help="The decision whose place it takes.")
@click.option(
    "--against",
    metavar="REV",
    help="The branch that it is to enter, whose numbers are taken too; origin's if left out.",
)
@_folder
def new(context: Context, title: str, *, supersedes: str | None, against: str | None, folder: str | None) -> Result:
    """Begin a decision: the next number, in the form that the others have, proposed today, and a row in the index.

    With --supersedes it says so; the other one holds until this is accepted and `hardpoint adr supersede` is run.
    Nothing is committed: `git diff` shows what was written.
    """
    from hardpoint.assurance.decisions.drafting import file_for, new_text, next_number, superseding_text
    from hardpoint.assurance.decisions.record import read_decision

    workspace = context.at(against=against).workspace
    log = _log(workspace, folder)
    old = _named(supersedes, log) if supersedes else None
    number = next_number(log, workspace)
    file = file_for(title, number, log)
    if file in workspace.paths:
        raise UsageProblem(f"{file} is there already", remedy="Give the decision another title.")
    decision = read_decision(file, new_text(title, number, log, workspace.now.date(), workspace).encode())
    if old:
        decision = read_decision(file, superseding_text(decision, old).encode())
    written = _write({decision.file: decision}, log, workspace)
    return Result(
        schema="adr-new/v1",
        headline=f"Wrote {file}",
        about={"file": file, "number": number, "title": title, "changed": written},
        detail="\n".join(each for each in written if each != file),
        next_steps=(
            f"say in {file} what is decided, and why",
            *([f"once it is accepted: `hardpoint adr supersede {old.name} {decision.name}`"] if old else []),
            *_look(workspace),
        ),
    )


@verb("adr", "list")
@_folder
def list_decisions(context: Context, *, folder: str | None) -> Result:
    """List the decisions: number, status, date, title, and which one superseded each."""
    from hardpoint.assurance.decisions.logs import logs
    from hardpoint.assurance.decisions.supersession import names, takers

    found = [_log(context.workspace, folder)] if folder else logs(context.workspace)
    rows = [
        {
            "number": decision.name,
            "status": _status(decision),
            "date": decision.date.date.isoformat() if decision.date and decision.date.date else "",
            "title": decision.bare_title,
            "superseded_by": names(takers(decision, log)) if _status(decision) == "superseded" else "",
            "file": decision.file,
        }
        for log in found
        for decision in log.decisions
    ]
    return Result(
        schema="adr-list/v1",
        headline="1 decision" if len(rows) == 1 else f"{len(rows)} decisions" if rows else "there are no decisions",
        items={"decisions": rows},
    )


@verb("adr", "supersede")
@click.argument("old")
@click.argument("new")
@_folder
def supersede(context: Context, old: str, new: str, *, folder: str | None) -> Result:
    """Say in both decisions that NEW, which is accepted, takes the place of OLD, and in the index.

    Only the status of OLD and a line beside that of NEW are written. Nothing is committed: `git diff` shows it.
    """
    workspace = context.workspace
    log = _log(workspace, folder)
    before, after = _named(old, log), _named(new, log)
    if before.file == after.file:
        raise UsageProblem(f"{before.file} cannot supersede itself", remedy="Name two decisions.")
    changed = _superseding(before, after)
    _refuse_what_check_would(before, after, log, changed)
    written = _write(changed, log, workspace)
    return Result(
        schema="adr-supersede/v1",
        headline=f"{before.name} is superseded by {after.name}" if written else f"{before.name} says so already",
        about={"superseded": before.file, "by": after.file, "changed": written},
        detail="\n".join(written),
        next_steps=_look(workspace) if written else (),
    )


@verb("adr", "index")
@click.option("--write", is_flag=True, help="Write it, instead of printing it.")
@click.option("--check", is_flag=True, help="Exit 1 if the page differs from it.")
@_folder
def index(context: Context, *, write: bool, check: bool, folder: str | None) -> Result:
    """The index of the decisions as it ought to read, in the form that it has; only its rows are changed."""
    from hardpoint.assurance.decisions.index import rewritten
    from hardpoint.kernel.atomic import add_file, replace_file

    workspace = context.workspace
    page = _index(_log(workspace, folder), workspace)
    before = workspace.read(page.file) if page.file in workspace.paths else None
    text = rewritten(page, workspace) if before is not None else f"# Decisions\n{rewritten(page, workspace).rstrip()}\n"
    after = text.encode() if before is None else _as_stored(text, before, page.file)
    differs = before != after
    if write and differs and workspace.root is not None:
        (add_file if before is None else replace_file)(workspace.root, page.file, after)
    said = "was written" if write and differs else "differs" if differs else "is as the decisions have it"
    return Result(
        schema="adr-index/v1",
        headline=f"{page.file} {said}",
        about={"file": page.file, "written": write and differs, "differs": differs, "text": text},
        detail="" if write or check else text,
        next_steps=("hardpoint adr index --write",) if differs and not write else (),
        exit=Exit.FOUND if check and differs and not write else Exit.OK,
    )


def _log(workspace: "Workspace", folder: str | None) -> "Log":
    """The log in a folder, or the only one; an empty one where there is none yet."""
    from hardpoint.assurance.decisions.logs import Log, logs
    from hardpoint.assurance.decisions.model import DECISIONS

    found = {log.folder: log for log in logs(workspace)}
    wanted = folder.strip("/") if folder else None
    if wanted is not None:
        return found.get(wanted) or Log(wanted, ())
    if len(found) > 1:
        raise UsageProblem(
            f"There are decisions in {len(found)} folders", remedy=f"Say which: --folder {' | '.join(found)}"
        )
    declared = workspace.manifest[DECISIONS].folders
    return next(iter(found.values()), Log(declared[0].strip("/") if declared else DEFAULT_FOLDER, ()))


def _named(name: str, log: "Log") -> "Decision":
    """The decision of a number, or of a file's name.

    Raises UsageProblem if there is none, or more than one.
    """
    number = int(name) if name.isascii() and name.isdecimal() else None
    found = [
        each
        for each in log.decisions
        if each.number == number is not None or name in {each.file, posixpath.basename(each.file), each.name}
    ]
    if len(found) != 1:
        what = "several decisions" if found else "no decision"
        known = ", ".join(each.file for each in found) or ", ".join(each.name for each in log.decisions[-10:])
        raise UsageProblem(f"{name!r} names {what} in {log.folder}", remedy=f"Known: {known or 'none yet'}")
    return found[0]


def _superseding(old: "Decision", new: "Decision") -> "dict[str, Decision]":
    """Both decisions as they are to read."""
    from hardpoint.assurance.decisions.drafting import superseded_text, superseding_text
    from hardpoint.assurance.decisions.record import read_decision

    already = any(each.file == new.file or each.number == new.number for each in old.superseded_by)
    texts = {new.file: superseding_text(new, old), old.file: old.text if already else superseded_text(old, new)}
    return {file: read_decision(file, text.encode()) for file, text in texts.items()}


def _look(workspace: "Workspace") -> tuple[str, ...]:
    """The step that shows what was written."""
    return ("git diff",) if workspace.in_git else ()


def _refuse_what_check_would(old: "Decision", new: "Decision", log: "Log", changed: "dict[str, Decision]") -> None:
    """Raise UsageProblem where nothing would hold any more: by a circle, or by a decision that is not in force."""
    from hardpoint.assurance.decisions.supersession import cycles, is_not_in_force_yet, names

    after = replace(log, decisions=tuple(changed.get(each.file, each) for each in log.decisions))
    circle = next((each for each in cycles(after) if old.file in {one.file for one in each}), None)
    if circle:
        raise UsageProblem(
            f"{old.name} would be superseded in a circle: {names([*circle, circle[0]])}",
            remedy="Say which one holds: drop what the others say of superseding it.",
        )
    if is_not_in_force_yet(new):
        raise UsageProblem(
            f"{new.name} is {_status(new)}: {old.name} holds until another decision is accepted",
            remedy=f"Write `accepted` in {new.file} once it is, and run this again.",
        )


def _write(changed: "dict[str, Decision]", log: "Log", workspace: "Workspace") -> list[str]:
    """Write decisions and the rows of the index that are about them, each file whole or not at all."""
    from hardpoint.assurance.decisions.index import index_of, rewritten, with_decision
    from hardpoint.kernel.atomic import add_file, replace_file

    if workspace.root is None:
        raise UsageProblem("There is no folder to write to", remedy="Run it inside a repository.")
    texts = {file: decision.text for file, decision in changed.items()}
    page = index_of(log, workspace)
    if page is not None:
        for decision in changed.values():
            page = with_decision(page, decision)
        texts[page.file] = rewritten(page, workspace, only=frozenset(changed))
    written = []
    for file, text in texts.items():
        before = workspace.read(file) if file in workspace.paths else None
        after = text.encode() if before is None else _as_stored(text, before, file)
        if after != before:
            (add_file if before is None else replace_file)(workspace.root, file, after)
            written.append(file)
    return written


def _as_stored(text: str, before: bytes, file: str) -> bytes:
    """A text with the ends of line and the mark that its file has.

    Raises UsageProblem for a file that is not UTF-8: reading it has lost what it holds.
    """
    try:
        marked = before.decode().startswith("\ufeff")
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{file} is not UTF-8", remedy="Write it as UTF-8 first.") from error
    stored = text.replace("\n", "\r\n") if b"\r\n" in before else text
    return (b"\xef\xbb\xbf" if marked else b"") + stored.encode()


def _index(log: "Log", workspace: "Workspace") -> "Index":
    from hardpoint.assurance.decisions.index import begun, index_of
    from hardpoint.assurance.decisions.model import DECISIONS

    if not log.decisions:
        raise UsageProblem("There are no decisions to list", remedy="`hardpoint adr new TITLE` begins the first.")
    file = workspace.manifest[DECISIONS].index or posixpath.join(log.folder, "README.md")
    return index_of(log, workspace) or begun(log, file, workspace)


def _status(decision: "Decision") -> str:
    return decision.state.value if decision.state else decision.status.plain if decision.status else ""
