"""A pair of schemas, keyword by keyword."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from hardpoint.assurance.contracts.alternatives import are_exclusive, is_like, matched
from hardpoint.assurance.contracts.catalogue import STABILITIES, Direction, Level
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.limits import LIMITS, divides, limits
from hardpoint.assurance.contracts.pairs import Pair, Pairs, SchemaChange
from hardpoint.assurance.contracts.schemas import ANNOTATIONS, UNIONS, Schema, contains
from hardpoint.assurance.contracts.widening import type_aspect, typed
from hardpoint.kernel import encoding

MAX_TEXT = 120
_EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$"})
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
_EITHER_WAY = frozenset({"not", "if"})
"""What shuts out values when it takes more of them, or may."""
_CONDITIONS = frozenset(
    {"patternProperties", "dependentSchemas", "dependentRequired", *(keyword for keyword, _ in _PARTS)}
)


def changes_in(pairs: Pairs, pair: Pair) -> Iterator[SchemaChange]:
    """What changed in a schema itself; what is below it is noted in the pair, to be compared in its turn."""
    return _Comparison(pairs, pair).run()


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
                yield from self._null()
                return
            yield from self._types()
        else:
            yield from listed
        yield from self._null()
        said = self.base.keywords | self.revision.keywords
        for keywords, compared in self._groups:
            if not said.isdisjoint(keywords):
                yield from compared(self)

    def _change(
        self, aspect: str, was: Any = "", now: Any = "", keyword: str = "", level: Level | None = None
    ) -> SchemaChange:
        return SchemaChange(
            aspect,
            _shown(was),
            _shown(now),
            _at(self.base, keyword),
            _at(self.revision, keyword),
            level,
            silent=self.pair.silent,
        )

    # Types

    def _types(self) -> Iterator[SchemaChange]:
        was, now = self.base.types, self.revision.types
        if self.revision.never != self.base.never:
            yield self._change("type-changed", typed(self.base), typed(self.revision))
            return
        if was == now and self.base.first("format") == self.revision.first("format"):
            return
        aspect = type_aspect(self.base, self.revision, is_request=self.is_request, text=self.pair.text)
        if aspect:
            yield self._change(aspect, typed(self.base), typed(self.revision), "type")

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
        was, now = _may_be_null(self.base), _may_be_null(self.revision)
        if now and not was and not _takes_anything(self.base):
            yield self._change("became-nullable", keyword="nullable")
        if was and not now and not _takes_anything(self.revision):
            yield self._change("became-not-nullable", keyword="nullable")

    # Values

    def _values(self) -> Iterator[SchemaChange]:
        sides = self.base, self.revision
        # Else it is told what became of null. What is `nullable` in OpenAPI 3.0 may be null, listed among them or not.
        with_null = all(map(_may_be_null, sides)) and not any(each.having("nullable") for each in sides)
        was, now = (_enum(each, with_null=with_null) for each in (self.base, self.revision))
        if was is None and now is not None:
            if self.base.first("const") is None or _text(self.base.first("const")) not in now:
                yield self._change("became-enum", now=", ".join(now), keyword="enum")
                if self.is_request:
                    yield from (
                        self._change("enum-value-added", now=each, keyword="enum", level=Level.INFO) for each in now
                    )
        elif was is not None and now is None:
            if self.revision.first("const") is None:
                yield self._change("enum-removed", was=", ".join(was), keyword="enum")
            else:
                kept = _text(self.revision.first("const"))
                yield from (
                    self._change("enum-value-removed", was=each, keyword="enum") for each in was if each != kept
                )
                if kept not in was:
                    yield self._change("enum-value-added", now=kept, keyword="const")
        elif was is not None and now is not None:
            yield from (self._change("enum-value-removed", was=each, keyword="enum") for each in was if each not in now)
            yield from (self._change("enum-value-added", now=each, keyword="enum") for each in now if each not in was)
        extensible, still = self.base.first("x-extensible-enum"), self.revision.first("x-extensible-enum")
        if isinstance(extensible, list) and isinstance(still, list):
            gone = [_text(each) for each in extensible if each not in still]
            yield from (
                self._change("x-extensible-enum-value-removed", was=each, keyword="x-extensible-enum") for each in gone
            )
        yield from self._constant(was, now)

    def _constant(self, was_enum: list[str] | None, now_enum: list[str] | None) -> Iterator[SchemaChange]:
        was, now = self.base.having("const"), self.revision.having("const")
        if was and now:
            if _text(was[0].value) != _text(now[0].value):
                yield self._change("const-changed", was[0].value, now[0].value, "const")
        elif now and not (was_enum == [_text(now[0].value)] or was_enum is not None):
            yield self._change("const-added", now=now[0].value, keyword="const")
        elif was and now_enum != [_text(was[0].value)]:
            yield self._change("const-removed", was=was[0].value, keyword="const")

    def _default(self) -> Iterator[SchemaChange]:
        was, now = self.base.having("default"), self.revision.having("default")
        if was and now and _text(was[0].value) != _text(now[0].value):
            yield self._change("default-value-changed", was[0].value, now[0].value, "default")
        elif was and not now:
            yield self._change("default-value-removed", was=was[0].value, keyword="default")
        elif now and not was:
            yield self._change("default-value-added", now=now[0].value, keyword="default")

    # Limits

    def _bounds(self) -> Iterator[SchemaChange]:
        for aspect, was, now, keyword in limits(self.base, self.revision):
            yield self._change(aspect, was, now, keyword)

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
        if was != now and not divides(*((now, was) if self.is_request else (was, now))):
            yield self._change("multiple-of-changed", was or "any number", now or "any number", "multipleOf")
        unique = self.base.first("uniqueItems") is True, self.revision.first("uniqueItems") is True
        if unique == (False, True):
            yield self._change("unique-items-added", keyword="uniqueItems")
        if unique == (True, False):
            yield self._change("unique-items-removed", keyword="uniqueItems")
        for keyword, aspect in (
            ("contentMediaType", "content-media-type-changed"),
            ("contentEncoding", "content-encoding-changed"),
        ):
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

    def _of(
        self,
        name: str,
        aspect: str,
        was: Schema | None,
        now: Schema | None,
        level: Level | None = None,
        *,
        keeps_level: bool = False,
    ) -> SchemaChange:
        """What became of a property; one that this direction leaves out breaks nobody, unless that is what changed."""
        silent = self.pair.silent or self._is_silent(was, now)
        return SchemaChange(
            aspect,
            base=was.node if was else self.base.node,
            revision=now.node if now else self.revision.node,
            level=Level.INFO if silent and not keeps_level else level,
            name=name,
            silent=silent,
        )

    def _is_silent(self, was: Schema | None, now: Schema | None) -> bool:
        """Whether this direction leaves a property out: what is read-only, or in a response what is write-only."""
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
                aspect = f"{'required' if after else 'optional'}-became-{'' if has else 'not-'}{what}"
                yield self._of(name, aspect, was, now, keeps_level=True)
        yield from (
            SchemaChange(each.aspect, each.was, each.now, each.base, each.revision, name=name)
            for each in self.pairs.announced(was, now)
        )
        yield from self._stability(name, was, now)
        self.pairs.lead(self.pair, name, was, now, silent=silent)

    def _stability(self, name: str, was: Schema, now: Schema) -> Iterator[SchemaChange]:
        before, after = (str(each.first("x-stability-level") or "stable") for each in (was, now))
        if before == after or not {before, after} <= set(STABILITIES):
            return
        decreased = STABILITIES.index(after) < STABILITIES.index(before)
        aspect = f"stability-{'decreased' if decreased else 'increased'}"
        yield SchemaChange(aspect, before, after, was.node, now.node, name=name)

    def _gone(self, name: str, was: Schema) -> Iterator[SchemaChange]:
        required = name in self.base.required
        others = self.revision.below("additionalProperties")
        closed = (
            self.is_request and others is not None and others.never and not self.revision.having("patternProperties")
        )
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
        for at in range(len(before), len(after) if self.is_request else 0):
            self.pairs.lead(self.pair, f"prefixItems/{at}", was, after[at])
        if len(after) > len(before):
            yield self._change("prefix-items-added", now=f"an item at {len(before)}", keyword="prefixItems")
        if len(before) > len(after):
            yield self._change("prefix-items-removed", was=f"the item at {len(after)}", keyword="prefixItems")

    # Conditions

    def _conditions(self) -> Iterator[SchemaChange]:
        for keyword, aspect in _PARTS:
            yield from self._condition(keyword, aspect)
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

    def _condition(self, keyword: str, aspect: str) -> Iterator[SchemaChange]:
        was, now = self.base.below(keyword), self.revision.below(keyword)
        if was is None or now is None:
            if now is not None and not now.says_nothing:
                yield self._change(f"{aspect}-added", now=f"`{keyword}`", keyword=keyword)
            elif was is not None and not was.says_nothing:
                yield self._change(f"{aspect}-removed", was=f"`{keyword}`", keyword=keyword)
        elif keyword not in _EITHER_WAY:
            self.pairs.lead(self.pair, keyword, was, now)
        elif not self.pairs.is_same(was, now):
            yield self._change(f"{aspect}-changed", keyword=keyword)

    def _dependent_required(self) -> Iterator[SchemaChange]:
        was, now = (each.first("dependentRequired") or {} for each in (self.base, self.revision))
        if not isinstance(was, dict) or not isinstance(now, dict):
            return
        for name in sorted({*was, *now}):
            if name not in was:
                yield self._change("dependent-required-added", now=name, keyword="dependentRequired")
            elif name not in now:
                yield self._change("dependent-required-removed", was=name, keyword="dependentRequired")
            elif _sorted(was[name]) != _sorted(now[name]):
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

    def _xml(self) -> Iterator[SchemaChange]:
        was, now = (each.first("xml") or {} for each in (self.base, self.revision))
        if was != now:
            yield self._change("xml-changed", keyword="xml")

    # Unions

    def _unions(self) -> Iterator[SchemaChange]:
        for keyword, aspect in (("oneOf", "one-of"), ("anyOf", "any-of")):
            was, now = self.base.alternatives(keyword), self.revision.alternatives(keyword)
            other = "anyOf" if keyword == "oneOf" else "oneOf"
            if was and not now and self.revision.alternatives(other) and not self.base.alternatives(other):
                now = self.revision.alternatives(other)  # the same union by another keyword
                if not are_exclusive(was if keyword == "oneOf" else now):
                    yield self._change(f"{aspect}-became-{'any-of' if keyword == 'oneOf' else 'one-of'}", keyword=other)
            elif now and not was and self.base.alternatives(other) and not self.revision.alternatives(other):
                continue  # told with the other keyword
            if was and now:
                yield from self._union(aspect, keyword, was, now)
            elif now:
                yield from self._wrapped(aspect, keyword, now)
            elif was:
                yield from self._unwrapped(aspect, keyword, was)

    def _union(self, aspect: str, keyword: str, was: list[Schema], now: list[Schema]) -> Iterator[SchemaChange]:
        pairs, gone, come = matched(was, now, self.pairs.is_same)
        for one, other in pairs:
            self.pairs.lead(self.pair, f"{keyword}[{other.label or typed(other)}]", one, other)
        yield from (self._change(f"{aspect}-removed", was=each.label or typed(each), keyword=keyword) for each in gone)
        yield from (self._change(f"{aspect}-added", now=each.label or typed(each), keyword=keyword) for each in come)

    def _wrapped(self, aspect: str, keyword: str, now: list[Schema]) -> Iterator[SchemaChange]:
        """A schema that became one of several."""
        stands = self._stands(self.base, self.revision)
        as_before = self._alike(keyword, self.base, now)
        if as_before is not None and not stands:
            self.pairs.lead(self.pair, f"{keyword}[{as_before.label}]", self.base.bare, as_before)
            others = [each for each in now if each is not as_before]
            yield from (
                self._change(f"{aspect}-added", now=each.label or typed(each), keyword=keyword) for each in others
            )
            self.told = True
        elif not stands and not self.base.says_nothing:
            yield self._change(f"wrapped-in-{aspect}", keyword=keyword)
            self.told = True
        elif self.is_request and not (keyword == "anyOf" and any(map(self._is_kept, now))):
            yield self._change(f"wrapped-in-{aspect}", keyword=keyword)

    def _unwrapped(self, aspect: str, keyword: str, was: list[Schema]) -> Iterator[SchemaChange]:
        """One of several became all that there is."""
        stands = self._stands(self.revision, self.base)
        as_after = next((each for each in was if self._matches(each, self.revision)), None)
        if as_after is not None and not stands:
            self.pairs.lead(self.pair, f"{keyword}[{as_after.label}]", as_after, self.revision.bare)
            others = [each for each in was if each is not as_after]
            yield from (
                self._change(f"{aspect}-removed", was=each.label or typed(each), keyword=keyword) for each in others
            )
            self.told = True
        elif not stands and not self.revision.says_nothing:
            yield self._change("unwrapped", keyword=keyword)
            self.told = True
        elif not self.is_request:
            yield from (
                self._change(f"{aspect}-removed", was=each.label or typed(each), level=Level.WARNING) for each in was
            )

    _groups: ClassVar[Sequence[tuple[frozenset[str], Callable[["_Comparison"], Iterator[SchemaChange]]]]] = (
        (frozenset({"enum", "const", "x-extensible-enum"}), _values),
        (frozenset({"default"}), _default),
        (LIMITS, _bounds),
        (frozenset({"pattern"}), _patterns),
        (frozenset({"multipleOf", "uniqueItems", "contentMediaType", "contentEncoding"}), _others),
        (frozenset({"properties", "required", "additionalProperties"}), _properties),
        (frozenset({"items", "prefixItems"}), _items),
        (_CONDITIONS, _conditions),
        (frozenset({"discriminator"}), _discriminator),
        (frozenset({"allOf"}), _members),
        (frozenset({"xml"}), _xml),
    )
    """What is compared where either side says anything of it."""

    def _stands(self, one: Schema, other: Schema) -> bool:
        """Whether the other schema says itself, beside its union, what the one says."""
        if one.types is not None and other.types is not None and other.property_names >= one.property_names:
            return True
        return bool(one.property_names) and other.property_names >= one.property_names

    def _is_kept(self, alternative: Schema) -> bool:
        """Whether whatever was valid satisfies an alternative: it only requires what was required."""
        return alternative.keywords <= {"required"} and alternative.required <= self.base.required

    def _matches(self, base: Schema, revision: Schema) -> bool:
        """Whether a schema is an alternative of the other side, null and what only holds it together aside."""
        if base.label and base.label == revision.label:
            return True
        one, other = base.core, revision.core
        return bool(one) and len(one) == len(other) and all(map(self._is_meant, one, other))

    def _is_meant(self, base: Node, revision: Node) -> bool:
        """Whether two schemas are the same but for what they are called and how they are described."""
        files = base.source.file, revision.source.file
        return self.pairs.same_values(_plain(base.value), _plain(revision.value), *files)

    def _alike(self, keyword: str, base: Schema, offered: list[Schema]) -> Schema | None:
        """The alternative that a schema is; one of `anyOf` may have changed, too. Of `oneOf`, no other may match."""
        exact = next((each for each in offered if self._matches(base, each)), None)
        if exact is not None or keyword == "oneOf":
            return exact
        return next((each for each in offered if is_like(base.bare, each)), None)


def _shown(value: Any) -> str:
    """A value as it is said to people, cut off where it is long."""
    text = value if isinstance(value, str) else _text(value)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _text(value: Any) -> str:
    """A value as JSON, which knows no difference between 1.0 and 1."""
    return encoding.encode(int(value) if isinstance(value, float) and value.is_integer() else value).decode()


def _sorted(value: Any) -> list[str]:
    return sorted(map(_text, value)) if isinstance(value, list) else [_text(value)]


def _at(schema: Schema, keyword: str) -> Node | None:
    return next(iter(schema.having(keyword)), schema.node) if keyword else schema.node


def _plain(value: Any) -> Any:
    """A schema without what limits nothing."""
    if not isinstance(value, dict):
        return value
    return {key: each for key, each in value.items() if key not in ANNOTATIONS}


def _may_be_null(schema: Schema) -> bool:
    return schema.nullable or any(each.nullable for keyword in UNIONS for each in schema.alternatives(keyword))


def _takes_anything(schema: Schema) -> bool:
    return schema.types is None and not schema.property_names and _enum(schema) is None and not schema.having("const")


def _enum(schema: Schema, *, with_null: bool = False) -> list[str] | None:
    """The values that a schema is limited to, as text, null only if asked for; None where it is not."""
    lists = [
        [_text(each) for each in node.value if with_null or each is not None]
        for node in schema.having("enum")
        if isinstance(node.value, list)
    ]
    if not lists:
        return None
    return sorted(set(lists[0]).intersection(*lists[1:]))


def _excludes(schema: Schema, kind: str) -> bool:
    return schema.types is not None and kind not in schema.types


def _listed(schema: Schema, keyword: str) -> list[Schema]:
    return next(([schema.at(each) for each in node.each()] for node in schema.having(keyword)), [])


def _allof_labels(schema: Schema) -> set[str]:
    return {label for node in schema.having("allOf") for each in node.each() if (label := schema.at(each).label)}
