"""`hardpoint contract deprecations`: how far the end of an operation has come."""

import json

import pytest

HEADERS = "{Deprecation: {schema: {type: string}}, Sunset: {schema: {type: string}}}"


def contract(*operations):
    """An OpenAPI document with operations that are given as (path, further lines)."""
    paths = "".join(
        f"  {path}:\n    get:\n{''.join(f'      {line}{chr(10)}' for line in lines)}"
        f"      responses: {{'200': {{description: Fine., headers: {headers}}}}}\n"
        for path, headers, *lines in operations
    )
    return f"openapi: 3.1.0\ninfo: {{title: Shop, version: 1.0.0}}\npaths:\n{paths}"


def traffic(judged=10, **calls):
    operations = [
        {"method": "GET", "path": f"/{path}", "count": count, "tenants": [{"tenant": "acme", "count": count}]}
        for path, count in calls.items()
    ]
    report = {"schema": "contract-traffic/v1", "counts": {"judged": judged, "violating": 1}, "operations": operations}
    return json.dumps(report)


@pytest.fixture
def look(tmp_path, cli):
    """Tells of documents on 2026-06-01, with what traffic says, and against what was there."""

    def look(now, calls=None, before=None, ends=0):
        (tmp_path / "now.yaml").write_text(now)
        more = []
        if calls is not None:
            (tmp_path / "traffic.json").write_text(calls)
            more += ["--traffic", "traffic.json"]
        if before is not None:
            (tmp_path / "before.yaml").write_text(before)
            more += ["--against", "before.yaml"]
        ran = cli(
            *("contract", "deprecations", "now.yaml", "--at", "2026-06-01", "--format", "json", *more), folder=tmp_path
        )
        assert ran.exit == ends, ran.out + ran.err
        return {each["path"]: each for each in ran.json["operations"]}

    return look


OLD = ("/old", HEADERS, "deprecated: true", "x-sunset: '2026-07-01'")
OVER = ("/old", HEADERS, "deprecated: true", "x-sunset: '2026-05-01'")
HEIR = ("/new", "{}")


@pytest.mark.requirement("CON-08")
@pytest.mark.parametrize(
    ("operation", "calls", "state"),
    [
        (("/old", "{}", "deprecated: true"), None, "marked"),
        (("/old", HEADERS, "deprecated: true"), None, "marked"),
        (("/old", "{}", "deprecated: true", "x-sunset: '2026-07-01'"), {"old": 0}, "marked"),
        (OLD, None, "announced"),
        (OLD, {}, "announced"),
        (OLD, {"old": 3}, "measured"),
        ((*OLD, "x-successor: GET /lost"), {"old": 3}, "measured"),
        ((*OLD, "x-successor: GET /new"), {"old": 3}, "dual run"),
        (OLD, {"old": 0}, "quiet"),
        (OVER, None, "sunset"),
        (OVER, {"old": 3}, "sunset"),
        (OVER, {"old": 0, "judged": 0}, "sunset"),
        (OVER, {"old": 0}, "removable"),
    ],
)
def test_the_states_of_an_end(look, operation, calls, state):
    seen = look(contract(operation, HEIR), None if calls is None else traffic(**calls))
    assert (list(seen), seen["/old"]["state"]) == (["/old"], state)


@pytest.mark.requirement("CON-08")
def test_what_is_told_of_an_operation(look):
    seen = look(contract((*OLD, "x-successor: GET /new"), HEIR), traffic(old=3))["/old"]
    assert (seen["sunset"], seen["days_left"], seen["calls"], seen["callers"], seen["next"]) == (
        "2026-07-01",
        30,
        3,
        ["acme"],
        "move its callers to GET /new by 2026-07-01: 3 calls were seen",
    )


@pytest.mark.requirement("CON-08")
@pytest.mark.parametrize(
    ("operation", "calls", "why"),
    [
        (("/old", "{}"), {"old": 0}, "it was never deprecated"),
        (("/old", HEADERS, "deprecated: true"), {"old": 0}, "it was never said when it ends"),
        (OLD, {"old": 0}, "its sunset is 2026-07-01"),
        (OVER, None, "nobody measured who calls it"),
        (OVER, {}, "nobody measured who calls it"),
        (OVER, {"old": 0, "judged": 0}, "nobody measured who calls it"),
        (OVER, {"old": 1}, "it is still called: 1 calls were seen"),
    ],
)
def test_an_operation_that_went_early_is_an_error(look, operation, calls, why):
    seen = look(contract(HEIR), None if calls is None else traffic(**calls), contract(operation, HEIR), ends=1)
    assert (seen["/old"]["state"], why in seen["/old"]["next"]) == ("removed early", True)


@pytest.mark.requirement("CON-08")
def test_an_operation_goes_when_its_day_has_come_and_nobody_calls_it(look):
    assert look(contract(HEIR), traffic(old=0), contract(OVER, HEIR))["/old"]["state"] == "removed"


def test_another_name_for_a_variable_removes_nothing_and_a_draft_promises_nothing(look):
    was = contract(("/a/{x}", "{}"), ("/draft", "{}", "x-stability-level: draft"))
    assert look(contract(("/a/{y}", "{}")), None, was) == {}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", traffic().replace("traffic/v1", "traffic/v2"), traffic(old=-1), traffic(judged="x")]
)
def test_what_is_no_report_of_traffic_is_refused(text, tmp_path, cli):
    (tmp_path / "now.yaml").write_text(contract(OLD))
    (tmp_path / "traffic.json").write_text(text)
    ran = cli("contract", "deprecations", "now.yaml", "--traffic", "traffic.json", folder=tmp_path)
    assert (ran.exit, ran.out) == (3, "")


MANIFEST = """version: 1
services: [{name: shop}]
contracts: [{name: orders, path: openapi.yaml, steward: api}]
"""


@pytest.mark.requirement("CON-08")
def test_a_declared_contract_is_compared_with_its_newest_release_and_recorded(repository, git, cli):
    over = (*OVER[:-1], "x-sunset: '2020-05-01'")
    root = repository({"hardpoint.yaml": MANIFEST, "openapi.yaml": contract(over, HEIR)})
    git(root, "tag", "v1.0.0")
    (root / "openapi.yaml").write_text(contract(HEIR))
    git(root, "commit", "-qam", "less")
    assert cli("contract", "deprecations", "--record", folder=root).exit == 1
    (root / "traffic.json").write_text(traffic(old=0))
    ran = cli(
        *("contract", "deprecations", "orders", "--traffic", "traffic.json", "--record"),
        *("--format", "json"),
        folder=root,
    )
    assert ran.exit == 0
    assert (ran.json["entry"], ran.json["facts"]["removed"], ran.json["facts"]["removed_early"]) == (1, 1, 0)


@pytest.mark.requirement("CON-08")
@pytest.mark.parametrize("verb", ["deprecations", "window"])
def test_what_is_recorded_is_judged_as_of_today(repository, cli, verb):
    root = repository({"hardpoint.yaml": MANIFEST, "openapi.yaml": contract(OVER)})
    ran = cli("contract", verb, "--at", "2099-01-01", "--record", folder=root)
    assert (ran.exit, "judged as of today" in ran.err) == (2, True)
