"""Matchers: what an answer may be, and what it may not."""

import json
import time

import pytest

from hardpoint.assurance.contracts.consumers.interaction import Response
from hardpoint.assurance.contracts.consumers.matching import mismatches
from hardpoint.assurance.contracts.consumers.rules import Rule, Rules, path_of, read_rules
from hardpoint.kernel.problem import UnreadableProblem


def told(expected, actual, rules=None, **more):
    """What is told of a body, with rules as Pact 3 writes them."""
    written = {path: {"matchers": [each] if isinstance(each, dict) else each} for path, each in (rules or {}).items()}
    response = Response(body=expected, body_rules=read_rules(written, what="a test"), **more)
    return mismatches(response, 200, {"content-type": "application/json"}, json.dumps(actual).encode())


TYPE, LIKE = {"match": "type"}, {"$": {"match": "type"}}

FITS = [
    ({"a": 1}, {"a": 1, "more": 2}, None),
    ({"a": 1}, {"a": 2}, {"$.a": TYPE}),
    ({"a": {"b": 1}}, {"a": {"b": 2.5}}, LIKE),
    ([{"a": 1}], [{"a": 2}, {"a": 3}], {"$": {"match": "type", "min": 2}}),
    ({"a": [1]}, {"a": []}, LIKE),
    ([{"tags": ["x"]}], [{"tags": ["y"]}, {"tags": []}], {"$": {"match": "type", "min": 2}}),
    ({"a": "x1"}, {"a": "y2"}, {"$.a": {"match": "regex", "regex": r"^\w\d$"}}),
    ({"a": 1}, {"a": 12}, {"$.a": {"match": "regex", "regex": r"\d+"}}),
    ({"a": 1}, {"a": 7}, {"$.a": {"match": "integer"}}),
    ({"a": 1.5}, {"a": 7.25}, {"$.a": {"match": "decimal"}}),
    ({"a": 1}, {"a": 7.25}, {"$.a": {"match": "number"}}),
    ({"a": True}, {"a": False}, {"$.a": {"match": "boolean"}}),
    ({"a": None}, {"a": None}, {"$.a": {"match": "null"}}),
    ({"a": "x"}, {"a": "in x out"}, {"$.a": {"match": "include", "value": "x"}}),
    ({"a": [1]}, {"a": [2]}, {"$.a": {"match": "notEmpty"}, "$.a[*]": TYPE}),
    ({"k": {"v": 1}}, {"z": {"v": 2}}, {"$": {"match": "values"}, "$.*": TYPE}),
    ({"k": 1}, {"z": 2, "y": 3}, {"$": {"match": "eachValue", "rules": [TYPE]}}),
    ({"k": {"v": 1}}, {"z": {"v": 2}}, {"$": {"match": "eachValue", "rules": [TYPE]}}),
    (["a", "b"], ["z", "b", "a"], {"$": {"match": "arrayContains", "variants": [{"index": 0}, {"index": 1}]}}),
    ({"a": "2020-01-01"}, {"a": "2021-12-31"}, {"$.a": {"match": "date", "date": "yyyy-MM-dd"}}),
    ({"a": "x"}, {"a": "2021-12-31T10:00:00"}, {"$.a": {"match": "timestamp", "timestamp": "yyyy-MM-dd'T'HH:mm:ss"}}),
    ({"a": "1.0.0"}, {"a": "2.1.0-rc.1"}, {"$.a": {"match": "semver"}}),
    ({"a b": 1}, {"a b": 2}, {"$['a b']": TYPE}),
    ({"id": 7, "a": 1}, {"id": 7, "a": 2}, {"$": TYPE, "$.id": {"match": "equality"}}),
    ({"a": 1}, {"a": 1.0}, None),
]


@pytest.mark.requirement("CON-06")
@pytest.mark.parametrize(("expected", "actual", "rules"), FITS)
def test_what_fits(expected, actual, rules):
    assert told(expected, actual, rules) == []


@pytest.mark.requirement("CON-06")
@pytest.mark.parametrize(
    ("expected", "actual", "rules", "why"),
    [
        ({"a": 1}, {}, None, "$.a is not there"),
        ({"a": 1}, {}, LIKE, "$.a is not there"),
        ({"a": 1}, {"a": "1"}, LIKE, '$.a is "1", and a number is expected'),
        ({"a": True}, {"a": 1}, None, "$.a is 1, and true is expected"),
        ({"a": 1}, {"a": True}, LIKE, "$.a is true, and a number is expected"),
        ({"a": None}, {"a": 1}, LIKE, "$.a is 1, and null is expected"),
        ([1, 2], [1], None, "$ has 1 items, and 2 are expected"),
        ([1], [], {"$": {"match": "type", "min": 1}}, "$ has 0 items, and at least 1 are expected"),
        ([1], [1, 2, 3], {"$": {"match": "type", "max": 2}}, "$ has 3 items, and at most 2 are expected"),
        ([{"a": 1}], [{"a": 2}, {"b": 3}], LIKE, "$[1].a is not there"),
        ({"a": "x"}, {"a": "yy"}, {"$.a": {"match": "regex", "regex": "^.$"}}, "does not match"),
        ({"a": "x"}, {"a": "y"}, {"$.a": {"match": "regex", "regex": "("}}, "is no regular expression here"),
        ({"a": 1}, {"a": 1.5}, {"$.a": {"match": "integer"}}, "an integer is expected"),
        ({"a": 1.5}, {"a": 1}, {"$.a": {"match": "decimal"}}, "a number with decimals is expected"),
        ({"a": 1}, {"a": True}, {"$.a": {"match": "integer"}}, "an integer is expected"),
        ({"a": "x"}, {"a": "y"}, {"$.a": {"match": "include", "value": "x"}}, "does not include"),
        ({"a": "x"}, {"a": ""}, {"$.a": {"match": "notEmpty"}}, "something is expected"),
        ({"k": {"v": 1}}, {"z": {"v": "2"}}, {"$": {"match": "values"}, "$.*": TYPE}, "$.z.v is"),
        ({"k": 1}, {"z": "2"}, {"$": {"match": "eachValue", "rules": [TYPE]}}, "$.z is"),
        ({"k": 1}, {"Z": 1}, {"$": {"match": "eachKey", "rules": [{"match": "regex", "regex": "^[a-z]$"}]}}, "$.Z is"),
        (["a"], ["b"], {"$": {"match": "arrayContains", "variants": [{"index": 0}]}}, '$ has no item like "a"'),
        ({"a": "x"}, {"a": "31.12.2021"}, {"$.a": {"match": "date", "date": "yyyy-MM-dd"}}, "which is no date"),
        ({"a": "x"}, {"a": "x"}, {"$.a": {"match": "date", "date": "GGGG"}}, "is not known"),
        ({"a": "x"}, {"a": "x"}, {"$.a": {"match": "telepathy"}}, "is not known"),
        ({"id": 7}, {"id": 8}, {"$": TYPE, "$.id": {"match": "equality"}}, "$.id is 8"),
    ],
)
def test_what_does_not_fit(expected, actual, rules, why):
    (only,) = told(expected, actual, rules)
    assert why in only


def test_one_of_several_matchers_is_enough_where_that_is_said():
    rules = read_rules({"$.a": {"combine": "OR", "matchers": [{"match": "integer"}, {"match": "null"}]}}, what="a test")
    expected = Response(body={"a": 1}, body_rules=rules)
    assert mismatches(expected, 200, {"content-type": "application/json"}, b'{"a": null}') == []
    assert mismatches(expected, 200, {"content-type": "application/json"}, b'{"a": "x"}') != []


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("application/json", "application/json; charset=utf-8", True),
        ("application/json; charset=utf-8", "application/json", False),
        ("application/json", "text/json", False),
    ],
)
def test_a_media_type_may_say_more(expected, actual, fits):
    response = Response(headers={"Content-Type": expected})
    assert (mismatches(response, 200, {"content-type": actual}, b"") == []) is fits


def test_status_headers_and_text():
    response = Response(status=200, headers={"X-A": "a, b"}, body="plain")
    assert mismatches(response, 200, {"x-a": "a,b", "content-type": "text/plain"}, b"plain") == []
    why = mismatches(response, 404, {"content-type": "text/plain"}, b"other")
    assert why == [
        "the status is 404, and 200 is expected",
        "the header X-A is not there",
        'the body $ is "other", and "plain" is expected',
    ]
    rules = read_rules({"matchers": [{"match": "statusCode", "status": "success"}]}, what="a test")
    assert mismatches(Response(status=200, status_rules=rules), 204, {}, b"") == []
    assert mismatches(Response(status=200, status_rules=rules), 404, {}, b"") != []
    assert mismatches(Response(body={"a": 1}), 200, {"content-type": "application/json"}, b"<html>") != []


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.a[0].b", ("a", 0, "b")),
        ("$.a[*].*", ("a", None, None)),
        ("$['a.b'][\"c\"]", ("a.b", "c")),
        ("$[0][*]", (0, None)),
    ],
)
def test_paths(text, steps):
    assert path_of(text) == steps


@pytest.mark.parametrize("text", ["$.", "$..a", "$[?(@.a)]", "$[a]", "$.a[", "$" + ".a" * 1000])
def test_a_path_of_another_form_is_refused(text):
    with pytest.raises(UnreadableProblem):
        path_of(text)


@pytest.mark.requirement("CON-06")
@pytest.mark.parametrize("regex", [r"^(a+)+$", r"^(a|a)*?(?=b)$", r"^(\w+\s?)*$(?!x)", r"(?=a)(a+)+\1$"])
def test_a_regular_expression_that_takes_for_ever_is_ended(regex):
    began = time.monotonic()
    rules = Rules((Rule((), ({"match": "regex", "regex": regex},)),))
    expected = Response(body="a", body_rules=rules)
    assert mismatches(expected, 200, {}, b"a" * 50 + b" aaaa aaaa" * 20 + b"!")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("regex", [r"^a\d\Z", r"^(?P<letter>a)(?<digit>\d)$", r"^(?!b)\w+$"])
def test_what_other_languages_write_is_known(regex):
    rules = Rules((Rule((), ({"match": "regex", "regex": regex},)),))
    assert not mismatches(Response(body="a", body_rules=rules), 200, {}, b"a1")
    assert mismatches(Response(body="a", body_rules=rules), 200, {}, b"b1")


def test_two_matchers_of_what_is_deep_take_no_longer_than_one():
    deep = {"a": 1}
    for _ in range(60):
        deep = {"a": deep}
    rules = {"$": [{"match": "type"}, {"match": "type", "min": 1}, {"match": "max-type", "max": 9}]}
    began = time.monotonic()
    assert not told(deep, deep, rules)
    assert time.monotonic() - began < 5
