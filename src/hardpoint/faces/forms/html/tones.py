"""Tones: the colour, the shape and the words of what is good, doubtful or bad; never a colour alone."""

from collections.abc import Mapping
from enum import Enum

from hardpoint.faces.forms.html.elements import Markup, element
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.verdict import Answer, Verdict


class Tone(Enum):
    """How something is to be taken; the style sheet has its colours."""

    GOOD = "good"
    DOUBT = "doubt"
    BAD = "bad"
    QUIET = "quiet"


_TONES: Mapping[object, Tone] = {
    Answer.GO: Tone.GOOD,
    Answer.GO_BY_WAIVER: Tone.DOUBT,
    Answer.NO_GO: Tone.BAD,
    Verdict.PASS: Tone.GOOD,
    Verdict.WAIVED: Tone.DOUBT,
    Verdict.NOT_APPLICABLE: Tone.QUIET,
    Verdict.STALE: Tone.DOUBT,
    Verdict.MISSING: Tone.DOUBT,
    Verdict.ERROR: Tone.BAD,
    Verdict.FAIL: Tone.BAD,
    Severity.NOTE: Tone.QUIET,
    Severity.WARNING: Tone.DOUBT,
    Severity.ERROR: Tone.BAD,
}
_BY_WORD = {str(each.value): tone for each, tone in _TONES.items() if isinstance(each, Enum)}

_SHAPES = {
    "GO": "check",
    "OK": "check",
    "pass": "check",
    "GO BY WAIVER": "diamond",
    "waived": "diamond",
    "stale": "clock",
    "missing": "question",
    "warning": "triangle",
    "not-applicable": "dash",
    "DONE": "dash",
    "note": "dash",
}
"""Word to shape; of any other, the shape of its tone."""

_OF_TONE = {Tone.GOOD: "check", Tone.DOUBT: "triangle", Tone.BAD: "cross", Tone.QUIET: "dash"}

_OF_EXIT = {
    Exit.FOUND: "NOT OK",
    Exit.USAGE: "REFUSED",
    Exit.FAILED: "FAILED",
    Exit.WAIVED: str(Answer.GO_BY_WAIVER),
    Exit.BROKEN: "BROKEN",
}
_UNDECIDED = frozenset({Exit.USAGE, Exit.FAILED, Exit.BROKEN})

OUTLINES = {
    "check": '<circle cx="12" cy="12" r="11"/><path class="on" d="M6.5 12.5l3.7 3.7 7.3-7.9"/>',
    "cross": '<path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/><path class="on" d="M8 8l8 8M16 8l-8 8"/>',
    "triangle": '<path d="M12 1.5L23.5 22H.5z"/><path class="on" d="M12 8.5v6M12 17.6v1.4"/>',
    "diamond": '<path d="M12 .5L23.5 12 12 23.5.5 12z"/><path class="on" d="M7.5 12h9"/>',
    "clock": '<circle cx="12" cy="12" r="11"/><path class="on" d="M12 5.5V12l4.5 2.7"/>',
    "question": '<rect x="1.5" y="1.5" width="21" height="21" rx="4"/>'
    '<path class="on" d="M8.7 9.2c.2-4.5 6.8-4.3 6.6-.2-.1 2.5-3.3 2.4-3.3 5.2M12 17.3v1.5"/>',
    "dash": '<circle cx="12" cy="12" r="11"/><path class="on" d="M7 12h10"/>',
}
"""Each shape in a square of 24: its body, and the line on it."""


def verdict_of(sheet: Sheet, *, judged: bool) -> str:
    """The word of a whole result: the answer of its gates, else what its exit code means.

    An answer that is better than the exit code is not shown: no page may say GO where a pipeline stops. What ends well
    says OK only where something was `judged`: a listing that was printed is no good news.
    """
    answer = sheet.about.get("answer")
    if sheet.exit in _UNDECIDED:
        return _OF_EXIT[sheet.exit]
    if isinstance(answer, str) and answer and (sheet.exit is Exit.OK or tone_of(answer) is Tone.BAD):
        return str(answer)
    return _OF_EXIT.get(sheet.exit, "OK" if judged else "DONE")


def tone_of(word: object) -> Tone:
    """The tone of an answer, a verdict or a severity, or of the word for one; a word that is not known is quiet."""
    if word in ("OK", "DONE"):
        return Tone.GOOD if word == "OK" else Tone.QUIET
    if word in _OF_EXIT.values() and word != Answer.GO_BY_WAIVER:
        return Tone.BAD
    return _BY_WORD.get(str(word.value if isinstance(word, Enum) else word), Tone.QUIET)


def is_known(word: object) -> bool:
    """Whether it is the word of an answer, a verdict or a severity."""
    return word in _BY_WORD


def shape(word: object) -> Markup:
    """The drawing beside a word, which says no more than the word."""
    name = _SHAPES.get(str(word), _OF_TONE[tone_of(word)])
    return element("svg", element("use", href=f"#{name}"), class_="shape", viewBox="0 0 24 24", aria_hidden="true")


def chip(word: str, **attributes: object) -> Markup:
    """A word in its tone, with its shape."""
    return element("span", shape(word), element("b", word), class_=f"chip {tone_of(word).value}", **attributes)


def outlines() -> Markup:
    """The shapes that a page refers to."""
    symbols = [element("symbol", Markup(path), id=name, viewBox="0 0 24 24") for name, path in OUTLINES.items()]
    return element("svg", *symbols, class_="outlines", aria_hidden="true", width="0", height="0")
