"""oasdiff's ignore files: lines are mapped to rules and operations, and what cannot be is told."""

import pytest

from hardpoint.assurance.contracts.ignores import read_ignores

BEFORE = """openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: One.
          content:
            application/json:
              schema:
                type: object
                required: [state, total]
                properties: {state: {type: string}, total: {type: integer}}
        '202': {description: Later.}
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Gone.}}
  /health:
    get: {responses: {'200': {description: Fine.}}}
"""
AFTER = """openapi: 3.1.0
info: {title: Shop, version: 2.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: One.
          content:
            application/json:
              schema:
                type: object
                properties: {total: {type: integer}}
"""
LINES = """# decided in May
get /orders/{id} removed the success response with the status '202'
in API GET /orders/{id} removed the required property `state` from the response with the `200` status
GET /orders/{id} [response-property-became-optional]
DELETE /orders/{id} api removed without deprecation
- GET /health api path removed without deprecation
"""


@pytest.fixture
def diff(tmp_path, cli):
    (tmp_path / "before.yaml").write_text(BEFORE)
    (tmp_path / "after.yaml").write_text(AFTER)

    def diff(lines):
        (tmp_path / "ignore.txt").write_text(lines)
        ran = cli(
            *("contract", "diff", "before.yaml", "after.yaml", "--err-ignore", "ignore.txt", "--format", "json"),
            folder=tmp_path,
        )
        return ran.exit, ran.json

    return diff


@pytest.mark.requirement("CON-03")
def test_lines_set_breaks_aside(diff):
    ended, told = diff(LINES)
    assert ended == 0, told["changes"]
    assert (told["breaks"], told["idle_ignores"], len(told["ignored"])) == (False, [], 5)


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize("at", range(5))
def test_each_line_is_about_its_own_break_alone(diff, at):
    lines = LINES.splitlines()[1:]
    left = lines.pop(at)
    ended, told = diff("\n".join(lines))
    assert (ended, told["counts"]["error"], told["idle_ignores"]) == (1, 1, []), left


@pytest.mark.parametrize(
    ("line", "mapped"),
    [
        ("GET /orders/{id} something else happened", False),
        ("api removed without deprecation", False),
        ("GET /orders/{id} removed the required property from the response", False),
        ("GET /orders/{id} *", False),
        ("GET /orders/{id} removed the required property `total` from the response", True),
        ("POST /orders/{id} api removed without deprecation", True),
        ("GET /orders api removed without deprecation", True),
        ("GET /orders/{id} removed the success response with the status '204'", True),
    ],
)
def test_what_cannot_be_mapped_or_is_about_nothing_is_told(diff, line, mapped):
    ended, told = diff(line)
    assert (ended, told["ignored"]) == (1, [])
    assert told["idle_ignores"] == [{"line": 1, "text": line, "mapped": mapped}]
    assert told["findings"][-1]["place"] == {"file": "ignore.txt", "line": 1, "column": 0}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("added the new path request parameter 'orgId'", "new-request-path-parameter"),
        ("the request property `a/b` became required", "request-property-became-required"),
        ("deleted the `query` request parameter `limit`", "request-parameter-removed"),
        ("added the new required request property 'location'", "new-required-request-property"),
        ("the response property `a` became nullable", "response-property-became-nullable"),
    ],
)
def test_messages_and_their_rules(text, rule):
    (only,) = read_ignores(f"GET /a {text}".encode(), "ignore.txt")
    assert only.rules == {rule}


NESTED = """openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema:
                type: object
                required: [name, owner]
                properties:
                  name: {type: string}
                  owner: {type: object, required: [name], properties: {name: {type: string}}}
"""


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("named", "left"),
    [("name", "owner/name"), ("/owner/name", "name"), ("/allOf[#/components/schemas/A]/name", "owner/name")],
)
def test_a_line_is_about_the_property_that_it_leads_to_and_no_other_of_its_name(named, left, tmp_path, cli):
    (tmp_path / "before.yaml").write_text(NESTED)
    (tmp_path / "after.yaml").write_text(
        NESTED.replace("name, owner", "owner")
        .replace("[name]", "[]")
        .replace("name: {type: string}", "x: {type: string}")
    )
    (tmp_path / "ignore.txt").write_text(
        f"GET /orders removed the required property `{named}` from the response with the `200` status"
    )
    arguments = "before.yaml", "after.yaml", "--err-ignore", "ignore.txt", "--format", "json"
    ran = cli("contract", "diff", *arguments, folder=tmp_path)
    assert ran.exit == 1
    assert [each["property"] for each in ran.json["changes"] if each["level"] == "error"] == [left]


@pytest.mark.requirement("CON-03")
def test_lines_for_the_operations_that_are_listed_do_not_hide_those_that_are_not(tmp_path, cli):
    paths = "".join(
        f"  /p{at}:\n    get: {{responses: {{'200': {{description: A., content: {{application/json: "
        "{schema: {$ref: '#/components/schemas/A'}}}}}}\n"
        for at in range(30)
    )
    schema = "components: {schemas: {A: {type: object, required: [a], properties: {a: {type: string}}}}}\n"
    head = "openapi: 3.1.0\ninfo: {title: Shop, version: 1.0.0}\npaths:\n"
    (tmp_path / "before.yaml").write_text(head + paths + schema)
    (tmp_path / "after.yaml").write_text(head + paths + schema.replace("required: [a], ", ""))
    line = "GET /p{} the response property `a` became optional for the status `200`\n"
    (tmp_path / "ignore.txt").write_text("".join(line.format(at) for at in range(20)))
    arguments = "before.yaml", "after.yaml", "--err-ignore", "ignore.txt", "--format", "json"
    assert cli("contract", "diff", *arguments, folder=tmp_path).exit == 1
