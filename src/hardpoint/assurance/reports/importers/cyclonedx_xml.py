"""CycloneDX in XML: the components of a product, and its known vulnerabilities."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardpoint.assurance.reports.bills import BILL_FACTS, Bill, Component, Rating, Vulnerability, read_bill
from hardpoint.assurance.reports.xml import read_elements
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_SCORE = re.compile(r"[0-9]{1,2}(\.[0-9]+)?")


@dataclass(slots=True)
class _Part:
    """A component that is being read."""

    ref: str = ""
    name: str = ""
    version: str = ""
    purl: str = ""
    licensed: bool = False


@dataclass(slots=True)
class _Weakness:
    """A vulnerability that is being read, with the rating that is."""

    id: str = ""
    also: list[str] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    rating: dict[str, str] = field(default_factory=dict)
    affects: list[str] = field(default_factory=list)
    state: str = ""
    text: str = ""
    remedy: str = ""


@dataclass(slots=True)
class _Reading:
    """What has been read of a bill so far; `path` is the way to where the reader is."""

    path: list[str] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    weakness: _Weakness | None = None
    components: list[Component] = field(default_factory=list)
    others: list[Component] = field(default_factory=list)
    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    time: str | None = None

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.path.append(name)
        if len(self.path) == 1 and name != "bom":
            raise UnreadableProblem(f"begins with <{name}>, not with <bom>", place=place)
        if name == "component":
            self.parts.append(_Part(ref=attributes.get("bom-ref", "")))
        elif name == "vulnerability" and self.weakness is None:
            ref = attributes.get("ref", "")  # of the extension that came before CycloneDX 1.4
            self.weakness = _Weakness(affects=[ref] if ref else [])

    def end(self, name: str, text: str) -> None:
        self.path.pop()
        above = self.path[-1] if self.path else ""
        if self.weakness is not None:
            self._of_vulnerability(self.weakness, name, above, text.strip())
        elif name == "component":
            part = self.parts.pop()
            component = Component(
                ref=part.ref, name=part.name, version=part.version, purl=part.purl, licensed=part.licensed
            )
            (self.others if "metadata" in self.path else self.components).append(component)
        elif self.parts and above == "component" and name in {"name", "version", "purl"}:
            setattr(self.parts[-1], name, text.strip())
        elif self.parts and above == "licenses" and self.path[-2:-1] == ["component"]:
            self.parts[-1].licensed = True
        elif above == "metadata" and name == "timestamp":
            self.time = text.strip()

    def _of_vulnerability(self, found: _Weakness, name: str, above: str, text: str) -> None:
        if name == "vulnerability":
            self._finish(found)
        elif above == "vulnerability":
            _direct(found, name, text)
        elif above in {"rating", "score"}:
            found.rating[name] = text
            if name == "score" and "base" in found.rating:
                found.rating["score"] = found.rating["base"]
        elif name == "rating":
            found.ratings.append(_rated(found.rating))
            found.rating = {}
        elif (name, above) == ("id", "reference"):
            found.also.append(text)
        elif (name, above) == ("ref", "target"):
            found.affects.append(text)
        elif (name, above) == ("state", "analysis"):
            found.state = text
        elif (name, above) == ("recommendation", "recommendations"):
            found.remedy = text

    def _finish(self, found: _Weakness) -> None:
        self.vulnerabilities.append(
            Vulnerability(
                id=found.id,
                also=found.also,
                ratings=found.ratings,
                affects=found.affects,
                state=found.state,
                text=found.text,
                remedy=found.remedy,
            )
        )
        self.weakness = None


@importer(
    "cyclonedx-xml",
    title="CycloneDX bills of material and VEX in XML",
    facts=BILL_FACTS,
    recognises=lambda start: b"<bom" in start and b"cyclonedx.org/schema/bom" in start,
    good=b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components><component type="library"><name>'
    b"flask</name><version>3.0.0</version><purl>pkg:pypi/flask@3.0.0</purl></component></components></bom>",
    bad=b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components><component type="library"></bom>',
    made_by="cyclonedx-py 7.5.0 and pip-audit 2.10.1",
)
def cyclonedx_xml(data: bytes) -> Report:
    """The same as of JSON. The vulnerabilities of the extension that came before CycloneDX 1.4 are read too."""
    reading = _Reading()
    read_elements(data, reading.start, reading.end)
    return read_bill(
        Bill(
            components=reading.components,
            others=reading.others,
            vulnerabilities=reading.vulnerabilities,
            time=reading.time,
        )
    )


def _direct(found: _Weakness, name: str, text: str) -> None:
    if name == "id":
        found.id = text
    elif name == "recommendation":
        found.remedy = text
    elif name == "description" or (name == "detail" and not found.text):
        found.text = text


def _rated(given: Mapping[str, str]) -> Rating:
    score = given.get("score", "")
    return Rating(
        severity=given.get("severity", ""),
        score=float(score) if _SCORE.fullmatch(score) else None,
        method=given.get("method", ""),
    )
