"""`hardpoint contract lint`, from the command line."""

import pytest
from tests.assurance.contracts.protobuf.test_changes import shop

from hardpoint.assurance.contracts.specimen import FILE, SPECIMEN, but

MANIFEST = "version: 1\nservices: [{name: shop, owner: orders}]\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "good.yaml").write_text(SPECIMEN)
    (tmp_path / "bad.yaml").write_text(but(("  title: Orders\n", ""), ("ship_to", "shipTo"))["openapi.yaml"])
    return tmp_path


@pytest.mark.requirement("CON-02")
def test_what_is_found_is_told_with_rule_line_and_pointer(cli, folder):
    ran = cli("contract", "lint", "bad.yaml", folder=folder)
    assert ran.exit == 1
    assert "bad.yaml:2:1: error   CON001 /info: info has no 'title'" in ran.out
    assert "1 contract: 1 error, 1 warning" in ran.out
    assert cli("contract", "lint", "good.yaml", folder=folder).exit == 0


@pytest.mark.requirement("CON-02")
def test_the_threshold_and_the_rules_can_be_chosen(cli, folder):
    assert cli("contract", "lint", "bad.yaml", "--rule", "CON019", folder=folder).exit == 0
    ran = cli(
        "contract", "lint", "bad.yaml", "--rule", "CON019", "--fail-on", "warning", "--format", "json", folder=folder
    )
    assert (ran.exit, ran.json["rules"]) == (1, {"CON019": 1})
    assert cli("contract", "lint", "bad.yaml", "--rule", "CON9", folder=folder).exit == 2


@pytest.mark.parametrize(
    ("content", "exit_code"), [("", 3), ("openapi: 2.0\n", 3), ("{", 3), ("asyncapi: 3.0.0\n", 3), ("a: [", 3)]
)
def test_what_is_no_contract_never_passes(cli, tmp_path, content, exit_code):
    (tmp_path / "x.yaml").write_text(content)
    assert cli("contract", "lint", "x.yaml", folder=tmp_path).exit == exit_code
    assert cli("contract", "lint", "gone.yaml", folder=tmp_path).exit == exit_code


@pytest.mark.requirement("CON-02")
def test_a_descriptor_set_is_judged_by_the_rules_of_protobuf(cli, tmp_path):
    made = shop()
    made.file[0].message_type[0].name = "order_line"
    (tmp_path / "api.binpb").write_bytes(made.SerializeToString())
    ran = cli("contract", "lint", "api.binpb", "--format", "json", folder=tmp_path)
    assert ran.exit == 0  # departures are warnings
    assert ran.json["rules"]["MESSAGE_PASCAL_CASE"] == 1


@pytest.mark.requirement("CON-02")
def test_a_result_is_recorded_and_judged_at_a_gate(cli, repository):
    gate = """\
gates:
  - name: merge
    criteria:
      - {id: contract, kind: report, report: contract-lint, require: {errors: 0}}
"""
    root = repository(
        {"hardpoint.yaml": f"{MANIFEST}{gate}", "api/spec.yaml": but(("  title: Orders\n", ""))["openapi.yaml"]}
    )
    ran = cli("contract", "lint", "api/spec.yaml", "--record", "--format", "json", folder=root)
    assert (ran.exit, len(ran.json["entries"])) == (1, 1)
    judged = cli("gate", "merge", "--no-check", folder=root)
    assert (judged.exit, "errors" in judged.out) == (1, True)
    (root / "api/spec.yaml").write_text(SPECIMEN)
    assert cli("contract", "lint", "api/spec.yaml", "--record", folder=root).exit == 0
    assert cli("gate", "merge", "--no-check", folder=root).exit == 0


def test_part_of_the_rules_is_no_evidence(cli, folder, repository):
    root = repository({"hardpoint.yaml": MANIFEST, "good.yaml": SPECIMEN})
    assert cli("contract", "lint", "good.yaml", "--rule", "CON", "--record", folder=root).exit == 2
    assert cli("contract", "lint", "good.yaml", "--service", "shop", folder=folder).exit == 2


def test_check_judges_contracts_in_the_tree(cli, repository):
    root = repository({"hardpoint.yaml": MANIFEST, "openapi.yaml": but(("  title: Orders\n", ""))["openapi.yaml"]})
    ran = cli("check", "--rule", "CON", folder=root)
    assert ran.exit == 1
    assert "CON001" in ran.out


def test_a_file_in_a_folder_of_anything_needs_no_look_at_the_folder(cli, folder, monkeypatch):
    monkeypatch.setattr("hardpoint.kernel.workspace.MAX_FILES", 1)
    assert cli("contract", "lint", "good.yaml", folder=folder).exit == 0


@pytest.mark.requirement("CON-02")
def test_codes_of_the_taxonomy_are_asked_for_where_there_is_one(cli, repository):
    manifest = f"""{MANIFEST}errors:
  codes:
    - {{code: OTHER, title: It is gone, category: state, severity: error, retry: never, remedy: List again.}}
"""
    root = repository({"hardpoint.yaml": manifest, "spec.yaml": SPECIMEN})
    ran = cli("contract", "lint", "spec.yaml", folder=root)
    assert (ran.exit, "CON027" in ran.out) == (1, True)


@pytest.mark.requirement("CON-02")
def test_a_revision_in_git_is_judged(cli, repository, git):
    root = repository({"hardpoint.yaml": MANIFEST, "api/spec.yaml": but(("  title: Orders\n", ""))["openapi.yaml"]})
    (root / "api/spec.yaml").write_text(SPECIMEN)
    assert cli("contract", "lint", "HEAD:api/spec.yaml", folder=root).exit == 1
    assert cli("contract", "lint", "api/spec.yaml", folder=root).exit == 0
    assert cli("contract", "lint", "api/spec.yaml", "HEAD:api/spec.yaml", "--format", "json", folder=root).json[
        "contracts"
    ] == [
        "api/spec.yaml",
        "HEAD:api/spec.yaml",
    ]


def test_schemas_that_lead_from_one_to_the_next_for_long_come_to_an_end(cli, tmp_path):
    content = "{application/json: {schema: {$ref: '#/components/schemas/S0'}, example: [1]}}"
    get = f"{{responses: {{'200': {{description: x, content: {content}}}}}}}"
    links = "".join(f"    S{at}: {{allOf: [{{$ref: '#/components/schemas/S{at + 1}'}}]}}\n" for at in range(3000))
    text = (
        f"openapi: 3.1.0\ninfo: {{title: x, version: 1.0.0}}\npaths: {{/x: {{get: {get}}}}}\ncomponents:\n  schemas:\n"
    )
    (tmp_path / "x.yaml").write_text(f"{text}{links}    S3000: {{type: array}}\n")
    assert cli("contract", "lint", "x.yaml", folder=tmp_path).exit == 0


@pytest.mark.requirement("CON-10")
def test_gates_know_its_report_and_how_to_get_it(repository, cli):
    gate = """version: 1
services: [{name: shop}]
gates:
  - name: merge
    criteria:
      - {id: described, kind: report, report: contract-lint, require: {errors: 0}, owner: shop}
"""
    broken = "openapi: 3.1.0\ninfo: {}\npaths: {}\n"
    root = repository({"hardpoint.yaml": gate, "openapi.yaml": broken})
    assert cli("gate", "lint", folder=root).exit == 0
    assert "hardpoint contract lint SPEC --record" in cli("gate", "merge", folder=root).out
    assert cli("contract", "lint", "openapi.yaml", "--record", folder=root).exit == 1
    assert "Repair it, then: hardpoint contract lint SPEC --record" in cli("gate", "merge", folder=root).out


@pytest.mark.requirement("CON-10")
def test_what_was_is_no_evidence_of_what_is(repository, cli, git):
    root = repository({"hardpoint.yaml": "version: 1\nservices: [{name: shop}]\n", FILE: SPECIMEN})
    git(root, "tag", "v1")
    ran = cli("contract", "lint", f"v1:{FILE}", "--record", folder=root)
    assert (ran.exit, "is of another time" in ran.err) == (2, True)
    assert cli("contract", "lint", FILE, "--record", folder=root).exit == 0
