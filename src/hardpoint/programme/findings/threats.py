"""Threats: what is known of a vulnerability's exploitation, which raises a risk and never lowers it."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Risk
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.programme.findings.identity import canonical
from hardpoint.programme.findings.model import FindingsPolicy

_ORDER = (Risk.INFO, Risk.LOW, Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL)
RANK: Mapping[Risk, int] = {risk: rank for rank, risk in enumerate(_ORDER)}
_CVE = re.compile(r"CVE-\d{4}-\d+")
_BANDS = ((9.0, Risk.CRITICAL), (7.0, Risk.HIGH), (4.0, Risk.MEDIUM), (0.1, Risk.LOW))


def worst(risks: Iterable[Risk]) -> Risk:
    """The worst of some risks."""
    return max(risks, key=RANK.__getitem__, default=Risk.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threats:
    """What raises a risk: known exploitation, its probability, and where asked for the CVSS score."""

    exploited: frozenset[str] = frozenset()
    probability: Mapping[str, float] = field(default_factory=dict)
    threshold: float = 1.0
    cvss: bool = False

    def raised(self, risk: Risk, names: Iterable[str], score: float | None) -> tuple[Risk, str]:
        """A risk as it is judged, and what raised it; empty if nothing did."""
        found, why = risk, ""
        if self.cvss and score is not None:
            band = next((each for least, each in _BANDS if score >= least), Risk.INFO)
            if RANK[band] > RANK[found]:
                found, why = band, f"its CVSS score is {score:g}"
        known = set(names)
        likely = max((self.probability.get(each, 0.0) for each in known), default=0.0)
        if likely >= self.threshold and self.probability and found is not Risk.CRITICAL:
            found, why = _ORDER[RANK[found] + 1], f"its EPSS probability is {likely:g}"
        if known & self.exploited and found is not Risk.CRITICAL:
            found, why = Risk.CRITICAL, "it is known to be exploited (KEV)"
        return found, why


def threats_of(policy: FindingsPolicy, read: Callable[[str], bytes]) -> Threats:
    """What the files say that the policy names.

    Raises UnreadableProblem for a file that is not what it should be: a threat that is not read raises nothing.
    """
    return Threats(
        exploited=_exploited(read(policy.kev), policy.kev) if policy.kev else frozenset(),
        probability=_probability(read(policy.epss), policy.epss) if policy.epss else {},
        threshold=policy.epss_threshold,
        cvss=policy.cvss,
    )


@dataclass(slots=True, kw_only=True)
class _Exploited:
    cveID: str  # noqa: N815 - CISA's name


@dataclass(slots=True, kw_only=True)
class _Catalogue:
    vulnerabilities: list[_Exploited]
    count: int | None = None


def _exploited(data: bytes, file: str) -> frozenset[str]:
    """CISA's KEV catalogue, JSON schema 1.1."""
    catalogue = encoding.decode(data, _Catalogue, what=file)
    if not catalogue.vulnerabilities:
        raise UnreadableProblem("lists no vulnerability", place=Place(file), remedy="Download the catalogue again.")
    if catalogue.count not in {None, len(catalogue.vulnerabilities)}:
        there = f"lists {len(catalogue.vulnerabilities)} of its {catalogue.count} vulnerabilities"
        raise UnreadableProblem(there, place=Place(file), remedy="Download the catalogue again.")
    return frozenset(_named(each.cveID, Place(file)) for each in catalogue.vulnerabilities)


def _named(text: str, place: Place) -> str:
    name = canonical(text)
    if not _CVE.fullmatch(name):
        raise UnreadableProblem(f"names {text[:40]!r}, which is no CVE", place=place)
    return name


def _probability(data: bytes, file: str) -> dict[str, float]:
    """FIRST's EPSS scores: comments, then the columns `cve` and `epss` among others."""
    try:
        text = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8: {error.reason}", place=Place(file)) from error
    comments = next((at for at, line in enumerate(text) if not line.startswith("#")), len(text))
    rows = csv.DictReader(text[comments:])
    if not {"cve", "epss"} <= set(rows.fieldnames or ()):
        raise UnreadableProblem("has no columns `cve` and `epss`", place=Place(file), remedy="FIRST's CSV has them.")
    found: dict[str, float] = {}
    try:
        for row in rows:
            place = Place(file, comments + rows.line_num)
            name, probability = _named(row["cve"], place), _score(row, place)
            found[name] = max(probability, found.get(name, 0.0))
    except csv.Error as error:
        raise UnreadableProblem(f"is no CSV: {error}", place=Place(file, comments + rows.line_num)) from error
    if not found:
        raise UnreadableProblem("has no scores", place=Place(file), remedy="Download them again.")
    return found


def _score(row: Mapping[str, str | None], place: Place) -> float:
    """The probability of a row that is whole: one that was cut off may be cut within its score."""
    if None in row.values():
        raise UnreadableProblem("is cut off", place=place, remedy="Download the scores again.")
    try:
        probability = float(row["epss"] or "")
    except ValueError as error:
        raise UnreadableProblem("has a score that is no number", place=place) from error
    if not 0 <= probability <= 1:
        raise UnreadableProblem(f"has a probability of {probability:g}", place=place)
    return probability
