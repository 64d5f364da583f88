"""Exposures in scanners' reports: risk from words and scores, names of vulnerabilities, package URLs, counts."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity, State
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

MAX_TEXT = 500
MAX_ALIASES = 50

RISK_FACTS: Mapping[str, str] = {
    "findings": "findings that are open",
    **{risk.value: f"those of risk {risk.value}" for risk in Risk},
}
"""The facts that risk_facts() gives, as an importer documents them."""

SEVERITIES: Mapping[Risk, Severity] = {
    Risk.CRITICAL: Severity.ERROR,
    Risk.HIGH: Severity.ERROR,
    Risk.MEDIUM: Severity.WARNING,
    Risk.LOW: Severity.NOTE,
    Risk.INFO: Severity.NOTE,
}

_WORDS: Mapping[str, Risk] = {
    **dict.fromkeys(("critical", "blocker"), Risk.CRITICAL),
    **dict.fromkeys(("high", "important", "severe", "major", "error", "serious"), Risk.HIGH),
    **dict.fromkeys(("medium", "moderate", "warning"), Risk.MEDIUM),
    **dict.fromkeys(("low", "minor"), Risk.LOW),
    **dict.fromkeys(("info", "informational", "information", "negligible", "none", "note"), Risk.INFO),
}
_BANDS = ((9.0, Risk.CRITICAL), (7.0, Risk.HIGH), (4.0, Risk.MEDIUM), (0.1, Risk.LOW))
_CLOSED = frozenset({State.NOT_AFFECTED, State.FIXED})

_ALIAS = re.compile(
    r"(?<![A-Z0-9])(?:(?:CVE|CAN)-[0-9]{4}-[0-9]{4,19}|GHSA(?:-[23456789CFGHJMPQRVWX]{4}){3}"
    r"|(?:PYSEC|GO|RUSTSEC|OSV|MAL|GMS|HSEC|RSEC|BIT)-(?:[A-Z0-9]+-)?[0-9]{4}-[0-9]+"
    r"|SNYK-[A-Z0-9]+-[A-Z0-9]+-[0-9]+)(?![A-Z0-9])",
    re.IGNORECASE,
)

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("npm", "node-pkg", "nodejs", "yarn", "pnpm", "bun", "node", "javascript", "retire.js"), "npm"),
    **dict.fromkeys(
        ("pypi", "pip", "python", "python-pkg", "poetry", "pipenv", "uv", "setuptools", "conda-pkg"), "pypi"
    ),
    **dict.fromkeys(("golang", "go", "gomod", "gomodules", "golangdep", "govendor", "gobinary", "go-module"), "golang"),
    **dict.fromkeys(("maven", "jar", "pom", "gradle", "sbt", "java", "java-archive", "jenkins-plugin"), "maven"),
    **dict.fromkeys(("cargo", "crates.io", "rust", "rust-binary", "rustbinary", "rust-crate"), "cargo"),
    **dict.fromkeys(("gem", "rubygems", "bundler", "gemspec", "ruby"), "gem"),
    **dict.fromkeys(("composer", "packagist", "php", "php-composer", "composer-vendor"), "composer"),
    **dict.fromkeys(("nuget", "dotnet", "dotnet-core", "packages-props", "msbuild", "paket"), "nuget"),
    **dict.fromkeys(("hex", "mix", "mix-lock", "erlang", "elixir"), "hex"),
    **dict.fromkeys(("pub", "dart", "dart-pub"), "pub"),
    **dict.fromkeys(("cocoapods", "pod"), "cocoapods"),
    **dict.fromkeys(("swift", "swifturl"), "swift"),
    **dict.fromkeys(("conan", "c/c++"), "conan"),
    **dict.fromkeys(("conda", "conda-environment"), "conda"),
    **dict.fromkeys(("githubactions", "github-action", "github actions", "actions", "github"), "github"),
    **dict.fromkeys(("deb", "dpkg", "apt", "debian", "ubuntu"), "deb"),
    **dict.fromkeys(("apk", "alpine", "wolfi", "chainguard"), "apk"),
    **dict.fromkeys(
        ("rpm", "redhat", "red hat", "rhel", "centos", "fedora", "rocky", "rocky linux", "alma", "almalinux", "amazon"),
        "rpm",
    ),
    **dict.fromkeys(("oracle", "photon", "mariner", "azurelinux", "azure", "cbl-mariner", "suse", "sles"), "rpm"),
    **dict.fromkeys(("opensuse", "opensuse-leap", "opensuse-leap-micro", "suse linux enterprise server"), "rpm"),
}
"""Package URL types by what tools call their ecosystems, package managers and distributions."""

_DISTRIBUTIONS: Mapping[str, str] = {
    **{name: name for name in ("debian", "ubuntu", "alpine", "wolfi", "chainguard", "redhat", "centos", "fedora")},
    **{name: name for name in ("rocky", "amazon", "oracle", "photon", "opensuse", "suse")},
    **dict.fromkeys(("alma", "almalinux"), "almalinux"),
    **dict.fromkeys(("red hat", "rhel"), "redhat"),
    **dict.fromkeys(("opensuse-leap", "opensuse-leap-micro"), "opensuse"),
    **dict.fromkeys(("sles", "suse linux enterprise server"), "suse"),
    "rocky linux": "rocky",
}
_LOWER_NAMES = frozenset({"apk", "composer", "deb", "github", "golang", "hex", "npm", "pub", "pypi", "rpm"})
_SAFE = "-._~:"
_PURL = re.compile(r"pkg:/*([a-z][a-z0-9.+-]*)/([^?#]+)", re.IGNORECASE)


def risk_named(word: str) -> Risk | None:
    """The risk that a tool's word for a severity stands for, if it is one that scanners use."""
    return _WORDS.get(word.strip().lower())


def risk_scored(score: float) -> Risk:
    """The qualitative rating of a CVSS score (CVSS 3.1, section 5, and 4.0, section 6; GitHub's bands are the same)."""
    return next((risk for least, risk in _BANDS if score >= least), Risk.INFO)


def risk_of(word: str, score: float | None = None) -> Risk:
    """What the tool's word says, else the CVSS score; medium where neither says anything, for unknown is not mild."""
    return risk_named(word) or (Risk.MEDIUM if score is None else risk_scored(score))


def exposed(
    *,
    rule: str,
    word: str,
    place: Place,
    text: str,
    tool: str,
    remedy: str = "",
    fingerprint: str = "",
    aliases: tuple[str, ...] = (),
    package: str = "",
    fixed_in: str = "",
    cvss: float | None = None,
    state: State = State.OPEN,
) -> Finding:
    """A finding of a scanner; `word` is what the tool calls its severity, which its text repeats if that is unknown.

    `cvss` outside of 0.0 to 10.0 is no score. NUL, which no PostgreSQL stores, is left out of what people read.
    """
    score = cvss if cvss is not None and 0 <= cvss <= 10 else None  # noqa: PLR2004 - the scale of CVSS
    risk = risk_of(word, score)
    doubt = "" if risk_named(word) or score is not None else f" (its severity is {word.strip()[:40] or 'unknown'!r})"
    return Finding(
        rule=_stored(rule) or "unnamed",
        severity=SEVERITIES[risk],
        place=place,
        text=one_line(_stored(text))[: MAX_TEXT - len(doubt)] + doubt,
        remedy=_stored(remedy)[:MAX_TEXT],
        tool=tool,
        fingerprint=fingerprint,
        exposure=Exposure(
            risk=risk, aliases=aliases, package=package, fixed_in=_stored(fixed_in)[:MAX_TEXT], cvss=score, state=state
        ),
    )


def _stored(text: str) -> str:
    return text.replace("\x00", "")


def is_open(finding: Finding) -> bool:
    """Whether it still counts: what is under investigation does, what is fixed or does not affect does not."""
    return finding.exposure is None or finding.exposure.state not in _CLOSED


def risk_facts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings are open, and how many of those are of each risk."""
    counts = Counter(each.exposure.risk for each in findings if each.exposure is not None and is_open(each))
    return {"findings": sum(counts.values()), **{risk.value: counts[risk] for risk in Risk}}


def aliases_in(*texts: str | None) -> tuple[str, ...]:
    """The names of vulnerabilities in public databases that stand in the texts, in their usual form, sorted.

    Advisories that gather several vulnerabilities (`RHSA-…`, `DSA-…`, `USN-…`) and weaknesses (`CWE-…`) name no single
    one, so they are left out.
    """
    found = {_alias(match[0]) for text in texts if text for match in _ALIAS.finditer(text)}
    return tuple(sorted(found)[:MAX_ALIASES])


def purl(ecosystem: str, name: str, version: str = "", *, distribution: str = "") -> str:
    """The package URL (purl-spec 1.0) of a package, or nothing where the ecosystem has no type or it has no name.

    `ecosystem` is what a tool calls it (`PyPI`, `node-pkg`, `Debian:12`). Maven's name is `group:artifact`. Qualifiers,
    which every tool fills in its own way, are left out, so that the same package has the same URL.
    """
    word = ecosystem.partition(":")[0].strip().lower()
    kind = _TYPES.get(word)
    if kind is None or not name.strip():
        return ""
    path = name.strip().replace(":", "/") if kind == "maven" else name.strip()
    namespace = _DISTRIBUTIONS.get(distribution.strip().lower() or word, "") if kind in {"apk", "deb", "rpm"} else ""
    return _written(kind, [namespace, *path.split("/")], version)


def canonical_purl(text: str) -> str:
    """A package URL as purl() writes it; nothing if it is none."""
    match = _PURL.match(text.strip())
    if match is None:
        return ""
    path, _, version = match[2].rpartition("@") if "@" in match[2].rpartition("/")[2] else (match[2], "", "")
    return _written(match[1].lower(), [unquote(part) for part in path.split("/")], unquote(version))


def instant_in(written: str | None) -> str | None:
    """The instant that a report names, if it names one: without an offset it does not."""
    try:
        return format_instant(parse_instant(written or ""))
    except UsageProblem:
        return None


def refuse_near_misses(data: bytes, names: Iterable[str]) -> None:
    """For lists that JSON may leave out: a name that is one character off is a damaged one, and its list would be lost.

    Raises UnreadableProblem.
    """
    for name in names:
        expected = name.encode()
        for other in set(re.findall(rb'"([^"\\]{%d})"\s*:' % len(expected), data)):
            if sum(a != b for a, b in zip(other, expected, strict=True)) == 1:
                raise UnreadableProblem(f"has {other.decode(errors='replace')!r}, which may have been {name!r}")


def one_line(text: str) -> str:
    """The first line of a text that says anything."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _alias(name: str) -> str:
    """Upper case, but for what follows `GHSA`."""
    name = name.upper().replace("CAN-", "CVE-") if name[:4].upper() == "CAN-" else name.upper()
    return "GHSA" + name[4:].lower() if name.startswith("GHSA-") else name


def _written(kind: str, path: list[str], version: str) -> str:
    parts = [part for part in path if part]
    if not parts:
        return ""
    if kind in _LOWER_NAMES:
        parts = [part.lower() for part in parts]
    if kind == "pypi":
        parts[-1] = re.sub(r"[-_.]+", "-", parts[-1])
    written = "/".join(quote(part, safe=_SAFE) for part in parts)
    return f"pkg:{kind}/{written}{f'@{quote(version.strip(), safe=_SAFE)}' if version.strip() else ''}"
