"""Jenkinsfiles: the shell scripts of a pipeline and what swallows their failures, read line by line."""

import bisect
import re
from collections.abc import Iterator
from itertools import islice

from hardpoint.assurance.delivery.pipeline import ERREXIT, FOREIGN, Host, Job, Pipeline, Setting, Shell, Source, Step
from hardpoint.kernel.place import Place

_STAGE = re.compile(r"\bstage\s*\(\s*(?:name\s*:\s*)?['\"]([^'\"\n]*)['\"]")
_SHELL_STEP = re.compile(
    r"(?<![\w.])(?P<step>sh|bat)\b\s*\(?\s*(?P<before>(?:(?:label|returnStatus|returnStdout|encoding)\s*:\s*[^,\n]{1,80},\s*){0,4})"
    r"(?:script\s*:\s*)?(?P<quote>'''|\"\"\"|'|\")",
)
_STATUS = re.compile(r"returnStatus\s*:\s*true")
_ARGUMENTS = re.compile(r"(?:\s*,\s*\w+\s*:\s*[^,()\n]{1,80}){0,4}")
"""What may be named behind the script itself."""
_SWALLOW = re.compile(
    r"\bcatchError\s*\((?=[^)]{0,400}buildResult\s*:\s*(?:'SUCCESS'|\"SUCCESS\"|null))[^)]{0,400}\)\s*\{"
    r"|\b(?P<warn>warnError)\s*\([^)]{0,400}\)\s*\{|\b(?P<attempt>try)\s*\{"
)
_CATCH = re.compile(r"\}\s*catch\s*\([^)\n]{0,200}\)\s*\{")
_HEEDED = re.compile(r"\b(?:throw|error|unstable|exit|return)\b|\w\s*=|FAIL|UNSTABLE|(?i:fail)\w*\s*\(")
"""What in a catch tells of the failure."""
_MAX_SWALLOWS = 200
_LINE_COMMENT = re.compile(r"^\s*(?://|\*)")


def read(source: Source) -> Pipeline:
    """Stages as jobs; Groovy around them is not understood, and nothing is concluded from it."""
    text = source.text
    swallowed = [
        (match.start(), until, match)
        for match in islice(_SWALLOW.finditer(text), _MAX_SWALLOWS)
        if (until := _closing(text, match.end())) and (not match["attempt"] or _forgets(text, until))
    ]
    stages = [(match.start(), match[1]) for match in _STAGE.finditer(text)] or [(0, "pipeline")]
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    jobs = []
    for index, (start, name) in enumerate(stages):
        stop = stages[index + 1][0] if index + 1 < len(stages) else len(text)
        steps = tuple(_steps(source, starts, start, stop, swallowed))
        jobs.append(Job(name=name, place=_place(source, starts, start), steps=steps))
    return Pipeline(file=source.file, host=Host.JENKINS, jobs=tuple(jobs), source=source)


def _steps(
    source: Source, starts: list[int], start: int, stop: int, swallowed: list[tuple[int, int, re.Match[str]]]
) -> Iterator[Step]:
    text = source.text
    for match in _SHELL_STEP.finditer(text, start, stop):
        place = _place(source, starts, match.start())
        if _LINE_COMMENT.match(source.lines[place.line - 1]):
            continue
        ending = re.compile(rf"(?:[^\\]|\\.)*?(?P<quote>{match['quote']})", re.DOTALL).match(text, match.end(), stop)
        if not ending:
            continue
        end = ending.start("quote")
        arguments = _ARGUMENTS.match(text, ending.end())
        tail = arguments[0] if arguments else ""
        covering = [each for begin, until, each in swallowed if begin < match.start() < until]
        tolerance = None
        if covering:
            tolerance = _setting(covering[-1], _place(source, starts, covering[-1].start()))
        elif _STATUS.search(match["before"] + tail) and not source.lines[place.line - 1][: place.column - 1].strip():
            tolerance = Setting("returnStatus", "true", place)
        body = re.sub(r"\\(['\"])", r"\1", text[match.end() : end])
        shell = _shell(body) if match["step"] == "sh" else Shell()
        script = source.script(body, _place(source, starts, match.end()), shell)
        yield Step(place=place, name=match["step"], script=script, tolerance=tolerance)


def _setting(match: re.Match[str], place: Place) -> Setting:
    if match["attempt"]:
        return Setting("try", "a catch that goes on", place, doubt="Groovy may judge it later")
    if match["warn"]:
        return Setting("warnError", "UNSTABLE", place)
    return Setting("catchError with buildResult SUCCESS", "true", place)


def _forgets(text: str, brace: int) -> bool:
    """Whether a catch follows the brace that ends a `try`, and it tells nobody of the failure."""
    caught = _CATCH.match(text, brace)
    return bool(caught) and not _HEEDED.search(text, caught.end(), _closing(text, caught.end())) if caught else False


def _shell(body: str) -> Shell:
    """`sh -xe`, unless the script begins with a line that names another."""
    if not body.startswith("#!"):
        return ERREXIT
    program, _, options = body.partition("\n")[0].partition(" ")
    if program.endswith("/env"):
        program, _, options = options.partition(" ")
    if not re.search(r"(?:^|[/!])(?:ba|da|z|k)?sh$", program):
        return FOREIGN
    return Shell(errexit=bool(re.search(r"-\w*e", options)), pipefail="pipefail" in options)


def _place(source: Source, starts: list[int], offset: int) -> Place:
    line = bisect.bisect_right(starts, offset)
    return Place(source.file, line, offset - starts[line - 1] + 1)


def _closing(text: str, at: int) -> int:
    """The offset of the brace that closes the block whose content begins at `at`."""
    depth = 1
    for match in re.finditer(r"[{}]", text[at : at + 200_000]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return at + match.start()
    return len(text)
