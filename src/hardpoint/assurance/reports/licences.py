"""Packages and their licences, whatever form of SPDX they were written in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hardpoint.assurance.reports.exposures import instant_in
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report

LICENCE_FACTS: Mapping[str, str] = {
    "packages": "packages in the document",
    "files": "files that it lists",
    "licensed": "packages with a licence, concluded or declared",
    "unlicensed": "packages without one",
    "licenses": "different licence expressions",
}
_UNKNOWN = frozenset({"", "NOASSERTION", "NONE"})
_MADE_BY = "Tool:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package, with the licences that were concluded and declared for it."""

    name: str
    licences: tuple[str, ...] = ()


def read_packages(packages: Sequence[Package], files: int, *, creators: Sequence[str], time: str | None) -> Report:
    """What an SPDX document says; the tool that made it is the first of its creators that is one."""
    known = [{each for each in package.licences if each not in _UNKNOWN} for package in packages]
    tools = [each.removeprefix(_MADE_BY).strip() for each in creators if each.startswith(_MADE_BY)]
    return Report(
        producer=Producer(name=tools[0] if tools else "spdx"),
        population=len(packages),
        facts={
            "packages": len(packages),
            "files": files,
            "licensed": sum(bool(each) for each in known),
            "unlicensed": sum(not each for each in known),
            "licenses": len(set().union(*known)),
        },
        time=instant_in(time),
    )
