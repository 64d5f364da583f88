"""Gates: what each says, criterion by criterion, the weakest first."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from hardpoint.faces.forms.html.drawings import margin_bar, shares, trend_line
from hardpoint.faces.forms.html.elements import Markup, element, instant, joined, prose
from hardpoint.faces.forms.html.listing import findings_table, left_out, scrolled, table
from hardpoint.faces.forms.html.room import Room
from hardpoint.faces.forms.html.tones import chip, tone_of
from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

_SAID = {
    Verdict.FAIL: ("fails", "fail"),
    Verdict.ERROR: ("cannot be judged", "cannot be judged"),
    Verdict.MISSING: ("has no evidence", "have no evidence"),
    Verdict.STALE: ("is out of date", "are out of date"),
    Verdict.WAIVED: ("is waived", "are waived"),
    Verdict.NOT_APPLICABLE: ("does not apply", "do not apply"),
}


def summary(decision: Decision) -> str:
    """`3 of 7 criteria hold; 2 fail, 2 have no evidence`, counting all that have that verdict."""
    counts = Counter(each.verdict for each in decision.criteria)
    total = len(decision.criteria)
    head = (
        f"{counts[Verdict.PASS]} of {total} criteria hold"
        if total != 1
        else f"{counts[Verdict.PASS]} of 1 criterion holds"
    )
    rest = ", ".join(f"{counts[each]} {words[counts[each] != 1]}" for each, words in _SAID.items() if counts[each])
    advisory = sum(each.verdict.blocks and not each.blocking for each in decision.criteria)
    parts = [head, rest, f"not blocking: {advisory}" if advisory else ""]
    return "; ".join(each for each in parts if each)


def cards(decisions: Sequence[Decision], deciding: Sequence[str]) -> Markup:
    """What each gate says in one line; each leads to its criteria."""
    return element("ul", *[_card(at, each, deciding) for at, each in enumerate(decisions)], class_="cards")


def _card(at: int, decision: Decision, deciding: Sequence[str]) -> Markup:
    decides = "decides" if deciding and decision.gate in deciding else ""
    return element(
        "li",
        element("a", decision.gate, href=f"#gate-{at}"),
        chip(decision.answer),
        element("small", decides),
        shares(decision.criteria) if decision.criteria else "",
        element("p", summary(decision)),
        class_=tone_of(decision.answer).value,
    )


def gate_section(
    at: int, decision: Decision, trend: Sequence[Mapping[str, object]], room: Room, *, opened: int
) -> Markup:
    """One gate; of its criteria the first `opened` that stop it are open."""
    ordered = sorted(
        decision.criteria, key=lambda each: (not (each.blocking and each.verdict.blocks), -each.verdict.rank)
    )
    stopping = [each for each in ordered if each.blocking and each.verdict.blocks][:opened]
    drawn = room.fill(ordered, lambda each: _criterion(decision, each, room, is_open=each in stopping))
    nothing = element("p", "No criterion is declared, so nothing was shown: that is NO-GO.", class_="more")
    return element(
        "section",
        element("h2", "Gate ", decision.gate, " ", chip(decision.answer), id=f"gate-{at}"),
        element("p", f"{summary(decision)}.", _without(decision), class_="said"),
        *(drawn or [nothing] * (not ordered)),
        left_out(len(ordered) - len(drawn), "row"),
        _trend(trend),
        aria_labelledby=f"gate-{at}",
    )


def _without(decision: Decision) -> str:
    if decision.answer is not Answer.GO_BY_WAIVER or decision.without_waivers is None:
        return ""
    return f" Without waivers it would be {decision.without_waivers}."


def _criterion(decision: Decision, judgement: Judgement, room: Room, *, is_open: bool) -> Markup:
    asked = f"{judgement.value or 'nothing'} · asked: {judgement.threshold}" if judgement.threshold else judgement.value
    return element(
        "details",
        element(
            "summary",
            chip(judgement.verdict.value),
            element(
                "span",
                element("b", judgement.criterion),
                "" if judgement.blocking else element("small", " advisory only"),
                element("span", prose(judgement.reason), class_="why"),
                class_="name",
            ),
            element("span", asked, class_="value") if asked else "",
        ),
        element("div", *_inside(decision, judgement, room), class_="inside"),
        class_="row",
        open=is_open,
    )


def _inside(decision: Decision, judgement: Judgement, room: Room) -> Iterator[Markup]:
    if judgement.remedy and judgement.verdict is not Verdict.PASS:
        yield element("p", element("b", "To do: "), prose(judgement.remedy), class_="remedy")
    bar = margin_bar(judgement)
    margin = joined(judgement.margin, bar) if judgement.margin or bar else ""
    before = f", {judgement.before.value} without it" if judgement.before else ""
    told: Mapping[str, object] = {
        "Value": judgement.value,
        "Asked": judgement.threshold,
        "Margin": margin,
        "Waiver": f"{judgement.waiver}{before}" if judgement.waiver else "",
        "Evidence": _evidence(judgement),
        "Happened": _instant(judgement.happened, decision.at),
        "Counts until": _instant(judgement.stale_at, decision.at),
        "Owner": judgement.owner,
    }
    terms = [element("div", element("dt", name), element("dd", said)) for name, said in told.items() if said]
    yield element("dl", *terms)
    if judgement.findings:
        yield findings_table(judgement.findings, room, f"Findings behind {judgement.criterion}")


def _evidence(judgement: Judgement) -> str:
    if not judgement.evidence:
        return judgement.source
    some = ", ".join(str(each) for each in judgement.evidence[:5])
    more = f" and {len(judgement.evidence) - 5:,} more" if len(judgement.evidence) > 5 else ""  # noqa: PLR2004
    entries = f"{'entry' if len(judgement.evidence) == 1 else 'entries'} {some}{more} of the record"
    return f"{judgement.source}; {entries}" if judgement.source else entries


def _instant(said: str | None, now: str) -> Markup:
    """An instant, and how far it is from that of the verdict."""
    if not said:
        return Markup("")
    return joined(instant(said), f" ({_away(said, now)})")


def _away(said: str, now: str) -> str:
    try:
        length = parse_instant(said) - parse_instant(now)
    except UsageProblem:
        return "unknown"
    return f"{_spoken(length)} later" if length > timedelta() else f"{_spoken(-length)} before the verdict"


def _spoken(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size or (seconds >= size and unit != "day"):
            count = seconds // size
            return f"{count:,} {unit}{'s' * (count != 1)}"
    return "less than a minute"


def _trend(points: Sequence[Mapping[str, object]]) -> Markup:
    """The verdicts so far, drawn and as a table; one alone is no trend."""
    if len(points) < 2:  # noqa: PLR2004
        return Markup("")
    counts = Counter(str(each.get("answer")) for each in points)
    said = ", ".join(f"{counts[answer]} {answer}" for answer in Answer if counts[answer])
    rows = [
        element(
            "tr",
            element("th", instant(str(each.get("at", ""))), scope="row"),
            element("td", chip(str(each.get("answer")))),
            element("td", element("code", str(each.get("commit") or "")[:10])),
        )
        for each in reversed(points)
    ]
    listed = scrolled(table(["Judged", "Answer", "Commit"], rows), "Verdicts so far")
    return element(
        "div",
        element("h3", "Trend"),
        element("p", f"The last {len(points)} verdicts, the newest on the right: {said}.", class_="said"),
        element("div", trend_line(points), class_="wide", role="region", aria_label="Trend", tabindex="0"),
        element("details", element("summary", "All of them"), element("div", listed, class_="inside"), class_="row"),
        class_="history",
    )
