"""The sections that a decision has to have: those that a team declares, else those of the template that it shows."""

import re
from collections.abc import Iterator, Sequence

from hardpoint.assurance.decisions.model import Decisions
from hardpoint.assurance.decisions.record import Decision, Part
from hardpoint.assurance.decisions.status import State

_OVER = frozenset({State.REJECTED, State.SUPERSEDED, State.DEPRECATED, State.DEFERRED})
# What headings are about, in the words that people use for the three parts of a decision.
_CONTEXT = re.compile(
    r"context|background|problem|motivation|issue|situation|introduction|summary|why|purpose|rationale|requirement"
    r"|overview|goal|description|need|scope|driver|force|abstract|question|concern|history|current|user stor|challenge"
    r"|objective|about|state"
)
_DECISION = re.compile(
    r"decision|outcome|solution|resolution|proposal|proposed|conclusion|recommendation|choice|chosen|approach|design"
    r"|what|implementation|option|how|change|plan|strategy|architecture|selected|result"
)
_CONSEQUENCES = re.compile(
    r"consequence|implication|impact|effect|risk|trade|result|outcome|pros|cons|benefit|drawback|advantage|limitation"
    r"|concern|positive|negative|alternative|migration|rationale|follow"
)
_NYGARD = {"Context": _CONTEXT, "Decision": _DECISION, "Consequences": _CONSEQUENCES}
_MADR = {
    "Context and Problem Statement": _CONTEXT,
    "Considered Options": re.compile(r"option|alternative|solution|candidate|choice|proposal"),
    "Decision Outcome": re.compile(r"outcome|decision(?! driver)|conclusion|resolution|chosen|choice"),
}
_MADR_MARKS = ("context and problem statement", "considered options", "decision outcome", "decision drivers")
_LABEL = r"(?:^|\n)[\s>*_#+-]*{}\b"


def missing_sections(decision: Decision, settings: Decisions) -> list[str]:
    """The headings that are not there; of one that is over or only proposed, none is asked for unless declared."""
    titles = [part.plain_title for part in decision.parts]
    if settings.sections:
        return [each for each in settings.sections if not any(_plain(name) in titles for name in each.split("|"))]
    if decision.state in _OVER or decision.state is State.PROPOSED:
        return []
    template = _template(decision.parts)
    if template is None:
        return []
    below = [part.plain_title for part in decision.parts if part.level > 1 or part is not decision.parts[0]]
    return [name for name, pattern in template.items() if not any(pattern.search(title) for title in below)]


def missing_consequences(decision: Decision, settings: Decisions) -> Iterator[str]:
    """What the section Consequences has to name, and does not: as a label, a heading or the first words of a line."""
    said = "\n".join(f"{part.title}\n{part.text}" for part in decision.parts if "consequences" in part.plain_title)
    for label in settings.consequences if said else ():
        if not re.search(_LABEL.format(re.escape(label)), said, re.IGNORECASE):
            yield label


def _template(parts: Sequence[Part]) -> "dict[str, re.Pattern[str]] | None":
    """The template that the headings are of: MADR's by two of its own, Nygard's by two of its three."""
    titles = {part.plain_title for part in parts}
    if sum(mark in titles for mark in _MADR_MARKS) > 1:
        return _MADR
    return _NYGARD if len({"context", "decision", "consequences"} & titles) > 1 else None


def _plain(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))
