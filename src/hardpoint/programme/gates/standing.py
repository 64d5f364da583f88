"""Standing: which evidence counts for a subject, and which that would count is gone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from hardpoint.kernel.evidence import Evidence, topic_among
from hardpoint.kernel.hearing import Gone, Recorded, believed, believed_instant
from hardpoint.programme.gates.model import Criterion

SHORT = 10
"""How many characters of a commit's id are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is judged: a service at a commit, at one instant; `local` verdicts may read a dirty tree.

    `base` is the commit of the protected branch that it is to be merged into.
    """

    service: str
    commit: str | None
    at: datetime
    local: bool
    in_git: bool = True
    base: str | None = None


def no_commit(*, in_git: bool) -> str:
    """Why there is no commit to judge."""
    return "this repository has no commit yet" if in_git else "this is no git repository"


def current(recorded: Iterable[Recorded], criterion: Criterion, subject: Subject, name: str = "*") -> list[Recorded]:
    """For each name, the newest evidence that may be counted; what ties in two logs stands in both."""
    by_name: dict[tuple[str, str | None], list[Recorded]] = {}
    for each in counting(recorded, criterion, subject, name):
        by_name.setdefault((each.evidence.name, each.evidence.environment), []).append(each)
    return sorted((each for named in by_name.values() for each in _newest(named)), key=lambda each: each.entry)


def counting(
    recorded: Iterable[Recorded], criterion: Criterion, subject: Subject, name: str = "*"
) -> Iterator[Recorded]:
    """All evidence of that name that may be counted, superseded or not."""
    for each in recorded:
        if (name == "*" or fnmatchcase(each.evidence.name, name)) and not why_not(each, criterion, subject):
            yield each


def why_not(recorded: Recorded, criterion: Criterion, subject: Subject) -> str:
    """Why evidence does not count for a criterion; empty if it does."""
    voice = recorded.voice
    elsewhere = _about_another(recorded.evidence, criterion, subject)
    if elsewhere or voice.why_not:
        return elsewhere or voice.why_not
    if criterion.environment is None and recorded.evidence.dirty and not subject.local:
        return "it was made from a working tree with uncommitted changes"
    if voice.assurance >= criterion.assurance:
        return ""
    return f"{voice.holder} gives it as {voice.assurance.value!r}, and {criterion.assurance.value!r} is asked for"


def _about_another(evidence: Evidence, criterion: Criterion, subject: Subject) -> str:
    """Why evidence is not about what the criterion is about; empty if it is."""
    if criterion.environment is not None:
        if evidence.environment == criterion.environment:
            return ""
        return f"it is about {evidence.environment or 'no environment'}, not {criterion.environment}"
    if subject.commit is None:
        return f"nothing can be bound to a commit: {no_commit(in_git=subject.in_git)}"
    if evidence.commit is None:
        return "it names no commit; give --commit when it is imported"
    if evidence.commit != subject.commit:
        return f"it is about commit {evidence.commit[:SHORT]}, not {subject.commit[:SHORT]}"
    return ""


def is_missed(
    gone: Gone,
    kind: str,
    criterion: Criterion,
    subject: Subject,
    still: Sequence[Recorded],
    topics: Sequence[str],
    names: Iterable[str] = (),
) -> bool:
    """Whether something that is gone would still be current, as far as can be known.

    Newer evidence of its topic takes its place. Where it is not known what it was bound to, evidence that came after
    the order does: of its topic if there is any, else of any name. `topics` are those of what is `still` there, and
    `names` those that evidence of the kind has.
    """
    binding, alike = gone.binding, [each for each, topic in zip(still, topics, strict=True) if topic == gone.topic]
    if binding is None:
        return not any(each.entry > gone.order for each in alike or still)
    if binding.kind != kind:
        return False
    if criterion.environment is not None:  # a topic is of one commit, and what is so in an environment of any
        if binding.environment not in {None, criterion.environment}:
            return False
        if binding.environment is None and any(_is_topic_of(gone, name, None) for name in names):
            return False  # it was of no environment; an order of before these were kept may mean any
        alike = [each for each in still if _is_topic_of(gone, each.evidence.name, criterion.environment)]
    elif binding.commit != subject.commit:
        return False
    happened = believed_instant(gone.at, binding.time), gone.entry
    return not any(_is_after(each, happened, same_log=not (each.log or gone.imported)) for each in alike)


def _newest(recorded: Sequence[Recorded]) -> Iterable[Recorded]:
    """The last of each log among those of the latest instant."""
    if len(recorded) == 1:
        return recorded
    latest = max(believed(each)[0] for each in recorded)
    at_last = sorted((each for each in recorded if believed(each)[0] == latest), key=lambda each: each.order)
    return {each.log: each for each in at_last}.values()


def _is_topic_of(gone: Gone, name: str, environment: str | None) -> bool:
    """Whether what is gone had this name, which is known of its topic alone."""
    assert gone.binding is not None
    return gone.topic == topic_among(gone.binding.kind, name, gone.binding.commit, environment)


def _is_after(recorded: Recorded, happened: tuple[datetime, int], *, same_log: bool) -> bool:
    """Between two logs an instant has no order."""
    return believed(recorded) >= happened if same_log else believed(recorded)[0] > happened[0]
