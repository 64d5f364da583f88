"""What a runbook says, and the words by which house styles call it."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum


class Part(Enum):
    """A question that whoever was woken has to find answered."""

    OWNER = "owner"
    ALERT = "alert"
    SEVERITY = "severity"
    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    ROLLBACK = "rollback"
    ESCALATION = "escalation"
    EXERCISED = "exercised"


USUAL = (Part.OWNER, Part.DIAGNOSIS, Part.MITIGATION, Part.ESCALATION)
"""What is looked for where a team declares nothing."""

ASKED: Mapping[Part, str] = {
    Part.OWNER: "who owns it",
    Part.ALERT: "which alert leads to it",
    Part.SEVERITY: "how severe it is",
    Part.DIAGNOSIS: "how to find the cause",
    Part.MITIGATION: "how to mitigate or roll back",
    Part.ROLLBACK: "how to roll back",
    Part.ESCALATION: "whom to call next",
    Part.EXERCISED: "when it was last exercised",
}
"""Each part as what a runbook does not say without it."""

# The one table of synonyms. `_NAMES` are whole names of fields (`Owner: …`, a row of a table, a key of the front
# matter) and of headings, `_TITLES` of headings only; `_WORDS` are phrases that a heading may have among others.
_NAMES: Mapping[Part, str] = {
    Part.OWNER: """
        owner|owners|owned by|owner team|owning team|team|teams|team owner|service owner|runbook owner|primary owner
        |ownership|responsible|responsible team|responsibility|maintainer|maintainers|maintained by|dri|accountable""",
    Part.ALERT: """
        alert|alerts|alert name|alert names|alertname|alert rule|alert rules|trigger|triggers|triggered by
        |trigger alert|triggering alert|firing alert|linked alert|linked alerts|covered alerts|alerts covered
        |applies to alert|applies to alerts|prometheus alert|prometheus alerts|source alert|alert condition
        |alert definition|trigger condition|trigger conditions|signal|signals|when to use""",
    Part.SEVERITY: """
        severity|sev|severities|severity level|alert severity|default severity|incident severity|typical severity
        |priority|urgency|criticality|impact level""",
    Part.ESCALATION: """
        escalation|escalate to|escalate|escalation path|escalation policy|escalation contact|escalation contacts
        |contact|contacts|primary contact|secondary contact|point of contact|points of contact|on call|oncall
        |on call team|on call rotation|pager|pagerduty|pagerduty service|opsgenie|who to call|slack|slack channel""",
    Part.EXERCISED: """
        last exercised|last exercise|exercised|exercised on|last tested|tested|tested on|last test|last drill
        |last drilled|drill date|last rehearsed|last rehearsal|rehearsed|last verified|verified|last validated
        |validated|last game day|last gameday|last practiced|last practised|last walkthrough|last dry run""",
}
_TITLES: Mapping[Part, str] = {
    Part.DIAGNOSIS: "checks|analysis|cause|causes|possible cause|queries|metrics|commands|metrics and logs",
    Part.MITIGATION: "action|actions|steps|response|solution|fix|fixes|procedure|restore|how to fix",
}
_WORDS: Mapping[Part, str] = {
    Part.SEVERITY: "severity|severities",
    Part.DIAGNOSIS: """
        diagnosis|diagnose|diagnosing|diagnostic|diagnostics|investigation|investigate|investigating|troubleshoot
        |troubleshooting|debug|debugging|triage|triaging|possible causes|common causes|likely causes|root cause
        |root causes|probable cause|probable causes|what to check|things to check|how to check|initial checks
        |first five minutes|first 5 minutes|first steps|quick checks|health checks|assessment|assess|identify
        |identification|verify the problem|confirm the problem|detection|detect|inspect|narrow down
        |decision tree|what to look at|where to look|symptoms and causes""",
    Part.MITIGATION: """
        mitigation|mitigations|mitigate|mitigating|resolution|resolutions|resolve|resolving|remediation|remediate
        |remedy|remedies|remediating|recover|recovering|recovery procedure|recovery steps|workaround|workarounds
        |solutions|possible solutions|suggested fix|fixing|repair|immediate action|immediate actions|immediate response
        |corrective action|corrective actions|what to do|containment|contain|stop the bleeding|failover|fail over
        |stabilize|stabilise|response steps|response procedure|response actions|action plan|actions to take
        |restoration|restore service|restoring service|how to restore|recovery""",
    Part.ROLLBACK: """
        rollback|rollbacks|roll back|rolling back|back out|backout|revert|reverting|undo""",
    Part.ESCALATION: """
        escalation|escalations|escalate|escalating|contact|contacts|who to call|whom to call|who to contact
        |whom to contact|getting help|get help|ask for help|on call|on callers|call for help|paging""",
    Part.EXERCISED: "last exercised|last tested|exercise log|drill log|drills|test log",
}


_VAGUE = frozenset({"first five minutes", "first 5 minutes", "first steps"})
"""Phrases that count for their part only on a page that has no section named after it."""

VALUES = frozenset({Part.OWNER, Part.ALERT, Part.SEVERITY, Part.ESCALATION, Part.EXERCISED})
"""The parts that a few words can give, such as the cell of a table."""
MAX_TITLE = 120
"""Characters of a heading that are looked at."""
_NOT_WORD = re.compile(r"[\W_]+")


def plain(written: str) -> str:
    """Words in lower case with one space between them, without numbers, punctuation and marks before them."""
    words = _NOT_WORD.sub(" ", written.replace("(s)", "").casefold()).split()
    while len(words) > 1 and (words[0].isdigit() or words[0] in {"step", "phase", "section"}):
        words = words[1:]
    return " ".join(words)


class Vocabulary:
    """The words by which parts are known: those of the table, and those that a team adds."""

    def __init__(self, own: Mapping[Part, Sequence[str]] | None = None) -> None:
        added = {plain(word): part for part, words in (own or {}).items() for word in words}
        self._phrases = {**_listed(_WORDS), **added}
        self._fields = {**self._phrases, **_listed(_NAMES), **added}
        self._titles = {**self._fields, **_listed(_TITLES), **added}
        self._longest = max(phrase.count(" ") for phrase in self._phrases) + 1

    def part_of_field(self, name: str) -> Part | None:
        """The part that a field of this name gives."""
        return self._fields.get(plain(name))

    def parts_of_headings(self, titles: Sequence[str]) -> list[frozenset[Part]]:
        """The parts that each section of a page gives: `First five minutes` the diagnosis, if no other one does."""
        named = frozenset[Part]().union(*(self.parts_of_heading(each, but=_VAGUE) for each in titles))
        return [self.parts_of_heading(each, but=_VAGUE) | (self.parts_of_heading(each) - named) for each in titles]

    def parts_of_heading(self, title: str, *, but: frozenset[str] = frozenset()) -> frozenset[Part]:
        """The parts that a section of this title gives: `Diagnosis & rollback` gives two; none for most titles.

        `but` are phrases that do not count.
        """
        text = plain(title[:MAX_TITLE])
        words = text.split()
        spans = (
            " ".join(words[start : start + length])
            for length in range(1, self._longest + 1)
            for start in range(len(words))
        )
        found = {self._phrases[span] for span in spans if span in self._phrases and span not in but}
        if text in self._titles and text not in but:
            found.add(self._titles[text])
        return frozenset(found | {Part.MITIGATION} if Part.ROLLBACK in found else found)


def _listed(table: Mapping[Part, str]) -> dict[str, Part]:
    return {" ".join(name.split()): part for part, names in table.items() for name in names.split("|") if name.strip()}


ENGLISH = Vocabulary()
