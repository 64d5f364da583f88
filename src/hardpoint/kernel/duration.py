"""A length of time as people write it: `90s`, `15m`, `24h`, `30d`, `2w`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PATTERN = r"^[1-9][0-9]{0,5}[smhdw]$"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A whole number of seconds, at least one."""

    seconds: int

    @classmethod
    def parse(cls, text: object) -> "Duration":
        """Read `30d` and the like.

        Raises ValueError with the sentence for a declaration's mistake.
        """
        if not isinstance(text, str) or not re.fullmatch(_PATTERN, text):
            raise ValueError(f"expected a duration such as 30d, got {text!r}{_guess(text)}")
        return cls(int(text[:-1]) * _UNIT_S[text[-1]])

    def __str__(self) -> str:
        for unit in ("w", "d", "h", "m"):
            if self.seconds % _UNIT_S[unit] == 0:
                return f"{self.seconds // _UNIT_S[unit]}{unit}"
        return f"{self.seconds}s"

    @property
    def delta(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=_PATTERN)
        )


def _guess(text: object) -> str:
    """` (did you mean '30d'?)` for the ways in which durations are usually miswritten."""
    match = re.fullmatch(r"\s*([1-9][0-9]{0,5})\s*([smhdw])[a-z]*\s*", str(text).lower())
    words = {"daily": "1d", "weekly": "7d", "monthly": "30d", "quarterly": "90d", "hourly": "1h"}
    guess = match[1] + match[2] if match else words.get(str(text).lower())
    return f" (did you mean {guess!r}?)" if guess else ""
