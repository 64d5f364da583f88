"""Patterns in the syntax of .gitignore, and the paths that they match."""

from collections.abc import Iterable, Sequence

from hardpoint.kernel.ignoring import spec_of


def matching(patterns: Sequence[str], paths: Iterable[str]) -> list[str]:
    """Those of some paths that one of the patterns matches, in their order; `!` takes some of them away again."""
    if not patterns:
        return []
    spec = spec_of(patterns)
    return [path for path in paths if spec.match_file(path)]
