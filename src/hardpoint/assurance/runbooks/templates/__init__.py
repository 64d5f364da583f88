"""Templates of runbooks, and the first draft that one makes."""

import re
from importlib.resources import files

BLANK = "blank"
NAMES = ("auth-outage", "database-latency", "email-provider", "cache-and-rate-limiter", BLANK)
"""The templates; all but the blank one are named like the failure mode that they are for."""

MAX_NAME = 100
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def draft(template: str, title: str, *, alert: str, owner: str) -> str:
    """The text of a new runbook; what is to be filled in stands in angle brackets."""
    text = files(__name__).joinpath(f"{template}.md").read_text("utf-8")
    return text.format(title=title, alert=alert or "<the alert's name>", owner=owner or "<team or person>")


def slug(name: str) -> str:
    """A file's name for a runbook: `Auth outage` and `AuthOutage` as `auth-outage`; nothing if no letter is left."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return _NOT_IN_SLUG.sub("-", spaced.lower()).strip("-")[:MAX_NAME]


def title_of(name: str) -> str:
    """A title for a runbook of that name: `auth-outage` as `Auth outage`; what has spaces or capitals stays."""
    return name if re.search(r"[ A-Z]", name) else re.sub(r"[-_]+", " ", name).strip().capitalize()
