"""Commands: that what documents tell their readers to run can be run."""

from collections.abc import Iterator

from hardpoint.assurance.documents.commands import Command, commands, is_known, nearest
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_WHAT = {
    **dict.fromkeys(("npm", "yarn"), "no package.json has the script {}"),
    "make": "no Makefile has the target {}",
    "just": "no justfile has the recipe {}",
    "task": "no Taskfile has the task {}",
    "tox": "tox has no environment {}",
    "nox": "nox has no session {}",
    "compose": "no Compose file has the service {}",
    "python": "there is no module {}",
    "script": "there is no script {}",
    "workflow": "there is no workflow {}",
}
_SCRIPTS = '{"private": true, "scripts": {"build": "tsc"}}\n'


@rule(
    "DOC024",
    Severity.WARNING,
    over=commands,
    title="A documented command does not exist",
    why="A newcomer's first hour, and an operator's worst one, begin with copying it.",
    good={"README.md": "Run `npm run build`.\n", "package.json": _SCRIPTS},
    bad={"README.md": "Run `npm run bulid`.\n", "package.json": _SCRIPTS},
)
def missing_command(command: Command, workspace: Workspace) -> Iterator[Finding]:
    if is_known(command, workspace):
        return
    meant = nearest(command, workspace)
    yield missing_command.finding(
        command.place,
        f"`{command.said}`: {_WHAT[command.tool].format(command.asked)}",
        remedy=f"Perhaps {meant}" if meant else "Write what it is called now, or drop it",
        suggestion=meant,
    )
