"""TOML 1.0 that other tools declare, read whole or refused in one sentence."""

import tomllib
from typing import Any

from hardpoint.kernel.problem import UnreadableProblem


def load(content: bytes) -> dict[str, Any]:
    """The tables of a document.

    Raises UnreadableProblem for what is no TOML or no UTF-8, and for nesting that exhausts the reader.
    """
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableProblem(f"cannot be read: {error}") from error
