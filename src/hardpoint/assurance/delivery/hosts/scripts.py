"""Scripts that pipelines call: package.json, Makefiles, tox, nox, pre-commit, build files, and shell scripts."""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hardpoint.assurance.delivery.gates import gate_of_words
from hardpoint.assurance.delivery.hosts.nodes import Node
from hardpoint.assurance.delivery.pipeline import (
    PLAIN,
    Host,
    Job,
    Pipeline,
    Script,
    Setting,
    Shell,
    Source,
    Step,
    Triggers,
    Use,
    join,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_CALLED = Triggers(called=True)


def package(source: Source) -> Pipeline:
    """The scripts of a package.json, which `sh -c` runs."""
    data = encoding.decode(source.text.encode(), object, what="package.json")
    scripts = data.get("scripts") if isinstance(data, Mapping) else None
    jobs, line = [], 1
    for name, text in scripts.items() if isinstance(scripts, Mapping) else ():
        if isinstance(name, str) and isinstance(text, str):
            place, raw = _json_place(source, name, text, line)
            line = place.line
            script = (
                Script(text, PLAIN, source, (0,), (place,))
                if raw == text
                else Script(text, PLAIN, source, (0,), (replace(place, column=0),))
            )
            jobs.append(
                Job(name=name, place=place, steps=(Step(place=place, name=name, script=script),), triggers=_CALLED)
            )
    return Pipeline(file=source.file, host=Host.PACKAGE, jobs=tuple(jobs), source=source)


def _json_place(source: Source, name: str, text: str, after: int) -> tuple[Place, str]:
    """Where a script's text stands, and how it is written there."""
    raw = json.dumps(text, ensure_ascii=False)[1:-1]
    key = json.dumps(name, ensure_ascii=False)
    for number in range(after, min(after + _MAX_APART, len(source.lines)) + 1):
        line = source.lines[number - 1]
        at = line.find(key)
        if at >= 0 and (found := line.find(f'"{raw}"', at + len(key))) >= 0:
            return Place(source.file, number, found + 2), raw
    return Place(source.file, after), ""


_MAX_APART = 2000
"""Lines between two scripts, or before the first."""


_RULE = re.compile(r"^(?P<targets>[^\s#:=][^#:=]*?)\s*::?(?!=)(?P<rest>.*)$")
_SHELL_SET = re.compile(r"^\s*(?:export\s+)?(?:SHELL|\.SHELLFLAGS)\s*[:?]?=\s*(?P<value>.*)$")
_CONDITIONAL = re.compile(r"^(?:if|ifeq|ifneq|ifdef|ifndef|else|endif|include|-include|sinclude|export|unexport)\b")
_DEFINE = re.compile(r"^define\s+(?P<targets>[\w.-]+)")
_FLAGS = re.compile(r"^\s*(?:export\s+)?MAKEFLAGS\s*[:+?]?=(?P<flags>.*)$")


def makefile(source: Source) -> Pipeline:
    """The recipes of a Makefile; each logical line is a shell of its own."""
    shell = _make_shell(source)
    ignored = _ignored_targets(source)
    jobs: list[Job] = []
    steps: list[Step] = []
    name, place, number = "", Place(source.file), 0
    macro = False  # its name says nothing of what it judges
    lines = source.lines
    while number < len(lines):
        line, first = lines[number], number
        while lines[number].endswith("\\") and number + 1 < len(lines):
            number += 1
        number += 1
        if line.startswith("\t"):
            if name:
                steps.append(_recipe(source, first, number, "" if macro else name, shell, ignored))
        elif match := _DEFINE.match(line) or (None if _CONDITIONAL.match(line) else _RULE.match(line)):
            jobs += [_target(name, place, steps)] if name else []
            macro = match.re is _DEFINE
            name, place, steps = match["targets"].split()[0], Place(source.file, first + 1, 1), []
            if begin := _first_command(line):
                steps.append(_recipe(source, first, number, name, shell, ignored, begin=begin))
    jobs += [_target(name, place, steps)] if name else []
    if any(job.name == ".ONESHELL" for job in jobs):
        jobs = [replace(job, steps=_in_one_shell(job.steps)) for job in jobs]
    return Pipeline(file=source.file, host=Host.MAKE, jobs=tuple(jobs), source=source)


def _first_command(line: str) -> int:
    """Where a rule's first command begins that stands on the line of the rule itself; 0 for none."""
    rule, _, command = line.partition(";")
    plain = ":" in rule and not set("$#=") & set(rule)
    return len(rule) + 1 if plain and command.strip() else 0


def _target(name: str, place: Place, steps: Sequence[Step]) -> Job:
    return Job(name=name, place=place, steps=tuple(steps), triggers=_CALLED)


def _in_one_shell(steps: Sequence[Step]) -> tuple[Step, ...]:
    """With `.ONESHELL` a recipe is one script, and the prefix of its first line counts for all."""
    whole = join(step.script for step in steps if step.script)
    return (replace(steps[0], script=whole),) if whole else ()


def _make_shell(source: Source) -> Shell:
    flags = " ".join(match["value"] for line in source.lines if (match := _SHELL_SET.match(line)))
    return Shell(errexit=bool(re.search(r"(?:^|\s)-\w*e", flags)), pipefail="pipefail" in flags)


def _ignored_targets(source: Source) -> frozenset[str] | None:
    """The targets whose errors `.IGNORE` ignores; None for all of them."""
    found: set[str] = set()
    for line in source.lines:
        if (flags := _FLAGS.match(line)) and any(map(_ignores_errors, flags["flags"].split())):
            return None
        if match := re.match(r"^\.IGNORE\s*:(?P<targets>[^#]*)", line):
            if not match["targets"].strip():
                return None
            found |= set(match["targets"].split())
    return frozenset(found)


def _ignores_errors(flag: str) -> bool:
    return flag == "--ignore-errors" or bool(re.fullmatch(r"-[bBdeiknpqrRsSvw]+", flag) and "i" in flag)


def _recipe(
    source: Source, first: int, after: int, target: str, shell: Shell, ignored: frozenset[str] | None, *, begin: int = 1
) -> Step:
    """The logical line from `first` up to `after`, whose command begins behind `begin` characters."""
    written = source.lines[first][begin:]
    prefix = re.match(r"[\s@+-]*", written)
    length = prefix.end() if prefix else 0
    place = Place(source.file, first + 1, begin + length + 1)
    lines = [written[length:], *(line.lstrip("\t") for line in source.lines[first + 1 : after])]
    text = "\n".join(lines).replace("$$", "$")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line.replace("$$", "$")) + 1
    places = [
        place,
        *(
            Place(source.file, number + 1, 2 if source.lines[number].startswith("\t") else 1)
            for number in range(first + 1, after)
        ),
    ]
    script = Script(text, shell, source, tuple(starts), tuple(places))
    tolerance = None
    if prefix and "-" in prefix[0]:
        tolerance = Setting("the prefix -", "true", Place(source.file, first + 1, begin + 1))
    elif ignored is None or target in ignored:
        tolerance = Setting(".IGNORE", "true", place)
    return Step(place=place, name=target, script=script, tolerance=tolerance)


def tox(source: Source) -> Pipeline:
    """The environments of a tox.ini; a command that begins with `-` may fail."""
    jobs: list[Job] = []
    section, place, key = "", Place(source.file), ""
    steps: list[Step] = []
    tolerance: Setting | None = None
    continued = False
    for number, line in enumerate([*source.lines, "[end]"], 1):
        rest_of_command, continued = continued, line.rstrip().endswith("\\")
        if header := re.match(r"^\[([^\]]+)\]", line):
            if section.startswith("testenv"):
                jobs.append(Job(name=section, place=place, steps=tuple(steps), tolerance=tolerance, triggers=_CALLED))
            section, place, key, steps, tolerance = header[1], Place(source.file, number, 1), "", [], None
            continue
        if setting := re.match(r"^([A-Za-z_][\w-]*)\s*=\s*(.*)$", line):
            key, value = setting[1], setting[2]
            if key == "ignore_outcome" and value.strip().lower() in {"true", "1", "yes", "on"}:
                tolerance = Setting("ignore_outcome", "true", Place(source.file, number, 1))
        elif line[:1] in {" ", "\t"}:
            value = line
        else:
            continue
        if rest_of_command and line[:1] in {" ", "\t"}:
            continue  # words of the command above, and no prefix
        if key in {"commands", "commands_pre", "commands_post"} and value.strip() and not value.strip().startswith("#"):
            steps.append(_tox_command(source, number, line, value, section))
    return Pipeline(file=source.file, host=Host.TOX, jobs=tuple(jobs), source=source)


def _tox_command(source: Source, number: int, line: str, value: str, name: str) -> Step:
    text = re.sub(r"^(?:[\w!,{}.-]+:\s+)?", "", value.strip())
    prefix = re.match(r"[-!]\s*", text)
    command = text[prefix.end() :] if prefix else text
    place = Place(source.file, number, line.rindex(command) + 1 if command else 1)
    # tox runs no shell: one word list, with substitutions in braces.
    words = re.sub(r"\{[^{}\s]*\}", lambda match: "_" * len(match[0]), command)
    tolerance = (
        Setting("the prefix -", "true", replace(place, column=place.column - len(prefix[0])))
        if prefix and prefix[0][0] == "-"
        else None
    )
    script = Script(words, Shell(errexit=True, pipefail=True), source, (0,), (place,))
    return Step(place=place, name=name, script=script, tolerance=tolerance)


_MAX_DEPTH_SOURCE = 1024 * 1024


def nox(source: Source) -> Pipeline:
    """The sessions of a noxfile; `success_codes` may let a gate fail."""
    if len(source.text) > _MAX_DEPTH_SOURCE:
        raise UnreadableProblem(f"is larger than {_MAX_DEPTH_SOURCE} characters")
    try:
        tree = ast.parse(source.text)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableProblem(f"is not Python: {error}") from error
    forgiven = _forgiven(tree)
    steps = [step for call in calls if (step := _session_run(call, source, forgiven)) is not None]
    job = Job(name="nox", place=Place(source.file, 1, 1), steps=tuple(steps), triggers=_CALLED)
    return Pipeline(file=source.file, host=Host.NOX, jobs=(job,), source=source)


def _forgiven(tree: ast.AST) -> frozenset[ast.AST]:
    """The calls inside of a `try` whose handlers do nothing but go on."""
    idle = (ast.Pass, ast.Continue)
    return frozenset(
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any(isinstance(step, idle) for handler in node.handlers for step in handler.body)
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Call)
    )


def _session_run(call: ast.Call, source: Source, forgiven: frozenset[ast.AST]) -> Step | None:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in {"run", "run_always"}):
        return None
    words = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not words or not (call.args and isinstance(call.args[0], ast.Constant)):
        return None
    place = Place(source.file, call.lineno, call.col_offset + 1)
    tolerance = None
    if call in forgiven:
        tolerance = Setting("except", "pass", place, doubt="another line may judge")
    for keyword in call.keywords:
        if keyword.arg == "success_codes":
            codes = {each.value for each in ast.walk(keyword.value) if isinstance(each, ast.Constant)}
            plain = isinstance(keyword.value, ast.List | ast.Tuple | ast.Set)
            if 1 in codes or not plain:
                doubt = "" if plain or isinstance(keyword.value, ast.Call) else "what the codes are stands elsewhere"
                at = Place(source.file, keyword.lineno, keyword.col_offset + 1)
                tolerance = Setting("success_codes", "true", at, doubt=doubt)
    quoted = " ".join("'" + word.replace("'", "") + "'" for word in words)
    script = Script(quoted, Shell(errexit=True, pipefail=True), source, (0,), (place,))
    return Step(place=place, name="session.run", script=script, tolerance=tolerance)


def pre_commit(root: Node, source: Source) -> Pipeline:
    """The hooks of a pre-commit configuration, with the repositories that they come from."""
    steps, uses = [], []
    for repo in root["repos"].each():
        name = repo["repo"].text
        if name not in {"local", "meta", "builtin", ""}:
            uses.append(Use("hook", name, repo["rev"].text, (repo["rev"] or repo["repo"]).place))
        for hook in repo["hooks"].each():
            words = [*(hook["entry"].text or hook["id"].text).split(), *hook["args"].texts()]
            if words and gate_of_words(words):
                text = " ".join("'" + word.replace("'", "") + "'" for word in words)
                script = Script(text, Shell(errexit=True, pipefail=True), source, (0,), (hook.place,))
                steps.append(Step(place=hook.place, name=hook["id"].text, script=script))
    job = Job(name="hooks", place=Place(source.file, 1, 1), steps=tuple(steps), triggers=_CALLED)
    return Pipeline(file=source.file, host=Host.PRE_COMMIT, jobs=(job,), uses=tuple(uses), source=source)


_BUILD_SETTINGS = (
    (re.compile(r"^\s*(?P<all>(?:it\.)?ignoreFailures\s*=\s*true)\b"), "ignoreFailures", "gradle check"),
    (re.compile(r"(?P<all><testFailureIgnore>\s*true\s*</testFailureIgnore>)"), "testFailureIgnore", "mvn test"),
    (re.compile(r"(?P<all><maven\.test\.failure\.ignore>\s*true\s*<)"), "maven.test.failure.ignore", "mvn test"),
)


def build_file(source: Source) -> Pipeline:
    """A Gradle or Maven build: the settings by which a check may fail."""
    steps = []
    for number, line in enumerate(source.lines, 1):
        for pattern, key, command in _BUILD_SETTINGS:
            if match := pattern.search(line):
                place = Place(source.file, number, match.start("all") + 1)
                script = Script(command, Shell(errexit=True, pipefail=True), source, (0,), (place,))
                steps.append(Step(place=place, script=script, tolerance=Setting(key, "true", place)))
    job = Job(name="build", place=Place(source.file, 1, 1), steps=tuple(steps), triggers=_CALLED)
    return Pipeline(file=source.file, host=Host.BUILD, jobs=(job,), source=source)


def declared_script(source: Source) -> Pipeline:
    """A shell script of which the manifest says that CI runs it."""
    return replace(shell_script(source, Triggers()), host=Host.DECLARED)


def shell_script(source: Source, triggers: Triggers = _CALLED) -> Pipeline:
    """A shell script that a pipeline calls."""
    first = source.lines[0]
    strict = bool(re.match(r"^#!.*\s-\w*e", first))
    script = source.script(source.text, Place(source.file, 1, 1), Shell(errexit=strict, pipefail=False))
    job = Job(
        name=source.file.rsplit("/", 1)[-1],
        place=Place(source.file, 1, 1),
        steps=(Step(place=Place(source.file, 1, 1), script=script),),
        triggers=triggers,
    )
    return Pipeline(file=source.file, host=Host.SCRIPT, jobs=(job,), source=source)
