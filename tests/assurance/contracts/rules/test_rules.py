"""What the rules about contracts find beyond their own examples, and what they let pass."""

import pytest

from hardpoint.assurance.contracts.discovery import contracts
from hardpoint.assurance.contracts.discovery import found as all_found
from hardpoint.assurance.contracts.inventory import Inventory
from hardpoint.assurance.contracts.model import CONTRACTS
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.assurance.contracts.rules.naming import case_of
from hardpoint.assurance.contracts.specimen import FILE, SPECIMEN, but
from hardpoint.assurance.contracts.verbs.lint import rules_named
from hardpoint.assurance.errors.model import ERRORS
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.workspace import Workspace

SECTIONS = (CONTRACTS, ERRORS, SERVICES)
EMPTY = Workspace.of({}, SECTIONS)


def told(text, rule, workspace=EMPTY):
    inventory = Inventory(read_contract(FILE, text.encode()))
    (asked,) = rules_named((rule,))
    return [finding.text for finding in asked.judge(inventory, workspace)]


def after(rule, *changes):
    return told(but(*changes)[FILE], rule)


def test_the_specimen_breaks_no_rule():
    for rule in rules_named(()):
        assert told(SPECIMEN, rule.id) == [], rule.id


@pytest.mark.requirement("CON-02")
@pytest.mark.parametrize("version", ["1.2.0", "v1.2.0-rc.1+7", "2026-01-31", "2023-09-05.acacia"])
def test_versions_that_can_be_ordered_pass(version):
    assert after("CON012", ("version: 1.2.0", f"version: '{version}'")) == []


@pytest.mark.requirement("CON-02")
@pytest.mark.parametrize("version", ["1", "1.2", "01.2.3", "latest", "2026-13-01"])
def test_versions_that_cannot_are_told(version):
    assert after("CON012", ("version: 1.2.0", f"version: '{version}'"))


def test_health_checks_need_no_version():
    text = SPECIMEN.replace("  /orders", "  /v1/orders").replace("paths:\n", "paths:\n  /healthz: {}\n")
    assert told(text, "CON013") == []


@pytest.mark.requirement("CON-02")
@pytest.mark.parametrize(
    "schema",
    [
        "{type: array, items: {$ref: '#/components/schemas/Order'}, maxItems: 10}",
        "{type: object, properties: {data: {type: array, items: {}}, next_cursor: {type: string}}}",
        "{type: object, properties: {name: {type: string}, tags: {type: array, items: {}}}}",
        "{type: array, uniqueItems: true, items: {enum: [A, B]}}",
        "{type: string}",
    ],
)
def test_what_is_no_endless_list_needs_no_pages(schema):
    assert _unpaged(schema) == []


@pytest.mark.parametrize(
    "schema",
    [
        "{type: array, items: {}}",
        "{type: object, properties: {data: {type: array, items: {}}}}",
        "{type: object, properties: {orders: {type: array, items: {}}, total: {type: integer}}}",
        "{allOf: [{type: array}, {items: {}}]}",
    ],
)
def test_an_endless_list_without_pages_is_told(schema):
    assert _unpaged(schema) == ["/paths/~1orders/get: GET /orders gives a list, and takes no page"]


def _unpaged(schema):
    return after(
        "CON015",
        ("      parameters: [{name: cursor, in: query, schema: {type: string}}]\n", ""),
        ("          headers: {Link: {description: The next page (RFC 8288), schema: {type: string}}}\n", ""),
        ("schema: {type: array, items: {$ref: '#/components/schemas/Order'}}", f"schema: {schema}"),
    )


@pytest.mark.requirement("CON-02")
@pytest.mark.parametrize("way", ["x-idempotent: true", "parameters: [{name: if-match, in: header, schema: {}}]"])
def test_what_can_be_repeated_needs_no_key(way):
    key = "parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}]"
    assert after("CON016", (key, way)) == []
    assert after("CON016", (key, "tags: [x]"))
    assert after("CON016", (key, "tags: [x]"), ("  /orders:\n", "  /orders/search:\n")) == []


@pytest.mark.requirement("CON-02")
def test_members_of_a_problem_have_the_types_of_rfc_9457():
    (said,) = after("CON017", ("status: {type: integer}", "status: {type: string}"))
    assert said == (
        "/components/responses/Problem/content/application~1problem+json:"
        " the member 'status' of a problem is of type integer, and here string"
    )
    assert after("CON017", ("status: {type: integer}", "status: {type: number}")) == []


def test_an_answer_without_a_body_is_no_error_in_another_form():
    assert (
        after(
            "CON017",
            ("      content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}\n", ""),
        )
        == []
    )


def test_a_default_that_stands_alone_may_be_no_error():
    order = "application/json: {schema: {$ref: '#/components/schemas/Order'}}"
    alone = f"        '201': {{description: The order, content: {{{order}}}}}\n"
    text = but((alone, "        default: {description: x, content: {application/json: {}}}\n"))[FILE]
    assert told(text.replace("        '404': {$ref: '#/components/responses/Problem'}\ncomp", "comp"), "CON017") == []
    both = but((alone, f"{alone}        default: {{description: x, content: {{application/json: {{}}}}}}\n"))[FILE]
    assert len(told(both, "CON017")) == 1


def test_a_parameter_that_is_not_known_is_not_missed():
    id_ = "parameters: [{name: id, in: path, required: true, schema: {type: string}}]"
    assert after("CON005", (id_, "parameters: [{$ref: '#/components/parameters/Id'}]")) == []


def test_one_description_under_two_paths_has_one_operation_id():
    text = SPECIMEN.replace("components:\n", "  /old:\n    $ref: '#/paths/~1orders'\ncomponents:\n", 1)
    assert told(text, "CON007") == []


@pytest.mark.requirement("ERR-01")
def test_codes_in_examples_of_errors_are_looked_up_too():
    manifest = """\
version: 1
errors:
  codes:
    - {code: ORDER_GONE, title: It is gone, category: state, severity: error, retry: never, remedy: List again.}
"""
    workspace = Workspace.of({"hardpoint.yaml": manifest}, SECTIONS)
    text = but(
        ("{application/problem+json: {schema:", "{application/problem+json: {example: {code: ORDER_GON}, schema:")
    )[FILE]
    (said,) = told(text, "CON027", workspace)
    assert said.endswith("the code 'ORDER_GON' is not registered (did you mean 'ORDER_GONE'?)")
    assert told(text, "CON027") == []  # nobody registers codes


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("order", ""),
        ("order_id", "snake_case"),
        ("_links", ""),
        ("orderId", "camelCase"),
        ("order-id", "kebab-case"),
        ("OrderId", "PascalCase"),
        ("ORDER_ID", "UPPER_CASE"),
        ("ID", "UPPER_CASE"),
        ("Order_id", "no known case"),
    ],
)
def test_cases_are_told_apart(name, case):
    assert case_of(name) == case


def test_what_departs_from_the_usual_case_is_named():
    properties = ", ".join(f"{each}_of: {{}}" for each in "abcde")
    (said,) = after(
        "CON019", ("{order_id: {type: integer},", f"{{order_id: {{type: integer}}, {properties}, shipTo: {{}},")
    )
    assert said.endswith("the property 'shipTo' is in camelCase, and most are in snake_case")


def test_each_operation_that_says_nothing_is_told_where_others_do():
    found = after(
        "CON020", ("security: [{token: []}]\n", ""), ("      operationId: listOrders\n", "      security: []\n")
    )
    assert [each.partition(":")[0] for each in found] == ["/paths/~1orders/post", "/paths/~1orders~1{id}/get"]


def test_a_contract_that_says_nothing_of_callers_is_told_once():
    assert after("CON020", ("security: [{token: []}]\n", "")) == ["/: none of the 3 operations says who may call it"]


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "http://127.0.0.1", "/v1", "http://orders/v1", "http://{host}/v1"]
)
def test_servers_nearby_need_no_tls(url):
    assert after("CON021", ("'https://api.shop.example/v1'", f"'{url}'")) == []


def test_a_variant_found_by_its_name_is_used():
    pet = "    Pet: {type: object, discriminator: {propertyName: kind}}\n"
    pet += "    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}]}\n"
    assert after("CON024", ("    Problem: {type", f"{pet}    Problem: {{type")) == []


def test_whoever_owns_the_service_keeps_its_contract():
    text = but(("  contact: {email: orders@shop.example}\n", ""))[FILE]
    manifest = "version: 1\nservices: [{name: shop, owner: orders}]\n"
    assert told(text, "CON025", Workspace.of({"hardpoint.yaml": manifest}, SECTIONS)) == []


def test_what_is_evidently_a_contract_is_found_and_what_is_others_is_not():
    files = {
        "docs/openapi.yaml": SPECIMEN,
        "api/orders.json": '{"openapi": "3.0.3", "info": {}, "paths": {}}',
        "tests/openapi.yaml": SPECIMEN,
        "vendor/acme/openapi.yaml": SPECIMEN,
        "api/values.yaml": "openapi: yes\n",
        "notes.yaml": SPECIMEN,
    }
    assert [each.file for each in contracts(Workspace.of(files, SECTIONS))] == ["api/orders.json", "docs/openapi.yaml"]


def test_what_is_declared_is_judged_wherever_it_is_and_has_a_keeper():
    declared = "version: 1\ncontracts: [{name: orders, path: tests/openapi.yaml, steward: architects}]\n"
    text = but(("  contact: {email: orders@shop.example}\n", ""))[FILE]
    workspace = Workspace.of({"hardpoint.yaml": declared, "tests/openapi.yaml": text, "openapi.yaml": text}, SECTIONS)
    (unowned,) = rules_named(("CON025",))
    found = {each.file: list(unowned.judge(each, workspace)) for each in contracts(workspace)}
    assert {file: len(findings) for file, findings in found.items()} == {"openapi.yaml": 1, "tests/openapi.yaml": 0}


def test_what_is_declared_and_cannot_be_read_is_told():
    declared = "version: 1\ncontracts: [{name: orders, path: orders.txt, steward: architects}]\n"
    (subject,) = all_found(Workspace.of({"hardpoint.yaml": declared, "orders.txt": "x: 1\n"}, SECTIONS))
    assert "is no OpenAPI document" in subject.problem.sentence
