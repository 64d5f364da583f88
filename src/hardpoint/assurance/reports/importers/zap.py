"""ZAP's reports: what a web application shows that it should not (traditional XML and JSON)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from hardpoint.assurance.reports.exposures import RISK_FACTS, exposed, instant_in, is_open, risk_facts
from hardpoint.assurance.reports.xml import read_elements
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "zap"
_ROOT = "OWASPZAPReport"
_RISKS: Mapping[str, str] = {"3": "high", "2": "medium", "1": "low", "0": "info"}
_FALSE_POSITIVE = "0"
_GITLAB = re.compile(rb'"(scan|vulnerabilities|remediations)"\s*:')
_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(slots=True, kw_only=True)
class _Instance:
    uri: str = ""


@dataclass(slots=True, kw_only=True)
class _Alert:
    pluginid: str
    riskcode: str
    alert: str = ""
    name: str = ""
    confidence: str = ""
    desc: str = ""
    solution: str = ""
    count: str = ""
    uri: str = ""
    instances: list[_Instance] = field(default_factory=list)


_Site = TypedDict("_Site", {"@name": str, "alerts": list[_Alert]})
_Json = TypedDict("_Json", {"@version": str, "created": NotRequired[str], "site": list[_Site] | _Site})


@dataclass(slots=True, kw_only=True)
class _Scan:
    """What both forms say."""

    version: str
    created: str
    sites: list[_Site]


def _is_zap(start: bytes) -> bool:
    """GitLab's DAST reports once had ZAP's keys beside their own."""
    written_by_zap = b'"@version"' in start and b'"@generated"' in start and not _GITLAB.search(start)
    return b"<" + _ROOT.encode() in start or written_by_zap


@importer(
    "zap",
    title="ZAP's XML and JSON on a web application",
    facts={
        **RISK_FACTS,
        "suppressed": "alerts that were judged to be false",
        "instances": "addresses with an alert, each as often as it has one",
        "sites": "sites that were looked at",
    },
    recognises=_is_zap,
    good=b'<OWASPZAPReport version="2.16.1"><site name="https://a.example" host="a.example"><alerts/></site>'
    b"</OWASPZAPReport>",
    bad=b'<OWASPZAPReport version="2.16.1"><site name="https://a.example" host="a.example"><alerts/></site>',
)
def zap(data: bytes) -> Report:
    """One finding for each alert of a site, at the first address that shows it; what follows `?` is left out."""
    content = data.removeprefix(b"\xef\xbb\xbf")
    scan = _xml(data) if content.lstrip().startswith(b"<") else _json(content)
    alerts = [(site["@name"], each) for site in scan.sites for each in site["alerts"]]
    findings = tuple(_finding(site, each) for site, each in alerts)
    return Report(
        producer=Producer(name=TOOL, version=scan.version),
        population=len(scan.sites),
        facts={
            **risk_facts(findings),
            "suppressed": sum(not is_open(each) for each in findings),
            "instances": sum(_times(each) for _, each in alerts),
            "sites": len(scan.sites),
        },
        findings=findings,
        time=instant_in(scan.created),
    )


def _json(content: bytes) -> _Scan:
    report = encoding.decode(content, _Json, what="ZAP's JSON")
    sites = report["site"]
    return _Scan(
        version=report["@version"],
        created=report.get("created", ""),
        sites=sites if isinstance(sites, list) else [sites],
    )


@dataclass(slots=True)
class _Reading:
    """What has been read of an XML report so far."""

    scan: _Scan = field(default_factory=lambda: _Scan(version="", created="", sites=[]))
    within: list[str] = field(default_factory=list)
    alert: dict[str, object] = field(default_factory=dict)
    instances: list[_Instance] = field(default_factory=list)

    def start(self, name: str, attributes: Mapping[str, str], place: Place) -> None:
        self.within.append(name)
        if len(self.within) == 1:
            if name != _ROOT:
                raise UnreadableProblem(f"begins with <{name}>, not with <{_ROOT}>", place=place)
            self.scan.version, self.scan.created = attributes.get("version", ""), attributes.get("created", "")
        elif name == "site":
            self.scan.sites.append({"@name": attributes.get("name", ""), "alerts": []})
        elif name == "alertitem":
            if not self.scan.sites:
                raise UnreadableProblem("has an <alertitem> outside of a site", place=place)
            self.alert, self.instances = {}, []

    def end(self, name: str, text: str) -> None:
        self.within.pop()
        around = self.within[-1] if self.within else ""
        if name == "alertitem":
            shape = {**self.alert, "instances": self.instances}
            self.scan.sites[-1]["alerts"].append(encoding.convert(shape, _Alert, what="An <alertitem>"))
        elif around == "instance" and name == "uri":
            self.instances.append(_Instance(uri=text.strip()))
        elif around == "alertitem":
            self.alert.setdefault(name, text.strip())


def _xml(content: bytes) -> _Scan:
    reading = _Reading()
    read_elements(content, reading.start, reading.end)
    return reading.scan


def _finding(site: str, alert: _Alert) -> Finding:
    name = alert.alert or alert.name
    return exposed(
        rule=alert.pluginid,
        word=_RISKS.get(alert.riskcode.strip(), alert.riskcode),
        place=Place(next(_addresses(site, alert), "")),
        text=f"{name}: {_plain(alert.desc)}" if name else _plain(alert.desc),
        remedy=_plain(alert.solution)[:500],
        tool=TOOL,
        state=State.NOT_AFFECTED if alert.confidence.strip() == _FALSE_POSITIVE else State.OPEN,
    )


def _addresses(site: str, alert: _Alert) -> Iterator[str]:
    """What follows `?` and `#` may hold a session or a password."""
    for address in (*(each.uri for each in alert.instances), alert.uri, site):
        if address:
            yield re.split("[?#]", address, maxsplit=1)[0]


def _times(alert: _Alert) -> int:
    return max(int(alert.count) if re.fullmatch("[0-9]{1,9}", alert.count) else 0, len(alert.instances), 1)


def _plain(markup: str) -> str:
    """The first paragraph of a description, which both forms give as HTML."""
    paragraphs = (_MARKUP.sub("", part).strip() for part in markup.split("</p>"))
    return next(filter(None, paragraphs), "")
