"""What a file's name says: the number of a decision, or that it is a template of decisions."""

import posixpath
import re

FILE_NAME = re.compile(
    r"^(?P<prefix>(?:(?:l?adr|dr|ad|decision|madr|rfc)[-_. ]?)?)(?P<number>\d{1,5})(?P<rest>(?:[-_. ]+.*)?)"
    r"\.(?:md|markdown)$",
    re.IGNORECASE,
)
_DATED_FILE = re.compile(r"^(?:\d{8}|\d{4}-\d\d-\d\d)[-_ ].*\.(?:md|markdown)$", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"^(?:l?adr|madr|decision)?[-_. ]*(?:\d{1,5}|x+|n+)?[-_. ]*(?:(?:l?adr|madr|decision|nygard)[-_. ]*)*template",
    re.IGNORECASE,
)
_PAGES = frozenset({"index", "readme", "toc", "overview", "template", "summary", "list", "of", "adrs", "decisions"})


def number_in(file: str) -> int | None:
    """The number that a file's name begins with, or None: a date is none."""
    name = posixpath.basename(file)
    found = None if _DATED_FILE.match(name) else FILE_NAME.match(name)
    return int(found["number"]) if found else None


def is_decision_file(file: str) -> bool:
    """Whether a file is named as a decision: by a number or a date, and not as a template."""
    name = posixpath.basename(file)
    numbered = FILE_NAME.match(name) or _DATED_FILE.match(name)
    return bool(numbered) and not is_template(file)


def is_template(file: str) -> bool:
    """Whether a file is named as the template of decisions."""
    name = posixpath.basename(file)
    found = FILE_NAME.match(name)
    words = frozenset(re.findall(r"[a-z]+", found["rest"].lower())) if found else frozenset[str]()
    return (
        bool(_TEMPLATE.match(name))
        or (words <= _PAGES and bool(words))
        or (number_in(file) == 0 and "template" in words)
    )


def is_called_decision(file: str) -> bool:
    """Whether a file's own name says that it is a decision, whatever its folder is called."""
    found = FILE_NAME.match(posixpath.basename(file))
    return found is not None and found["prefix"].lower().startswith(("adr", "ladr", "madr")) and not is_template(file)
