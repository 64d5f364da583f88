"""`hardpoint runbook …`: writing runbooks, and the index from alert to owner."""

import os
import posixpath
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.assurance.runbooks.templates import BLANK, NAMES, draft, slug, title_of
from hardpoint.kernel.atomic import add_file, replace_file
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb

if TYPE_CHECKING:
    from hardpoint.assurance.runbooks.index import Entry
    from hardpoint.kernel.workspace import Workspace

FOLDER = "docs/runbooks"
WRITTEN = "<!-- Written by `hardpoint runbook index`; change the runbooks, not this page. -->"


@verb("runbook", "new")
@click.argument("name")
@click.option("--template", type=click.Choice(NAMES), help="What to begin with; the one of that NAME, or a blank one.")
@click.option("--alert", metavar="ALERT", default="", help="The alert that leads to it.")
@click.option("--owner", metavar="OWNER", default="", help="Who owns it; the owner of the only service if left out.")
def new(context: Context, name: str, *, template: str | None, alert: str, owner: str) -> Result:
    """Write a first runbook NAME, beside those that there are or in docs/runbooks.

    What has to be filled in stands in angle brackets. An existing file is never overwritten.
    """
    workspace = context.workspace
    stem = slug(name)
    if not stem:
        raise UsageProblem(f"{name!r} gives no name for a file", remedy="Name it in letters: api-down.")
    if _several_lines(name, alert, owner):
        raise UsageProblem("A name, an alert or an owner is one line of text", remedy="Leave the line break out.")
    chosen = template or (stem if stem in NAMES else BLANK)
    path = f"{_folder(workspace)}/{stem}.md"
    text = draft(chosen, title_of(name), alert=alert, owner=owner or _only_owner(workspace))
    _write_new(path, text, workspace)
    return Result(
        schema="runbook-new/v1",
        headline=f"{path} is written from the template {chosen}",
        about={"file": path, "template": chosen, "alert": alert},
        next_steps=_steps(path, alert, workspace),
    )


@verb("runbook", "index")
@click.option("--write", "target", metavar="FILE", type=click.Path(path_type=Path), help="Write a Markdown page, too.")
def index(context: Context, *, target: Path | None) -> Result:
    """Print each alert with its runbook, who owns that, and when it was last exercised.

    Alerts come from the rule files of Prometheus and Grafana, and from what runbooks name. Exits 0 whatever is missing:
    `hardpoint check --rule RUN` judges.
    """
    from hardpoint.assurance.runbooks.alerts import alert_rules
    from hardpoint.assurance.runbooks.index import index as entries_of
    from hardpoint.assurance.runbooks.library import runbooks

    workspace = context.workspace
    entries = entries_of(workspace)
    unread = alert_rules(workspace).unread
    if target is not None:
        folder = _folder_of(context.folder / target, workspace)
        _write_page(posixpath.join(folder, target.name), _page(entries, folder), workspace)
    told = [f"{each.place.file} {each.sentence}" for each in unread]
    count = len(runbooks(workspace))
    return Result(
        schema="runbook-index/v1",
        headline=_headline(entries, count),
        about={"runbooks": count, "unread": told, "written": str(target) if target else None},
        items={"alerts": entries},
        detail="\n".join(f"not read: {each}" for each in told),
        next_steps=() if entries else _begin(count),
    )


def _several_lines(*given: str) -> bool:
    return any(len(each.splitlines()) > 1 for each in given)


def _root(workspace: "Workspace") -> Path:
    assert workspace.root is not None
    return workspace.root


def _folder(workspace: "Workspace") -> str:
    """The folder that holds most runbooks."""
    from hardpoint.assurance.runbooks.library import runbooks

    counts = Counter(posixpath.dirname(each.file) for each in runbooks(workspace))
    counts.pop("", None)
    return max(counts, key=lambda each: (counts[each], each)) if counts else FOLDER


def _only_owner(workspace: "Workspace") -> str:
    from hardpoint.kernel.ownership.model import SERVICES

    services = workspace.manifest[SERVICES]
    return services[0].owner if len(services) == 1 else ""


def _write_new(path: str, text: str, workspace: "Workspace") -> None:
    root = _root(workspace)
    if os.path.lexists(root / path):
        raise UsageProblem(f"{path} exists already", remedy="Edit it, or choose another name.")
    add_file(root, path, text.encode())


def _steps(path: str, alert: str, workspace: "Workspace") -> Sequence[str]:
    from hardpoint.assurance.runbooks.alerts import alert_rules

    filled = f"fill in what stands in angle brackets in {path}"
    if not alert:
        return (filled, "name its alert, and link to it from there: `runbook_url`")
    known = [each for each in alert_rules(workspace).alerts if each.name == alert]
    if not known:
        return (filled, f"no alert rule that could be read is named {alert}: is it spelt so?")
    linked = any(each.runbook for each in known)
    return (filled,) if linked else (filled, f"link to it at {known[0].place}: `runbook_url: {path}`")


def _headline(entries: "Sequence[Entry]", count: int) -> str:
    runbooks = "1 runbook" if count == 1 else f"{count} runbooks"
    if not entries:
        return f"No alert is known here, and {runbooks if count else 'no runbook'}"
    without = sum(not each.runbook for each in entries)
    alerts = "1 alert" if len(entries) == 1 else f"{len(entries)} alerts"
    return f"{alerts}, {without} without a runbook; {runbooks}"


def _begin(count: int) -> Sequence[str]:
    if count:
        return ("name the alert in each runbook: `Alert: ApiDown`",)
    return ("`hardpoint runbook new api-down --alert ApiDown` writes a first one",)


def _folder_of(target: Path, workspace: "Workspace") -> str:
    """The folder of a page in the repository, which its links begin from."""
    try:
        folder = target.parent.resolve().relative_to(_root(workspace).resolve()).as_posix()
    except ValueError as error:
        raise UsageProblem(f"{str(target)!r} is not in this repository", remedy="Name a file in it.") from error
    return "" if folder == "." else folder


def _page(entries: "Sequence[Entry]", folder: str) -> str:
    rows = [
        [each.alert, _linked(each.runbook, folder), each.owner, each.severity, each.exercised] for each in entries
    ] or [["No alert is known yet.", "", "", "", ""]]
    head = ["Alert", "Runbook", "Owner", "Severity", "Last exercised"]
    table = "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in [head, ["---"] * len(head), *rows])
    return f"# Runbooks by alert\n\n{WRITTEN}\n\n{table}\n"


def _linked(runbook: str, folder: str) -> str:
    from hardpoint.assurance.runbooks.index import IN_ALERT

    if not runbook:
        return "**none**"
    if runbook == IN_ALERT:
        return runbook
    if "://" in runbook:
        return f"<{runbook}>"
    return f"[{posixpath.splitext(posixpath.basename(runbook))[0]}]({posixpath.relpath(runbook, folder or '.')})"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _write_page(page: str, text: str, workspace: "Workspace") -> None:
    """Write the page; one that was not written by this verb is left alone."""
    root = _root(workspace)
    if not os.path.lexists(root / page):
        add_file(root, page, text.encode())
        return
    if WRITTEN.encode() not in workspace.read(page):
        raise UsageProblem(
            f"{page} was not written by this verb", remedy="Name another file, or delete that one first."
        )
    replace_file(root, page, text.encode())
