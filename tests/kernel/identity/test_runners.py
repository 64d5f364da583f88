"""Runners and their keys: what an entry binds, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import CiIdentity
from hardpoint.kernel.identity.runners import Identity, holder_of, identify, runner_in
from hardpoint.kernel.problem import IdentityProblem


@pytest.fixture
def bound(issuing, signer, now, entered):
    """The entry that binds the signer to a runner."""
    draft = identify(issuing.token(signer.public), signer.public, [issuing.authority], now)
    return entered(draft, signer, now)


def test_an_entry_binds_its_key_to_the_runner(bound, issuing, signer):
    runner = runner_in(bound, [issuing.authority])
    assert (runner.key, runner.holder, runner.claims.sha, runner.entry) == (signer.public, "ci", "a" * 40, 1)
    assert bound.header.subject == "acme/keystone"


def test_a_token_that_does_not_hold_is_never_recorded(issuing, signer, now):
    for authorities, token in (([], issuing.token(signer.public)), ([issuing.authority], "x.y.z")):
        with pytest.raises(IdentityProblem):
            identify(token, signer.public, authorities, now)


def test_the_token_is_judged_at_the_time_of_its_entry(bound, issuing, now):
    late = replace(bound, header=replace(bound.header, at=format_instant(now + timedelta(hours=1))))
    with pytest.raises(IdentityProblem, match="ended at"):
        runner_in(late, [issuing.authority])


def test_an_entry_of_another_signer_binds_nothing(entered, bound, issuing, now):
    thief = Signer.generate()
    draft = identify(
        encoding.decode(bound.payload, Identity, what="x").token,
        runner_in(bound, [issuing.authority]).key,
        [issuing.authority],
        now,
    )
    with pytest.raises(IdentityProblem, match="not signed with the key"):
        runner_in(entered(draft, thief, now), [issuing.authority])


@pytest.mark.parametrize("change", ["claims", "issuer", "key_id", "key", "token"])
def test_what_an_entry_says_beyond_its_token_is_refused(entered, bound, issuing, signer, now, change):
    said = encoding.decode(bound.payload, Identity, what="x")
    changes = {
        "claims": replace(said.claims, sha="b" * 40),
        "issuer": "https://other.example.org",
        "key_id": "0" * 64,
        "key": str(Signer.generate().public),
        "token": issuing.token(Signer.generate().public),
    }
    forged = encoding.encode(replace(said, **{change: changes[change]}))
    draft = replace(identify(said.token, signer.public, [issuing.authority], now), payload=forged)
    with pytest.raises(IdentityProblem):
        runner_in(entered(draft, signer, now), [issuing.authority])


@pytest.mark.parametrize("changes", [{"payload": None}, {"signature": None}, {"payload": b"{}"}, {"payload": b"\xff"}])
def test_an_entry_that_is_erased_or_damaged_binds_nothing(bound, issuing, changes):
    with pytest.raises(IdentityProblem):
        runner_in(replace(bound, **changes), [issuing.authority])


def test_an_entry_of_another_form_binds_nothing(bound, issuing):
    other = replace(bound, header=replace(bound.header, payload_type="application/json"))
    with pytest.raises(IdentityProblem, match="of a form"):
        runner_in(other, [issuing.authority])


@pytest.mark.parametrize(
    ("claims", "identity", "fits"),
    [
        ({}, {}, True),
        ({"repository": "eve/keystone"}, {}, False),
        ({"repository": "acme/keystone-2"}, {"repository": "acme/keystone*"}, False),
        ({"ref": "refs/heads/dev"}, {}, True),
        ({"ref": "refs/heads/dev"}, {"ref": "refs/heads/main"}, False),
        ({"ref": "refs/heads/release-2"}, {"ref": "refs/heads/release-*"}, True),
        ({"ref": "refs/heads/main\n"}, {"ref": "refs/heads/main"}, False),
        ({}, {"workflow": ".github/workflows/ci.yml"}, True),
        ({}, {"workflow": "CI"}, False),
        ({"workflow_ref": "eve/keystone/.github/workflows/ci.yml@x"}, {"workflow": ".github/*"}, False),
        ({"event_name": "pull_request_target"}, {}, False),
        ({"head_repository": "eve/keystone"}, {}, False),
    ],
)
def test_a_runner_is_who_its_claims_fit(entered, issuing, signer, now, claims, identity, fits):
    described = CiIdentity(**{"holder": "ci", "repository": "acme/keystone", **identity})
    issuer = replace(issuing.issuer, identities=(described,))
    authority = replace(issuing.authority, issuer=issuer)
    draft = identify(issuing.token(signer.public, **claims), signer.public, [authority], now)
    runner = runner_in(entered(draft, signer, now), [authority])
    assert runner.holder == holder_of(runner.claims, issuer) == ("ci" if fits else None)
