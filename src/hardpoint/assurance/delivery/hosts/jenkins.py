"""Jenkinsfiles: the shell scripts of a pipeline and what swallows their failures, read line by line."""

import bisect
import re
from collections.abc import Iterator
from itertools import islice

from hardpoint.assurance.delivery.pipeline import ERREXIT, Host, Job, Pipeline, Setting, Shell, Source, Step
from hardpoint.kernel.place import Place

_STAGE = re.compile(r"\bstage\s*\(\s*(?:name\s*:\s*)?['\"]([^'\"\n]*)['\"]")
_SHELL_STEP = re.compile(
    r"(?<![\w.])(?P<step>sh|bat)\b\s*\(?\s*(?P<before>(?:(?:label|returnStatus|returnStdout|encoding)\s*:\s*[^,\n]{1,80},\s*){0,4})"
    r"(?:script\s*:\s*)?(?P<quote>'''|\"\"\"|'|\")",
)
_STATUS = re.compile(r"returnStatus\s*:\s*true")
_SWALLOW = re.compile(
    r"\bcatchError\s*\((?=[^)\n]*buildResult\s*:\s*(?:'SUCCESS'|\"SUCCESS\"|null))[^)\n]*\)\s*\{"
    r"|\b(?P<warn>warnError)\s*\([^)\n]*\)\s*\{"
)
_MAX_SWALLOWS = 200
_LINE_COMMENT = re.compile(r"^\s*(?://|\*)")


def read(source: Source) -> Pipeline:
    """Stages as jobs; Groovy around them is not understood, and nothing is concluded from it."""
    text = source.text
    swallowed = [
        (match.start(), _closing(text, match.end()), match) for match in islice(_SWALLOW.finditer(text), _MAX_SWALLOWS)
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
        end = text.find(match["quote"], match.end(), stop)
        if end < 0:
            continue
        tail = text[end : end + 200].partition("\n")[0]
        covering = [each for begin, until, each in swallowed if begin < match.start() < until]
        tolerance = None
        if covering:
            value = "UNSTABLE" if covering[-1]["warn"] else "true"
            key = "warnError" if covering[-1]["warn"] else "catchError with buildResult SUCCESS"
            tolerance = Setting(key, value, _place(source, starts, covering[-1].start()))
        elif _STATUS.search(match["before"] + tail) and not source.lines[place.line - 1][: place.column - 1].strip():
            tolerance = Setting("returnStatus", "true", place)
        body = text[match.end() : end]
        shell = ERREXIT if match["step"] == "sh" else Shell()
        script = source.script(body, _place(source, starts, match.end()), shell)
        yield Step(place=place, name=match["step"], script=script, tolerance=tolerance)


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
