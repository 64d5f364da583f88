"""What a fact must be: `0`, `">= 98"`, `"< 5"`, `"!= critical"`."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hardpoint.kernel.evidence import Fact

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_AWAY: Mapping[str, int] = {">=": 1, ">": 1, "<=": -1, "<": -1}
"""Whether a number is the farther from its threshold the greater it is, or the smaller."""
_PATTERN = r"^(==|!=|>=|<=|>|<)\s*(\S.*)$"


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a threshold; a bare value means that the fact equals it."""

    comparison: str
    threshold: Fact

    @classmethod
    def parse(cls, written: object) -> "Condition":
        """Read a condition as declared.

        Raises ValueError with the sentence for a declaration's mistake.
        """
        if isinstance(written, bool | int | float) and not _endless(written):
            return cls("==", written)
        match = re.fullmatch(_PATTERN, written.strip()) if isinstance(written, str) else None
        if not match:
            raise ValueError(f"expected a value or a comparison such as '>= 98', got {written!r}")
        comparison, threshold = match[1], _value(match[2].strip())
        if _endless(threshold) or (comparison not in {"==", "!="} and isinstance(threshold, str | bool)):
            raise ValueError(f"{comparison} needs a number to compare with, got {match[2]!r}")
        return cls(comparison, threshold)

    def __str__(self) -> str:
        threshold = str(self.threshold).lower() if isinstance(self.threshold, bool) else str(self.threshold)
        return threshold if self.comparison == "==" else f"{self.comparison} {threshold}"

    def holds(self, fact: Fact) -> bool:
        """Whether the fact meets the condition.

        Raises TypeError if they cannot be compared: a word with a number, a truth value with either, what is no number.
        """
        if _sort(fact) is not _sort(self.threshold) or _endless(fact):
            raise TypeError(f"{fact!r} cannot be compared with {self.threshold!r}")
        return _COMPARE[self.comparison](fact, self.threshold)

    def margin(self, fact: Fact) -> str:
        """How far a number is from where it would no longer hold, less than 0 where it does not; empty for words."""
        if self.comparison not in _AWAY or _sort(fact) is not float or _sort(self.threshold) is not float:
            return ""
        if isinstance(fact, int) and isinstance(self.threshold, int):
            return str(_AWAY[self.comparison] * (fact - self.threshold))
        return f"{_AWAY[self.comparison] * (Decimal(str(fact)) - Decimal(str(self.threshold))):g}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        from pydantic_core import core_schema

        shape = core_schema.union_schema(
            [core_schema.bool_schema(), core_schema.float_schema(), core_schema.str_schema(pattern=_PATTERN)]
        )
        return core_schema.no_info_plain_validator_function(cls.parse, json_schema_input_schema=shape)


def _endless(value: Fact) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _value(text: str) -> Fact:
    if text in {"true", "false"}:
        return text == "true"
    for number in (int, float):
        try:
            value = number(text)
        except ValueError:
            continue
        return value
    return text


def _sort(fact: Fact) -> type:
    return float if isinstance(fact, int | float) and not isinstance(fact, bool) else type(fact)
