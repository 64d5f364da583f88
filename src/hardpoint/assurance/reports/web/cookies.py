"""Cookies as a browser would keep them (RFC 6265bis), and how well they are guarded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from hardpoint.assurance.reports.web.site import SPACE, CookieSet

_WORST_LAST = (
    "cookies-without-secure-flag-but-protected-by-hsts",
    "cookies-without-secure-flag",
    "cookies-session-without-secure-flag-but-protected-by-hsts",
    "cookies-samesite-flag-invalid",
    "cookies-anticsrf-without-samesite-flag",
    "cookies-session-without-httponly-flag",
    "cookies-session-without-secure-flag",
)
_SAME_SITE = frozenset({"lax", "strict", "none"})
_NOT_JUDGED = frozenset({"heroku-session-affinity"})
"""A load balancer's own, which no application can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie that was kept."""

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    http_only: bool
    same_site: str

    @property
    def is_session(self) -> bool:
        """Whether its name says that it carries a login."""
        return any(word in self.name.lower() for word in ("login", "sess"))


def kept(cookies: Iterable[CookieSet]) -> list[Cookie]:
    """What a browser would keep: of several of one name, domain and path the last."""
    found: dict[tuple[str, str, str], Cookie] = {}
    for each in cookies:
        cookie = _read(each)
        if cookie is not None:
            found[cookie.domain, cookie.path, cookie.name] = cookie
    return list(found.values())


def judge(cookies: Sequence[CookieSet], headers: Sequence[str], *, has_hsts: bool) -> str:
    """The result for the cookies that were set, and the `Set-Cookie` headers of the page itself."""
    judged = [cookie for cookie in kept(cookies) if cookie.name and cookie.name not in _NOT_JUDGED]
    if not judged:
        return "cookies-not-found"
    found = {fault for cookie in judged for fault in _faults(cookie, has_hsts=has_hsts)}
    if any(map(_has_invalid_same_site, headers)):
        found.add("cookies-samesite-flag-invalid")
    if found:
        return max(found, key=_WORST_LAST.index)
    everywhere = all(cookie.same_site for cookie in judged)
    return "cookies-secure-with-httponly-sessions" + ("-and-samesite" if everywhere else "")


def _faults(cookie: Cookie, *, has_hsts: bool) -> Iterable[str]:
    protected = "-but-protected-by-hsts" if has_hsts else ""
    if not cookie.secure:
        yield f"cookies-without-secure-flag{protected}"
        if cookie.is_session:
            yield f"cookies-session-without-secure-flag{protected}"
        if cookie.same_site == "none":
            yield "cookies-samesite-flag-invalid"
    if "csrf" in cookie.name.lower() and not cookie.same_site:
        yield "cookies-anticsrf-without-samesite-flag"
    if cookie.is_session and not cookie.http_only:
        yield "cookies-session-without-httponly-flag"


def _has_invalid_same_site(header: str) -> bool:
    for part in header.strip(SPACE).split(";"):
        name, *values = part.strip(SPACE).split("=")
        if name.strip(SPACE).lower() == "samesite":
            value = values[0] if values else ""
            if not value or value.strip(SPACE).lower() not in _SAME_SITE:
                return True
    return False


def _read(given: CookieSet) -> Cookie | None:
    """RFC 6265bis, section 5.6 and 5.7; None for what is not kept."""
    url = urlsplit(given.url)
    host = (url.hostname or "").lower()
    pair, _, rest = given.header.strip(SPACE).partition(";")
    for end in "\n\r\0":
        pair = pair.partition(end)[0]
    name, equals, value = (word.strip(SPACE) for word in pair.partition("="))
    if not equals or pair.startswith("=") or any(char < " " for char in name + value):
        return None
    attributes = dict(_attributes(rest))
    domain = attributes.get("domain", "").removeprefix(".").lower()
    path = attributes.get("path", "")
    if domain and not _is_within(host, domain):
        return None
    cookie = Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=path if path.startswith("/") else _default_path(url.path),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=same_site if (same_site := attributes.get("samesite", "").lower()) in _SAME_SITE else "",
    )
    is_unsafe = name.startswith(("__Secure-", "__Host-")) and not cookie.secure
    is_elsewhere = name.startswith("__Host-") and (bool(domain) or cookie.path != "/")
    return None if is_unsafe or is_elsewhere else cookie


def _attributes(text: str) -> Iterable[tuple[str, str]]:
    for part in text.split(";"):
        name, _, value = part.strip(SPACE).partition("=")
        name, value = name.strip(SPACE).lower(), value.strip(SPACE)
        if name and (value or name != "domain"):  # an empty domain is ignored; of the others the last counts
            yield name, value


def _is_within(host: str, domain: str) -> bool:
    """Domain matching (section 5.1.3); a single label is a public suffix, of which nobody may set cookies."""
    if host == domain:
        return "." in domain or ":" in domain
    try:
        ip_address(host)
    except ValueError:
        return "." in domain and host.endswith(f".{domain}")
    return False


def _default_path(path: str) -> str:
    """Section 5.1.4."""
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"
