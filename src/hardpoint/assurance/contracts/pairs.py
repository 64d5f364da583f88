"""Pairs of schemas, before and after: each is compared once, whatever refers to it and however often."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

from hardpoint.assurance.contracts.catalogue import Direction, Level
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.assurance.contracts.sameness import Sameness
from hardpoint.assurance.contracts.schemas import UNIONS, Schema, anything, contains
from hardpoint.kernel import encoding

MAX_TEXT = 120
_EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$"})
_ENDS_SOON = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What changed in a schema itself: the aspect, what was and what is, and where that stands on either side.

    `level` is what it is worse or better than its aspect says; `name` the property that is meant, if it is one.
    """

    aspect: str
    was: str = ""
    now: str = ""
    base: Node | None = None
    revision: Node | None = None
    level: Level | None = None
    name: str = ""
    silent: bool = False


@dataclass(eq=False, slots=True)
class Pair:
    """A schema on both sides, in one direction; `silent` where that direction does not carry it.

    `leads_to` are the pairs below it, each with the step that leads there.
    """

    base: Schema
    revision: Schema
    direction: Direction
    text: bool
    silent: bool
    changes: list[SchemaChange] = field(default_factory=list)
    leads_to: list[tuple[str, "Pair"]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What stands for the pair wherever an order is needed."""
        node = self.revision.node or self.base.node
        return f"{node.source.file}#{node.pointer}" if node else ""


class Pairs:
    """Compares schemas; a pair that is met again is not compared again, so circles end, and nothing is deep.

    A circle is judged as unchanged until a change is found in it (coinduction): each pair holds only its own changes.
    """

    def __init__(self, base: Contract, revision: Contract, today: date, min_sunset_days: int) -> None:
        self._base, self._revision = base, revision
        self._sameness = Sameness(base, revision)
        self.same, self.same_values = self._sameness.same, self._sameness.same_values
        self._today, self._min_sunset_days = today, min_sunset_days
        self._known: dict[tuple[Any, ...], Pair] = {}
        self._pending: list[Pair] = []

    def pair(
        self, base: Schema | None, revision: Schema | None, direction: Direction, *, text: bool = False, silent: bool = False
    ) -> Pair | None:
        """The pair of two schemas, to be compared by compare(); None if they are the same."""
        one, other = base or anything(self._base), revision or anything(self._revision)
        key = (one.key, other.key, direction, text, silent)
        if key not in self._known:
            if self.is_same(one, other):
                return None
            self._known[key] = Pair(one, other, direction, text, silent)
            self._pending.append(self._known[key])
        return self._known[key]

    def is_same(self, base: Schema, revision: Schema) -> bool:
        """Whether two schemas say the same, references followed."""
        return len(base.nodes) == len(revision.nodes) and all(
            self.same(one, other) for one, other in zip(base.nodes, revision.nodes, strict=True)
        )

    def compare(self) -> list[Pair]:
        """Compare what is to be compared, and what that leads to; all pairs that there are now."""
        while self._pending:
            pair = self._pending.pop()
            for found in _Comparison(self, pair).run():
                pair.changes.append(found)
        return list(self._known.values())

    def lead(self, pair: Pair, step: str, base: Schema | None, revision: Schema | None, *, silent: bool = False) -> None:
        """Go on below a pair."""
        below = self.pair(base, revision, pair.direction, text=pair.text, silent=pair.silent or silent)
        if below is not None:
            pair.leads_to.append((step, below))

    def announced(self, base: Schema, revision: Schema) -> Iterator[SchemaChange]:
        """What the deprecation of a property says."""
        was, now = base.first("deprecated") is True, revision.first("deprecated") is True
        if was and not now:
            yield SchemaChange("reactivated", base=base.node, revision=revision.node)
        if was or not now:
            return
        sunset = revision.first("x-sunset")
        day = day_of(sunset)
        aspect = "deprecated-with-sunset"
        if sunset is None:
            aspect = "deprecated-sunset-missing" if self._min_sunset_days else "deprecated"
        elif day is None:
            aspect = "deprecated-sunset-invalid"
        elif day < self._today + timedelta(days=self._min_sunset_days):
            aspect = "sunset-date-too-small"
        yield SchemaChange(aspect, now=str(sunset or ""), base=base.node, revision=revision.node)


def day_of(sunset: Any) -> date | None:
    """The day that a sunset names (RFC 3339); None if it names none."""
    text = str(sunset or "").strip()
    try:
        return date.fromisoformat(text[:10]) if _ENDS_SOON.match(text) else None
    except ValueError:
        return None


_BOUNDS = (
    ("maximum", "max", True),
    ("minimum", "min", False),
    ("maxLength", "max-length", True),
    ("minLength", "min-length", False),
    ("maxItems", "max-items", True),
    ("minItems", "min-items", False),
    ("maxProperties", "max-properties", True),
    ("minProperties", "min-properties", False),
    ("maxContains", "max-contains", True),
    ("minContains", "min-contains", False),
)
_SET = {"min-length": "increased", "min-properties": "increased", "min-contains": "increased"}
"""Limits that are there even where nothing is said: the least length is 0."""

_PARTS = (
    ("not", "not"),
    ("if", "if"),
    ("then", "then"),
    ("else", "else"),
    ("contains", "contains"),
    ("propertyNames", "property-names"),
    ("contentSchema", "content-schema"),
    ("unevaluatedItems", "unevaluated-items"),
    ("unevaluatedProperties", "unevaluated-properties"),
)
_LIMITS = frozenset({"exclusiveMaximum", "exclusiveMinimum", *(keyword for keyword, *_ in _BOUNDS)})
_CONDITIONS = frozenset({"patternProperties", "dependentSchemas", "dependentRequired", *(keyword for keyword, _ in _PARTS)})


class _Comparison:
    """One pair, keyword by keyword."""

    def __init__(self, pairs: Pairs, pair: Pair) -> None:
        self.pairs, self.pair = pairs, pair
        self.base, self.revision = pair.base, pair.revision
        self.is_request = pair.direction is Direction.REQUEST
        self.told = False
        """Whether all that changed is told by what became of a union."""

    def run(self) -> Iterator[SchemaChange]:
        listed = self._list_of_types()
        if listed is None:
            yield from self._unions()
            if self.told:
                return
            yield from self._types()
        else:
            yield from listed
        yield from self._null()
        said = self.base.keywords | self.revision.keywords
        for keywords, compared in self._groups:
            if not said.isdisjoint(keywords):
                yield from compared(self)

    def _change(self, aspect: str, was: Any = "", now: Any = "", keyword: str = "", level: Level | None = None) -> SchemaChange:
        return SchemaChange(
            aspect,
            shown(was),
            shown(now),
            _at(self.base, keyword),
            _at(self.revision, keyword),
            level,
            silent=self.pair.silent,
        )

    # Types

    def _types(self) -> Iterator[SchemaChange]:
        was, now = self.base.types, self.revision.types
        if self.revision.never != self.base.never:
            yield self._change("type-changed", _typed(self.base), _typed(self.revision))
            return
        if was == now and self.base.first("format") == self.revision.first("format"):
            return
        aspect = self._type_aspect(was, now)
        if aspect:
            yield self._change(aspect, _typed(self.base), _typed(self.revision), "type")

    def _type_aspect(self, was: frozenset[str] | None, now: frozenset[str] | None) -> str:
        strict = _relation(contains(now, was), contains(was, now))
        form = _format_relation(self.base.first("format"), self.revision.first("format"))
        if strict == "other" and self.pair.text:
            plain_now = self.revision.first("format") is None and self.revision.first("enum") is None
            plain_was = self.base.first("format") is None and self.base.first("enum") is None
            widens = plain_now and contains(now, was, text=True)
            narrows = plain_was and contains(was, now, text=True)
            if widens and self.is_request:
                return "type-generalized"
            if narrows and not self.is_request:
                return "type-compatible"
        if was != now and form != "same" and strict != "other" and None in (was, now):
            form = "same"
        relations = {strict, form} - {"same"}
        if not relations:
            return ""
        if self.is_request:
            return "type-generalized" if relations == {"wider"} else "type-changed"
        if relations == {"narrower"}:
            return "type-specialized"
        return "type-generalized" if relations == {"wider"} and now is not None and form == "same" else "type-changed"

    def _list_of_types(self) -> list[SchemaChange] | None:
        """What changed between lists of types that a union writes down; None where there is no such union."""
        was, now = self.base.simple_union, self.revision.simple_union
        if was is None and now is None:
            return None
        if was is None and (any(self.base.alternatives(each) for each in UNIONS) or self.base.types is None):
            return None
        if now is None and (any(self.revision.alternatives(each) for each in UNIONS) or self.revision.types is None):
            return None
        old, new = was or self.base.types, now or self.revision.types
        found = []
        gone = sorted(each for each in old or () if not contains(new, frozenset({each})))
        come = sorted(each for each in new or () if not contains(old, frozenset({each})))
        if come:
            found.append(self._change("list-of-types-widened", now=", ".join(come)))
        if gone:
            found.append(self._change("list-of-types-narrowed", was=", ".join(gone)))
        return found

    def _null(self) -> Iterator[SchemaChange]:
        was, now = self.base.nullable, self.revision.nullable
        if now and not was and not _takes_anything(self.base):
            yield self._change("became-nullable", keyword="nullable")
        if was and not now and not _takes_anything(self.revision):
            yield self._change("became-not-nullable", keyword="nullable")

    # Values

    def _values(self) -> Iterator[SchemaChange]:
        was, now = _enum(self.base), _enum(self.revision)
        if was is None and now is not None:
            if self.base.first("const") is None or _text(self.base.first("const")) not in now:
                yield self._change("became-enum", now=", ".join(now), keyword="enum")
                if self.is_request:
                    yield from (self._change("enum-value-added", now=each, keyword="enum", level=Level.INFO) for each in now)
        elif was is not None and now is None:
            if self.revision.first("const") is None:
                yield self._change("enum-removed", was=", ".join(was), keyword="enum")
            else:
                kept = _text(self.revision.first("const"))
                yield from (self._change("enum-value-removed", was=each, keyword="enum") for each in was if each != kept)
        elif was is not None and now is not None:
            yield from (self._change("enum-value-removed", was=each, keyword="enum") for each in was if each not in now)
            yield from (self._change("enum-value-added", now=each, keyword="enum") for each in now if each not in was)
        extensible, still = self.base.first("x-extensible-enum"), self.revision.first("x-extensible-enum")
        if isinstance(extensible, list) and isinstance(still, list):
            gone = [_text(each) for each in extensible if each not in still]
            yield from (self._change("x-extensible-enum-value-removed", was=each, keyword="x-extensible-enum") for each in gone)
        yield from self._constant(was, now)

    def _constant(self, was_enum: list[str] | None, now_enum: list[str] | None) -> Iterator[SchemaChange]:
        was, now = self.base.having("const"), self.revision.having("const")
        if was and now:
            if was[0].value != now[0].value:
                yield self._change("const-changed", was[0].value, now[0].value, "const")
        elif now and not (was_enum == [_text(now[0].value)] or was_enum is not None):
            yield self._change("const-added", now=now[0].value, keyword="const")
        elif was and now_enum != [_text(was[0].value)]:
            yield self._change("const-removed", was=was[0].value, keyword="const")

    def _default(self) -> Iterator[SchemaChange]:
        was, now = self.base.having("default"), self.revision.having("default")
        if was and now and was[0].value != now[0].value:
            yield self._change("default-value-changed", was[0].value, now[0].value, "default")
        elif was and not now:
            yield self._change("default-value-removed", was=was[0].value, keyword="default")
        elif now and not was:
            yield self._change("default-value-added", now=now[0].value, keyword="default")

    # Limits

    def _bounds(self) -> Iterator[SchemaChange]:
        for keyword, what, at_most in _BOUNDS:
            was, now = _bound(self.base, keyword, at_most=at_most), _bound(self.revision, keyword, at_most=at_most)
            if keyword == "maximum" or keyword == "minimum":
                yield from self._range(keyword, what, at_most=at_most)
            elif was != now:
                yield from self._limit(what, was, now, keyword, at_most=at_most)

    def _range(self, keyword: str, what: str, *, at_most: bool) -> Iterator[SchemaChange]:
        """A limit of a number, which may itself be excluded (3.0: a flag beside it; else a keyword of its own)."""
        was, now = _edge(self.base, keyword, at_most=at_most), _edge(self.revision, keyword, at_most=at_most)
        if was == now:
            return
        exclusive = (now or was or (0, False))[1]
        yield from self._limit(f"exclusive-{what}" if exclusive else what, was, now, keyword, at_most=at_most)

    def _limit(self, what: str, was: Any, now: Any, keyword: str, *, at_most: bool) -> Iterator[SchemaChange]:
        said_was, said_now = (each[0] if isinstance(each, tuple) else each for each in (was, now))
        if was is None:
            yield self._change(f"{what}-{_SET.get(what, 'set')}", 0 if what in _SET else "", said_now, keyword)
        elif now is None:
            yield self._change(f"{what}-unset", was=said_was, keyword=keyword)
        else:
            rises = _place(now, at_most=at_most) > _place(was, at_most=at_most)
            yield self._change(f"{what}-{'increased' if rises else 'decreased'}", said_was, said_now, keyword)

    def _patterns(self) -> Iterator[SchemaChange]:
        was = sorted({str(node.value) for node in self.base.having("pattern")})
        now = sorted({str(node.value) for node in self.revision.having("pattern")})
        if was == now:
            return
        if not was:
            yield self._change("pattern-added", now=", ".join(now), keyword="pattern")
        elif not now:
            yield self._change("pattern-removed", was=", ".join(was), keyword="pattern")
        else:
            aspect = "pattern-generalized" if self.is_request and set(now) <= _EVERYTHING else "pattern-changed"
            yield self._change(aspect, ", ".join(was), ", ".join(now), "pattern")

    def _others(self) -> Iterator[SchemaChange]:
        was, now = self.base.first("multipleOf"), self.revision.first("multipleOf")
        if was != now and not _divides(*((now, was) if self.is_request else (was, now))):
            yield self._change("multiple-of-changed", was or "any number", now or "any number", "multipleOf")
        unique = self.base.first("uniqueItems") is True, self.revision.first("uniqueItems") is True
        if unique == (False, True):
            yield self._change("unique-items-added", keyword="uniqueItems")
        if unique == (True, False):
            yield self._change("unique-items-removed", keyword="uniqueItems")
        for keyword, aspect in (("contentMediaType", "content-media-type-changed"), ("contentEncoding", "content-encoding-changed")):
            was, now = self.base.first(keyword), self.revision.first(keyword)
            if was != now:
                yield self._change(aspect, was or "none", now or "none", keyword)

    # What objects and arrays hold

    def _properties(self) -> Iterator[SchemaChange]:
        base, revision = self.base, self.revision
        unchanged = self._unchanged()
        for name in sorted((base.property_names | revision.property_names) - unchanged):
            was, now = base.property_of(name), revision.property_of(name)
            if was is not None and now is not None:
                yield from self._kept(name, was, now)
            elif was is not None:
                yield from self._gone(name, was)
            elif now is not None:
                yield from self._new(name, now)
        if self.is_request:
            known = base.property_names | revision.property_names
            for name in sorted(revision.required - base.required - known):
                if name:
                    yield self._of(name, "added-required", None, None)
        yield from self._additional()

    def _unchanged(self) -> frozenset[str]:
        """The properties of which nothing changed, found without looking into them."""
        was, now = self.base.having("properties"), self.revision.having("properties")
        if len(was) != 1 or len(now) != 1 or not isinstance(was[0].value, dict) or not isinstance(now[0].value, dict):
            return frozenset()
        old, new = was[0].value, now[0].value
        files = was[0].source.file, now[0].source.file
        same_end = old.keys() & new.keys() - (self.base.required ^ self.revision.required)
        return frozenset(each for each in same_end if self.pairs.same_values(old[each], new[each], *files))

    def _of(self, name: str, aspect: str, was: Schema | None, now: Schema | None, level: Level | None = None) -> SchemaChange:
        silent = self.pair.silent or self._is_silent(was, now)
        return SchemaChange(
            aspect,
            base=was.node if was else self.base.node,
            revision=now.node if now else self.revision.node,
            level=Level.INFO if silent and aspect not in _NEVER_SILENT else level,
            name=name,
            silent=silent,
        )

    def _is_silent(self, was: Schema | None, now: Schema | None) -> bool:
        """Whether this direction does not carry a property: a request what is read-only, a response what is write-only."""
        schema = now or was
        return schema is not None and schema.first("readOnly" if self.is_request else "writeOnly") is True

    def _kept(self, name: str, was: Schema, now: Schema) -> Iterator[SchemaChange]:
        before, after = name in self.base.required, name in self.revision.required
        silent = self._is_silent(was, now)
        if before != after and not (silent and self.is_request):
            with_default = after and self.is_request and now.having("default")
            aspect = f"became-{'required' if after else 'optional'}{'-with-default' if with_default else ''}"
            yield self._of(name, aspect, was, now)
        for flag, what in (("readOnly", "read-only"), ("writeOnly", "write-only")):
            had, has = was.first(flag) is True, now.first(flag) is True
            if had != has:
                yield self._of(name, f"{'required' if after else 'optional'}-became-{'' if has else 'not-'}{what}", was, now)
        yield from (
            SchemaChange(each.aspect, each.was, each.now, each.base, each.revision, name=name)
            for each in self.pairs.announced(was, now)
        )
        self.pairs.lead(self.pair, name, was, now, silent=silent)

    def _gone(self, name: str, was: Schema) -> Iterator[SchemaChange]:
        required = name in self.base.required
        others = self.revision.below("additionalProperties")
        closed = self.is_request and others is not None and others.never and not self.revision.having("patternProperties")
        aspect = f"removed-{'required' if required else 'optional'}"
        yield self._of(name, aspect, was, None, Level.ERROR if closed else None)
        if others is not None and others.nodes and not others.never:
            self.pairs.lead(self.pair, name, was, others, silent=self._is_silent(was, None))

    def _new(self, name: str, now: Schema) -> Iterator[SchemaChange]:
        required = name in self.revision.required
        with_default = required and self.is_request and now.having("default")
        if not (self.is_request and self._is_silent(None, now)):
            aspect = f"added-{'required' if required else 'optional'}{'-with-default' if with_default else ''}"
            yield self._of(name, aspect, None, now)
        others = self.base.below("additionalProperties")
        if others is not None and others.nodes and not others.never:
            self.pairs.lead(self.pair, name, others, now, silent=self._is_silent(None, now))

    def _additional(self) -> Iterator[SchemaChange]:
        was, now = self.base.below("additionalProperties"), self.revision.below("additionalProperties")
        typed_was, typed_now = was is not None and not was.says_nothing, now is not None and not now.says_nothing
        if _excludes(self.base, "object") or _excludes(self.revision, "object"):
            return
        if typed_now and now is not None and now.never:
            if not (was is not None and was.never):
                yield self._change("additional-properties-forbidden", keyword="additionalProperties")
        elif typed_was and typed_now and was is not None and not was.never:
            self.pairs.lead(self.pair, "additionalProperties", was, now)
        elif typed_now and not typed_was:
            yield self._change("additional-properties-restricted", keyword="additionalProperties")
        elif typed_was and was is not None and not was.never:
            yield self._change("additional-properties-opened", keyword="additionalProperties")

    def _items(self) -> Iterator[SchemaChange]:
        if _excludes(self.base, "array") or _excludes(self.revision, "array"):
            return
        was, now = self.base.below("items"), self.revision.below("items")
        if was is not None or now is not None:
            self.pairs.lead(self.pair, "items", was, now)
        before, after = _listed(self.base, "prefixItems"), _listed(self.revision, "prefixItems")
        for at, (one, other) in enumerate(zip(before, after, strict=False)):
            self.pairs.lead(self.pair, f"prefixItems/{at}", one, other)
        if len(after) > len(before):
            yield self._change("prefix-items-added", now=f"an item at {len(before)}", keyword="prefixItems")
        if len(before) > len(after):
            yield self._change("prefix-items-removed", was=f"the item at {len(after)}", keyword="prefixItems")

    # Conditions

    def _conditions(self) -> Iterator[SchemaChange]:
        for keyword, aspect in _PARTS:
            was, now = self.base.below(keyword), self.revision.below(keyword)
            if was is None and now is not None and not now.says_nothing:
                yield self._change(f"{aspect}-added", now=f"`{keyword}`", keyword=keyword)
            elif was is not None and now is None and not was.says_nothing:
                yield self._change(f"{aspect}-removed", was=f"`{keyword}`", keyword=keyword)
            elif was is not None and now is not None and keyword in ("if", "not"):
                if self.pairs.pair(was, now, self.pair.direction) is not None:
                    yield self._change(f"{aspect}-changed", keyword=keyword)
            elif was is not None and now is not None:
                self.pairs.lead(self.pair, keyword, was, now)
        for keyword, aspect in (("patternProperties", "pattern-property"), ("dependentSchemas", "dependent-schema")):
            old, new = self.base.named(keyword), self.revision.named(keyword)
            for name in sorted({*old, *new}):
                if name not in old:
                    yield self._change(f"{aspect}-added", now=name, keyword=keyword)
                elif name not in new:
                    yield self._change(f"{aspect}-removed", was=name, keyword=keyword)
                else:
                    self.pairs.lead(self.pair, f"{keyword}/{name}", old[name], new[name])
        yield from self._dependent_required()

    def _dependent_required(self) -> Iterator[SchemaChange]:
        was, now = (each.first("dependentRequired") or {} for each in (self.base, self.revision))
        if not isinstance(was, dict) or not isinstance(now, dict):
            return
        for name in sorted({*was, *now}):
            if name not in was:
                yield self._change("dependent-required-added", now=name, keyword="dependentRequired")
            elif name not in now:
                yield self._change("dependent-required-removed", was=name, keyword="dependentRequired")
            elif set(was[name]) != set(now[name]):
                yield self._change("dependent-required-changed", was[name], now[name], "dependentRequired")

    def _discriminator(self) -> Iterator[SchemaChange]:
        was, now = self.base.first("discriminator"), self.revision.first("discriminator")
        if not isinstance(was, dict) or not isinstance(now, dict):
            if isinstance(now, dict):
                yield self._change("discriminator-added", keyword="discriminator")
            elif isinstance(was, dict):
                yield self._change("discriminator-removed", keyword="discriminator")
            return
        if was.get("propertyName") != now.get("propertyName"):
            names = was.get("propertyName"), now.get("propertyName")
            yield self._change("discriminator-property-name-changed", *names, "discriminator")
        old, new = was.get("mapping") or {}, now.get("mapping") or {}
        for value in sorted({*old, *new}):
            if value not in old:
                yield self._change("discriminator-mapping-added", now=value, keyword="discriminator")
            elif value not in new:
                yield self._change("discriminator-mapping-deleted", was=value, keyword="discriminator")
            elif old[value] != new[value]:
                yield self._change("discriminator-mapping-changed", was=value, keyword="discriminator")

    def _members(self) -> Iterator[SchemaChange]:
        """What `allOf` says by name; what that means for values is told keyword by keyword."""
        was, now = (_allof_labels(each) for each in (self.base, self.revision))
        if was and now:
            yield from (self._change("all-of-removed", was=each, keyword="allOf") for each in sorted(was - now))
            yield from (self._change("all-of-added", now=each, keyword="allOf") for each in sorted(now - was))

    # Unions

    def _unions(self) -> Iterator[SchemaChange]:
        for keyword, aspect in (("oneOf", "one-of"), ("anyOf", "any-of")):
            was, now = self.base.alternatives(keyword), self.revision.alternatives(keyword)
            other = "anyOf" if keyword == "oneOf" else "oneOf"
            if was and not now and self.revision.alternatives(other) and not self.base.alternatives(other):
                now = self.revision.alternatives(other)  # the same union by another keyword
            elif now and not was and self.base.alternatives(other) and not self.revision.alternatives(other):
                continue  # told with the other keyword
            if was and now:
                yield from self._union(aspect, keyword, was, now)
            elif now:
                yield from self._wrapped(aspect, keyword, now)
            elif was:
                yield from self._unwrapped(aspect, keyword, was)

    def _union(self, aspect: str, keyword: str, was: list[Schema], now: list[Schema]) -> Iterator[SchemaChange]:
        pairs, gone, come = _matched(was, now, self.pairs.is_same)
        for one, other in pairs:
            self.pairs.lead(self.pair, f"{keyword}[{other.label or _typed(other)}]", one, other)
        yield from (self._change(f"{aspect}-removed", was=each.label or _typed(each), keyword=keyword) for each in gone)
        yield from (self._change(f"{aspect}-added", now=each.label or _typed(each), keyword=keyword) for each in come)

    def _wrapped(self, aspect: str, keyword: str, now: list[Schema]) -> Iterator[SchemaChange]:
        """A schema that became one of several."""
        stands = self._stands(self.base, self.revision)
        as_before = next((each for each in now if self._matches(self.base, each)), None)
        if as_before is not None and not stands:
            self.pairs.lead(self.pair, f"{keyword}[{as_before.label}]", self.base, as_before)
            others = [each for each in now if each is not as_before]
            yield from (self._change(f"{aspect}-added", now=each.label or _typed(each), keyword=keyword) for each in others)
            self.told = True
        elif not stands and not self.base.says_nothing:
            yield self._change(f"wrapped-in-{aspect}", keyword=keyword)
            self.told = True
        elif self.is_request:
            yield self._change(f"wrapped-in-{aspect}", keyword=keyword)

    def _unwrapped(self, aspect: str, keyword: str, was: list[Schema]) -> Iterator[SchemaChange]:
        """One of several became all that there is."""
        stands = self._stands(self.revision, self.base)
        as_after = next((each for each in was if self._matches(each, self.revision)), None)
        if as_after is not None and not stands:
            self.pairs.lead(self.pair, f"{keyword}[{as_after.label}]", as_after, self.revision)
            others = [each for each in was if each is not as_after]
            yield from (self._change(f"{aspect}-removed", was=each.label or _typed(each), keyword=keyword) for each in others)
            self.told = True
        elif not stands and not self.revision.says_nothing:
            yield self._change("unwrapped", keyword=keyword)
            self.told = True
        elif not self.is_request:
            yield from (self._change(f"{aspect}-removed", was=each.label or _typed(each), level=Level.WARNING) for each in was)

    _groups: ClassVar[Sequence[tuple[frozenset[str], Callable[["_Comparison"], Iterator[SchemaChange]]]]] = (
        (frozenset({"enum", "const", "x-extensible-enum"}), _values),
        (frozenset({"default"}), _default),
        (_LIMITS, _bounds),
        (frozenset({"pattern"}), _patterns),
        (frozenset({"multipleOf", "uniqueItems", "contentMediaType", "contentEncoding"}), _others),
        (frozenset({"properties", "required", "additionalProperties"}), _properties),
        (frozenset({"items", "prefixItems"}), _items),
        (_CONDITIONS, _conditions),
        (frozenset({"discriminator"}), _discriminator),
        (frozenset({"allOf"}), _members),
    )
    """What is compared where either side says anything of it."""

    def _stands(self, one: Schema, other: Schema) -> bool:
        """Whether the other schema says itself, beside its union, what the one says."""
        if one.types is not None and other.types is not None and other.property_names >= one.property_names:
            return True
        return bool(one.property_names) and other.property_names >= one.property_names

    def _matches(self, base: Schema, revision: Schema) -> bool:
        return bool(base.label and base.label == revision.label) or self.pairs.is_same(base, revision)


_NEVER_SILENT = frozenset(f"{end}-became-not-{what}" for end in ("required", "optional") for what in ("read-only", "write-only"))
_WIDER = {("int32", "int64"), ("float", "double")}
_ALIKE = 0.5
"""The share of properties that two nameless alternatives have in common if they are the same one, changed."""


def shown(value: Any) -> str:
    """A value as it is said to people, cut off where it is long."""
    text = value if isinstance(value, str) else _text(value)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _text(value: Any) -> str:
    return encoding.encode(value).decode()


def _at(schema: Schema, keyword: str) -> Node | None:
    return next(iter(schema.having(keyword)), schema.node) if keyword else schema.node


def _typed(schema: Schema) -> str:
    types = schema.types
    said = " or ".join(sorted(types)) if types else "nothing" if schema.never or types is not None else "any"
    return f"{said} ({schema.first('format')})" if schema.first("format") else said


def _relation(wider: bool, narrower: bool) -> str:
    if wider and narrower:
        return "same"
    return "wider" if wider else "narrower" if narrower else "other"


def _format_relation(was: Any, now: Any) -> str:
    if was == now:
        return "same"
    if now is None or (was, now) in _WIDER:
        return "wider"
    return "narrower" if was is None or (now, was) in _WIDER else "other"


def _takes_anything(schema: Schema) -> bool:
    return schema.types is None and not schema.property_names and _enum(schema) is None and not schema.having("const")


def _enum(schema: Schema) -> list[str] | None:
    """The values that a schema is limited to, as text, null aside; None where it is not."""
    lists = [[_text(each) for each in node.value if each is not None] for node in schema.having("enum") if isinstance(node.value, list)]
    if not lists:
        return None
    return sorted(set(lists[0]).intersection(*lists[1:]))


def _numbers(nodes: list[Node]) -> list[Any]:
    return [node.value for node in nodes if isinstance(node.value, int | float) and not isinstance(node.value, bool)]


def _bound(schema: Schema, keyword: str, *, at_most: bool) -> Any:
    found = _numbers(schema.having(keyword))
    limit = (min if at_most else max)(found, default=None)
    return None if limit == 0 and not at_most else limit


def _edge(schema: Schema, keyword: str, *, at_most: bool) -> tuple[Any, bool] | None:
    """The tightest limit of a number, and whether it is itself excluded."""
    excluding = f"exclusive{keyword.capitalize()}"
    found = [(value, True) for value in _numbers(schema.having(excluding))]
    for node in schema.nodes:
        if isinstance(node.value, dict):
            limit = Node(node.value.get(keyword), node.source)
            found += [(value, node.value.get(excluding) is True) for value in _numbers([limit])]
    return (min if at_most else max)(found, key=lambda each: _place(each, at_most=at_most), default=None)


def _place(limit: Any, *, at_most: bool) -> Any:
    """Where a limit is on the line of all limits."""
    if not isinstance(limit, tuple):
        return limit
    return (limit[0], 0 if limit[1] == at_most else 1)


def _divides(divisor: Any, number: Any) -> bool:
    """Whether every multiple of a number is one of the divisor, too."""
    if divisor is None:
        return True
    plain = all(isinstance(each, int | float) and not isinstance(each, bool) and each > 0 for each in (divisor, number))
    return plain and bool(number % divisor == 0)


def _excludes(schema: Schema, kind: str) -> bool:
    return schema.types is not None and kind not in schema.types


def _listed(schema: Schema, keyword: str) -> list[Schema]:
    return next(([schema.at(each) for each in node.each()] for node in schema.having(keyword)), [])


def _allof_labels(schema: Schema) -> set[str]:
    return {label for node in schema.having("allOf") for each in node.each() if (label := schema.at(each).label)}


def _matched(
    was: list[Schema], now: list[Schema], same: Callable[[Schema, Schema], bool]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Alternatives in pairs, by name, by content, by likeness; then those that are gone, and those that are new."""
    pairs: list[tuple[Schema, Schema]] = []
    left, right = list(was), list(now)
    for alike in (lambda one, other: bool(one.label) and one.label == other.label, same, _likeness):
        for one in list(left):
            other = next((each for each in right if alike(one, each)), None)
            if other is not None:
                pairs.append((one, other))
                left.remove(one)
                right.remove(other)
    return pairs, left, right


def _likeness(one: Schema, other: Schema) -> bool:
    if one.label or other.label:
        return False
    names = one.property_names | other.property_names
    return bool(names) and len(one.property_names & other.property_names) >= _ALIKE * len(names)
