"""Compatibility plans: a break passes only under a plan that a steward of the contract signed as it is."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardpoint.kernel.clock import format_instant, system_clock
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.waiver import Waiver

ORDERS = """openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: All of them.}
  /orders/old:
    get:
      responses:
        '200': {description: Old ones.}
"""
WITHOUT_OLD = ORDERS[: ORDERS.index("  /orders/old")]
MANIFEST = """version: 1
services: [{{name: shop}}]
trust:
  keys:
    - {{key: '{ada}', holder: ada}}
    - {{key: '{bea}', holder: bea}}
    - {{key: '{cleo}', holder: cleo}}
  functions: [{{name: api, holders: [bea]}}]
contracts:
  - name: orders
    path: openapi.yaml
    steward: api
"""
PLAN = """waivers:
  - id: P-1
    contract: orders
    rule: {rule}
    pointer: {pointer}
    reason: nobody has called it since the spring
    mitigation: the gateway answers it from the archive
    owner: ada
    approvers: [{approver}]
    created: {created}
    expires: {expires}
"""
RULE, POINTER = "api-path-removed-without-deprecation", "/paths/~1orders~1old/get"


class World:
    """A repository with a release, whose base names three people and one steward."""

    def __init__(self, root, cli, git, monkeypatch, people):
        self.root, self._cli, self.git, self._patch, self._people = root, cli, git, monkeypatch, people

    def as_(self, who, *arguments):
        self._patch.setenv("HARDPOINT_SIGNING_KEY", self._people[who])
        return self._cli(*arguments, folder=self.root)

    def plan(self, *, rule=RULE, pointer=POINTER, approver="bea", days=(-1, 30)):
        created, expires = (format_instant(system_clock() + Duration(86400).delta * day) for day in days)
        text = PLAN.format(rule=rule, pointer=pointer, approver=approver, created=created, expires=expires)
        (self.root / "hardpoint.yaml").write_text((self.root / "hardpoint.yaml").read_text() + text)

    def window(self):
        return self.as_("ada", "contract", "window", "orders", "--base", "main", "--format", "json")

    def check(self):
        return self.as_("ada", "check", "--rule", "CON042", "--base", "main")


@pytest.fixture
def world(repository, cli, git, monkeypatch):
    people, keys = {}, {}
    for who in ("ada", "bea", "cleo"):
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        people[who] = pem.decode()
        keys[who] = str(signer_of(None, {"HARDPOINT_SIGNING_KEY": people[who]}).public)
    root = repository({"hardpoint.yaml": MANIFEST.format(**keys), "openapi.yaml": ORDERS})
    git(root, "tag", "v1.0.0")
    git(root, "checkout", "-qb", "less")
    (root / "openapi.yaml").write_text(WITHOUT_OLD)
    git(root, "commit", "-qam", "less")
    return World(root, cli, git, monkeypatch, people)


@pytest.mark.requirement("CON-03", "CON-04")
def test_a_break_passes_only_under_a_plan_that_a_steward_signed(world):
    assert (world.window().exit, world.check().exit) == (1, 1)
    world.plan()
    assert "bea did not approve it as it is now" in world.window().out
    assert "the plan P-1 does not count: bea did not approve" in world.check().out
    assert world.as_("bea", "waiver", "approve", "P-1", "--base", "main").exit == 0
    seen = world.window()
    assert (seen.exit, world.check().exit) == (0, 0), seen.out
    (broken,) = seen.json["contracts"][0]["breaks"]
    assert (broken["plan"], broken["approved"]) == ("P-1", True)


@pytest.mark.requirement("CON-04")
def test_who_edits_a_plan_needs_the_signature_again(world):
    world.plan()
    world.as_("bea", "waiver", "approve", "P-1", "--base", "main")
    manifest = world.root / "hardpoint.yaml"
    manifest.write_text(manifest.read_text().replace("from the archive", "from a cache"))
    assert (world.window().exit, world.check().exit) == (1, 1)


@pytest.mark.requirement("CON-04")
def test_whoever_is_no_steward_approves_in_vain_and_a_change_makes_nobody_one(world):
    world.plan(approver="cleo")
    assert world.as_("cleo", "waiver", "approve", "P-1", "--base", "main").exit == 0
    assert "none of its approvers is a steward of orders" in world.window().out
    manifest = world.root / "hardpoint.yaml"
    manifest.write_text(manifest.read_text().replace("holders: [bea]", "holders: [bea, cleo]"))
    assert (world.window().exit, world.check().exit) == (1, 1)
    assert world.as_("ada", "check", "--rule", "CON043", "--base", "main").exit == 1


@pytest.mark.requirement("CON-03")
def test_a_change_does_not_undeclare_what_it_breaks(world):
    manifest = world.root / "hardpoint.yaml"
    manifest.write_text(manifest.read_text().partition("contracts:")[0])
    assert (world.window().exit, world.check().exit) == (1, 1)
    (world.root / "openapi.yaml").unlink()
    assert "the contract was taken away" in world.check().out


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    "said",
    [{"rule": "api-removed-without-deprecation"}, {"pointer": "/paths/~1orders/get"}, {"pointer": "/paths/~1orders/*"}],
)
def test_a_plan_covers_what_it_names_and_no_more_and_an_unused_one_is_told(world, said):
    world.plan(**said)
    world.as_("bea", "waiver", "approve", "P-1", "--base", "main")
    seen = world.window()
    assert (seen.exit, world.check().exit) == (1, 1)
    assert seen.json["contracts"][0]["unused_plans"] == ["P-1"]


def test_a_plan_may_cover_all_below_a_pointer(world):
    world.plan(pointer="/paths/~1orders~1old/*")
    world.as_("bea", "waiver", "approve", "P-1", "--base", "main")
    assert (world.window().exit, world.check().exit) == (0, 0)


def test_a_plan_that_has_ended_covers_nothing(world):
    world.plan(days=(-30, -1))
    assert "it ended at" in world.window().out
    assert world.check().exit == 1


@pytest.mark.requirement("CON-01")
def test_every_contract_has_a_steward(world):
    manifest = world.root / "hardpoint.yaml"
    text = manifest.read_text()
    manifest.write_text(text.replace("steward: api", "steward: apis"))
    assert "orders: nobody holds the function apis" in world.as_("ada", "check", "--rule", "CON041").out
    manifest.write_text(text.partition("contracts:")[0])
    assert "CON040" in world.as_("ada", "check", "--rule", "CON040").out


def test_what_was_approved_before_there_were_plans_stays_approved():
    waiver = Waiver(
        id="W-1",
        criterion="merge/tests",
        reason="the browser farm is down until Thursday",
        mitigation="we tested by hand and watch the error rate",
        owner="ada",
        approvers=("bob",),
        created=datetime(2026, 3, 1, tzinfo=UTC),
        expires=datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert waiver.digest == "7927f70baa98798cfac79c3fa72cbb8b617a1503e3d9f4b49a04b7becd3d781d"


@pytest.mark.requirement("CON-03")
def test_a_contract_that_a_change_moves_is_compared_where_it_is_now(world):
    manifest = world.root / "hardpoint.yaml"
    (world.root / "openapi.yaml").write_text(ORDERS)  # what was left behind breaks nobody
    (world.root / "new.yaml").write_text(WITHOUT_OLD)
    manifest.write_text(manifest.read_text().replace("path: openapi.yaml", "path: new.yaml"))
    world.git(world.root, "add", "-A")
    seen = world.window()
    assert (seen.exit, world.check().exit) == (1, 1), seen.out
    world.plan()
    world.as_("bea", "waiver", "approve", "P-1", "--base", "main")
    assert (world.window().exit, world.check().exit) == (0, 0)
