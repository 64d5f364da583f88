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
