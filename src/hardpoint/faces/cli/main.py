"""The command `hardpoint`: finds the verb, runs it, writes its result in the form asked for, returns its exit code."""

import errno
import os
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any

import click

from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.outputs import FILE_OPTION, FORM_OPTION, Outputs, outputs_of
from hardpoint.faces.forms import FORMS, write
from hardpoint.kernel.capability import Capability
from hardpoint.kernel.problem import Exit, Problem, UsageProblem
from hardpoint.kernel.result import Document, Result
from hardpoint.kernel.rooms.cli import Context, Verb

DEBUG_SETTING = "HARDPOINT_DEBUG"
"""Any value shows the traceback of an unexpected exception, which is otherwise one sentence."""

_OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.EIO),
    *(errno.ENAMETOOLONG, errno.ELOOP),
)
"""What a machine refuses whatever the program does."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but what it says is written."""
    outputs = outputs_of(arguments)
    try:
        outputs.refuse_unusable()
        outcome = _root(outputs.form).main(list(arguments), prog_name="hardpoint", standalone_mode=False)
        if isinstance(outcome, Result | Document):  # --help and --version have written for themselves
            outputs.write(outcome)
            return outcome.exit
        return Exit.OK
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return Exit.USAGE
    except SystemExit:  # click's own answer to a reader that has gone
        return Exit.FAILED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - this is where every failure gets its exit code
        problem = _as_problem(error)
        _tell(problem, outputs)
        return problem.exit


def _tell(problem: Problem, outputs: Outputs) -> None:
    """Write what went wrong, unless that is the writing itself: the reader has gone, or the disk is full."""
    try:
        outputs.write_problem(problem)
        if not isinstance(problem.__cause__, BrokenPipeError):
            write(problem, outputs.form)
        sys.stdout.flush()
    except OSError:
        # What is still buffered would fail again when the interpreter ends, and change the exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _as_problem(error: BaseException) -> Problem:
    """What ended the call; an unexpected exception is exit 3, never a pass and never a trace."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "hardpoint"
        return UsageProblem(" ".join(error.format_message().split()), remedy=f"See `{where} --help`.")
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Problem("Interrupted; nothing more was done")
    if isinstance(error, BrokenPipeError):
        problem = Problem("Whoever read the output has gone")
        problem.__cause__ = error
        return problem
    if os.environ.get(DEBUG_SETTING):
        raise error
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return Problem(str(error.strerror) + (f": {error.filename}" if error.filename else ""))
    return Problem(
        f"Unexpected {type(error).__name__}: {error}",
        remedy=f"This is a defect of Hardpoint; {DEBUG_SETTING}=1 shows where.",
    )


def _root(form: str) -> click.Command:
    import hardpoint

    root = _Root(
        name="hardpoint",
        help="GO or NO-GO with evidence: verify what a service promises, record it, judge it.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        no_args_is_help=True,
    )
    root.form = form
    click.version_option(hardpoint.__version__, message="hardpoint %(version)s")(root)
    return root


class _Root(click.Group):
    """The nouns of the table; a noun's verbs are imported when it is first used."""

    form = "text"

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_nouns())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        owners = [each for each in capabilities() if name in each.nouns]
        return _noun(name, owners) if owners else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if not ctx.resilient_parsing:  # a shell that completes is told nothing of what is wrong
            _refuse_unknown(args, sorted(_nouns()), "command")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_nouns().items()))

    def invoke(self, ctx: click.Context) -> Any:
        from hardpoint.faces.cli.progress import progress

        story = sys.stdout if self.form == "text" else sys.stderr
        ctx.obj = Context(capabilities(), progress=progress(), story=story)
        return super().invoke(ctx)


class _Noun(click.Group):
    """A noun with several verbs; words that name none of them belong to its own verb (`gate production`)."""

    own: click.Command | None = None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        mine = {*self.commands, *self.context_settings.get("help_option_names", ())}
        completing = extra.get("resilient_parsing", False) and not args
        if self.own is not None and not completing and (not args or args[0] not in mine):
            return self.own.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        offered = super().shell_complete(ctx, incomplete)
        if self.own is None:
            return offered
        with self.own.make_context(ctx.info_name, [], ctx.parent, resilient_parsing=True) as own:
            return [*offered, *self.own.shell_complete(own, incomplete)]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return self.own.collect_usage_pieces(ctx) if self.own else super().collect_usage_pieces(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.own is None:
            return super().format_options(ctx, formatter)
        self.own.format_options(ctx, formatter)
        return self.format_commands(ctx, formatter)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if not ctx.resilient_parsing:
            _refuse_unknown(args, sorted(self.commands), "verb")
        return super().resolve_command(ctx, args)


def _nouns() -> dict[str, str]:
    return {noun: line for each in capabilities() for noun, line in each.nouns.items()}


def _noun(name: str, owners: Sequence[Capability]) -> click.Command:
    verbs = [_with_form(found) for each in owners for found in each.objects("verbs", Verb) if found.words[0] == name]
    own = next((found.command for found in verbs if len(found.words) == 1), None)
    if own is not None and len(verbs) == 1:
        return own
    group = _Noun(
        name=name,
        help=own.help if own else _nouns()[name].capitalize() + ".",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    group.own = own
    for found in verbs:
        if len(found.words) > 1:
            group.add_command(found.command)
    return group


def _with_form(verb: Verb) -> Verb:
    """The verb with the options that follow every verb; what they say is read before any verb is known."""
    form = click.Option(
        [FORM_OPTION],
        type=click.Choice(list(FORMS)),
        default="text",
        show_default=True,
        expose_value=False,
        help="How to write the result.",
    )
    files = click.Option(
        [FILE_OPTION],
        multiple=True,
        metavar="FORM=FILE",
        expose_value=False,
        help="Also write it to a file, whatever the exit code.",
    )
    command = copy(verb.command)
    command.params = [*verb.command.params, form, files]
    return Verb(verb.words, command)


def _refuse_unknown(args: Sequence[str], known: Sequence[str], what: str) -> None:
    from hardpoint.kernel.spelling import did_you_mean

    if args and not args[0].startswith("-") and args[0] not in known:
        raise UsageProblem(
            f"{args[0]!r} is no {what}{did_you_mean(args[0], known)}", remedy=f"Known: {', '.join(known)}"
        )
