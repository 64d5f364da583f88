"""Where a gate may fail and the pipeline goes on: in scripts, by the shell's rules, and by the settings of a host."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hardpoint.assurance.delivery import shell
from hardpoint.assurance.delivery.gates import Gate, Kind, gate, gate_named, gate_of_action, inner_script, unwrapped
from hardpoint.assurance.delivery.pipeline import Host, Job, Pipeline, Script, Setting, Shell, Step
from hardpoint.assurance.delivery.shell import AndOr, Block, Command, Pipe, ShellError, commands
from hardpoint.assurance.delivery.shell import Sequence as Commands
from hardpoint.kernel.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """A gate whose failure does not count: by what, and whether that is certain and never meant well."""

    gate: Gate
    how: str
    place: Place
    certain: bool = True
    replaces: str | None = None
    suggestion: str | None = None
    why: str = ""
    """What keeps it from being certain."""


_NEUTRAL = frozenset(
    {"true", ":", "echo", "printf", "sleep", "date", "cat", "tail", "head", "ls", "logger", "df", "free", "set"}
)
"""Commands that succeed, and judge nothing."""
_HOUSEKEEPING = _NEUTRAL | frozenset(
    {"rm", "rmdir", "mkdir", "mv", "cp", "ln", "touch", "chmod", "chown", "find", "git", "tar", "zip", "unzip", "cd"}
    | {"docker", "docker-compose", "podman", "kubectl", "kill", "pkill", "killall", "sudo", "curl", "wget", "pip"}
    | {"apt-get", "grep", "sed", "awk", "which", "export", "source", "codecov", "gcovr", "[", "test", ""}
)
"""Commands that are known to judge nothing."""
_FILTERS = frozenset({"tee", "cat", "tail", "head", "sed", "awk", "ts", "sort", "uniq", "column", "less", "tr", "cut"})
"""What a pipe may end in without judging what comes through; xcpretty exits 0 without pipefail."""
_FILTERS |= {"xcpretty"}
_STRICT_WORDS = frozenset({"false", "kill", "die", "fail", "abort", "error", "err", "fatal", "panic", "usage"})
_CAPTURED = re.compile(r"\$\??[?{(]*PIPESTATUS|\$\?|\$LASTEXITCODE")
_AWAITED = re.compile(r"\$!|\bwait\s+(?:-\w|[\"$%0-9])|\bjobs\s+-")
"""Where somebody asks how a command in the background ended."""
_MAX_INNER = 3
_MAX_SHOWN = 40


def tolerances(pipeline: Pipeline) -> list[Tolerance]:
    """Every gate of a pipeline that may fail unseen; one for each place."""
    found: dict[Place, Tolerance] = {}
    beside = strict_tools(pipeline) if pipeline.host is Host.MAKE else frozenset()
    asked = _asked_steps(pipeline)
    for job in pipeline.jobs:
        for each in _of_job(job, pipeline, beside, asked):
            found.setdefault(each.place, each)
    return sorted(found.values(), key=lambda each: each.place)


def _of_job(job: Job, pipeline: Pipeline, beside: frozenset[str], asked: frozenset[str]) -> Iterator[Tolerance]:
    if job.tolerance and not job.by_hand:
        yield from _by_setting(job.tolerance, _gates_of(job), f"{job.name} {job.title}", pipeline)
    strict = beside or strict_tools(job)
    judging, gated = _last(_JUDGING_STEP, job), _last(_HARDPOINT, job)
    for number, step in enumerate(job.steps):
        if step.tolerance and step.id not in asked:
            gates = list(gates_of(step)) or _named_gates(step)
            yield from _by_setting(step.tolerance, gates, f"{job.name} {step.name}", pipeline)
        if step.after:
            yield from (
                Tolerance(gate=each, how="runs where the host ignores failures", place=step.place)
                for each in gates_of(step)
                if each.kind is not Kind.DEPLOY
            )
        if step.use:
            yield from _by_input(step)
        if step.script:
            judged = number < judging
            for each in in_script(step.script, strict=strict):
                if not (each.gate.reports and number <= gated):
                    yield _weighed(each, judged=judged, named=job.name)


def gates_of(step: Step) -> Iterator[Gate]:
    """What a step judges or deploys."""
    if step.use:
        found = gate_of_action(step.use.name)
        if found:
            yield found
    if step.script:
        for command in commands_of(step.script):
            inside = gate(command)
            if inside:
                yield inside


def commands_of(script: Script) -> list[Command]:
    """The simple commands of a script; of another shell's, those of the lines that read the same."""
    return [command for _, part in _parsed(script.text) for command in commands(part)]


def _gates_of(job: Job) -> list[Gate]:
    return [each for step in job.steps for each in gates_of(step)]


def _named_gates(step: Step) -> list[Gate]:
    """Where a step's commands are not known, its name may say what it is; that is never certain."""
    known = step.script and all(_first(command) in _HOUSEKEEPING for command in commands_of(step.script))
    found = gate_named(step.name) if step.name and not step.use and not known else None
    return [replace(found, certain=False)] if found else []


_EXPERIMENT = re.compile(
    r"nightly|experiment|beta|canary|allow.?fail|may.?fail|unstable|pre-?release|informational|optional|advisory|upstream"
    r"|\bdev\b|devel|non.?blocking|best.?effort|flaky|soft|bleeding|next|rawhide|edge|tip|\bhead\b|report|benchmark",
    re.IGNORECASE,
)


_LEAVES = re.compile(r"\bexit\b(?!\s+0)")
_ALWAYS = re.compile(r"\|\|\s*true\b")


def _by_setting(setting: Setting, gates: Sequence[Gate], name: str, pipeline: Pipeline) -> Iterator[Tolerance]:
    """`continue-on-error: true` and its kind, over the gates that it covers."""
    value = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", setting.value.strip())
    judging = [each for each in gates if each.kind is not Kind.DEPLOY] or list(gates)
    if not judging or value.lower() in {"false", "no", "0", ""}:
        return
    constant = value.lower() in {"true", "yes", "1", "ignore"}
    if "matrix." in value and not _ALWAYS.search(value):
        return  # a row of a matrix that is declared to be an experiment
    worst = next((each for each in judging if each.certain), judging[0])
    why = ""
    if _EXPERIMENT.search(name):
        why = "its name says that it is an experiment"
    elif setting.doubt or not constant:
        why = setting.doubt or "a condition decides it"
    elif not worst.certain or worst.kind is Kind.DEPLOY:
        why = "what it judges is told by a name only" if worst.kind is not Kind.DEPLOY else "it deploys"
    elif worst.reports:
        why = "another step may judge its report"
    line = pipeline.source.line(setting.place) if pipeline.source else ""
    written = re.match(rf"{re.escape(setting.key)}\s*:\s*\S+", line)
    false = re.sub(r"\S+$", "false", written[0]) if written and constant else None
    yield Tolerance(
        gate=worst,
        how=str(setting),
        place=setting.place,
        certain=not why,
        why=why,
        replaces=written[0] if false and written else None,
        suggestion=false,
    )


_OUTCOME = re.compile(r"steps\s*(?:\.\s*|\[\s*')([\w-]{1,100})(?:'\s*\])?\s*\.\s*outcome\b")
"""`conclusion` is the one after the tolerance: it is always a success."""


def _asked_steps(pipeline: Pipeline) -> frozenset[str]:
    """The ids of the steps whose outcome another one asks for, so that their tolerance only puts the answer off."""
    return frozenset(_OUTCOME.findall(pipeline.source.text)) if pipeline.source else frozenset()


_JUDGING_STEP = re.compile(
    r"hardpoint\s+gate|test-reporter|publish-unit-test-result|action-junit-report|test-summary|junit-report|reviewdog"
    r"|exit-code|upload-sarif|PublishTestResults|\bjunit\b|recordIssues|sonar",
    re.IGNORECASE,
)


_HARDPOINT = re.compile(r"hardpoint\s+gate")


def _last(pattern: re.Pattern[str], job: Job) -> int:
    """The number of the last step that the pattern is found in, -1 for none."""
    for number in range(len(job.steps) - 1, -1, -1):
        step = job.steps[number]
        action = step.use.name if step.use else ""
        if pattern.search(f"{action} {step.script.text if step.script else ''} {step.name}"):
            return number
    return -1


def _weighed(tolerance: Tolerance, *, judged: bool, named: str) -> Tolerance:
    """Certain only where nothing speaks for a good reason."""
    why = tolerance.why
    if _EXPERIMENT.search(named):
        why = "its name says that it is an experiment"
    elif tolerance.gate.kind is Kind.DEPLOY:
        why = "it deploys"
    elif not tolerance.gate.certain:
        why = "what it judges is told by a name only"
    elif tolerance.gate.reports and (judged or tolerance.gate.kind not in {Kind.TEST, Kind.BUILD}):
        why = "another step may judge its report"
    elif judged:
        why = "a later step judges reports"
    return replace(tolerance, certain=tolerance.certain and not why, why=why)


_INPUTS = {
    ("disable_errors", "true"): True,
    ("exit-code", "0"): False,
    ("soft_fail", "true"): False,
    ("fail-build", "false"): False,
    ("continue_on_error", "true"): False,
}


def _by_input(step: Step) -> Iterator[Tolerance]:
    found = next(gates_of(step), None)
    if not found or found.kind is Kind.DEPLOY:
        return
    for name, value in step.inputs.items():
        certain = _INPUTS.get((name.lower(), value.lower()))
        if certain is not None:
            yield Tolerance(
                gate=found,
                how=f"{name}: {value}",
                place=step.place,
                certain=certain,
                why="" if certain else "it may be meant as a report",
            )


def in_script(script: Script, level: int = 0, strict: frozenset[str] = frozenset()) -> list[Tolerance]:
    """Every gate of a shell script that may fail while the script goes on or succeeds.

    `strict` names the tools that run elsewhere beside it without an option that silences them.
    """
    if not script.shell.posix:
        return []
    found: list[Tolerance] = []
    for offset, part in _parsed(script.text):
        found += _Walk(script, offset, level, strict).of(part)
    return found


@lru_cache(maxsize=4096)
def _parsed(text: str) -> list[tuple[int, Commands]]:
    """The script whole, or, where it is none that can be read, those of its lines that can be."""
    try:
        return [(0, shell.parse(text))]
    except ShellError:
        pass
    parts, offset = [], 0
    for line in text[: shell.MAX_SCRIPT].split("\n"):
        with contextlib.suppress(ShellError):
            parts.append((offset, shell.parse(line)))
        offset += len(line) + 1
    return parts


class _Walk:
    """One pass over a script, which knows what the shell does at a failure by then."""

    def __init__(self, script: Script, offset: int, level: int, strict: frozenset[str]) -> None:
        self._script = script
        self._offset = offset
        self._level = level
        self._text = script.text[offset:]
        self._shell = script.shell
        self._found: list[Tolerance] = []
        self._strict = strict
        self._functions: dict[str, Block] = {}

    def of(self, sequence: Commands) -> list[Tolerance]:
        self._strict |= _strict_in(sequence)
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
                why = _forgives(item.pipes[index + 1 : stop + 1])
                if why is not None:
                    self._forgive(item, forgiven, index + 1, stop, why=why)
                forgiven = index + 1
        for position, pipe in enumerate(item.pipes):
            joined_by = item.joins[position] if position < len(item.joins) else ""
            self._pipe(pipe, rest, final=final, quiet=quiet, joined_by=joined_by, item=item)
        if item.background and not _AWAITED.search(self._text, item.end):
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
                found, reason = gate(command), why
                if not found and (found := self._gate_in_function(command)):
                    reason = f"inside of {command.words[0]}"
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

    def _gate_in_function(self, command: Command) -> Gate | None:
        """The first gate of the function of this script that a command calls."""
        body = self._functions.get(command.words[0])
        found = (gate(each) for each in commands(body)) if body else iter(())
        return next((each for each in found if each and each.kind is not Kind.DEPLOY), None)

    def _pipe(
        self, pipe: Pipe, rest: Sequence[AndOr], *, final: bool, quiet: bool, joined_by: str, item: AndOr
    ) -> None:
        if len(pipe.parts) > 1 and self._shell.pipefail is not True and not quiet and not pipe.negated:
            self._swallowed_by_pipe(pipe, joined_by)
        for part in pipe.parts:
            if isinstance(part, Block):
                if part.kind == "function":
                    self._functions[part.name] = part
                alone = len(pipe.parts) == 1 and not pipe.negated and not item.joins
                self._block(part, final=final and alone, quiet=quiet or not alone)
            else:
                self._command(part)
        single = pipe.parts[-1]
        if isinstance(single, Command) and not pipe.negated and not quiet and not final and not item.background:
            self._swallowed_by_order(single, rest, joined_by, item)

    def _swallowed_by_pipe(self, pipe: Pipe, joined_by: str) -> None:
        ends_in = pipe.parts[-1]
        name = _first(ends_in) if isinstance(ends_in, Command) else ""
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
        if not found or found.kind is Kind.DEPLOY or not rest or joined_by == "||":
            return
        if self._shell.errexit is False and "||" not in item.joins:
            neutral = all(_is_neutral(each) for each in rest)
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
        body = self._text[block.start : min(block.end, block.start + 20_000)]
        if re.search(
            r"\b(?:exit|return|false|throw|die|fail\w*|abort|kill|continue|break|err\w*)\b|\$\?|\w=|GITHUB_", body
        ):
            return
        for command in commands(condition):
            found = gate(command)
            if found and found.kind != Kind.DEPLOY:
                self._add(
                    command, found, "asked by an `if` that never fails", certain=False, why="the branches may judge"
                )

    def _command(self, command: Command) -> None:
        if not command.words:
            return
        self._silenced(command)
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
        option = _silencing(command.words)
        if option is None:
            return
        text, certain = option
        if certain and text == "--exit-zero" and _command_key(command) in self._strict:
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


def commands_in_force(node: Pipe | Block | Command) -> Iterator[Command]:
    """The commands whose failure is the failure of the whole."""
    for command in commands(node):
        if command.words:
            yield command


def _first(command: Command) -> str:
    words = unwrapped(command.words)
    return words[0] if words else ""


def strict_tools(whole: Job | Pipeline) -> frozenset[str]:
    """The tools that run somewhere in it without an option that silences them."""
    steps = whole.steps if isinstance(whole, Job) else [step for job in whole.jobs for step in job.steps]
    scripts = [step.script for step in steps if step.script and step.script.shell.posix]
    return frozenset(tool for script in scripts for _, part in _parsed(script.text) for tool in _strict_in(part))


def _strict_in(sequence: Commands) -> frozenset[str]:
    return frozenset(key for each in commands(sequence) if (key := _command_key(each)) and not _silencing(each.words))


def _command_key(command: Command) -> str:
    return _first(command) if gate(command) else ""


def _is_neutral(item: AndOr) -> bool:
    return all(_answer(each) == "neutral" for pipe in item.pipes for each in pipe.parts)


def _forgives(alternative: Sequence[Pipe]) -> str | None:
    """Why it is not certain that what follows `||` hides the failure, empty where it is; None where it does not."""
    first, *rest = ([_answer(part) for part in pipe.parts] for pipe in alternative)
    after = [answer for answers in rest for answer in answers]
    if {"strict", "captured"} & {*first, *after}:
        return None
    if "other" in first:
        instead = any(gate(command) for pipe in alternative for command in commands(pipe))
        return None if instead else "its alternative may fail too"
    if "loop" in {*first, *after}:
        return "the rest of the loop goes on"
    return "what follows may judge the same" if "other" in after else ""


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
    if name in _NEUTRAL:
        return "neutral"
    return "strict" if name in _STRICT_WORDS else "other"


def _keeps_status(name: str, command: Command) -> bool:
    """Whether the failure is written down, in a variable or a file, for somebody to read."""
    if re.match(r"^[A-Za-z_]\w*\+?=", command.words[0]) or name in {"export", "let", "declare", "local", "(("}:
        return True
    if name in {"echo", "printf"} and (command.to_file or any("##vso" in word for word in command.words)):
        return True
    return name not in {"exit", "return"} and any("$?" in word or "PIPESTATUS" in word for word in command.words)


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


_SILENCING: Sequence[tuple[str, re.Pattern[str], bool]] = (
    ("", re.compile(r"^--exit-zero$"), True),
    ("", re.compile(r"^--no-fail$|^--soft-fail$|^--no-exit$"), True),
    ("ruff", re.compile(r"^-e$"), True),
    ("pylint", re.compile(r"^--fail-under=0$"), False),
    ("golangci-lint", re.compile(r"^--issues-exit-code=0$"), True),
    ("mvn", re.compile(r"^-Dmaven\.test\.failure\.ignore(?:=true)?$|^-fn$|^--fail-never$"), True),
    ("mvn", re.compile(r"^-Dcheckstyle\.failOnViolation=false$|^-DfailOnError=false$"), False),
    ("make", re.compile(r"^-i$|^--ignore-errors$"), True),
    ("safety", re.compile(r"^--continue-on-error$"), True),
    ("trivy", re.compile(r"^--exit-code=0$"), False),
    ("gitleaks", re.compile(r"^--exit-code=0$"), False),
    ("kics", re.compile(r"^--ignore-on-exit(?:=\w+)?$"), False),
    ("", re.compile(r"^--pass-?[wW]ith-?[nN]o-?[tT]ests$"), False),
    ("", re.compile(r"^--suppress-no-test-exit-code$"), False),
    ("vitest", re.compile(r"^--dangerouslyIgnoreUnhandledErrors$"), False),
)


def _silencing(words: Sequence[str]) -> tuple[str, bool] | None:
    """The option that makes a tool succeed whatever it finds, and whether that is certain."""
    inner = unwrapped(words)
    if not inner:
        return None
    for index, word in enumerate(inner[1:], 1):
        if not word.startswith("-"):
            continue
        joined = f"{word}={inner[index + 1]}" if index + 1 < len(inner) and "=" not in word else word
        for tool, pattern, certain in _SILENCING:
            if (not tool or inner[0] == tool) and (pattern.match(word) or pattern.match(joined)):
                return (word if pattern.match(word) else joined.replace("=", " ")), certain
    return None


def _container_script(words: Sequence[str]) -> str | None:
    """The script in `docker run … sh -c '…'`."""
    if words[0].rsplit("/", 1)[-1] not in {"docker", "docker-compose", "podman", "kubectl", "ssh", "nix", "nix-shell"}:
        return None
    for index, word in enumerate(words[:60]):
        if re.fullmatch(r"(?:/bin/)?(?:ba|da|z)?sh", word):
            return inner_script([word.rsplit("/", 1)[-1], *words[index + 1 :]])
    return None
