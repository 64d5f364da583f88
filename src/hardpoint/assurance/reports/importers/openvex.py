"""OpenVEX: what a team or a supplier says of vulnerabilities in its products (OpenVEX 0.2.0)."""

from dataclasses import dataclass
from typing import Literal

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    canonical_purl,
    exposed,
    instant_in,
    is_open,
    refuse_near_misses,
    risk_facts,
)
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, State
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "openvex"
_Status = Literal["not_affected", "affected", "fixed", "under_investigation"]
_STATES: dict[_Status, State] = {
    "not_affected": State.NOT_AFFECTED,
    "affected": State.OPEN,
    "fixed": State.FIXED,
    "under_investigation": State.UNDER_INVESTIGATION,
}


@dataclass(slots=True, kw_only=True)
class _Named:
    name: str = ""
    aliases: list[str] | None = None
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class _Statement:
    vulnerability: _Named | str
    status: _Status
    products: list[dict[str, object] | str] | None = None
    justification: str | None = None
    impact_statement: str | None = None
    action_statement: str | None = None


@dataclass(slots=True, kw_only=True)
class _Document:
    author: str
    statements: list[_Statement]
    timestamp: str | None = None


@dataclass(slots=True, kw_only=True)
class _Product:
    id: str | None = None
    identifiers: dict[str, str] | None = None
    subcomponents: list[dict[str, object] | str] | None = None


@importer(
    "openvex",
    title="OpenVEX statements on vulnerabilities of products",
    facts={
        **RISK_FACTS,
        "suppressed": "vulnerabilities that are fixed, or said not to affect",
        "statements": "statements in the document",
    },
    recognises=lambda start: start.lstrip().startswith(b"{") and b"openvex.dev/ns" in start,
    good=b'{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Shop", '
    b'"timestamp": "2026-03-31T10:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2024-1234"}, '
    b'"products": [{"@id": "pkg:pypi/shop@1.0.0"}], "status": "not_affected", "justification": '
    b'"vulnerable_code_not_present"}]}',
    bad=b'{"@context": "https://openvex.dev/ns/v0.2.0", "author": "Shop", "statements": [{"vulnerability": {"name": '
    b'"CVE-2024-1234"}, "status": "unaffected"}]}',
)
def openvex(data: bytes) -> Report:
    """One finding for each product, or each of its subcomponents, in a statement; its status is the state.

    OpenVEX rates nothing, so what is open is medium, and its text says so.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    refuse_near_misses(content, ("products", "subcomponents"))
    document = encoding.decode(content, _Document, what="The OpenVEX document")
    findings = [found for statement in document.statements for found in _findings(statement)]
    return Report(
        producer=Producer(name=document.author or TOOL),
        population=len(document.statements),
        facts={
            **risk_facts(findings),
            "suppressed": sum(not is_open(each) for each in findings),
            "statements": len(document.statements),
        },
        findings=tuple(findings),
        time=instant_in(document.timestamp),
    )


def _findings(statement: _Statement) -> list[Finding]:
    given = statement.vulnerability
    named = _Named(name=given) if isinstance(given, str) else given
    packages = [package for product in statement.products or () for package in _packages(product)]
    why = statement.impact_statement or statement.justification or named.description or ""
    return [
        exposed(
            rule=named.name,
            word="",
            place=Place(""),
            text=": ".join(filter(None, (f"{package or 'a product'} is {statement.status}", why))),
            remedy=statement.action_statement or "",
            tool=TOOL,
            aliases=aliases_in(named.name, *(named.aliases or ())),
            package=canonical_purl(package),
            state=_STATES[statement.status],
        )
        for package in dict.fromkeys(packages) or ("",)
    ]


def _packages(given: dict[str, object] | str) -> list[str]:
    """What a statement is about: the subcomponents of a product, for there the vulnerability is, else the product."""
    product = _product(given)
    return [_named(_product(each)) for each in product.subcomponents or ()] or [_named(product)]


def _product(given: dict[str, object] | str) -> _Product:
    if isinstance(given, str):
        return _Product(id=given)
    renamed = {"id" if key == "@id" else key: value for key, value in given.items()}
    return encoding.convert(renamed, _Product, what="A product")


def _named(product: _Product) -> str:
    return (product.identifiers or {}).get("purl") or product.id or ""
