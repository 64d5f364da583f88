"""Where a gate may fail and its script goes on, by the rules of the shell that runs it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from hardpoint.assurance.delivery import shell
from hardpoint.assurance.delivery.alternatives import forgives, is_neutral, kept_in
from hardpoint.assurance.delivery.calls import Calls, called
from hardpoint.assurance.delivery.gates import Gate, gate, inner_script, unwrapped
from hardpoint.assurance.delivery.judged import command_key, parsed, program_of, strict_in
from hardpoint.assurance.delivery.pipeline import Script, Shell
from hardpoint.assurance.delivery.shell import AndOr, Block, Command, Pipe, commands
from hardpoint.assurance.delivery.shell import Sequence as Commands
from hardpoint.assurance.delivery.silencers import silencing
from hardpoint.assurance.delivery.tokens import ShellError
from hardpoint.assurance.delivery.tolerance import Tolerance
from hardpoint.assurance.delivery.tools import QUESTIONS, Kind
from hardpoint.kernel.place import Place

_FILTERS = frozenset({"tee", "cat", "tail", "head", "sed", "awk", "ts", "sort", "uniq", "column", "less", "tr", "cut"})
"""What a pipe may end in without judging what comes through; xcpretty exits 0 without pipefail."""
_FILTERS |= {"xcpretty"}
_CAPTURED = re.compile(r"\$\??[?{(]*PIPESTATUS|\$\?|\$LASTEXITCODE")
_AWAITED = re.compile(r"\$!|\bwait\s+(?:-\w|[\"$%0-9])|\bjobs\s+-")
"""Where somebody asks how a command in the background ended."""
_MAX_INNER = 3
_MAX_SHOWN = 40
_MAX_FUNCTION = 200
"""Commands of a function that are looked at where it is called."""
_GOES_ELSEWHERE = re.compile(r"(?:^|[\s;&|(])(?:cd|pushd)\s")
_LEAVES = re.compile(r"\bexit\b(?!\s+0)")


_NO_CALLS: Calls = MappingProxyType({})


def in_script(
    script: Script, level: int = 0, strict: frozenset[str] = frozenset(), calls: Calls = _NO_CALLS
) -> list[Tolerance]:
    """Every gate of a shell script that may fail while the script goes on or succeeds.

    `strict` names the tools that run elsewhere beside it without an option that silences them, `calls` what the
    project's own scripts and targets judge.
    """
    if not script.shell.posix:
        return []
    found: list[Tolerance] = []
    calls = _NO_CALLS if _GOES_ELSEWHERE.search(script.text) else calls
    awaited = max((match.end() for match in _AWAITED.finditer(script.text)), default=0)
    for offset, part in parsed(script.text):
        found += _Walk(script, offset, level, strict, calls, awaited - offset).of(part)
    return found


class _Walk:
    """One pass over a script, which knows what the shell does at a failure by then."""

    def __init__(
        self, script: Script, offset: int, level: int, strict: frozenset[str], calls: Calls, awaited: int
    ) -> None:
        self._script = script
        self._offset = offset
        self._level = level
        self._text = script.text[offset:]
        self._shell = script.shell
        self._found: list[Tolerance] = []
        self._strict = strict
        self._calls = calls
        self._functions: dict[str, tuple[Command, ...]] = {}
        self._awaited = awaited

    def of(self, sequence: Commands) -> list[Tolerance]:
        self._strict |= strict_in(sequence)
        self._sequence(sequence, last=True)
        return self._found

    def _sequence(self, sequence: Commands, *, last: bool, quiet: bool = False) -> None:
        """`last` says whether the sequence's status is the script's; `quiet` whether somebody asks for it."""
        items = sequence.items
        for index, item in enumerate(items):
            self._note_set(item)
            final = last and index == len(items) - 1
            captured = index + 1 < len(items) and self._asks(items[index + 1])
            self._item(item, items[index + 1 :], final=final, quiet=quiet or captured)

    def _note_set(self, item: AndOr) -> None:
        for command in commands(item):
            if command.words[:1] == ("set",):
                self._shell = _after_set(self._shell, command.words[1:])
            elif command.words[:1] == ("trap",) and "ERR" in command.words and _LEAVES.search(" ".join(command.words)):
                self._shell = replace(self._shell, errexit=True)

    def _asks(self, item: AndOr) -> bool:
        return bool(_CAPTURED.search(self._text[item.start : min(item.end, item.start + 2000)]))

    def _item(self, item: AndOr, rest: Sequence[AndOr], *, final: bool, quiet: bool) -> None:
        forgiven = 0
        for index, join in enumerate(item.joins):
            if join == "||":
                stop = next((at for at in range(index + 1, len(item.joins)) if item.joins[at] == "||"), len(item.joins))
                alternative = item.pipes[index + 1 : stop + 1]
                why = forgives(alternative, self._functions)
                if why is None and (kept := kept_in(alternative)) and not self._is_read(kept):
                    why = f"nothing in the script reads {kept}"
                if why is not None:
                    self._forgive(item, forgiven, index + 1, stop, why=why)
                forgiven = index + 1
        for position, pipe in enumerate(item.pipes):
            joined_by = item.joins[position] if position < len(item.joins) else ""
            self._pipe(pipe, rest, final=final, quiet=quiet, joined_by=joined_by, item=item)
        if item.background and item.end >= self._awaited:
            self._left_behind(item)

    def _left_behind(self, item: AndOr) -> None:
        """`pytest &`: a bare `wait` succeeds whatever its children did."""
        for command in commands(item):
            found = gate(command)
            if found and found.kind not in {Kind.DEPLOY, Kind.BUILD}:
                self._add(command, found, "&, and nobody asks how it ended", certain=False, why="the host may ask")

    def _forgive(self, item: AndOr, first: int, until: int, stop: int, *, why: str) -> None:
        """The pipes from `first` on are followed by an alternative, up to pipe `stop`, that succeeds."""
        kept = item.pipes[until - 1].end
        end = item.pipes[stop].end
        how = " ".join(self._text[kept:end].split())
        for pipe in item.pipes[first:until]:
            if any(command.words[:1] in {("exit",), ("return",)} for command in commands(pipe)):
                continue  # it leaves before the alternative is asked
            for command in commands_in_force(pipe):
                found, reason = self._forgiven_gate(command, item, why)
                if found:
                    whole = self._text[command.start : end]
                    self._add(
                        command,
                        found,
                        how if len(how) <= _MAX_SHOWN else how[: _MAX_SHOWN - 1] + "…",
                        certain=not reason,
                        why=reason,
                        replaces=None if reason else whole,
                        suggestion=self._text[command.start : kept],
                    )

    def _forgiven_gate(self, command: Command, item: AndOr, why: str) -> tuple[Gate | None, str]:
        """The gate that a command is, calls or takes the output of, and why that is not certain."""
        if found := gate(command):
            return None if found.tool in QUESTIONS and why else found, why
        if found := self._gate_in_function(command):
            return found, f"inside of {command.words[0]}"
        if found := called(command.words, self._calls):
            return found, why
        judged = _JUDGES_OUTPUT.search(self._text, item.end)
        return None if judged else self._gate_in_output(command), "what it prints may be judged"

    def _gate_in_output(self, command: Command) -> Gate | None:
        """The gate in `$(…)`, whose status is that of the substitution."""
        found = (gate(each) for each in substituted(self._text, command))
        return next((each for each in found if each and each.kind not in {Kind.DEPLOY, Kind.BUILD}), None)

    def _is_read(self, variable: str) -> bool:
        return bool(re.search(rf"\b{re.escape(variable)}\b(?!\+?=)", self._text))

    def _gate_in_function(self, command: Command) -> Gate | None:
        """The first gate of the function of this script that a command calls."""
        found = (gate(each) for each in self._functions.get(command.words[0], ()))
        return next((each for each in found if each and each.kind is not Kind.DEPLOY), None)

    def _pipe(
        self, pipe: Pipe, rest: Sequence[AndOr], *, final: bool, quiet: bool, joined_by: str, item: AndOr
    ) -> None:
        if len(pipe.parts) > 1 and self._shell.pipefail is not True and not quiet and not pipe.negated:
            self._swallowed_by_pipe(pipe, joined_by)
        for part in pipe.parts:
            if isinstance(part, Block):
                if part.kind == "function":
                    self._functions[part.name] = tuple(islice(commands(part), _MAX_FUNCTION))
                alone = len(pipe.parts) == 1 and not pipe.negated and not item.joins
                self._block(part, final=final and alone, quiet=quiet or not alone)
            else:
                self._command(part)
        single = pipe.parts[-1]
        if isinstance(single, Command) and not pipe.negated and not quiet and not final and not item.background:
            self._swallowed_by_order(single, rest, joined_by, item)

    def _swallowed_by_pipe(self, pipe: Pipe, joined_by: str) -> None:
        ends_in = pipe.parts[-1]
        name = program_of(ends_in) if isinstance(ends_in, Command) else ""
        picks = isinstance(ends_in, Command) and name in {"grep", "egrep"} and "-v" in ends_in.words
        if not (name in _FILTERS or picks) or joined_by == "||":
            return
        for part in pipe.parts[:-1]:
            for command in commands_in_force(part):
                found = gate(command)
                if found and found.kind is not Kind.DEPLOY:
                    unsure = "whether the shell has pipefail is not known" if self._shell.pipefail is None else ""
                    unsure = unsure or ("what is left of its lines may be judged" if picks else "")
                    filed = isinstance(ends_in, Command) and ends_in.to_file
                    found = replace(found, reports=found.reports or filed)
                    self._add(
                        command,
                        found,
                        f"| {name}",
                        certain=not unsure,
                        why=unsure,
                    )

    def _swallowed_by_order(self, command: Command, rest: Sequence[AndOr], joined_by: str, item: AndOr) -> None:
        """Without -e a script's status is the last command's; with it, still not that of a command left of `&&`."""
        found = gate(command)
        if not found or found.kind is Kind.DEPLOY or found.tool in QUESTIONS or not rest or joined_by == "||":
            return
        if self._shell.errexit is False and "||" not in item.joins:
            neutral = all(is_neutral(each) for each in rest)
            self._add(
                command,
                found,
                "not the last command of a shell without -e",
                certain=neutral,
                why="" if neutral else "later commands may judge the same",
            )
        elif self._shell.errexit is True and joined_by == "&&" and "||" not in item.joins:
            self._add(
                command,
                found,
                "left of && in a line that is not the last: -e does not see it",
                certain=False,
                why="the line may be meant as a condition",
            )

    def _block(self, block: Block, *, final: bool, quiet: bool) -> None:
        for condition in block.conditions:
            if block.kind == "if":
                self._asked(condition, block)
            self._sequence(condition, last=True, quiet=True)
        before = self._shell
        for body in block.bodies:
            looped = block.kind in {"for", "while", "until"}
            self._sequence(body, last=final and not looped, quiet=quiet and not looped)
            if looped and body.items and self._shell.errexit is False:
                self._last_of_round(body.items[-1])
        if block.kind in {"(", "function"}:
            self._shell = before

    def _last_of_round(self, item: AndOr) -> None:
        """`for d in a b; do pytest $d; done`: the rounds before the last one count for nothing."""
        last = item.pipes[-1].parts[-1]
        found = gate(last) if isinstance(last, Command) and "||" not in item.joins and not item.background else None
        if isinstance(last, Command) and found and found.kind is not Kind.DEPLOY:
            self._add(
                last,
                found,
                "in a loop of a shell without -e: the last round decides",
                certain=False,
                why="there may be one round only",
            )

    def _asked(self, condition: Commands, block: Block) -> None:
        """`if pytest; then …`: whoever asks must do something with the answer."""
        idle = [is_neutral(item) for branch in block.bodies for item in branch.items]
        body = self._text[block.start : min(block.end, block.start + 20_000)]
        if not (idle and all(idle)) and re.search(
            r"\b(?:exit|return|false|throw|die|fail\w*|abort|kill|continue|break|err\w*)\b|\$\?|\w=|GITHUB_", body
        ):
            return
        for command in commands(condition):
            found = gate(command)
            if found and found.kind != Kind.DEPLOY and found.tool not in QUESTIONS:
                why = "the branches may judge"
                self._add(command, found, "asked by an `if` that never fails", certain=False, why=why)

    def _command(self, command: Command) -> None:
        if not command.words:
            return
        self._silenced(command)
        if command.words[0] in _LOSES_STATUS and (lost := self._gate_in_output(command)):
            why = "what it prints may be judged"
            self._add(command, lost, f"its status is lost in {command.words[0]}", certain=False, why=why)
        text = inner_script(unwrapped(command.words) or command.words) or _container_script(command.words)
        if text is not None and self._level < _MAX_INNER:
            inner = Shell(errexit="-e" in " ".join(command.words[:3]), pipefail=False)
            for each in in_script(
                Script(text, inner, self._script.source, (0,), (self._place(command),)), self._level + 1
            ):
                self._found.append(replace(each, place=self._place(command), replaces=None, suggestion=None))

    def _silenced(self, command: Command) -> None:
        """`flake8 --exit-zero` and the like: the tool itself is told to succeed."""
        found = gate(command)
        if not found:
            return
        option = silencing(command.words)
        if option is None:
            return
        text, certain = option
        if certain and text == "--exit-zero" and command_key(command) in self._strict:
            certain = False
        written = self._text[command.start : command.end]
        without = re.sub(rf"(?<!\S){re.escape(text)}(?!\S)\s?", "", written, count=1).rstrip()
        self._add(
            command,
            found,
            text,
            certain=certain,
            why="" if certain else "it may be meant as a report",
            replaces=written,
            suggestion=without if without != written else None,
        )

    def _place(self, command: Command) -> Place:
        return self._script.place(self._offset + command.start)

    def _add(
        self,
        command: Command,
        found: Gate,
        how: str,
        *,
        certain: bool,
        why: str = "",
        replaces: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        place = self._place(command)
        mechanical = replaces is not None and suggestion and self._script.source.line(place).startswith(replaces)
        self._found.append(
            Tolerance(
                gate=found,
                how=how,
                place=place,
                certain=certain,
                why=why,
                replaces=replaces if mechanical else None,
                suggestion=suggestion if mechanical else None,
            )
        )


_LOSES_STATUS = frozenset({"echo", "printf", "export", "local", "declare", "readonly", "typeset"})
"""Commands whose status says nothing of the substitutions in their arguments."""
_JUDGES_OUTPUT = re.compile(r"\b(?:exit|return|false|test|if|case|grep|jq|GITHUB_\w+)\b|\[")
_MAX_SUBSTITUTION = 2000


def substituted(text: str, command: Command) -> Iterator[Command]:
    """The commands that decide the status of each `$(…)` in a command, as far as quotes leave no doubt."""
    written = text[command.start : command.end]
    for match in re.finditer(r"(?<!\\)\$\((?!\()", written):
        if written.count("'", 0, match.start()) % 2:
            continue
        end = _closing(written, match.end())
        try:
            inside = shell.parse(written[match.end() : end])
        except ShellError:
            continue
        last = inside.items[-1].pipes[-1].parts[-1] if inside.items else None
        if isinstance(last, Command) and last.words:
            yield last


def _closing(text: str, at: int) -> int:
    depth = 1
    for index in range(at, min(len(text), at + _MAX_SUBSTITUTION)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return at


def commands_in_force(node: Pipe | Block | Command) -> Iterator[Command]:
    """The commands whose failure is the failure of the whole."""
    for command in commands(node):
        if command.words:
            yield command


def _after_set(now: Shell, words: Sequence[str]) -> Shell:
    errexit, pipefail = now.errexit, now.pipefail
    for index, word in enumerate(words):
        on = word.startswith("-")
        if re.match(r"^[-+][a-zA-Z]+$", word):
            errexit = on if "e" in word[1:] else errexit
            option = words[index + 1] if "o" in word[1:] and index + 1 < len(words) else ""
            errexit = on if option == "errexit" else errexit
            pipefail = on if option == "pipefail" else pipefail
    return Shell(errexit, pipefail, now.posix)


def _container_script(words: Sequence[str]) -> str | None:
    """The script in `docker run … sh -c '…'`."""
    if words[0].rsplit("/", 1)[-1] not in {"docker", "docker-compose", "podman", "kubectl", "ssh", "nix", "nix-shell"}:
        return None
    for index, word in enumerate(words[:60]):
        if re.fullmatch(r"(?:/bin/)?(?:ba|da|z)?sh", word):
            return inner_script([word.rsplit("/", 1)[-1], *words[index + 1 :]])
    return None
