"""What did not change: values that are equal on both sides, and refer to nothing that changed."""

import re
from functools import cache
from typing import Any

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract
from hardpoint.kernel import encoding
from hardpoint.kernel.problem import UnreadableProblem

_REFERENCE = re.compile(rb'"\$(?:dynamicR|r)ef":("(?:[^"\\]|\\.)*")')
_text = cache(encoding.reader(str, what="a reference"))

_Ref = tuple[str, str, str]
"""The file of either side, and the text of the reference."""


class Sameness:
    """Tells whether a value on one side is the same as on the other, references followed and circles closed.

    Two values of which one may have changed are never the same; references are looked for in the encoded text, so an
    example that looks like one counts as one, which costs time and hides nothing.
    """

    def __init__(self, base: Contract, revision: Contract) -> None:
        self._base, self._revision = base, revision
        self._clean: dict[_Ref, bool] = {}

    def same(self, base: Node, revision: Node) -> bool:
        """Whether nothing of a value changed."""
        return self.same_values(base.value, revision.value, base.source.file, revision.source.file)

    def same_values(self, base: Any, revision: Any, base_file: str, revision_file: str) -> bool:
        """The same, of values of which the files are known."""
        return is_equal(base, revision) and all(
            self._is_clean(each) for each in _references(base, base_file, revision_file)
        )

    def _is_clean(self, reference: _Ref) -> bool:
        if reference not in self._clean:
            self._judge(reference)
        return self._clean[reference]

    def _judge(self, first: _Ref) -> None:
        """Judge all that a reference leads to: what differs, then whatever leads there; the rest is clean."""
        leading: dict[_Ref, list[_Ref]] = {first: []}
        changed: list[_Ref] = []
        pending = [first]
        while pending:
            each = pending.pop()
            within = (() if self._clean[each] else None) if each in self._clean else self._targets(each)
            if within is None:
                changed.append(each)
            for reference in within or ():
                if reference not in leading:
                    leading[reference] = []
                    pending.append(reference)
                leading[reference].append(each)
        dirty = _closure(changed, leading)
        self._clean |= {each: each not in dirty for each in leading}

    def _targets(self, reference: _Ref) -> tuple[_Ref, ...] | None:
        """The references in what one leads to; None if that differs, or cannot be found."""
        base_file, revision_file, text = reference
        try:
            base = self._base.document.target(Node(None, self._base.document.source(base_file)), text)
            revision = self._revision.document.target(Node(None, self._revision.document.source(revision_file)), text)
        except UnreadableProblem:
            return None
        if not is_equal(base.value, revision.value):
            return None
        return _references(base.value, base.source.file, revision.source.file)


def is_equal(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON: to Python, `true` is 1 as well."""
    if one != other:
        return False
    if not isinstance(one, dict | list):
        return isinstance(one, bool) == isinstance(other, bool)
    written = encoding.encode_as_is(one)
    return written == encoding.encode_as_is(other) or _is_alike(one, other)


def _is_alike(one: Any, other: Any) -> bool:
    """Whether values that are equal to Python have booleans in the same places."""
    pending = [(one, other)]
    while pending:
        was, now = pending.pop()
        if isinstance(was, bool) != isinstance(now, bool):
            return False
        if isinstance(was, dict):
            pending.extend((was[key], now[key]) for key in was)
        elif isinstance(was, list):
            pending.extend(zip(was, now, strict=True))
    return True


def _references(value: Any, base_file: str, revision_file: str) -> tuple[_Ref, ...]:
    """The references in a value that is equal on both sides."""
    if not isinstance(value, dict | list):
        return ()
    written = encoding.encode_as_is(value)
    if b'ef":' not in written:
        return ()
    return tuple((base_file, revision_file, each) for each in sorted(map(_text, set(_REFERENCE.findall(written)))))


def _closure(changed: list[_Ref], leading: dict[_Ref, list[_Ref]]) -> set[_Ref]:
    """What changed, and all that leads there."""
    found = set(changed)
    while changed:
        for each in leading[changed.pop()]:
            if each not in found:
                found.add(each)
                changed.append(each)
    return found
