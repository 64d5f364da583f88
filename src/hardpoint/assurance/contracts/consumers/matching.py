"""Whether an answer is what a consumer expects: by Pact's matchers, and without one by equality.

What the consumer does not name may be there all the same; lists have the same length. Where a matcher is not known,
nothing is said to match.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from jsonschema_rs import FancyRegexOptions, ValidationError, ValidationErrorKind, Validator, validator_for

from hardpoint.assurance.contracts.consumers.interaction import ABSENT, Response
from hardpoint.assurance.contracts.consumers.rules import NO_RULES, Rule, Rules, Step, read_rules

MAX_MISMATCHES = 50
"""How many differences of one answer are told."""
MAX_DEPTH = 200
MAX_TEXT = 64 * 1024
"""How long text may be that a consumer's regular expression is tried on."""
MAX_STEPS = 1_000_000
"""How often a consumer's regular expression may be taken back and tried otherwise."""
_SHOWN = 80
# What languages write and the engine does not know: the end of the text, and a group with a name.
_ENDS = re.compile(r"(?<!\\)((?:\\\\)*)\\Z")
_NAMED = re.compile(r"\(\?P?<[A-Za-z_]\w*>")
_SEMVER = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_STATUS = {
    "info": range(100, 200),
    "success": range(200, 300),
    "redirect": range(300, 400),
    "clientError": range(400, 500),
    "serverError": range(500, 600),
    "nonError": range(100, 400),
    "error": range(400, 600),
}


def mismatches(expected: Response, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
    """What keeps an answer from being what is expected; `headers` are by their names in small letters."""
    found = [*_status(expected, status), *_headers(expected, headers), *_body(expected, headers, body)]
    return found[:MAX_MISMATCHES]


def _status(expected: Response, status: int) -> Iterator[str]:
    rule = expected.status_rules.at(())
    if rule is None:
        if expected.status is not None and status != expected.status:
            yield f"the status is {status}, and {expected.status} is expected"
        elif expected.status is None and status not in _STATUS["success"]:
            yield f"the status is {status}, and a success is expected, as none is named"
        return
    for matcher in rule.matchers:
        wanted = matcher.get("status")
        known = wanted if isinstance(wanted, list) else _STATUS.get(str(wanted))
        if matcher.get("match") != "statusCode" or known is None:
            yield f"the status is asked to match {json.dumps(dict(matcher))}, which is not known"
        elif status not in known:
            yield f"the status is {status}, and {wanted} is expected"


def _headers(expected: Response, headers: Mapping[str, str]) -> Iterator[str]:
    rules = {str(each.path[0]).lower(): each for each in expected.header_rules.rules if each.path}
    for name, value in expected.headers.items():
        actual = headers.get(name.lower())
        if actual is None:
            yield f"the header {name} is not there"
        elif (rule := rules.get(name.lower())) is not None:
            yield from (f"the header {name} {why}" for why in _by_rule(rule, value, actual))
        elif not _same_header(name, value, actual):
            yield f"the header {name} is {_show(actual)}, and {_show(value)} is expected"


def _same_header(name: str, expected: str, actual: str) -> bool:
    """White space after a comma says nothing; of a media type, further parameters do not either."""
    if name.lower() in ("content-type", "accept"):
        wanted, *needed = [part.strip().lower() for part in expected.split(";")]
        there, *given = [part.strip().lower() for part in actual.split(";")]
        return wanted == there and set(needed) <= set(given)
    return re.sub(r",\s+", ",", expected.strip()) == re.sub(r",\s+", ",", actual.strip())


def _body(expected: Response, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    if expected.body is ABSENT:
        return
    if expected.body in ("", None) and not body:
        return
    if isinstance(expected.body, str) and "json" not in headers.get("content-type", "").lower():
        actual: Any = body.decode("utf-8", "replace")
        yield from (f"the body {why}" for why in _value(expected.body, actual, (), expected.body_rules, 0))
        return
    try:
        actual = json.loads(body)
    except (ValueError, RecursionError):
        yield f"the body is no JSON: {_show(body[:_SHOWN].decode('utf-8', 'replace'))}"
        return
    yield from (f"the body {why}" for why in _value(expected.body, actual, (), expected.body_rules, 0))


def _value(expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int) -> Iterator[str]:
    """What keeps a value at a path from matching; each sentence begins with where."""
    if depth > MAX_DEPTH:
        yield f"{_at(path)} is nested deeper than {MAX_DEPTH}"
        return
    rule = rules.at(path)
    if rule is None:
        yield from _equal(expected, actual, path, rules, depth)
        return
    tried = [list(_matched(each, expected, actual, path, rules, depth)) for each in rule.matchers]
    if rule.any_of:
        yield from () if any(not each for each in tried) else tried[0]
    else:
        yield from (why for each in tried for why in each)


def _equal(expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        yield from _members(expected, actual, path, rules, depth)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{_at(path)} has {len(actual)} items, and {len(expected)} are expected"
        for at, (wanted, there) in enumerate(zip(expected, actual, strict=False)):
            yield from _value(wanted, there, (*path, at), rules, depth + 1)
    elif not _same(expected, actual):
        yield f"{_at(path)} is {_show(actual)}, and {_show(expected)} is expected"


def _members(
    expected: Mapping[str, Any], actual: Mapping[str, Any], path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    for name, wanted in expected.items():
        if name not in actual:
            yield f"{_at((*path, name))} is not there"
        else:
            yield from _value(wanted, actual[name], (*path, name), rules, depth + 1)


def _same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return expected == actual
    return type(expected) is type(actual) and bool(expected == actual)


def _matched(
    matcher: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    kind = str(matcher.get("match") or _implied(matcher))
    if kind in _PLAIN:
        if why := _PLAIN[kind](matcher, actual):
            yield f"{_at(path)} {why}"
    elif kind in _NESTED:
        yield from _NESTED[kind](matcher, expected, actual, path, rules, depth)
    else:
        yield f"{_at(path)} is asked to match {kind!r}, which is not known, so nothing can be said of it"


def _implied(matcher: Mapping[str, Any]) -> str:
    """The kind of a matcher that names none, as Pact 2 writes them."""
    if "regex" in matcher:
        return "regex"
    return "type" if {"min", "max"} & matcher.keys() else ""


def _by_rule(rule: Rule, expected: str, actual: str) -> Iterator[str]:
    tried = [list(_matched(each, expected, actual, (), NO_RULES, 0)) for each in rule.matchers]
    if not (rule.any_of and any(not each for each in tried)):
        yield from (why.removeprefix("$ ") for each in tried for why in each)


# Matchers that look at what is below a value too


def _type(
    matcher: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    if isinstance(expected, list) and isinstance(actual, list):
        yield from _length(matcher, actual, path)
        for at, there in enumerate(actual):
            if expected:
                wanted = expected[at] if at < len(expected) else expected[0]
                yield from _value(wanted, there, (*path, at), rules, depth + 1)
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        yield from _members(expected, actual, path, rules, depth)
    elif _kind(expected) != _kind(actual):
        yield f"{_at(path)} is {_show(actual)}, and {_kind(expected)} is expected"


def _length(matcher: Mapping[str, Any], actual: list[Any], path: tuple[Step, ...]) -> Iterator[str]:
    least, most = matcher.get("min", matcher.get("minimum")), matcher.get("max")
    if isinstance(least, int) and len(actual) < least:
        yield f"{_at(path)} has {len(actual)} items, and at least {least} are expected"
    if isinstance(most, int) and len(actual) > most:
        yield f"{_at(path)} has {len(actual)} items, and at most {most} are expected"


def _equality(
    _: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    below = Rules([each for each in rules.rules if len(each.path) > len(path)])
    yield from _equal(expected, actual, path, below, depth)


def _values(
    matcher: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    """Whatever the keys are, each value is like one that is expected."""
    if not isinstance(expected, Mapping) or not isinstance(actual, Mapping):
        yield from _type(matcher, expected, actual, path, rules, depth)
    elif expected:
        first = next(iter(expected.values()))
        for name, there in actual.items():
            yield from _value(expected.get(name, first), there, (*path, name), rules, depth + 1)


def _each_value(
    matcher: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], rules: Rules, depth: int
) -> Iterator[str]:
    items = list(actual.items()) if isinstance(actual, Mapping) else list(enumerate(actual or ()))
    if _kind(expected) != _kind(actual):
        yield f"{_at(path)} is {_show(actual)}, and {_kind(expected)} is expected"
        return
    examples = list(expected.values()) if isinstance(expected, Mapping) else list(expected)
    own = matcher.get("rules")
    if not isinstance(own, list) or not own:
        yield f"{_at(path)} is asked to match each value by no rule"
        return
    for name, there in items:
        here = (*path, name)
        below = Rules([*rules.rules, Rule(here, tuple(own))])
        yield from _value(examples[0] if examples else there, there, here, below, depth + 1)


def _each_key(
    matcher: Mapping[str, Any], _expected: Any, actual: Any, path: tuple[Step, ...], _rules: Rules, depth: int
) -> Iterator[str]:
    if not isinstance(actual, Mapping):
        yield f"{_at(path)} is {_show(actual)}, and an object is expected"
        return
    own: Sequence[Mapping[str, Any]] = matcher.get("rules") or ({},)
    for name in actual:
        for each in own:
            yield from _matched(each, name, name, (*path, name), NO_RULES, depth + 1)


def _array_contains(
    matcher: Mapping[str, Any], expected: Any, actual: Any, path: tuple[Step, ...], _rules: Rules, depth: int
) -> Iterator[str]:
    """Every variant is like some item."""
    variants = matcher.get("variants")
    if not isinstance(actual, list) or not isinstance(expected, list) or not isinstance(variants, list):
        yield f"{_at(path)} is {_show(actual)}, and a list is expected"
        return
    for variant in variants:
        index = variant.get("index", 0) if isinstance(variant, Mapping) else -1
        if not isinstance(index, int) or not 0 <= index < len(expected):
            yield f"{_at(path)} is asked to contain a variant that has no example"
            continue
        own = read_rules(variant.get("rules"), what="a variant")
        if not any(not list(_value(expected[index], there, (), own, depth + 1)) for there in actual):
            yield f"{_at(path)} has no item like {_show(expected[index])}"


_Nested = Callable[[Mapping[str, Any], Any, Any, tuple[Step, ...], Rules, int], Iterator[str]]
_NESTED: Mapping[str, _Nested] = {
    "type": _type,
    "min-type": _type,
    "max-type": _type,
    "min-max-type": _type,
    "equality": _equality,
    "values": _values,
    "eachValue": _each_value,
    "eachKey": _each_key,
    "arrayContains": _array_contains,
    "array-contains": _array_contains,
}


# Matchers that look at one value: why it does not match, or nothing


def _regex(matcher: Mapping[str, Any], actual: Any) -> str:
    pattern, text = matcher.get("regex"), _sent(actual) if isinstance(actual, str) else json.dumps(actual)
    if isinstance(actual, Mapping | list) or not isinstance(pattern, str):
        return f"is {_show(actual)}, which no regular expression is for"
    if len(text) > MAX_TEXT or len(pattern) > MAX_TEXT:
        return f"is longer than {MAX_TEXT} characters, which is not tried"
    validator = _validator(pattern)
    if validator is None:
        return f"is asked to match {pattern!r}, which is no regular expression here"
    error = next(validator.iter_errors(text), None)
    if error is not None and isinstance(error.kind, ValidationErrorKind.BacktrackLimitExceeded):
        return f"is {_show(actual)}, for which {pattern!r} takes too many steps: nothing can be said of it"
    return "" if error is None else f"is {_show(actual)}, which does not match {pattern!r}"


@lru_cache(maxsize=256)
def _validator(pattern: str) -> Validator | None:
    """What tries a consumer's regular expression in bounded time; None for what is none."""
    options = FancyRegexOptions(backtrack_limit=MAX_STEPS)
    try:
        return validator_for({"pattern": _ENDS.sub(r"\1\\z", _NAMED.sub("(", pattern))}, pattern_options=options)
    except (ValidationError, ValueError):
        return None


def _include(matcher: Mapping[str, Any], actual: Any) -> str:
    value, text = str(matcher.get("value", "")), actual if isinstance(actual, str) else json.dumps(actual)
    return "" if value in text else f"is {_show(actual)}, which does not include {_show(value)}"


def _number(_: Mapping[str, Any], actual: Any) -> str:
    return "" if _kind(actual) == "a number" else f"is {_show(actual)}, and a number is expected"


def _integer(_: Mapping[str, Any], actual: Any) -> str:
    fine = isinstance(actual, int) and not isinstance(actual, bool)
    return "" if fine else f"is {_show(actual)}, and an integer is expected"


def _decimal(_: Mapping[str, Any], actual: Any) -> str:
    fine = isinstance(actual, float) and math.isfinite(actual)
    return "" if fine else f"is {_show(actual)}, and a number with decimals is expected"


def _boolean(_: Mapping[str, Any], actual: Any) -> str:
    return "" if isinstance(actual, bool) else f"is {_show(actual)}, and true or false is expected"


def _null(_: Mapping[str, Any], actual: Any) -> str:
    return "" if actual is None else f"is {_show(actual)}, and null is expected"


def _not_empty(_: Mapping[str, Any], actual: Any) -> str:
    return f"is {_show(actual)}, and something is expected" if actual in (None, "", [], {}) else ""


def _semver(_: Mapping[str, Any], actual: Any) -> str:
    fine = isinstance(actual, str) and _SEMVER.fullmatch(actual)
    return "" if fine else f"is {_show(actual)}, and a version (SemVer) is expected"


# The letters of Java's DateTimeFormatter that are told from Python's; any other letter cannot be judged.
_LETTERS = (
    *(("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")),
    *(("SSSSSS", "%f"), ("SSS", "%f"), ("XXX", "%z"), ("ZZZZZ", "%z"), ("XX", "%z"), ("Z", "%z"), ("X", "%z")),
)


def _moment(matcher: Mapping[str, Any], actual: Any) -> str:
    kind = str(matcher.get("match"))
    if not isinstance(actual, str):
        return f"is {_show(actual)}, and text with a {kind} is expected"
    wanted = str(matcher.get("format") or matcher.get(kind) or "")
    try:
        if not wanted:
            reader = {"date": date.fromisoformat, "time": time.fromisoformat}.get(kind, datetime.fromisoformat)
            reader(actual)
        elif (pattern := _python_format(wanted)) is None:
            return f"is asked to have the format {wanted!r}, which is not known, so nothing can be said of it"
        else:
            datetime.strptime(actual, pattern)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return f"is {_show(actual)}, which is no {kind}{f' as {wanted}' if wanted else ''}"
    return ""


def _python_format(wanted: str) -> str | None:
    found, at = "", 0
    while at < len(wanted):
        if wanted[at] == "'":
            end = wanted.find("'", at + 1)
            if end < 0:
                return None
            found, at = found + (wanted[at + 1 : end].replace("%", "%%") or "'"), end + 1
            continue
        letters = next(((each, to) for each, to in _LETTERS if wanted.startswith(each, at)), None)
        if letters is None and wanted[at].isalpha():
            return None
        found += letters[1] if letters else wanted[at].replace("%", "%%")
        at += len(letters[0]) if letters else 1
    return found


_PLAIN: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "regex": _regex,
    "include": _include,
    "number": _number,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "null": _null,
    "notEmpty": _not_empty,
    "not-empty": _not_empty,
    "semver": _semver,
    "date": _moment,
    "time": _moment,
    "timestamp": _moment,
    "datetime": _moment,
}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds: Sequence[tuple[Any, str]] = (
        (Mapping, "an object"),
        (list, "a list"),
        (int | float, "a number"),
        (str, "text"),
    )
    return next((name for shape, name in kinds if isinstance(value, shape)), "null")


def _at(path: Sequence[Step]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{_sent(step)}" for step in path)


def _show(value: Any) -> str:
    text = _sent(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _sent(text: str) -> str:
    """Text that can be written: half a character (a lone surrogate, which JSON lets through) is replaced."""
    return text.encode("utf-8", "replace").decode()
