"""JSON of size-limit (`size-limit --json`): bundles and their budgets."""

import re
from dataclasses import dataclass

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

TOOL = "size-limit"
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_ITS_OWN = (b'"passed"', b'"sizeLimit"', b'"timeLimit"', b'"running"')


@dataclass(slots=True, kw_only=True)
class _Bundle:
    name: str
    size: float | None = None
    passed: bool | None = None
    sizeLimit: float | None = None  # noqa: N815 - size-limit's name


@importer(
    "size-limit",
    title="size-limit's JSON on bundles",
    facts={
        "bundles": "bundles that were measured",
        "exceeded": "those over their budget",
        "unlimited": "those without a budget",
        "size_bytes": "bytes over all bundles",
        "largest_bytes": "bytes of the largest bundle",
    },
    recognises=lambda start: (
        _BEGINS.match(start) is not None
        and b'"name"' in start
        and b'"size"' in start
        and any(key in start for key in _ITS_OWN)
    ),
    good=b'[{"name": "app", "passed": true, "size": 900, "sizeLimit": 1000}]',
    bad=b'[{"name": "app", "passed": true, "size": 900, "sizeLimit": 1000}',
    made_by="size-limit 13.1",
)
def size_limit(data: bytes) -> Report:
    """A bundle is over its budget if the tool says so or its size is; each has a fact `NAME.size_bytes` of its own."""
    bundles = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), list[_Bundle], what="size-limit's JSON")
    if any(each.size is not None and each.size < 0 for each in bundles):
        raise UnreadableProblem("says that a bundle is smaller than nothing (`$[].size`)")
    sizes = [each.size for each in bundles if each.size is not None]
    exceeded = [each for each in bundles if _exceeds(each)]
    return Report(
        producer=Producer(name=TOOL),
        population=len(bundles),
        facts={
            "bundles": len(bundles),
            "exceeded": len(exceeded),
            "unlimited": sum(each.passed is None and each.sizeLimit is None for each in bundles),
            "size_bytes": sum(sizes),
            "largest_bytes": max(sizes, default=0),
            **{f"{each.name}.size_bytes": each.size for each in bundles if each.size is not None},
        },
        findings=tuple(_finding(each) for each in exceeded),
    )


def _exceeds(bundle: _Bundle) -> bool:
    over = bundle.size is not None and bundle.sizeLimit is not None and bundle.size > bundle.sizeLimit
    return bundle.passed is False or over


def _finding(bundle: _Bundle) -> Finding:
    size, limit = (f"{each:g} bytes" if each is not None else "more" for each in (bundle.size, bundle.sizeLimit))
    return Finding(
        rule=bundle.name,
        severity=Severity.ERROR,
        place=Place(""),
        text=f"{bundle.name} is {size}; its budget is {limit}" if bundle.sizeLimit else f"{bundle.name} is over budget",
        tool=TOOL,
    )
