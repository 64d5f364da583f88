"""`hardpoint completion`: what makes a shell complete Hardpoint's commands and options."""

import click

from hardpoint.kernel.result import Document
from hardpoint.kernel.rooms.cli import Context, verb

ASKED_BY = "_HARDPOINT_COMPLETE"
"""The variable by which a shell asks for what may stand next; click's own name for it."""


@verb("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(_: Context, *, shell: str) -> Document:
    """Print the script that lets SHELL complete `hardpoint`.

    For bash `eval "$(hardpoint completion bash)"` in ~/.bashrc, for zsh the same in ~/.zshrc after `compinit`, for fish
    `hardpoint completion fish > ~/.config/fish/completions/hardpoint.fish`. The script asks `hardpoint` itself, so that
    an upgrade needs no new one.
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    # Not source(): for bash it would start one to learn its version.
    return Document(made.source_template % made(click.Command("hardpoint"), {}, "hardpoint", ASKED_BY).source_vars())
