"""Failure modes with a name, and the words by which a runbook for one is known."""

import posixpath
import re
from collections.abc import Mapping, Sequence

from hardpoint.assurance.runbooks.library import Runbook
from hardpoint.assurance.runbooks.parts import plain

_FAILS = """outage|down|fail|fails|failure|failures|failing|unavailable|error|errors|incident|broken|degraded
    |degradation|lockout"""
_SLOW = "latency|slow|slowness|spike|spikes|saturation|overload|performance|degraded|degradation|timeouts"
_AUTH = "auth|authentication|authorization|login|log in|sign in|signin|sso|identity|oidc|idp|keycloak|okta"
_DATABASE = "db|database|databases|postgres|postgresql|mysql|mariadb|sql|aurora|rds|sqlite"
_EMAIL = "email|e mail|emails|mail|mailer|smtp|ses|sendgrid|mailgun|postmark"
_CACHE = """redis|valkey|cache|caching|memcached|rate limit|rate limits|rate limiter|rate limiting|ratelimit|ratelimiter
    |limiter|throttling"""

KNOWN: Mapping[str, Sequence[str]] = {
    "auth-outage": (_AUTH, _FAILS),
    "database-latency": (_DATABASE, _SLOW),
    "email-provider": (_EMAIL, f"{_FAILS}|provider|delivery|bounce|bounces|queue|delay|delayed"),
    "cache-and-rate-limiter": (
        _CACHE,
        f"{_FAILS}|{_SLOW}|eviction|evictions|stampede|memory|exhausted|exhaustion|flush",
    ),
}
"""The failure modes that there are templates for: a title with a word of each list is about one."""

_KEYS = ("failure_mode", "failure_modes", "failure", "mode")


def answers(runbook: Runbook, mode: str) -> bool:
    """Whether a runbook is for a failure mode: it says so in its front matter, or its title or file's name does."""
    said = " ".join(runbook.page.front.get(key, "") for key in _KEYS)
    if plain(mode) in plain(said.replace(",", " ")):
        return True
    stem = posixpath.splitext(runbook.file)[0]
    own_name = posixpath.basename(stem if posixpath.basename(stem).lower() != "readme" else posixpath.dirname(stem))
    return any(_speaks(text, mode) for text in (own_name, runbook.page.title))


def _speaks(text: str, mode: str) -> bool:
    words = f" {plain(re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', text))} "
    if mode not in KNOWN:
        return all(f" {word} " in words for word in plain(mode).split())
    return all(any(f" {phrase.strip()} " in words for phrase in listed.split("|")) for listed in KNOWN[mode])
