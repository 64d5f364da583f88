"""The `contracts` section: what it takes, and what it refuses at its place."""

import pytest

from hardpoint.assurance.contracts.model import CONTRACTS
from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.manifest import Manifest


def declared(text):
    return Manifest.load(f"version: 1\ncontracts:\n  - {{name: orders, {text}}}\n".encode(), [CONTRACTS])[CONTRACTS]


@pytest.mark.requirement("CON-01")
def test_what_is_left_out_is_the_policy_n_1():
    (interface,) = declared("path: api/openapi.yaml, steward: api")
    assert (interface.kind, interface.window.releases, interface.releases.tags) == ("openapi", 1, "v*")
    assert (interface.coverage, interface.mode, interface.consumers) == (90, "BACKWARD", ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("path: api.yaml", "steward"),
        ("path: ./api.yaml, steward: api", "expected a path from the root"),
        ("path: ../api.yaml, steward: api", "expected a path from the root"),
        ("path: /api.yaml, steward: api", "expected a path from the root"),
        ("path: a//api.yaml, steward: api", "expected a path from the root"),
        ("path: api.yaml, steward: api, critical: [orders]", "expected an operation as `GET /orders`"),
        ("path: api.yaml, steward: api, releases: {tags: v1}", "expected tags with one `*`"),
        ("path: api.yaml, steward: api, releases: {tags: '*-*'}", "expected tags with one `*`"),
        ("path: api.yaml, steward: api, window: {releases: 0}", "releases"),
        ("path: api.yaml, steward: api, window: {of: patch}", "of"),
        ("path: api.yaml, steward: api, pairs: [{name: a, run: []}]", "run"),
        ("path: api.yaml, steward: api, kind: soap", "kind"),
    ],
)
def test_what_is_refused(text, why):
    with pytest.raises(DeclarationProblem) as problem:
        declared(text)
    assert why in str(problem.value.mistakes[0])
