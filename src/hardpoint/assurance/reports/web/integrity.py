"""Subresource integrity: whether scripts of other sites are what they were when they were chosen (W3C SRI)."""

from collections.abc import Sequence
from ipaddress import ip_address

from hardpoint.assurance.reports.web.html import Script, host_of
from hardpoint.assurance.reports.web.site import HTML_TYPES

_WORST_LAST = (
    "sri-implemented-but-external-scripts-not-loaded-securely",
    "sri-not-implemented-but-external-scripts-loaded-securely",
    "sri-not-implemented-and-external-scripts-not-loaded-securely",
)
_SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "govt", "gouv", "ltd", "me", "mil", "net", "ne", "or", "org", "plc", "sch"}
)
_COUNTRY = 2


def judge(content_type: str, scripts: Sequence[Script], hostname: str, *, is_https: bool) -> str:
    """The result for a page of that type with these scripts."""
    if content_type.split(";", maxsplit=1)[0] not in HTML_TYPES:
        return "sri-not-implemented-response-not-html"
    if not scripts:
        return "sri-not-implemented-but-no-scripts-loaded"
    found: list[str] = []
    foreign = own_with_integrity = False
    for script in scripts:
        if not script.src:
            continue
        scheme = script.src.partition(":")[0] if script.src.startswith(("http://", "https://")) else ""
        without_scheme = script.src.startswith("//") and script.src[2:3] not in {"", "/"}
        if without_scheme or (scheme and site_of(host_of(script.src)) != site_of(hostname)):
            foreign = True
            found += _foreign(script, is_secure=scheme == "https")
        elif script.integrity and (scheme == "https" or (not scheme and is_https)):
            own_with_integrity = True
    if found:
        return max(found, key=_WORST_LAST.index)
    if own_with_integrity:
        return "sri-implemented-and-all-scripts-loaded-securely"
    if foreign:
        return "sri-implemented-and-external-scripts-loaded-securely"
    return "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


def _foreign(script: Script, *, is_secure: bool) -> list[str]:
    if script.integrity:
        return [] if is_secure else [_WORST_LAST[0]]
    return [_WORST_LAST[1] if is_secure else _WORST_LAST[2]]


def site_of(host: str) -> str:
    """The domain that somebody registered; a host that is an address is its own.

    The list of public suffixes is not asked: below a country's second level such as `co.uk` three labels count, and
    elsewhere two.
    """
    try:
        ip_address(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        below_country = len(labels) > 1 and len(labels[-1]) == _COUNTRY and labels[-2] in _SECOND_LEVEL
        return ".".join(labels[-3 if below_country else -2 :])
    return host
