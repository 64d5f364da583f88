"""Steps: what to do next, the cheapest first, each with what it is for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hardpoint.faces.forms.html.elements import Markup, element, prose
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.kernel import encoding
from hardpoint.kernel.verdict import Judgement, Verdict

MAX_STEPS = 12
MAX_FOR = 4
"""How many criteria a step names."""

_COST = ("again", "now", "correct", "in CI", "repair", "people")
"""What a step takes, the least first: to run it again, a command, a correction, a pipeline, work, other people."""

_OF_VERDICT = {Verdict.STALE: "again", Verdict.MISSING: "now", Verdict.ERROR: "correct", Verdict.FAIL: "repair"}


@dataclass(slots=True)
class _Step:
    cost: str
    text: str
    criteria: list[str] = field(default_factory=list)


def steps_section(sheet: Sheet) -> Markup:
    """What would turn the verdict; nothing where nothing is to be done."""
    steps = [*(_Step("", each) for each in sheet.next_steps), *_remedies(sheet)]
    if not steps:
        return Markup("")
    more = len(steps) - MAX_STEPS
    return element(
        "section",
        element("h2", "What to do next", id="next"),
        element("ol", *[_drawn(each) for each in steps[:MAX_STEPS]], class_="steps"),
        element("p", f"… and {more} more, each beside its criterion below.", class_="more") if more > 0 else "",
        aria_labelledby="next",
    )


def _remedies(sheet: Sheet) -> Sequence[_Step]:
    """The remedies of what blocks, one step for all that it helps; the cheapest first, then what helps most."""
    steps: dict[tuple[str, str], _Step] = {}
    ways = _ways(sheet)
    for decision in sheet.decisions:
        for judgement in decision.criteria:
            name = f"{decision.gate}/{judgement.criterion}"
            if judgement.blocking and judgement.verdict.blocks:
                key = _way(judgement, ways.get(name))
                if key[1]:
                    steps.setdefault(key, _Step(*key)).criteria.append(name)
    return sorted(steps.values(), key=lambda each: (_COST.index(each.cost), -len(each.criteria)))


def _way(judgement: Judgement, way: tuple[str, str] | None) -> tuple[str, str]:
    return way if way and way[0] in _COST else (_OF_VERDICT[judgement.verdict], judgement.remedy)


def _ways(sheet: Sheet) -> Mapping[str, tuple[str, str]]:
    """Criterion to how and by which command its evidence is got, where the verb says so."""
    return dict(_told(encoding.plain(sheet.about.get("to_get") or ())))


def _told(ways: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, tuple[str, str]]]:
    for way in ways:
        kinds = ", ".join(_listed(way.get("reports")))
        step = f"`{way.get('command')}`" + (f" ({kinds})" if kinds else "")
        for criterion in _listed(way.get("criteria")):
            yield criterion, (str(way.get("how")), step)


def _listed(told: object) -> Sequence[str]:
    return [str(each) for each in told] if isinstance(told, list | tuple) else ()


_WORDS = {
    "again": "run again",
    "now": "one command",
    "correct": "correct",
    "in CI": "in CI",
    "repair": "repair",
    "people": "ask people",
}


def _drawn(step: _Step) -> Markup:
    names = ", ".join(step.criteria[:MAX_FOR])
    more = f" and {len(step.criteria) - MAX_FOR} more" if len(step.criteria) > MAX_FOR else ""
    is_command = not step.cost and step.text.startswith(("hardpoint ", "git "))
    return element(
        "li",
        element("span", _WORDS[step.cost], class_="cost") if step.cost else "",
        element("span", element("code", step.text) if is_command else prose(step.text)),
        element("small", f"for {names}{more}") if names else "",
    )
