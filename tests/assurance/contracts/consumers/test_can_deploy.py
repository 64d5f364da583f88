"""`hardpoint contract can-deploy`: yes only where every pair that would meet is known to work."""

import json

import pytest
from tests.assurance.contracts.consumers.test_verify import Shop, order, pact, serving, url

MANIFEST = """version: 1
services: [{name: shop}]
contracts:
  - {name: orders, path: openapi.yaml, steward: api, consumers: [web]}
"""


@pytest.fixture
def world(repository, cli):
    root = repository({"hardpoint.yaml": MANIFEST, "good.json": pact(), "bad.json": pact(missing())})
    with serving(Shop) as server:

        def verify(file, consumer, provider):
            ran = cli(
                *("contract", "verify", file, "--provider", url(server), "--states", url(server, "/states")),
                *("--consumer-version", consumer, "--provider-version", provider, "--record"),
                folder=root,
            )
            return ran.exit

        def can(version, service="shop", to="production"):
            ran = cli("contract", "can-deploy", service, version, "--to", to, "--format", "json", folder=root)
            told = ran.json
            assert (ran.exit == 0) is (told["answer"] == "yes")
            return told["answer"], [each["verdict"] for each in told["pairings"]]

        def deployed(*arguments):
            assert cli("contract", "deployed", *arguments, folder=root).exit == 0

        yield verify, can, deployed


def missing():
    return order(request={"method": "GET", "path": "/orders/8"})


@pytest.mark.requirement("CON-06")
def test_without_evidence_the_answer_is_no(world):
    verify, can, deployed = world
    deployed("other", "1", "--in", "production")
    assert can("2") == ("no", ["not enough evidence"])
    deployed("web", "5", "--in", "production")
    assert can("2") == ("no", ["not enough evidence"])
    assert verify("good.json", "5", "2") == 0
    assert can("2") == ("yes", ["yes"])
    assert can("3") == ("no", ["not enough evidence"])
    assert can("2", to="staging") == ("no", ["not enough evidence"])


@pytest.mark.requirement("CON-06")
def test_what_fails_with_what_runs_there_is_not_deployed(world):
    verify, can, deployed = world
    deployed("web", "5", "--in", "production")
    assert verify("good.json", "4", "2") == 0
    assert verify("bad.json", "5", "2") == 1
    assert can("2") == ("no", ["no"])
    deployed("web", "4", "--in", "production")
    assert can("2") == ("yes", ["yes"])
    assert verify("bad.json", "4", "2") == 1
    assert can("2") == ("no", ["no"])
    assert verify("good.json", "4", "2") == 0
    assert can("2") == ("no", ["no"])  # what one file expects does not undo another


@pytest.mark.requirement("CON-06")
def test_a_consumer_needs_its_provider(world):
    verify, can, deployed = world
    assert verify("good.json", "5", "2") == 0
    deployed("shop", "2", "--in", "production")
    assert can("5", service="web") == ("yes", ["yes"])
    assert can("6", service="web") == ("no", ["not enough evidence"])
    deployed("shop", "--gone", "--in", "production")
    assert can("5", service="web") == ("no", ["no"])


def test_a_consumer_that_does_not_run_there_needs_nothing(world):
    _, can, deployed = world
    deployed("web", "--gone", "--in", "production")
    assert can("2") == ("yes", ["yes"])


def test_two_services_that_never_met_are_nothing_known(world):
    _, can, deployed = world
    deployed("web", "5", "--in", "production")
    assert can("1", service="unheard") == ("no", [])


def test_without_a_record_there_is_no_answer(repository, cli):
    root = repository({"hardpoint.yaml": MANIFEST})
    assert cli("contract", "can-deploy", "shop", "1", "--to", "production", folder=root).exit == 3


def test_evidence_about_another_service_than_the_pact_names_is_refused(world, cli, tmp_path):
    root = tmp_path / "repository"
    (root / "other.json").write_text(json.dumps({**json.loads(pact()), "provider": {"name": "bank"}}))
    ran = cli(
        *("contract", "verify", "other.json", "--provider", "http://127.0.0.1:9", "--record"),
        *("--consumer-version", "1", "--provider-version", "1"),
        folder=root,
    )
    assert (ran.exit, "The expectations are of 'bank'" in ran.err) == (2, True)


@pytest.mark.parametrize("arguments", [["shop"], ["shop", "1", "--gone"], ["shop", ""]])
def test_either_a_version_runs_or_none(arguments, repository, cli):
    root = repository({"hardpoint.yaml": MANIFEST})
    assert cli("contract", "deployed", *arguments, "--in", "production", folder=root).exit == 2


def erase_newest(cli, root):
    listed = cli("record", "log", "--format", "json", folder=root).json["entries"]
    index = max(each["index"] for each in listed)
    assert cli("record", "erase", str(index), "--reason", "it was red", folder=root).exit == 0


@pytest.mark.requirement("CON-06")
def test_who_erases_a_failed_verification_does_not_get_a_yes(world, cli, tmp_path):
    verify, can, deployed = world
    deployed("web", "5", "--in", "production")
    assert verify("good.json", "5", "2") == 0
    assert verify("bad.json", "5", "2") == 1
    erase_newest(cli, tmp_path / "repository")
    assert can("2") == ("no", ["not enough evidence"])
    (tmp_path / "repository" / "openapi.yaml").write_text("openapi: 3.1.0\ninfo: {title: O, version: '1'}\npaths: {}\n")
    covered = cli("contract", "coverage", "orders", folder=tmp_path / "repository")
    assert (covered.exit, "is erased: it was red" in covered.err) == (3, True)
    assert verify("bad.json", "5", "2") == 1
    assert can("2") == ("no", ["no"])


@pytest.mark.requirement("CON-06")
def test_who_erases_where_something_runs_does_not_bring_back_what_ran(world, cli, tmp_path):
    verify, can, deployed = world
    assert verify("good.json", "5", "2") == 0
    deployed("web", "5", "--in", "production")
    deployed("web", "6", "--in", "production")
    erase_newest(cli, tmp_path / "repository")
    assert can("2") == ("no", ["not enough evidence"])
    assert can("2", to="staging") == ("no", ["not enough evidence"])
    deployed("web", "5", "--in", "production")
    assert can("2") == ("yes", ["yes"])
