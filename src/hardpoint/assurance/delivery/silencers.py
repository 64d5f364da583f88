"""Options by which a tool itself is told to succeed."""

import re
from collections.abc import Sequence

from hardpoint.assurance.delivery.gates import unwrapped

_SILENCING: Sequence[tuple[str, re.Pattern[str], bool]] = (
    ("", re.compile(r"^--exit-zero$"), True),
    ("", re.compile(r"^--no-fail$|^--soft-fail$|^--no-exit$"), True),
    ("ruff", re.compile(r"^-e$"), True),
    ("pylint", re.compile(r"^--fail-under=0$"), False),
    ("golangci-lint", re.compile(r"^--issues-exit-code=0$"), True),
    ("mvn", re.compile(r"^-Dmaven\.test\.failure\.ignore(?:=true)?$|^-fn$|^--fail-never$"), True),
    ("mvn", re.compile(r"^-Dcheckstyle\.failOnViolation=false$|^-DfailOnError=false$"), False),
    ("make", re.compile(r"^-i$|^--ignore-errors$"), True),
    ("safety", re.compile(r"^--continue-on-error$"), True),
    ("trivy", re.compile(r"^--exit-code=0$"), False),
    ("gitleaks", re.compile(r"^--exit-code=0$"), False),
    ("kics", re.compile(r"^--ignore-on-exit(?:=\w+)?$"), False),
    ("", re.compile(r"^--pass-?[wW]ith-?[nN]o-?[tT]ests$"), False),
    ("", re.compile(r"^--suppress-no-test-exit-code$"), False),
    ("vitest", re.compile(r"^--dangerouslyIgnoreUnhandledErrors$"), False),
)


def silencing(words: Sequence[str]) -> tuple[str, bool] | None:
    """The option that makes a tool succeed whatever it finds, and whether that is certain."""
    inner = unwrapped(words)
    if not inner:
        return None
    for index, word in enumerate(inner[1:], 1):
        if not word.startswith("-"):
            continue
        joined = f"{word}={inner[index + 1]}" if index + 1 < len(inner) and "=" not in word else word
        for tool, pattern, certain in _SILENCING:
            if (not tool or inner[0] == tool) and (pattern.match(word) or pattern.match(joined)):
                return (word if pattern.match(word) else joined.replace("=", " ")), certain
    return None
