"""`hardpoint contract window`: releases, whom a break hurts, plans and pairs of versions."""

import sys

import pytest

from hardpoint.assurance.contracts.releases import version_of

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
services: [{name: shop}]
contracts:
  - name: orders
    path: openapi.yaml
    steward: api
"""


@pytest.fixture
def released(repository, git):
    """A repository with two releases: the first has an operation more than what is there now."""
    root = repository({"hardpoint.yaml": MANIFEST, "openapi.yaml": ORDERS})
    git(root, "tag", "v1.9.0")
    (root / "openapi.yaml").write_text(WITHOUT_OLD)
    git(root, "commit", "-qam", "less")
    git(root, "tag", "v1.10.0")
    git(root, "tag", "v2.0.0-rc.1")
    git(root, "tag", "nightly")
    git(root, "commit", "-q", "--allow-empty", "-m", "more")
    return root


def declare(root, text):
    (root / "hardpoint.yaml").write_text(MANIFEST + text)


@pytest.mark.requirement("CON-07")
def test_the_newest_release_alone_is_in_the_window_of_n_1(released, cli):
    ran = cli("contract", "window", "--format", "json", folder=released)
    (seen,) = ran.json["contracts"]
    assert ran.exit == 0, ran.out
    assert seen["releases"] == [{"name": "v1.10.0", "has_contract": True}]


@pytest.mark.requirement("CON-07", "CON-03")
def test_a_break_names_the_oldest_release_that_it_hurts(released, cli):
    declare(released, "    window: {releases: 2}\n")
    ran = cli("contract", "window", "orders", "--format", "json", folder=released)
    (seen,) = ran.json["contracts"]
    assert ran.exit == 1
    assert [each["name"] for each in seen["releases"]] == ["v1.10.0", "v1.9.0"]
    (broken,) = seen["breaks"]
    assert (broken["id"], broken["oldest"], broken["hurts"], broken["approved"]) == (
        "api-path-removed-without-deprecation",
        "v1.9.0",
        ["v1.9.0"],
        False,
    )
    assert "hurts consumers back to v1.9.0" in cli("contract", "window", folder=released).out


def test_a_window_of_minor_versions_holds_every_patch_of_them(released, cli, git):
    git(released, "tag", "v1.10.1", "v1.10.0")
    declare(released, "    window: {of: minor}\n")
    (seen,) = cli("contract", "window", "--format", "json", folder=released).json["contracts"]
    assert [each["name"] for each in seen["releases"]] == ["v1.10.1", "v1.10.0"]


def test_the_release_that_is_checked_out_is_the_revision_itself(released, cli, git):
    git(released, "tag", "v1.11.0")
    (seen,) = cli("contract", "window", "--format", "json", folder=released).json["contracts"]
    assert [each["name"] for each in seen["releases"]] == ["v1.10.0"]


def test_without_a_release_there_is_not_enough_evidence(repository, cli):
    root = repository({"hardpoint.yaml": MANIFEST, "openapi.yaml": ORDERS})
    ran = cli("contract", "window", folder=root)
    assert (ran.exit, "not enough evidence: its window holds no release" in ran.out) == (3, True)


def test_a_contract_that_was_moved_is_not_taken_for_a_new_one(released, cli, git):
    (released / "api.yaml").write_text(WITHOUT_OLD)
    (released / "hardpoint.yaml").write_text(MANIFEST.replace("openapi.yaml", "api.yaml"))
    ran = cli("contract", "window", folder=released)
    assert (ran.exit, "v1.10.0 has no api.yaml" in ran.out) == (3, True), ran.out


def test_files_need_no_manifest(tmp_path, cli):
    (tmp_path / "old.yaml").write_text(ORDERS)
    (tmp_path / "now.yaml").write_text(WITHOUT_OLD)
    ran = cli("contract", "window", "now.yaml", "--release", "old.yaml", "--release", "now.yaml", folder=tmp_path)
    assert (ran.exit, "hurts consumers back to old.yaml" in ran.out) == (1, True)


@pytest.mark.parametrize(
    ("name", "pattern", "version"),
    [
        ("v1.2.3", "v*", (1, 2, 3)),
        ("v1.2", "v*", (1, 2, 0)),
        ("api/v1.2.3", "api/v*", (1, 2, 3)),
        ("v1.2.3-rc.1", "v*", None),
        ("1.2.3", "v*", None),
        ("v01.2.3", "v*", None),
        ("vocabulary", "v*", None),
        ("v1.2.3.4", "v*", None),
        ("1.2.3-api", "*-api", (1, 2, 3)),
    ],
)
def test_what_a_tag_says_of_its_version(name, pattern, version):
    assert version_of(name, pattern) == version


PAIRS = """    window: {releases: 2}
    pairs:
      - name: old client, new server
        client: previous
        run: [PYTHON, -c, "import os, sys; sys.exit(os.environ['CLIENT_VERSION'] == 'v1.9.0')"]
""".replace("PYTHON", sys.executable)


@pytest.mark.requirement("CON-07")
def test_pairs_of_versions_run_only_when_asked(released, cli):
    (released / "openapi.yaml").write_text(ORDERS)
    declare(released, PAIRS)
    quiet = cli("contract", "window", folder=released)
    assert (quiet.exit, "were not run: add --run" in quiet.out) == (0, True)
    ran = cli("contract", "window", "--run", "--format", "json", folder=released)
    (seen,) = ran.json["contracts"]
    assert ran.exit == 1
    assert [(each["client"], each["server"], each["exit"]) for each in seen["pairs"]] == [
        ("v1.10.0", "current", 0),
        ("v1.9.0", "current", 1),
    ]


def test_a_pair_that_cannot_run_is_no_result(released, cli):
    declare(released, "    pairs: [{name: a, client: previous, run: [no-such-program]}]\n")
    assert cli("contract", "window", "--run", folder=released).exit == 3


@pytest.mark.requirement("CON-07", "CON-10")
def test_a_gate_asks_for_the_window_in_the_record(released, cli, git):
    gate = """gates:
  - name: merge
    criteria:
      - id: window
        kind: report
        report: contract-window
        owner: shop
        require: {unapproved: 0, pairs_failed: 0}
"""
    (released / "hardpoint.yaml").write_text(MANIFEST + PAIRS.replace("v1.9.0", "none") + gate)
    git(released, "commit", "-qam", "gate")
    assert cli("gate", "merge", folder=released).exit == 1
    assert cli("contract", "window", "--record", folder=released).exit == 1
    (released / "openapi.yaml").write_text(ORDERS)
    git(released, "commit", "-qam", "mended")
    assert cli("contract", "window", "--record", folder=released).exit == 0
    assert "has no fact 'pairs_failed'" in cli("gate", "merge", folder=released).out
    assert cli("contract", "window", "--record", "--run", folder=released).exit == 0
    assert cli("gate", "merge", folder=released).exit == 0


def test_the_kinds_of_reports_are_known_to_whoever_lints_gates(repository, cli):
    criteria = "\n".join(
        f"      - {{id: c{at}, kind: report, report: {kind}, require: {{{fact}: 0}}, owner: shop}}"
        for at, (kind, fact) in enumerate(
            [
                ("contract-window", "unapproved"),
                ("contract-deprecations", "removed_early"),
                ("contract-verification", "failed"),
                ("contract-coverage", "percent"),
            ]
        )
    )
    gate = f"ruleset: 1\ngates:\n  - name: merge\n    criteria:\n{criteria}\n"
    root = repository({"hardpoint.yaml": MANIFEST + gate})
    assert cli("gate", "lint", folder=root).exit == 0
    (root / "hardpoint.yaml").write_text(MANIFEST + gate.replace("unapproved", "unaproved"))
    assert "did you mean 'unapproved'?" in cli("gate", "lint", folder=root).out


@pytest.mark.parametrize("verb", ["window", "deprecations"])
def test_what_is_recorded_is_judged_as_of_today(verb, tmp_path, cli):
    ran = cli("contract", verb, "orders", "--record", "--at", "2099-01-01", folder=tmp_path)
    assert (ran.exit, "judged as of today" in ran.err) == (2, True)
