"""Voices: who says what stands in an entry, at which assurance, and why it does not count where it does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence
from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.identity.model import Producer, Trust, TrustedKey
from hardpoint.kernel.identity.oidc import Authority
from hardpoint.kernel.identity.runners import Runner, runner_in
from hardpoint.kernel.problem import IdentityProblem
from hardpoint.kernel.record.envelope import pre_authentication_encoding
from hardpoint.kernel.record.model import Entry

SHORT = 10
"""How many characters of a commit's id are shown."""
YOU = "you"
"""Whoever runs this, where the manifest has no name for their key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who says something: a person or service, never a key. With `why_not`, what they say does not count.

    `assurance` is what the evidence says of itself, lowered to what its signature supports.
    """

    holder: str
    assurance: Assurance = Assurance.DECLARED
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Voices:
    """Everybody who may be heard: the declared keys, the runners that the record knows, and one's own key."""

    trust: Trust
    runners: Mapping[str, Sequence[Runner]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    own: PublicKey | None = None

    @property
    def keys(self) -> list[PublicKey]:
        """Every key whose signature can be verified, and that may sign the record."""
        return list({key.id: key for key in [*_some(self.own), *self.vouched]}.values())

    @property
    def vouched(self) -> list[PublicKey]:
        """The keys that the team names, and those of the runners that it allows."""
        bound = [runner.key for of_key in self.runners.values() for runner in of_key if runner.holder]
        return [*(trusted.key for trusted in self.trust.keys), *bound]

    @property
    def holders(self) -> dict[str, str]:
        """Key id to whoever holds the key."""
        own = {self.own.id: YOU} if self.own else {}
        bound = {key: runner.holder for key, of_key in self.runners.items() for runner in of_key if runner.holder}
        return own | bound | {trusted.key.id: trusted.holder for trusted in self.trust.keys}

    def hear(self, entry: Entry, evidence: Evidence, at: datetime, *, local: bool) -> Voice:
        """Who says this evidence, recorded `at` as far as that is believed; one's own word counts locally."""
        voice = self._speaker(entry, evidence, at)
        if voice.why_not and local and self.own and _signed(entry, self.own):
            return Voice(holder=self.holders[self.own.id], assurance=min(evidence.assurance, Assurance.RAN))
        return voice

    def hear_imported(
        self,
        entry: Entry,
        original: Entry,
        recorder: PublicKey | None,
        evidence: Evidence,
        at: datetime,
        *,
        local: bool,
    ) -> Voice:
        """Who says this evidence of another record, which `entry` took in `at`; never more than as `ran`.

        Another log's clock proves nothing, so `original` bears the instant of the import, and all three are judged at
        that: the signer of the evidence, `recorder`, who signed the other record's checkpoint, and the importer.
        """
        voice = self.hear(original, evidence, at, local=local)
        why_not = voice.why_not
        if not why_not and recorder not in self.answering(at, local=local):
            why_not = "it is from a record whose checkpoint nobody signed that was vouched for when it was imported"
        if not why_not and not self.answers_for(entry, at, local=local):
            why_not = "it was imported by somebody whom nobody vouched for then"
        return replace(voice, assurance=min(voice.assurance, Assurance.RAN), why_not=why_not)

    def answers_for(self, entry: Entry, at: datetime, *, local: bool) -> bool:
        """Whether somebody who is vouched for at an instant signed an entry."""
        signer = next((key for key in self.answering(at, local=local) if key.id == entry.header.key), None)
        return signer is not None and _signed(entry, signer)

    def answering(self, at: datetime, *, local: bool) -> list[PublicKey]:
        """The keys that the team vouches for at an instant; locally one's own is one of them."""
        return [key for key in self.keys if self.vouches(key, at) or (local and key == self.own)]

    def vouches(self, key: PublicKey, at: datetime) -> bool:
        """Whether the team vouches for a key at an instant: for what is judged with it, not what it recorded."""
        trusted = self._trusted(key.id)
        if trusted is not None and trusted.revoked is not None and at >= trusted.revoked:
            return False
        bound = self.runners.get(key.id, ())
        return any(runner.holder and runner.is_current(at) for runner in bound) or bool(
            trusted and not _out_of_time(trusted, at)
        )

    def _speaker(self, entry: Entry, evidence: Evidence, at: datetime) -> Voice:
        key = entry.header.key
        trusted, runners = self._trusted(key), self.runners.get(key, ())
        out_of_time = _out_of_time(trusted, at) if trusted else ""
        if trusted and trusted.revoked and at >= trusted.revoked:
            return Voice(holder=trusted.holder, why_not=out_of_time)
        bound = [runner for runner in runners if runner.speaks_in(entry)]
        named = next((runner for runner in reversed(bound) if runner.holder), None)
        if named is not None and named.holder is not None and _signed(entry, named.key):
            return self._allowed(named.holder, evidence, _of_runner(evidence, named))
        if trusted is None:
            return Voice(holder="nobody", why_not=self._unknown(key, runners, bound))
        if not _signed(entry, trusted.key):
            return Voice(holder="nobody", why_not=f"its signature is not of the key of {trusted.holder}")
        if out_of_time:
            return Voice(holder=trusted.holder, why_not=out_of_time)
        return self._allowed(trusted.holder, evidence, min(evidence.assurance, Assurance.RAN))

    def _trusted(self, key: str) -> TrustedKey | None:
        return next((trusted for trusted in self.trust.keys if trusted.key.id == key), None)

    def _unknown(self, key: str, runners: Sequence[Runner], bound: Sequence[Runner]) -> str:
        if bound:
            claims = bound[-1].claims
            where = f"{claims.repository}, {claims.workflow} on {claims.ref}"
            return f"it is signed by a runner of {where}, which no identity under trust.issuers allows"
        if runners:
            return f"the token of its runner ended at {runners[-1].claims.until}, or was given only later"
        if key in self.refused:
            return f"its runner is not known: {self.refused[key]}"
        return "it is signed with a key that nobody vouches for"

    def _allowed(self, holder: str, evidence: Evidence, assurance: Assurance) -> Voice:
        """With a producer declared, whatever none covers is denied."""
        ours = [each for each in self.trust.producers if each.holder == holder]
        if not self.trust.producers or any(_covers(each, evidence) for each in ours):
            return Voice(holder=holder, assurance=assurance)
        where = f" in {evidence.environment}" if evidence.environment else ""
        why_not = f"{holder} may not speak for {evidence.service} about {evidence.kind}{where}"
        return Voice(holder=holder, assurance=assurance, why_not=why_not)


def voices_of(
    trust: Trust, authorities: Sequence[Authority], identities: Iterable[Entry], own: PublicKey | None
) -> Voices:
    """Everybody who may be heard, with the runners that these entries of kind `identity` prove."""
    runners: dict[str, list[Runner]] = {}
    refused: dict[str, str] = {}
    for entry in identities if authorities else ():
        try:
            runner = runner_in(entry, authorities)
        except IdentityProblem as problem:
            refused[entry.header.key] = problem.sentence
        else:
            runners.setdefault(runner.key.id, []).append(runner)
    return Voices(trust=trust, runners=runners, refused=refused, own=own)


def _some(key: PublicKey | None) -> list[PublicKey]:
    return [key] if key else []


def _signed(entry: Entry, key: PublicKey) -> bool:
    if entry.payload is None or entry.signature is None or entry.header.key != key.id:
        return False
    return key.verifies(entry.signature, pre_authentication_encoding(entry.header.payload_type, entry.payload))


def _of_runner(evidence: Evidence, runner: Runner) -> Assurance:
    """A token speaks for the commit that its job was started for, and for no other."""
    return evidence.assurance if evidence.commit == runner.claims.sha else Assurance.DECLARED


def _out_of_time(trusted: TrustedKey, at: datetime) -> str:
    """Why a key does not count at an instant; empty if it does."""
    if trusted.revoked is not None and at >= trusted.revoked:
        return f"the key of {trusted.holder} is revoked from {format_instant(trusted.revoked)} on"
    if trusted.from_ is not None and at < trusted.from_:
        return f"the key of {trusted.holder} counts only from {format_instant(trusted.from_)} on"
    if trusted.until is not None and at >= trusted.until:
        return f"the key of {trusted.holder} counted until {format_instant(trusted.until)}"
    return ""


def _covers(producer: Producer, evidence: Evidence) -> bool:
    return (
        (producer.services is None or any(fnmatchcase(evidence.service, each) for each in producer.services))
        and (producer.kinds is None or evidence.kind in producer.kinds)
        and (producer.environments is None or evidence.environment in producer.environments)
    )
