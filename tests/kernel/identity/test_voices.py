"""Voices: who says what, at which assurance, and why it does not count."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, drafted
from hardpoint.kernel.evidence import Producer as Tool
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import Producer, Trust, TrustedKey
from hardpoint.kernel.identity.runners import identify
from hardpoint.kernel.identity.voices import YOU, Voice, voices_of

COMMIT = "a" * 40
ADA, EVE = Signer.generate(), Signer.generate()
TESTS = Evidence(
    kind="junit",
    name="r.xml",
    service="acme/keystone",
    producer=Tool(name="pytest"),
    population=1,
    facts={},
    commit=COMMIT,
)


@pytest.fixture
def heard(now, entered):
    """Who says evidence, by a trust, at an offset from now."""

    def heard(trust, evidence=TESTS, *, by=ADA, after=timedelta(), local=False, own=None, **known) -> Voice:
        entry = entered(drafted(evidence), by, now + after)
        voices = voices_of(trust, known.get("authorities", ()), known.get("identities", ()), own)
        return voices.hear(entry, evidence, now + after, local=local)

    return heard


def trusting(signer=ADA, holder="ada", producers=(), **key) -> Trust:
    return Trust(keys=(TrustedKey(key=signer.public, holder=holder, **key),), producers=producers)


def test_a_trusted_key_speaks_as_its_holder(heard):
    assert heard(trusting()) == Voice(holder="ada", assurance=Assurance.DECLARED)


@pytest.mark.requirement("GAT-01")
def test_a_key_that_is_not_declared_does_not_count(heard):
    assert "nobody vouches for" in heard(trusting(), by=EVE).why_not
    assert "nobody vouches for" in heard(Trust()).why_not


def test_two_keys_of_one_holder_are_one_person(heard):
    trust = Trust(keys=(*trusting().keys, *trusting(EVE).keys), producers=(Producer(holder="ada"),))
    assert heard(trust) == heard(trust, by=EVE) == Voice(holder="ada", assurance=Assurance.DECLARED)


def test_a_signature_of_another_key_under_a_trusted_name_does_not_count(now, entered):
    entry = entered(drafted(TESTS), EVE, now)
    forged = replace(entry, header=replace(entry.header, key=ADA.public.id))
    assert "signature" in voices_of(trusting(), (), (), None).hear(forged, TESTS, now, local=False).why_not


HOUR = timedelta(hours=1)


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    ("period", "after", "why"),
    [
        ({"from_": 0}, -HOUR, "counts only from"),
        ({"from_": 0}, timedelta(), ""),
        ({"until": 0}, timedelta(), "counted until"),
        ({"until": 0}, -HOUR, ""),
        ({"from_": -1, "until": 1}, timedelta(), ""),
        ({"revoked": 0}, timedelta(), "is revoked from"),
        ({"revoked": 0}, HOUR, "is revoked from"),
        ({"revoked": 0}, -HOUR, ""),
        ({"revoked": 0, "until": 1}, HOUR, "is revoked from"),
    ],
)
def test_a_key_counts_in_its_time(heard, now, period, after, why):
    instants = {name: now + hours * HOUR for name, hours in period.items()}
    found = heard(trusting(**instants), after=after)
    assert found.holder == "ada"
    assert (why in found.why_not) if why else not found.why_not


def test_what_a_revoked_key_says_of_its_time_helps_nothing(heard, now):
    early = replace(TESTS, time=format_instant(now - HOUR))
    assert "is revoked" in heard(trusting(revoked=now), early).why_not


def test_the_team_vouches_for_a_key_in_its_time(now):
    assert voices_of(trusting(), (), (), None).vouches(ADA.public, now)
    assert not voices_of(trusting(), (), (), None).vouches(EVE.public, now)
    for period in ({"revoked": now}, {"until": now}, {"from_": now + HOUR}):
        assert not voices_of(trusting(**period), (), (), None).vouches(ADA.public, now)


def test_ones_own_word_counts_locally_and_never_as_ci(heard):
    said = replace(TESTS, assurance=Assurance.CI)
    for trust in (Trust(), trusting(EVE, "eve", (Producer(holder="eve"),))):
        local = heard(trust, said, local=True, own=ADA.public)
        assert local == Voice(holder=YOU, assurance=Assurance.RAN)
        assert heard(trust, said, own=ADA.public).why_not
        assert heard(trust, said, by=EVE, local=True, own=ADA.public).assurance is not Assurance.CI


# Producers


@pytest.mark.requirement("GAT-01")
@pytest.mark.parametrize(
    ("producer", "allowed"),
    [
        ({}, True),
        ({"services": ("acme/keystone",)}, True),
        ({"services": ("acme/*",)}, True),
        ({"services": ("acme",)}, False),
        ({"services": ("ACME/*",)}, False),
        ({"services": ("other/*", "acme/k*")}, True),
        ({"kinds": ("junit",)}, True),
        ({"kinds": ("sarif", "check")}, False),
        ({"kinds": ("jun*",)}, False),
        ({"environments": ("staging",)}, False),
        ({"services": ("acme/*",), "kinds": ("sarif",)}, False),
    ],
)
def test_a_producer_speaks_for_what_it_covers(heard, producer, allowed):
    found = heard(trusting(producers=(Producer(holder="ada", **producer),)))
    assert found.why_not == ("" if allowed else "ada may not speak for acme/keystone about junit")


def test_evidence_of_no_environment_is_of_none_of_them(heard):
    trust = trusting(producers=(Producer(holder="ada", environments=("staging",)),))
    assert not heard(trust, replace(TESTS, environment="staging")).why_not
    assert heard(trust, replace(TESTS, environment="production")).why_not.endswith("about junit in production")
    assert heard(trust).why_not


def test_with_one_producer_whoever_is_none_is_denied(heard):
    trust = Trust(keys=(*trusting().keys, *trusting(EVE, "eve").keys), producers=(Producer(holder="eve"),))
    assert not heard(trust, by=EVE).why_not
    assert heard(trust).why_not == "ada may not speak for acme/keystone about junit"


some = st.none() | st.lists(st.sampled_from(["a", "b", "c*"]), min_size=1).map(tuple)
producers = st.builds(Producer, holder=st.sampled_from(["ada", "eve"]), services=some, kinds=some, environments=some)
pieces = st.builds(
    Evidence,
    kind=st.sampled_from("abc"),
    name=st.just("n"),
    service=st.sampled_from(["a", "b", "c", "cc"]),
    producer=st.just(Tool(name="t")),
    population=st.just(1),
    facts=st.just({}),
    environment=st.none() | st.sampled_from("abc"),
    assurance=st.sampled_from(Assurance),
)
HOLDERS = (*trusting().keys, *trusting(EVE, "eve").keys)


@given(
    st.lists(producers, min_size=1, max_size=4),
    pieces,
    st.sampled_from([ADA, EVE]),
    st.datetimes(timezones=st.just(UTC)),
)
def test_nobody_is_heard_whom_no_producer_allows(entered, allowed, evidence, signer, at):
    voices = voices_of(Trust(keys=HOLDERS, producers=tuple(allowed)), (), (), None)
    voice = voices.hear(entered(drafted(evidence), signer, at), evidence, at, local=False)
    without = replace(
        voices, trust=Trust(keys=HOLDERS, producers=tuple(p for p in allowed if p.holder != voice.holder))
    )
    assert voice.assurance <= min(evidence.assurance, Assurance.RAN)
    assert (
        without.trust.producers == ()
        or without.hear(entered(drafted(evidence), signer, at), evidence, at, local=False).why_not
    )
    if not voice.why_not:
        assert any(
            each.holder == voice.holder
            and (each.kinds is None or evidence.kind in each.kinds)
            and (each.environments is None or evidence.environment in each.environments)
            for each in allowed
        )


# CI runners


@pytest.fixture
def bound(issuing, now, entered):
    """What is known of the signer's runner, by the claims of its token."""

    def bound(**claims):
        draft = identify(issuing.token(ADA.public, **claims), ADA.public, [issuing.authority], now)
        return {"authorities": [issuing.authority], "identities": [entered(draft, ADA, now, index=0)]}

    return bound


FROM_CI = replace(TESTS, assurance=Assurance.CI)


@pytest.mark.requirement("GAT-22")
def test_a_runner_speaks_for_the_commit_of_its_token(heard, bound):
    assert heard(Trust(), FROM_CI, **bound()) == Voice(holder="ci", assurance=Assurance.CI)
    other = replace(FROM_CI, commit="b" * 40)
    assert heard(Trust(), other, **bound()) == Voice(holder="ci", assurance=Assurance.DECLARED)


def test_evidence_is_never_more_than_it_says(heard, bound):
    for assurance in Assurance:
        assert heard(Trust(), replace(TESTS, assurance=assurance), **bound()).assurance is assurance


def test_a_key_that_no_token_names_is_never_ci(heard):
    assert heard(trusting(), FROM_CI) == Voice(holder="ada", assurance=Assurance.RAN)


def test_a_runner_that_is_nobody_here_is_unknown(heard, bound):
    for claims in ({"repository": "eve/keystone"}, {"ref": "refs/pull/7/merge"}, {"event_name": "pull_request_target"}):
        assert "no identity under trust.issuers allows" in heard(Trust(), FROM_CI, **bound(**claims)).why_not


def test_a_runner_speaks_while_its_token_lasts(heard, bound):
    assert not heard(Trust(), FROM_CI, after=timedelta(minutes=5), **bound()).why_not
    assert "ended at" in heard(Trust(), FROM_CI, after=timedelta(minutes=6), **bound()).why_not


def test_a_runner_speaks_for_nothing_before_it_was_bound(heard, bound, now):
    known = bound()
    (identity,) = known["identities"]
    known["identities"] = [replace(identity, index=2)]
    assert "given only later" in heard(Trust(), FROM_CI, **known).why_not


def test_without_its_issuer_a_runner_is_unknown(heard, bound):
    assert "nobody vouches for" in heard(Trust(), FROM_CI, identities=bound()["identities"]).why_not


def test_why_a_token_binds_nothing_is_told(heard, bound):
    known = bound()
    (identity,) = known["identities"]
    known["identities"] = [replace(identity, payload=None)]
    assert "its runner is not known: The entry is erased" in heard(Trust(), FROM_CI, **known).why_not


def test_a_runner_is_a_holder_for_producers(heard, bound):
    denied = trusting(EVE, "eve", (Producer(holder="eve"),))
    assert heard(denied, FROM_CI, **bound()).why_not == "ci may not speak for acme/keystone about junit"
    allowed = replace(denied, producers=())
    assert not heard(allowed, FROM_CI, **bound()).why_not


def test_a_runners_key_that_is_revoked_does_not_count(heard, bound, now):
    assert "is revoked" in heard(trusting(revoked=now), FROM_CI, **bound()).why_not


def test_the_team_vouches_for_a_runner_while_its_token_lasts(bound, now):
    for claims, at, vouched in (
        ({}, now, True),
        ({}, now + HOUR, False),
        ({"repository": "eve/keystone"}, now, False),
    ):
        known = bound(**claims)
        voices = voices_of(Trust(), known["authorities"], known["identities"], None)
        assert voices.vouches(ADA.public, at) is vouched
    assert not voices_of(trusting(revoked=now), bound()["authorities"], bound()["identities"], None).vouches(
        ADA.public, now
    )


def test_the_keys_and_holders_are_those_who_may_be_heard(bound):
    known = bound()
    voices = voices_of(trusting(EVE, "eve"), known["authorities"], known["identities"], EVE.public)
    assert {key.id for key in voices.keys} == {ADA.public.id, EVE.public.id}
    assert voices.holders == {ADA.public.id: "ci", EVE.public.id: "eve"}
    known = bound(repository="eve/keystone")
    voices = voices_of(Trust(), known["authorities"], known["identities"], EVE.public)
    assert [key.id for key in voices.keys] == [EVE.public.id]
    assert voices.holders == {EVE.public.id: YOU}
