"""What stands behind `||` or after a gate: whether it hides that the gate failed."""

import re
from collections.abc import Mapping, Sequence

from hardpoint.assurance.delivery.gates import gate, unwrapped
from hardpoint.assurance.delivery.shell import AndOr, Block, Command, Pipe, commands

NEUTRAL = frozenset(
    {"true", ":", "echo", "printf", "sleep", "date", "cat", "tail", "head", "ls", "logger", "df", "free", "set"}
)
"""Commands that succeed, and judge nothing."""
_STRICT_WORDS = frozenset({"false", "kill", "die", "fail", "abort", "error", "err", "fatal", "panic", "usage"})


def is_neutral(item: AndOr) -> bool:
    """Whether it succeeds and judges nothing."""
    return all(_answer(each) == "neutral" for pipe in item.pipes for each in pipe.parts)


def forgives(alternative: Sequence[Pipe], functions: Mapping[str, Sequence[Command]]) -> str | None:
    """Why it is not certain that what follows `||` hides the failure, empty where it is; None where it does not.

    `functions` gives the commands of the script's functions by their names.
    """
    first, *rest = ([_answer(part) for part in pipe.parts] for pipe in alternative)
    after = [answer for answers in rest for answer in answers]
    if {"strict", "captured"} & {*first, *after}:
        return None
    if "other" in first:
        called = [command for pipe in alternative for command in commands(pipe)]
        called += [inner for each in called for inner in functions.get(each.words[0], ())]
        judged = any(gate(each) or _answer(each) == "strict" for each in called)
        return None if judged else "its alternative may fail too"
    if "loop" in {*first, *after}:
        return "the rest of the loop goes on"
    return "what follows may judge the same" if "other" in after else ""


def kept_in(alternative: Sequence[Pipe]) -> str:
    """The variable that an alternative writes the failure down in, and does nothing else; empty for any other."""
    parts = [part for pipe in alternative for part in pipe.parts]
    words = parts[0].words if len(parts) == 1 and isinstance(parts[0], Command) else ()
    match = re.match(r"^([A-Za-z_]\w*)\+?=", words[0]) if len(words) == 1 else None
    return match[1] if match else ""


def _answer(node: Command | Block) -> str:
    """What a command does to the status: `neutral`, `strict`, `captured`, `loop`, or `other`."""
    if isinstance(node, Command):
        return _answer_of_command(node)
    below = [_answer(command) for command in commands(node)]
    for answer in ("strict", "captured", "other", "loop"):
        if answer in below:
            return answer
    return "neutral" if node.kind in {"(", "{"} and below else "other"


def _answer_of_command(command: Command) -> str:
    words = command.words
    name = words[0].rsplit("/", 1)[-1] if words else ""
    if not words or _keeps_status(name, command):
        return "captured"
    if name in {"env", "command", "exec"} and len(words) > 1:
        words = tuple(unwrapped(words)) or words
        name = words[0]
    if name in {"exit", "return"}:
        return "neutral" if words[1:2] == ("0",) else "strict"
    if name in {"continue", "break"}:
        return "loop"
    if name in NEUTRAL:
        return "neutral"
    return "strict" if name in _STRICT_WORDS else "other"


def _keeps_status(name: str, command: Command) -> bool:
    """Whether the failure is written down, in a variable or a file, for somebody to read."""
    if re.match(r"^[A-Za-z_]\w*\+?=", command.words[0]) or name in {"export", "let", "declare", "local", "(("}:
        return True
    if name in {"echo", "printf"} and (command.to_file or any("##vso" in word for word in command.words)):
        return True
    return name not in {"exit", "return"} and any("$?" in word or "PIPESTATUS" in word for word in command.words)
