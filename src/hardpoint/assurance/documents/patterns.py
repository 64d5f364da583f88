"""Patterns in the syntax of .gitignore, and the paths that they match."""

from collections.abc import Iterable, Sequence

import pathspec


def matching(patterns: Sequence[str], paths: Iterable[str]) -> list[str]:
    """Those of some paths that one of the patterns matches, in their order; `!` takes some of them away again."""
    if not patterns:
        return []
    spec = pathspec.GitIgnoreSpec.from_lines(patterns)
    return [path for path in paths if spec.match_file(path)]
