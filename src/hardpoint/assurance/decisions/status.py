"""What a decision says of its state and its dates, in whatever words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from hardpoint.kernel.place import Place


class State(Enum):
    """What a status says, in whatever word."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"
    DEFERRED = "deferred"


_WORDS: Mapping[State, str] = {
    State.PROPOSED: "proposed|proposal|propose|draft|pending|review|reviewing|discussion|discussing|progress|wip|rfc"
    "|open|suggested|provisional|undecided|idea|considering|consideration|new|investigating|experimental|experiment|call",
    State.ACCEPTED: "accepted|accept|approved|adopted|decided|agreed|implemented|done|active|final|finalised|finalized"
    "|finished|current|ratified|complete|completed|enacted|effective|published|confirmed|resolved|amended|adopt|valid"
    "|implementing|implementable|live|stable|landed|shipped|released|locked|binding|acccepted|aceppted|accpeted",
    State.REJECTED: "rejected|reject|declined|abandoned|withdrawn|cancelled|canceled|refused|discarded|denied|dropped"
    "|closed|reverted|revoked",
    State.DEPRECATED: "deprecated|obsolete|obsoleted|retired|archived|expired|historical|outdated|inactive",
    State.SUPERSEDED: "superseded|superceded|superseeded|supersede|replaced|supplanted|supersedes",
    State.DEFERRED: "deferred|postponed|parked|hold|paused|shelved|later|stalled",
}
_STATE_OF = {word: state for state, words in _WORDS.items() for word in words.split("|")}
_WORD = re.compile(r"[^\W\d_]+")
BY_ANOTHER = re.compile(
    r"\b(?:sup[eo]r[sc]ee?ded|replaced|obsoleted|supplanted)\b[\s*_~:]*\b(?:by|with|in)\b", re.IGNORECASE
)
PARTLY = re.compile(r"\b(?:partial\w*|partly|in[ -]part|parts? of|some of|sections? of|except)\b", re.IGNORECASE)
NOT_YET = re.compile(
    r"\b(?:will|would|may|might|could|should|to|can|not|never|until|unless|if)\s+(?:be\s+|get\s+)?$", re.IGNORECASE
)
LINK = re.compile(r"(?<!!)\[([^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*)\]\(<?([^()\s<>]+)>?(?:\s+\"[^\"\n]*\")?\)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_MARKUP = re.compile(r"[*_`~]+|<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it is written, and where."""

    text: str
    place: Place

    @property
    def plain(self) -> str:
        """Without markup, quotes and the targets of links."""
        return _MARKUP.sub("", LINK.sub(r"\1", self.text)).strip().strip("\"'").strip()

    @property
    def state(self) -> State | None:
        """What it says as a status; None for a word that is not known."""
        if is_replaced(self.text):
            return State.SUPERSEDED
        known = (_STATE_OF.get(word.lower()) for word in _WORD.findall(self.plain))
        return next((state for state in known if state), None)

    @property
    def date(self) -> date | None:
        """The first calendar date in it, written as ISO 8601 has it; None if it has none."""
        found = _ISO.search(self.text)
        try:
            return date(int(found[1]), int(found[2]), int(found[3])) if found else None
        except ValueError:
            return None


def is_replaced(text: str) -> bool:
    found = BY_ANOTHER.search(text)
    return found is not None and not PARTLY.search(text) and not NOT_YET.search(text[: found.start()])
