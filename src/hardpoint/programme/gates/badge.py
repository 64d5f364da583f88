"""A badge: one verdict as a small SVG that says its words to screen readers too, in the style of shields."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.verdict import Answer, Decision

NO_VERDICT = "no verdict"
MAX_LABEL = 60
"""Characters of a gate's name that are shown; the title has all of them."""
_GREEN, _YELLOW, _RED, _GREY = "#2f7d32", "#8a6100", "#b3261e", "#5f6368"  # white text has 4.5:1 on each (WCAG 2.2 AA)
_LABEL = "#3c4043"
_COLOURS = {Answer.GO: _GREEN, Answer.GO_BY_WAIVER: _YELLOW, Answer.NO_GO: _RED}
_WIDE, _NARROW = frozenset("mwMW@%"), frozenset("iljtfrI.,:;|!'()[] ")
_HEIGHT, _PADDING = 20, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What a badge says: its two halves, the colour of the second, and the sentence that stands for both."""

    label: str
    words: str
    colour: str
    title: str


def badge_of(gate: str, decision: Decision | None, at: datetime, max_age: timedelta) -> Badge:
    """The badge of a gate whose newest verdict is this one, or of one without; an old GO is grey and says its age."""
    if decision is None:
        return Badge(label=gate, words=NO_VERDICT, colour=_GREY, title=f"{gate}: {NO_VERDICT}")
    judged, answer = parse_instant(decision.at), decision.answer
    words, colour = answer.value, _COLOURS[answer]
    if at - judged > max_age:
        words = f"{answer.value} {_spoken(at - judged)} ago"
        colour = _RED if answer is Answer.NO_GO else _GREY
    commit = f" at commit {decision.commit[:10]}" if decision.commit else ""
    title = f"{gate}: {words}, {decision.service}{commit}, judged {judged:%Y-%m-%d %H:%M} UTC"
    return Badge(label=gate, words=words, colour=colour, title=title)


def svg(badge: Badge) -> str:
    """The badge as SVG 1.1, without a font, script or picture of anybody else's.

    Without an id too: several of them may stand in one page. Text is measured as a browser's Verdana would
    have it, and `textLength` fits any other font into that width.
    """
    label = badge.label if len(badge.label) <= MAX_LABEL else f"{badge.label[: MAX_LABEL - 1]}…"
    left, right = _width(label), _width(badge.words)
    whole = left + right
    title = _allowed(badge.title)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}" role="img" aria-label={quoteattr(title)}>
  <title>{escape(title)}</title>
  <rect width="{whole}" height="{_HEIGHT}" rx="3" fill="{badge.colour}"/>
  <path d="M{left} 0H3a3 3 0 0 0-3 3v{_HEIGHT - 6}a3 3 0 0 0 3 3h{left - 3}z" fill="{_LABEL}"/>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
    {_text(label, left / 2, left)}
    {_text(badge.words, left + right / 2, right)}
  </g>
</svg>
"""


def _text(words: str, middle: float, width: int) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width - _PADDING}">{escape(_allowed(words))}</text>'


def _width(words: str) -> int:
    """Pixels, with the padding of both sides."""
    return _PADDING + max(round(sum(_advance(each) for each in words)), 1)


def _advance(character: str) -> float:
    if character in _WIDE:
        return 10.5
    if character in _NARROW:
        return 4.5
    return 11.0 if ord(character) > 0x2E7F else 8.0 if character.isupper() else 7.0  # noqa: PLR2004 - CJK begins there


def _allowed(words: str) -> str:
    """Without what XML 1.0 cannot hold (its production 2, Char)."""
    return "".join(each if each.isprintable() else " " for each in words)


def _spoken(age: timedelta) -> str:
    days = age.days
    if days >= 1:
        return "1 day" if days == 1 else f"{days} days"
    hours = max(int(age.total_seconds() // 3600), 1)
    return "1 hour" if hours == 1 else f"{hours} hours"
