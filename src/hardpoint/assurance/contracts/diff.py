"""Two descriptions of one interface, and everything that changed between them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.contracts.catalogue import Direction, Level
from hardpoint.assurance.contracts.change import Change, Use, attach, change
from hardpoint.assurance.contracts.comparison import changes_in
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.lifecycle import (
    Calendar,
    compare_deprecation,
    compare_stability,
    compare_versions,
    is_promised,
    removed_operation,
    removed_parameter,
    stability_of,
    was_announced,
)
from hardpoint.assurance.contracts.media import covering, covers_any, is_text, media_types, variant_of
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.assurance.contracts.pairs import Pairs
from hardpoint.assurance.contracts.schemas import schema_of
from hardpoint.assurance.contracts.security import compare_schemes, compare_security, renamed_schemes
from hardpoint.assurance.contracts.servers import compare_own_servers, compare_servers

_VARIABLE = re.compile(r"\{[^{}]*\}")
_NO_PARAMETERS = frozenset({("header", "accept"), ("header", "content-type"), ("header", "authorization")})
"""Described elsewhere: as parameters they are ignored (OpenAPI 3.1.0, section 4.8.12.2)."""
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple", "querystring": "form"}


def compare_contracts(base: Contract, revision: Contract, calendar: Calendar) -> tuple[Change, ...]:
    """Every change, the worst first, then by path, method and place; the order of keys has no part in it.

    Raises UnreadableProblem at the place of a reference that leads nowhere, or of what is not as OpenAPI has it.
    """
    found = list(_Difference(base, revision, calendar).run())
    found += compare_versions(base, revision, breaks=any(each.level is Level.ERROR for each in found))
    unique = {each.order: each for each in found}
    return tuple(unique[order] for order in sorted(unique))


@dataclass(frozen=True, slots=True)
class _Side:
    """Who speaks: what of an operation is the consumer's, and how that is called."""

    operation: Operation
    request: Direction = Direction.REQUEST

    @property
    def where(self) -> dict[str, Any]:
        return {"method": self.operation.method, "path": self.operation.path}


class _Difference:
    """One comparison: changes as they are found, and the uses of schemas, whose changes are attached at the end."""

    def __init__(self, base: Contract, revision: Contract, calendar: Calendar) -> None:
        self.base, self.revision, self.calendar = base, revision, calendar
        self.pairs = Pairs(base, revision, calendar.today, calendar.min_stable_days)
        self.uses: list[Use] = []
        self.renamed = renamed_schemes(base, revision)
        self.leaves_security_to_all = False
        """Whether any operation that is there on both sides says nothing of security itself."""

    def run(self) -> Iterator[Change]:
        yield from self._paths()
        yield from self._webhooks()
        yield from self._whole()
        yield from attach(self.pairs.compare(changes_in), self.uses)

    # The document

    def _whole(self) -> Iterator[Change]:
        was, now = (_below(each.root, "components", "schemas") for each in (self.base, self.revision))
        for name, node in was.items():
            if name not in now:
                yield change("api-schema-removed", was=name, base=node)
        yield from compare_schemes(self.base, self.revision)
        base, revision = self.base.root.get("security"), self.revision.root.get("security")
        if self.leaves_security_to_all and (base and base.value) != (revision and revision.value):
            yield from compare_security(base, revision, self.renamed)
        yield from compare_servers(self.base.root.get("servers"), self.revision.root.get("servers"), {})

    # Operations

    def _paths(self) -> Iterator[Change]:
        was, now = _by_template(self.base.operations), _by_template(self.revision.operations)
        kept = {template for template, _ in now}
        for (template, method), operation in was.items():
            after = now.get((template, method))
            if after is None:
                yield from removed_operation(operation, self.calendar, whole_path=template not in kept)
            else:
                yield from self._operation(operation, after)
        for key, operation in now.items():
            if key not in was:
                yield change("endpoint-added", method=operation.method, path=operation.path, revision=operation.node)

    def _operation(self, base: Operation, revision: Operation) -> Iterator[Change]:
        yield from compare_stability(base, revision)
        if not is_promised(base):
            return
        yield from compare_own_servers((self.base, base), (self.revision, revision))
        yield from self._operation_security(base, revision)
        if self._is_same(base, revision):
            return
        where: dict[str, Any] = {"method": base.method, "path": base.path, "base": base.node, "revision": revision.node}
        yield from self._names(base, revision, where)
        yield from compare_deprecation(base.node, revision.node, stability_of(revision), self.calendar, where)
        yield from self._parameters(base, revision)
        side = _Side(base)
        yield from self._request(side, self.base.request_body(base), self.revision.request_body(revision), revision)
        yield from self._responses(side, self.base.responses(base), self.revision.responses(revision))
        yield from self._callbacks(base, revision)

    def _is_same(self, base: Operation, revision: Operation) -> bool:
        one, other = base.item.get("parameters"), revision.item.get("parameters")
        if one is None or other is None:
            return one is other and self.pairs.same(base.node, revision.node)
        return base.path == revision.path and self.pairs.same(one, other) and self.pairs.same(base.node, revision.node)

    def _names(self, base: Operation, revision: Operation, where: dict[str, Any]) -> Iterator[Change]:
        was, now = base.node.value.get("operationId"), revision.node.value.get("operationId")
        if was and was != now:
            yield change("api-operation-id-removed", was=was, **where)
        elif now and not was:
            yield change("api-operation-id-added", now=now, **where)
        tags, still = (_tags(each) for each in (base, revision))
        yield from (change("api-tag-removed", was=tag, **where) for tag in tags if tag not in still)
        yield from (change("api-tag-added", now=tag, **where) for tag in still if tag not in tags)

    def _operation_security(self, base: Operation, revision: Operation) -> Iterator[Change]:
        own, now = base.node.get("security"), revision.node.get("security")
        if own is None and now is None:
            self.leaves_security_to_all = True  # told once, of all
            return
        was, new = self.base.security(base), self.revision.security(revision)
        if (was and was.value) != (new and new.value):
            yield from compare_security(was, new, self.renamed, revision)

    def _callbacks(self, base: Operation, revision: Operation) -> Iterator[Change]:
        was = {(name, each.path, each.method): each for name, each in self.base.callbacks(base)}
        now = {(name, each.path, each.method): each for name, each in self.revision.callbacks(revision)}
        for (name, *_), each in was.items():
            after = now.get((name, each.path, each.method))
            if after is None:
                yield from self._not_called("callback", name, each, base)
            else:
                yield from self._called_back(each, after, base)
        for (name, *_), each in now.items():
            if (name, each.path, each.method) not in was:
                yield change("callback-added", name=name, method=base.method, path=base.path, revision=each.node)

    def _webhooks(self) -> Iterator[Change]:
        was = {(each.path, each.method): each for each in self.base.webhooks}
        now = {(each.path, each.method): each for each in self.revision.webhooks}
        for key, each in was.items():
            if key not in now:
                yield from self._not_called("webhook", each.path, each, each)
            else:
                yield from self._called_back(each, now[key], each)
        for key, each in now.items():
            if key not in was:
                yield change("webhook-added", name=each.path, method=each.method, path=each.path, revision=each.node)

    def _not_called(self, what: str, name: str, base: Operation, told_of: Operation) -> Iterator[Change]:
        if is_promised(base):
            level = Level.INFO if was_announced(base, self.calendar) else None
            where: dict[str, Any] = {"method": told_of.method, "path": told_of.path}
            yield change(f"{what}-removed", name=name, base=base.node, level=level, **where)

    def _called_back(self, base: Operation, revision: Operation, told_of: Operation) -> Iterator[Change]:
        """What the provider calls: its request goes to the consumer, and the answer comes from there."""
        if not is_promised(base):
            return
        side = _Side(told_of, Direction.RESPONSE)
        yield from self._sent_parameters(side, base, revision)
        yield from self._request(side, self.base.request_body(base), self.revision.request_body(revision), revision)
        was, now = self.base.responses(base), self.revision.responses(revision)
        for status, old in sorted(was.items()):
            new = now.get(status) or _in_range(status, now) or now.get("default")
            if new is not None:
                yield from self._contents(side, old, new, Direction.REQUEST, f"answer {status}", status)
            elif status.startswith("2"):
                where = {**side.where, "direction": Direction.REQUEST, "base": old, "revision": revision.node}
                yield change("answer-status-removed", was=status, **where)

    def _sent_parameters(self, side: _Side, base: Operation, revision: Operation) -> Iterator[Change]:
        was, now = self.base.parameters(base), self.revision.parameters(revision)
        for key in sorted(set(was) - _NO_PARAMETERS):
            old, new = was[key], now.get(key)
            where: dict[str, Any] = {
                **side.where,
                "name": str(old.value.get("name")),
                "inside": key[0],
                "base": old,
                "revision": new or revision.node,
                "direction": Direction.RESPONSE,
            }
            required = old.value.get("required") is True
            if new is None:
                yield change("sent-parameter-removed", level=Level.ERROR if required else Level.WARNING, **where)
                continue
            if required and new.value.get("required") is not True:
                yield change("sent-parameter-became-optional", **where)
            called = f"the {key[0]} parameter {where['name']} that is sent"
            self._values(old, new, Direction.RESPONSE, "sent-parameter", called, where)
            yield from self._written(old, new, "sent-parameter", where)

    # Parameters

    def _parameters(self, base: Operation, revision: Operation) -> Iterator[Change]:
        was, now = self.base.parameters(base), self.revision.parameters(revision)
        for key in sorted({*was, *now} - _NO_PARAMETERS):
            old, new = was.get(key), now.get(key)
            node = new or old
            if node is None:
                continue
            where: dict[str, Any] = {
                "method": base.method,
                "path": base.path,
                "name": str(node.value.get("name")),
                "inside": key[0],
                "base": old,
                "revision": new or revision.node,
                "direction": Direction.REQUEST,
            }
            if old is None:
                yield change(_new_parameter(key[0], node), **where)
            elif new is None:
                yield from removed_parameter(old, self.calendar, where)
            else:
                yield from self._parameter(old, new, revision, where)

    def _parameter(self, base: Node, revision: Node, operation: Operation, where: dict[str, Any]) -> Iterator[Change]:
        if self.pairs.same(base, revision):
            return
        inside = where["inside"]
        was, now = base.value.get("required") is True, revision.value.get("required") is True
        if was != now and inside != "path":
            yield change(f"request-parameter-became-{'required' if now else 'optional'}", **where)
        yield from compare_deprecation(base, revision, stability_of(operation), self.calendar, where)
        yield from self._written(base, revision, "request-parameter", where)
        for key, kind in (("allowEmptyValue", "empty-value"), ("allowReserved", "reserved")):
            if base.value.get(key) is True and revision.value.get(key) is not True:
                yield change(f"request-parameter-{kind}-forbidden", **where)
        called = f"the {inside} parameter {where['name']}"
        self._values(base, revision, Direction.REQUEST, "request-parameter", called, where)

    def _values(
        self, base: Node, revision: Node, direction: Direction, has_it: str, called: str, where: Mapping[str, Any]
    ) -> None:
        """Note the schemas of a parameter or a header: its own, or that of its media type."""
        self._use(base.get("schema"), revision.get("schema"), direction, has_it, called, where, text=True)
        was, now = media_types(self.base, base), media_types(self.revision, revision)
        for media in sorted(set(was) & set(now)):
            one, other = was[media].get("schema"), now[media].get("schema")
            self._use(one, other, direction, has_it, called, where, text=is_text(media))

    def _written(self, base: Node, revision: Node, has_it: str, where: Mapping[str, Any]) -> Iterator[Change]:
        """How a parameter or a header is put into text: its style, or its media type."""
        default = _STYLES.get(where["inside"], "simple")
        was, now = (each.value.get("style", default) for each in (base, revision))
        explodes = [
            each.value.get("explode", each.value.get("style", default) in ("form", "cookie"))
            for each in (base, revision)
        ]
        if was != now:
            yield change(f"{has_it}-style-changed", **{**where, "was": was, "now": now})
        elif explodes[0] != explodes[1] and self._is_composite(base, revision):
            said = ["exploded" if each else "not exploded" for each in explodes]
            yield change(f"{has_it}-style-changed", **{**where, "was": said[0], "now": said[1]})
        were, are = media_types(self.base, base), media_types(self.revision, revision)
        if bool(were) != bool(are) or not set(were) <= set(are):
            said = [", ".join(sorted(each)) or "none" for each in (were, are)]
            yield change(f"{has_it}-content-changed", **{**where, "was": said[0], "now": said[1]})

    def _is_composite(self, base: Node, revision: Node) -> bool:
        """Whether a parameter or a header may be an array or an object, which is written in parts."""
        schemas = [
            schema_of(contract, node["schema"])
            for contract, node in ((self.base, base), (self.revision, revision))
            if node.get("schema") is not None
        ]
        return any(each.may_have_parts for each in schemas)

    def _use(
        self,
        base: Node | None,
        revision: Node | None,
        direction: Direction,
        has_it: str,
        called: str,
        where: Mapping[str, Any],
        *,
        text: bool,
        xml: bool = False,
    ) -> None:
        """Note that an operation uses a schema."""
        pair = self.pairs.pair(
            schema_of(self.base, base) if base else None,
            schema_of(self.revision, revision) if revision else None,
            direction,
            text=text,
        )
        if pair is not None:
            header = where.get("inside") == "header"
            required = any(
                each is not None and each.value.get("required") is True
                for each in (where.get("base"), where.get("revision"))
            )
            self.uses.append(Use(pair, has_it, called, where["method"], where["path"], header, required, xml=xml))

    # Bodies

    def _request(self, side: _Side, base: Node | None, revision: Node | None, after: Operation) -> Iterator[Change]:
        where: dict[str, Any] = {
            **side.where,
            "direction": side.request,
            "base": base,
            "revision": revision or after.node,
        }
        theirs = side.request is Direction.REQUEST
        if base is None or revision is None:
            if base is not None:
                yield change(f"{'request' if theirs else 'sent'}-body-removed", **where)
            elif revision is not None and theirs:
                required = revision.value.get("required") is True
                yield change(f"request-body-added-{'required' if required else 'optional'}", **where)
            return
        if self.pairs.same(base, revision):
            return
        was, now = base.value.get("required") is True, revision.value.get("required") is True
        if was != now and theirs:
            yield change(f"request-body-became-{'required' if now else 'optional'}", **where)
        if was and not now and not theirs:
            yield change("sent-body-became-optional", **where)
        yield from self._contents(side, base, revision, side.request, "request", "body")

    def _responses(self, side: _Side, was: Mapping[str, Node], now: Mapping[str, Node]) -> Iterator[Change]:
        for status in sorted({*was, *now}):
            old, new = was.get(status), now.get(status) or _in_range(status, now)
            where: dict[str, Any] = {**side.where, "direction": Direction.RESPONSE, "base": old, "revision": new}
            success = "success" if status.startswith("2") else "non-success"
            if old is not None and new is None and status != "default":
                level = Level.INFO if any(_in_range(each, {status: old}) for each in now) else None
                yield change(f"response-{success}-status-removed", was=status, level=level, **where)
            elif old is None and status != "default":
                yield change(f"response-{success}-status-added", now=status, **where)
            old, new = old or _standing_for(status, was, new), new or _standing_for(status, now, old)
            if old is not None and new is not None:
                yield from self._response(side, status, old, new)

    def _response(self, side: _Side, status: str, base: Node, revision: Node) -> Iterator[Change]:
        if self.pairs.same(base, revision):
            return
        yield from self._headers(side, status, base, revision)
        yield from self._contents(side, base, revision, Direction.RESPONSE, f"response {status}", status)
        was, now = self.base.mapping(base, "links"), self.revision.mapping(revision, "links")
        for name, link in was.items():
            where: dict[str, Any] = {**side.where, "name": name, "inside": status, "base": link}
            if name not in now:
                yield change("response-link-removed", **where)
            elif not self.pairs.same(link, now[name]):
                yield change("response-link-changed", revision=now[name], **where)

    def _headers(self, side: _Side, status: str, base: Node, revision: Node) -> Iterator[Change]:
        was = {name.lower(): (name, node) for name, node in self.base.mapping(base, "headers").items()}
        now = {name.lower(): (name, node) for name, node in self.revision.mapping(revision, "headers").items()}
        for key in sorted({*was, *now} - {"content-type"}):
            name, old = was.get(key, ("", None))
            new = now.get(key, ("", None))[1]
            where: dict[str, Any] = {
                **side.where,
                "name": name or now[key][0],
                "inside": status,
                "base": old,
                "revision": new,
            }
            required = old is not None and old.value.get("required") is True
            if old is None:
                yield change("response-header-added", **where)
            elif new is None:
                kind = f"{'required' if required else 'optional'}-response-header-removed"
                yield change(kind, **{**where, "revision": revision})
            elif not self.pairs.same(old, new):
                if required != (new.value.get("required") is True):
                    yield change(f"response-header-became-{'optional' if required else 'required'}", **where)
                called = f"the header {name} of the response {status}"
                self._values(old, new, Direction.RESPONSE, "response-header", called, side.where)
                yield from self._written(old, new, "response-header", where)

    def _contents(
        self, side: _Side, base: Node, revision: Node, direction: Direction, called: str, status: str
    ) -> Iterator[Change]:
        was, now = media_types(self.base, base), media_types(self.revision, revision)
        kind = "request-body-media-type" if direction is Direction.REQUEST else "response-media-type"
        where: dict[str, Any] = {**side.where, "direction": direction, "name": status}
        for media in sorted({*was, *now}):
            old, new = was.get(media), now.get(media)
            if old is not None and new is None:
                new = covering(media, now) or variant_of(media, now)
                if new is None:
                    if not covers_any(media, now) or direction is Direction.REQUEST:
                        yield change(f"{kind}-removed", was=media, base=old, revision=revision, **where)
                    continue
                if direction is Direction.RESPONSE and variant_of(media, now) is not new:
                    yield change("response-media-type-name-generalized", was=media, base=old, revision=new, **where)
            elif old is None and new is not None:
                old = covering(media, was)
                if old is None:
                    unasked = direction is Direction.RESPONSE is side.request and status == "body"
                    level = Level.WARNING if unasked else None
                    yield change(f"{kind}-added", now=media, revision=new, level=level, **where)
                    continue
            if old is not None and new is not None:
                yield from self._content(old, new, direction, f"the {called} ({media})", where, media)

    def _content(
        self, base: Node, revision: Node, direction: Direction, called: str, where: dict[str, Any], media: str
    ) -> Iterator[Change]:
        if self.pairs.same(base, revision):
            return
        has_it = f"{direction.value}-body"
        text = is_text(media)
        for keyword in ("schema", "itemSchema"):
            was, now = _schema_at(base, keyword), _schema_at(revision, keyword)
            told = called if keyword == "schema" else f"each item of {called}"
            if was is not None and now is not None:
                self._use(was, now, direction, has_it, told, where, text=text, xml="xml" in media)
            elif was is not None or now is not None:
                action = "added" if was is None else "removed"
                yield change(f"{has_it}-media-type-schema-{action}", base=was, revision=now or revision, **where)
        if direction is Direction.REQUEST:
            yield from self._encodings(base, revision, where)

    def _encodings(self, base: Node, revision: Node, where: dict[str, Any]) -> Iterator[Change]:
        """How the parts of a body are written that are there on both sides."""
        old, new = (_below(each, "encoding") for each in (base, revision))
        if not old and not new:
            return
        was, now = (_parts(*each) for each in ((self.base, base), (self.revision, revision)))
        for name in sorted(was.keys() & now.keys()):
            level = _recoded(old.get(name), new.get(name), has_parts=was[name] or now[name])
            if level is not None:
                kept = {**where, "name": name, "level": level}
                yield change("request-body-encoding-changed", base=base, revision=revision, **kept)


def _below(root: Node, *keys: str) -> dict[str, Node]:
    node: Node | None = root
    for key in keys:
        node = node.get(key) if node is not None else None
    return dict(node.items()) if node is not None else {}


def _parts(contract: Contract, media: Node) -> dict[str, bool]:
    """The parts of a body, and whether each may itself have parts."""
    schema = media.get("schema")
    if schema is None:
        return dict.fromkeys(_below(media, "encoding"), True)
    whole = schema_of(contract, schema)
    found = {name: whole.property_of(name) for name in whole.property_names}
    return {name: each is None or each.may_have_parts for name, each in found.items()}


def _recoded(base: Node | None, revision: Node | None, *, has_parts: bool) -> Level | None:
    """How bad it is that a part of a body is written otherwise; None if what was taken is taken still."""
    was, now = (each.value if each is not None and isinstance(each.value, dict) else {} for each in (base, revision))
    if has_parts and any(was.get(key) != now.get(key) for key in ("style", "explode")):
        return Level.ERROR
    taken, takes = ({each.strip() for each in str(said.get("contentType", "")).split(",")} for said in (was, now))
    if takes == {""} or taken <= takes:
        return None
    return Level.ERROR if "contentType" in was else Level.WARNING


def _by_template(operations: tuple[Operation, ...]) -> dict[tuple[str, str], Operation]:
    """Operations by path and method, whatever the variables of a path are called, unless that alone tells them apart.

    Two such paths are not allowed (OpenAPI 3.1.0, section 4.8.8.1), and yet written.
    """
    templates = [(_VARIABLE.sub("{}", each.path), each.method) for each in operations]
    counted = Counter(templates)
    return {
        template if counted[template] == 1 else (each.path, each.method): each
        for template, each in zip(templates, operations, strict=True)
    }


def _tags(operation: Operation) -> list[str]:
    listed = operation.node.get("tags")
    return [str(each.value) for each in listed.each()] if listed else []


def _new_parameter(inside: str, node: Node) -> str:
    if inside == "path":
        return "new-request-path-parameter"
    return f"new-{'required' if node.value.get('required') is True else 'optional'}-request-parameter"


def _in_range(status: str, responses: Mapping[str, Node]) -> Node | None:
    """The response of the range (`2XX`) that a status is in."""
    return responses.get(f"{status[:1]}XX") if status[:1].isdecimal() else None


def _standing_for(status: str, responses: Mapping[str, Node], told: Node | None) -> Node | None:
    """The response that stood for a status that was not told of: its range, or for an error the default.

    The default only where both say what they contain: an error without a body is often just not described.
    """
    if status == "default" or told is None:
        return None
    default = None if status.startswith("2") else responses.get("default")
    described = default is not None and all(each.get("content") is not None for each in (default, told))
    return _in_range(status, responses) or (default if described else None)


def _schema_at(media: Node, keyword: str) -> Node | None:
    value = media.value.get(keyword) if isinstance(media.value, dict) else None
    return None if value is None else media[keyword]
