"""Patterns in the syntax of .gitignore, as teams, hosts and their tools write them into many files."""

import re
from collections.abc import Iterable

import pathspec


def spec_of(patterns: Iterable[str]) -> pathspec.GitIgnoreSpec:
    """What matches the patterns; one that is none, such as `[z-a]`, matches nothing, as in git."""
    return pathspec.GitIgnoreSpec.from_lines([each for each in patterns if _is_one(each)])


def _is_one(pattern: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error):
        return False
    return True
