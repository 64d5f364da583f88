"""The register of error codes, as far as traffic is compared with it: the codes alone."""

from typing import Any

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml_values import load_values

_LISTS = ("codes", "errors")


def read_codes(content: bytes, file: str) -> frozenset[str]:
    """The codes of a register: a list, or a mapping, of codes; or one under `codes` or `errors`.

    Raises UnreadableProblem if it is no such register, or has no code.
    """
    found: Any = load_values(content, file, max_bytes=len(content) + 1)
    for key in _LISTS:
        if isinstance(found, dict) and isinstance(found.get(key), dict | list):
            found = found[key]
    if isinstance(found, dict):
        codes = [str(key) for key in found]
    elif isinstance(found, list):
        codes = [str(each.get("code")) if isinstance(each, dict) else str(each) for each in found]
    else:
        codes = []
    if not codes or "None" in codes:
        raise UnreadableProblem(
            "is no register of error codes", place=Place(file), remedy="List codes, or map each to what it means."
        )
    return frozenset(codes)
