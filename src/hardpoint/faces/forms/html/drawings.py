"""Drawings: the margin of a criterion, the share of verdicts, and the trend of a gate, as SVG."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from hardpoint.faces.forms.html.elements import Markup, element
from hardpoint.faces.forms.html.tones import tone_of
from hardpoint.kernel.verdict import Answer, Judgement, Verdict

_NUMBER = re.compile(r"(?:(?:==|!=|<=|>=|<|>)\s*)?(-?\d{1,15}(?:\.\d{1,15})?)")
_BAR = 200
"""Width of a bar, in units of its own."""

_STEP, _TOP, _ROW = 16, 10, 18
_ROWS = (Answer.GO, Answer.GO_BY_WAIVER, Answer.NO_GO)


def margin_bar(judgement: Judgement) -> Markup:
    """Where a value is beside its threshold; nothing where one of them is no number, or both are 0."""
    value, threshold = _number(judgement.value), _number(judgement.threshold)
    if value is None or threshold is None or value == threshold == 0:
        return Markup("")
    low, high = min(0.0, value, threshold), max(0.0, value, threshold)
    scale = (_BAR - 8) / ((high - low) or 1)
    at, mark, zero = (round((each - low) * scale + 4, 1) for each in (value, threshold, 0.0))
    return element(
        "svg",
        element("rect", class_="ground", x=0, y=7, width=_BAR, height=6, rx=3),
        element("rect", class_="amount", x=min(at, zero), y=7, width=round(abs(at - zero), 1), height=6, rx=3),
        element("rect", class_="mark", x=mark - 1, y=1, width=2, height=18),
        element("circle", class_="at", cx=at, cy=10, r=4),
        class_=f"bar {tone_of(judgement.verdict).value}",
        viewBox=f"0 0 {_BAR} 20",
        role="img",
        aria_label=f"{judgement.value} on a scale where {judgement.threshold} is asked",
    )


def _number(written: str) -> float | None:
    found = _NUMBER.fullmatch(written.strip())
    return float(found[1]) if found else None


def shares(criteria: Sequence[Judgement]) -> Markup:
    """How many criteria have which verdict, the best first; the sentence beside it says the same."""
    counts = Counter(each.verdict for each in criteria)
    parts, at = [], 0.0
    for verdict in Verdict:
        if count := counts[verdict]:
            width = 100 * count / len(criteria)
            parts.append(
                element(
                    "rect",
                    class_=tone_of(verdict).value,
                    x=f"{at:.2f}",
                    y=0,
                    width=f"{max(width - 0.6, 0.3):.2f}",
                    height=6,
                )
            )
            at += width
    return element("svg", *parts, class_="shares", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true")


def trend_line(points: Sequence[Mapping[str, object]]) -> Markup:
    """The verdicts of one gate from old to new: the higher and rounder, the better."""
    width = _STEP * len(points) + 8
    places = [(_STEP * at + 12, _TOP + _ROW * _row(each), each) for at, each in enumerate(points)]
    path = " ".join(f"{'L' if at else 'M'}{x} {y}" for at, (x, y, _) in enumerate(places))
    return element(
        "svg",
        element("path", class_="line", d=path),
        *[_mark(x, y, each) for x, y, each in places],
        class_="trend",
        viewBox=f"0 0 {width} {2 * _TOP + 2 * _ROW}",
        width=width,
        height=2 * _TOP + 2 * _ROW,
        role="img",
        aria_label=f"The last {len(points)} verdicts; the table below has them",
    )


def _row(point: Mapping[str, object]) -> int:
    answer = point.get("answer")
    return next((at for at, each in enumerate(_ROWS) if each == answer), len(_ROWS) - 1)


def _mark(x: int, y: int, point: Mapping[str, object]) -> Markup:
    d = (
        f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        f"M{x} {y - 6}l6 6-6 6-6-6z",
        f"M{x - 5} {y - 5}h10v10h-10z",
    )[_row(point)]
    title = element("title", f"{point.get('answer')} at {point.get('at')}")
    return element("g", title, element("path", d=d), class_=tone_of(point.get("answer")).value)
