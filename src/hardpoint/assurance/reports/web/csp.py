"""Content-Security-Policy: which sources a page's policies leave open (CSP level 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote_to_bytes

from hardpoint.assurance.reports.web.site import SPACE, SPACES

Policy = Mapping[str, frozenset[str]]
"""The sources of each directive."""

_SHORTEST = len("img-src") - 1
_TWICE_ALLOWED = frozenset({"report-uri", "report-to"})
_NOT_IN_META = ("frame-ancestors", "report-uri", "sandbox")
_BROAD = frozenset({"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"})
_INLINE = frozenset({"'unsafe-inline'", "data:"})
_NONE = "'none'"
_PROOFS = ("'sha256-", "'sha384-", "'sha512-", "'nonce-")
_PASSIVE = ("img-src", "media-src")
_PUNCTUATION = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
# Letters of one policy are compared as the root collation of Unicode orders them: what is a prefix comes first.
_RANK = {char: rank for rank, char in enumerate(_PUNCTUATION + "0123456789abcdefghijklmnopqrstuvwxyz")}


class InvalidPolicyError(ValueError):
    """A policy is too short, has a directive twice, or cannot be decoded."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Several policies as one: only what every one of them allows."""

    policy: Policy
    has_duplicates: bool = False
    """Whether a directive that may be there twice is."""


@dataclass(slots=True)
class _Source:
    text: str
    policy: int
    keep: bool


def parse(policies: Sequence[str]) -> Parsed:
    """The policies joined.

    Raises InvalidPolicyError if one is shorter than the shortest directive, or has a directive twice.
    """
    cleaned = [text.replace("\r", "").replace("\n", "").strip(SPACE) for text in policies]
    if any(len(text) < _SHORTEST for text in cleaned):
        raise InvalidPolicyError("a policy is too short")
    joined: dict[str, list[_Source]] = {}
    duplicates = False
    for index, text in enumerate(cleaned):
        seen: set[str] = set()
        for directive, words in _directives(text):
            if directive in seen and directive not in _TWICE_ALLOWED:
                raise InvalidPolicyError(f"{directive} is there twice")
            duplicates = duplicates or directive in seen
            seen.add(directive)
            sources = words or ([_NONE] if directive.endswith("-src") else [])
            before = joined.get(directive, []) if index else []
            joined[directive] = _join(before, [_Source(each, index, index == 0) for each in sources])
            if index == 0 and len(cleaned) > 1:  # from now on a source must be in another policy too
                for source in joined[directive]:
                    source.keep = False
    policy = {name: frozenset(each.text for each in sources) or frozenset({_NONE}) for name, sources in joined.items()}
    return Parsed(policy, duplicates)


def parse_meta(policies: Sequence[str]) -> Policy:
    """The policies of `<meta>` elements, where some directives do not count (HTML, section 4.2.5.3)."""
    policy = parse(policies).policy
    return {name: sources for name, sources in policy.items() if name not in _NOT_IN_META}


def _directives(text: str) -> Iterable[tuple[str, list[str]]]:
    for part in text.split(";"):
        name, *words = SPACES.split(part.strip(SPACE))
        if name:
            yield name.lower(), [word.lower() for word in words]


def _join(before: Sequence[_Source], added: Sequence[_Source]) -> list[_Source]:
    """Without what a shorter source of the same policy covers, and with what two policies have."""
    sources = sorted([*before, *added], key=lambda source: _collated(source.text))
    for previous, source in pairwise(sources):
        if source.policy == previous.policy and source.text.startswith(previous.text):
            source.keep = False
        if source.policy != previous.policy and _covers(previous.text, source.text):
            source.keep = True
    return [source for source in sources if source.keep]


def _collated(text: str) -> tuple[int, ...]:
    return tuple(_RANK.get(char, len(_RANK) + ord(char)) for char in text)


def _covers(path: str, other: str) -> bool:
    """Path matching of CSP level 3, section 6.7.2.12."""
    if not path or (path == "/" and not other):
        return True
    exact = not path.endswith("/")
    ours, theirs = path.split("/"), other.split("/")
    if len(ours) > len(theirs) or (exact and len(ours) != len(theirs)):
        return False
    if not exact:
        ours.pop()
    return all(_decoded(one) == _decoded(two) for one, two in zip(ours, theirs, strict=False))


def _decoded(text: str) -> str:
    """As `decodeURIComponent`, which refuses a `%` without two hexadecimal digits and what is no UTF-8."""
    for at, char in enumerate(text):
        if char == "%" and not all(each in "0123456789abcdef" for each in text[at + 1 : at + 3].ljust(2, "x")):
            raise InvalidPolicyError("a source cannot be decoded")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise InvalidPolicyError("a source cannot be decoded") from error


@dataclass(frozen=True, slots=True)
class Judged:
    """What policies come to: the result's name, and whether `frame-ancestors` is among their directives."""

    result: str
    frames_limited: bool = False


def judge(headers: Sequence[str], metas: Sequence[str], *, report_only: bool, is_https: bool) -> Judged:
    """The result for a page with these policies in its headers and its `<meta>` elements."""
    try:
        parsed = parse([*headers, *metas])
    except InvalidPolicyError:
        return Judged("csp-header-invalid")
    if not _parsed_or_nothing(headers) and not _meta_or_nothing(metas):
        reporting = "-but-reporting-enabled" if report_only else ""
        return Judged(f"csp-not-implemented{reporting}")
    result = _result(parsed.policy, is_https=is_https)
    if parsed.has_duplicates and result in _PASSES:
        result = "csp-implemented-but-duplicate-directives"
    return Judged(result, "frame-ancestors" in parsed.policy)


_PASSES = frozenset(
    {
        "csp-implemented-with-no-unsafe",
        "csp-implemented-with-no-unsafe-default-src-none",
        "csp-implemented-with-unsafe-inline-in-style-src-only",
        "csp-implemented-with-insecure-scheme-in-passive-content-only",
    }
)


def _parsed_or_nothing(headers: Sequence[str]) -> Policy:
    try:
        return parse(headers).policy
    except InvalidPolicyError:
        return {}


def _meta_or_nothing(metas: Sequence[str]) -> Policy:
    try:
        return parse_meta(metas)
    except InvalidPolicyError:
        return {}


def _result(policy: Policy, *, is_https: bool) -> str:  # noqa: PLR0911 - the order of the questions is the rule
    sources = {name: set(each) for name, each in policy.items()}
    default = sources.get("default-src")
    # A directive that falls back shares the very set: what a nonce takes from it, it takes from all that fall back.
    objects, scripts, styles = (
        sources.get(name, default if default is not None else {"*"})
        for name in ("object-src", "script-src", "style-src")
    )
    for each in (scripts, styles):
        if _has_proof(each):
            each.discard("'unsafe-inline'")
    if "'strict-dynamic'" in scripts:
        if not _has_proof(scripts):
            return "csp-header-invalid"
        scripts -= {each for each in scripts if each.startswith(tuple(_BROAD)) or each in {"'self'", "'unsafe-inline'"}}
    active = scripts.union(*(each for name, each in sources.items() if name not in {*_PASSIVE, "script-src"}))
    passive = set[str]().union(*(sources.get(name, default or set()) for name in _PASSIVE))
    if scripts & (_BROAD | _INLINE) or objects & _BROAD:
        return "csp-implemented-with-unsafe-inline"
    if is_https and _has_insecure(active):
        return "csp-implemented-with-insecure-scheme"
    if "'unsafe-eval'" in scripts | styles:
        return "csp-implemented-with-unsafe-eval"
    if is_https and _has_insecure(passive):
        return "csp-implemented-with-insecure-scheme-in-passive-content-only"
    if styles & (_BROAD | _INLINE):
        return "csp-implemented-with-unsafe-inline-in-style-src-only"
    return "csp-implemented-with-no-unsafe" + ("-default-src-none" if default == {_NONE} else "")


def _has_proof(sources: Iterable[str]) -> bool:
    """Whether a nonce or a hash says which scripts or styles are meant: then 'unsafe-inline' is ignored."""
    return any(source.startswith(_PROOFS) for source in sources)


def _has_insecure(sources: Iterable[str]) -> bool:
    return any(source.startswith(("http:", "ftp:")) for source in sources)
