"""The `trust` section of the manifest."""

import pytest

from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.manifest import Manifest


@pytest.fixture
def trust():
    def trust(section=""):
        return Manifest.load(f"version: 1\n{section}\n".encode(), [TRUST])[TRUST]

    return trust


def test_without_the_section_nobody_is_trusted(trust):
    assert trust().keys == ()


def test_keys_are_read_with_their_holders(trust):
    key = Signer.generate().public
    (trusted,) = trust(f'trust: {{keys: [{{key: "{key}", holder: ada}}]}}').keys
    assert (trusted.key, trusted.holder) == (key, "ada")


@pytest.mark.parametrize("key", ["ed25519:AAAA", "ssh-ed25519 AAAA", "7"])
def test_what_is_no_key_is_refused_at_its_place(trust, key):
    with pytest.raises(DeclarationProblem) as refused:
        trust(f"trust:\n  keys:\n    - key: {key}\n      holder: ada")
    (mistake,) = refused.value.mistakes
    assert (mistake.place.line, mistake.path) == (4, "trust.keys[0].key")
    assert "public key" in mistake.text


def test_witnesses_are_read_with_their_names(trust):
    key = Signer.generate().public
    (witness,) = trust(f'trust: {{witnesses: [{{name: east, key: "{key}"}}]}}').witnesses
    assert (witness.name, witness.key) == ("east", key)
    with pytest.raises(DeclarationProblem):
        trust(f'trust: {{witnesses: [{{name: "", key: "{key}"}}]}}')


KEY = "ed25519:sWUG8D1l4tcVCi5mNYyRlVP6BAsZdLbDGzjNPfaV0rM="


def test_the_time_of_a_key_is_read_as_instants(trust):
    period = "from: 2026-03-31T14:00:00Z, until: 2026-04-30T00:00:00+02:00, revoked: 2026-04-01T00:00:00Z"
    (trusted,) = trust(f'trust: {{keys: [{{key: "{KEY}", holder: ada, {period}}}]}}').keys
    assert (trusted.from_.day, trusted.until.hour, trusted.revoked.month) == (31, 22, 4)


def test_an_issuer_is_read_with_the_runners_that_are_somebody(trust):
    issuer = "{issuer: https://t.example.org, keys: jwks.json, identities: [{holder: ci, repository: acme/keystone}]}"
    (read,) = trust(f"trust: {{issuers: [{issuer}], producers: [{{holder: ci, kinds: [junit]}}]}}").issuers
    assert (read.audience, read.identities[0].workflow, read.identities[0].ref) == ("hardpoint", None, None)


@pytest.mark.parametrize(
    ("section", "path", "why"),
    [
        (f'{{keys: [{{key: "{KEY}", holder: ""}}]}}', "trust.keys[0].holder", "at least 1"),
        (f'{{keys: [{{key: "{KEY}", holder: a, until: 2026-03-31}}]}}', "trust.keys[0].until", "expected an instant"),
        (f'{{keys: [{{key: "{KEY}", holder: a, revoked: soon}}]}}', "trust.keys[0].revoked", "expected an instant"),
        (f'{{keys: [{{key: "{KEY}", holder: a, from_: soon}}]}}', "trust.keys[0].from_", "did you mean 'from'"),
        (
            f'{{keys: [{{key: "{KEY}", holder: a, from: 2026-03-31T14:00:00Z, until: 2026-03-31T14:00:00Z}}]}}',
            "trust.keys[0]",
            "until before it counts from",
        ),
        (f'{{keys: [{{key: "{KEY}", holder: a}}, {{key: "{KEY}", holder: b}}]}}', "trust", "stands twice"),
        (f'{{keys: [{{key: "{KEY}", holder: ada}}], producers: [{{holder: adda}}]}}', "trust", "did you mean 'ada'"),
        ("{producers: [{holder: ada}]}", "trust", "holds no key"),
        (
            f'{{keys: [{{key: "{KEY}", holder: a}}], producers: [{{holder: a, kinds: []}}]}}',
            "trust.producers[0].kinds",
            "",
        ),
        ("{issuers: [{issuer: x, keys: y, identities: []}]}", "trust.issuers[0].identities", "at least 1"),
    ],
)
def test_what_would_trust_by_mistake_is_refused_at_its_place(trust, section, path, why):
    with pytest.raises(DeclarationProblem) as refused:
        trust(f"trust: {section}")
    (mistake,) = refused.value.mistakes
    assert mistake.path == path
    assert why in mistake.text


def test_an_issuer_stands_once(trust):
    one = "{issuer: https://t.example.org, keys: a.json, identities: [{holder: ci, repository: a/b}]}"
    with pytest.raises(DeclarationProblem) as refused:
        trust(f"trust: {{issuers: [{one}, {one}]}}")
    assert "stands twice" in refused.value.mistakes[0].text
