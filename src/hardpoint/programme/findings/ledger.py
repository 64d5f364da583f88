"""The ledger: every look of every scanner, folded in the order of time into cases; pure, and nothing is stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from hardpoint.kernel.deadline import Deadline, Pause
from hardpoint.kernel.evidence import Assurance
from hardpoint.kernel.finding import State
from hardpoint.kernel.waiver import Waiver
from hardpoint.programme.findings.acceptance import Acceptance, Approvals, accepted
from hardpoint.programme.findings.case import Case, Event, Standing, worst_first
from hardpoint.programme.findings.identity import Identities, Key
from hardpoint.programme.findings.look import Look, Scope, Sighting
from hardpoint.programme.findings.model import FindingsPolicy
from hardpoint.programme.findings.threats import Threats, worst

Seen = Mapping[Key, Sequence[Sighting]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A report whose body is gone: of which kind (None for any), and when it was made."""

    kind: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All that was heard of a service's findings, and by what it is judged."""

    looks: Sequence[Look] = ()
    lost: Sequence[Lost] = ()
    policy: FindingsPolicy = field(default_factory=FindingsPolicy)
    threats: Threats = field(default_factory=Threats)
    waivers: Sequence[Waiver] = ()
    approvals: Approvals = field(default_factory=Approvals)

    def cases(self, at: datetime, assurance: Assurance = Assurance.DECLARED) -> list[Case]:
        """Every case at an instant, the worst first.

        That something is there may be said by anybody who counts; that it is not, only at `assurance` or above.
        """
        looks = sorted(self.looks, key=lambda look: (look.at, look.order))
        identities = Identities()
        for look in looks:
            for sighting in look.sightings:
                identities.add(sighting.marks)
        fold = _Fold(identities, assurance)
        for _, together in groupby(looks, key=lambda look: look.at):
            fold.take(together)
        return worst_first((self._case(key, track, at) for key, track in fold.tracks.items()), at)

    def unwaived(self, cases: Sequence[Case], at: datetime, assurance: Assurance = Assurance.DECLARED) -> list[Case]:
        """These cases as they would be if none that is accepted were."""
        if all(case.standing is not Standing.ACCEPTED for case in cases):
            return list(cases)
        without = {case.id: case for case in replace(self, waivers=()).cases(at, assurance)}
        return [without[case.id] if case.standing is Standing.ACCEPTED else case for case in cases]

    def ends(self, waivers: Iterable[str]) -> datetime | None:
        """When the first of some waivers ends."""
        named = set(waivers)
        return min((each.expires for each in self.waivers if each.id in named), default=None)

    def unrated(self, kinds: Sequence[str]) -> list[Look]:
        """The newest look of each scope of these kinds, if it saw findings whose risk nobody says."""
        newest: dict[Scope, Look] = {}
        for look in sorted(self.looks, key=lambda look: (look.position, look.at, look.order)):
            if look.scope.kind in kinds:
                newest[look.scope] = look
        return [look for look in newest.values() if look.unrated]

    def _case(self, key: Key, track: "_Track", at: datetime) -> Case:
        names, ids = track.names, key.ids(track.names)
        now = track.open_sightings() or track.last
        said = worst(each.risk for each in now)
        scores = [each.cvss for each in now if each.cvss is not None]
        risk, raised = self.threats.raised(said, names, max(scores, default=None))
        places = tuple(dict.fromkeys(each.place for each in now if each.place))
        versions = tuple(sorted({each.version for each in now if each.version}))
        acceptance = accepted(
            self.waivers,
            self.approvals,
            at,
            ids=ids,
            package=key.where if names else "",
            versions=versions,
            places=places,
            risk=risk,
        )
        first = min([track.first, *self._lost_before(track)])
        target = self.policy.sla.target(risk)
        return Case(
            id=key.id,
            ids=frozenset(ids),
            title=key.what if names else now[0].rule,
            risk=risk,
            raised=raised,
            names=tuple(sorted(names)),
            package=key.where if names else "",
            versions=versions,
            places=places,
            tools=tuple(sorted(track.tools)),
            still_in=tuple(str(track.newest[scope]) for scope in sorted(track.present)),
            first_seen=first,
            last_seen=track.last_seen,
            standing=_standing(track, acceptance),
            deadline=Deadline(
                start=first,
                target=target.delta if target else None,
                pauses=(*track.pauses(), *acceptance.pauses),
            ),
            regressions=track.regressions,
            waivers=acceptance.waivers,
            history=tuple(sorted((*track.history, *acceptance.history), key=lambda event: event.at)),
            entries=tuple(sorted(set(track.entries.values()))),
        )

    def _lost_before(self, track: "_Track") -> list[datetime]:
        """When it may have been seen first: in what is gone, as far back as no look of that kind lacked it."""
        if not self.lost:
            return []
        kind = track.first_kind
        whole = [look.at for look in self.looks if look.scope.kind == kind and look.error is None]
        since = max((at for at in whole if at < track.first), default=None)
        return [
            lost.at
            for lost in self.lost
            if lost.kind in {None, kind} and lost.at < track.first and (since is None or lost.at > since)
        ]


def _standing(track: "_Track", acceptance: Acceptance) -> Standing:
    standing = track.turns[-1][1] if track.turns else Standing.FIXED
    return Standing.ACCEPTED if standing is Standing.OPEN and acceptance.holds else standing


def _there(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Those that say that it is there."""
    return [each for each in sightings if each.state is not State.NOT_AFFECTED]


_NEWS: Mapping[tuple[Standing | None, Standing], str] = {
    (None, Standing.OPEN): "first seen by",
    (None, Standing.NOT_AFFECTED): "first seen, and said not to affect, by",
    (Standing.FIXED, Standing.OPEN): "seen again by",
    (Standing.NOT_AFFECTED, Standing.OPEN): "affects again, by",
    (Standing.OPEN, Standing.FIXED): "fixed: no longer in",
    (Standing.NOT_AFFECTED, Standing.FIXED): "fixed: no longer in",
    (Standing.OPEN, Standing.NOT_AFFECTED): "said not to affect by",
    (Standing.FIXED, Standing.NOT_AFFECTED): "said not to affect by",
}


@dataclass(slots=True)
class _Newest:
    """What a scope's newest looks leave standing."""

    look: Look
    seen: Seen
    population: int


class _Track:
    """One case on its way through time."""

    def __init__(self, look: Look, names: frozenset[str], there: list[Sighting]) -> None:
        self.first, self.first_kind, self.last_seen = look.at, look.scope.kind, look.at
        self.names = names
        self.last = there
        self.tools: set[str] = set()
        self.present: dict[Scope, Sequence[Sighting]] = {}
        self.statements: dict[Scope, Sequence[Sighting]] = {}
        self.entries: dict[Scope, int] = {}
        self.newest: dict[Scope, Look] = {}
        """The newest look of each scope that had it itself."""
        self.regressions = 0
        self.history: list[Event] = []
        self.turns: list[tuple[datetime, Standing]] = []

    @property
    def is_present(self) -> bool:
        """Whether the newest look of any scope has it."""
        return bool(self.present)

    @property
    def is_excused(self) -> bool:
        """Whether somebody says of every name and version of it that is there that it does not affect."""
        said = [each for statements in self.statements.values() for each in statements]
        return bool(said) and all(self._is_covered(each, said) for each in self.open_sightings())

    def open_sightings(self) -> list[Sighting]:
        """Every sighting that stands, each once."""
        found = (each for scope in sorted(self.present) for each in self.present[scope])
        return list({(each.marks, each.place, each.version, each.tool, each.risk): each for each in found}.values())

    def turn(self, look: Look, sightings: Sequence[Sighting]) -> None:
        """What the newest look of a scope has of it, or no longer has."""
        there = _there(sightings)
        said = [each for each in sightings if each.state is State.NOT_AFFECTED]
        for scopes, ours in ((self.present, there), (self.statements, said)):
            if ours:
                scopes[look.scope] = ours
                self.entries[look.scope] = look.entry
            else:
                scopes.pop(look.scope, None)
        if self.present:
            self.last = self.open_sightings()

    def stand(self, look: Look) -> None:
        """Note how it stands after a look, if that is news."""
        before = self.turns[-1][1] if self.turns else None
        if self.is_present:
            standing = Standing.NOT_AFFECTED if self.is_excused else Standing.OPEN
        else:
            standing = Standing.NOT_AFFECTED if self.statements else Standing.FIXED
        if standing is before or (before is None and not self.is_present):
            return
        self.turns.append((look.at, standing))
        self.regressions += before is Standing.FIXED and standing is Standing.OPEN
        self.history.append(Event(at=look.at, what=f"{_NEWS[before, standing]} {look.scope}", entry=look.entry))

    def pauses(self) -> Iterator[Pause]:
        """While it is fixed or does not affect, its clock stands still."""
        ends = [*(at for at, _ in self.turns[1:]), None]
        for (at, standing), end in zip(self.turns, ends, strict=False):
            if standing is not Standing.OPEN:
                yield Pause(at, end)

    def _is_covered(self, sighting: Sighting, said: Sequence[Sighting]) -> bool:
        """A vulnerability that was said to be several takes a word on each."""
        ours = [each for each in said if each.version in {"", sighting.version}]
        named = {name for each in ours for name in each.marks.names}
        several = {name for name in self.names if name.startswith("CVE-")}
        return bool(ours) and (len(several) < 2 or several <= named)  # noqa: PLR2004 - two are several


class _Fold:
    """Takes looks in the order of time."""

    def __init__(self, identities: Identities, assurance: Assurance) -> None:
        self.identities = identities
        self.tracks: dict[Key, _Track] = {}
        self._assurance = assurance
        self._newest: dict[Scope, _Newest] = {}
        self._most: dict[tuple[Scope, str | None, Key], int] = {}
        """How much the widest of the looks of a scope looked at that had a case at a commit."""

    def take(self, looks: Iterable[Look]) -> None:
        """The looks of one instant; between them there is no time in which something was gone."""
        met: dict[Key, Look] = {}
        for look in looks:
            met |= dict.fromkeys(self._look(look), look)
        for key in sorted(met):
            if key in self.tracks:
                self.tracks[key].stand(met[key])

    def _look(self, look: Look) -> Iterator[Key]:
        """What a look has is there, and what it lacks is gone if it looked at no less than the one before."""
        seen = self._seen(look)
        for key, sightings in seen.items():
            self._meet(key, sightings, look)
            if _there(sightings):
                had = look.scope, look.commit, key
                self._most[had] = max(look.population, self._most.get(had, 0))
        before = self._newest.get(look.scope)
        if before is not None and look.position < before.look.position:
            return  # of an older commit: it tells when something was there, and not what is there now
        kept = self._kept(look, seen, before) if before is not None else {}
        now = {**kept, **seen}
        population = max(look.population, before.population) if before and kept else look.population
        self._newest[look.scope] = _Newest(look, now, population)
        for key in {*now, *(before.seen if before else ())}:
            if key in self.tracks:
                if _there(seen.get(key, ())):
                    self.tracks[key].newest[look.scope] = look
                self.tracks[key].turn(look, now.get(key, ()))
            yield key

    def _seen(self, look: Look) -> Seen:
        """What a look has of each case."""
        seen: dict[Key, list[Sighting]] = {}
        for sighting in look.sightings:
            if sighting.state is State.FIXED:
                continue
            if sighting.state is not State.NOT_AFFECTED or self._is_heeded(look, sighting):
                for key in self.identities.keys(sighting.marks):
                    seen.setdefault(key, []).append(sighting)
        return seen

    def _kept(self, look: Look, seen: Seen, before: _Newest) -> Seen:
        """What a look lacks, and that may be there all the same.

        Of one commit nothing is repaired, so there a look that lacks what another had looked at no less than that.
        """
        if not self._replaces(look, seen, before):
            return before.seen
        if look.commit is None:
            return {}
        wider = (key for key in before.seen if look.population < self._most.get((look.scope, look.commit, key), 0))
        return {key: there for key in wider if (there := _there(before.seen[key]))}

    def _replaces(self, look: Look, seen: Seen, before: _Newest) -> bool:
        """Whether what a look lacks is gone: it came to a result, skipped nothing, and looked at as much as before.

        Less than half as much is another scope, unless the population may count what was found, and that is gone.
        """
        if look.error is not None or look.unseen or look.population <= 0 or look.assurance < self._assurance:
            return False
        gone = sum(key not in seen for key in before.seen) if before.population <= len(before.seen) else 0
        return before.population - look.population <= before.population // 2 + gone

    def _is_heeded(self, look: Look, sighting: Sighting) -> bool:
        """A word that something does not affect is about a package, or else about nothing that is known."""
        vague = bool(sighting.marks.names) and not sighting.marks.package
        return look.assurance >= self._assurance and not vague

    def _meet(self, key: Key, sightings: Sequence[Sighting], look: Look) -> None:
        there = _there(sightings)
        track = self.tracks.get(key)
        if track is None and there:
            self.tracks[key] = track = _Track(look, self.identities.names(key), there)
            for newest in self._newest.values():  # what was said before anybody saw it
                track.turn(newest.look, newest.seen.get(key, ()))
        if track is not None and there:
            track.tools |= {each.tool for each in there}
            track.last_seen = max(track.last_seen, look.at)
