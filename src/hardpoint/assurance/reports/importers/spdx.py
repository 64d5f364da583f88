"""SPDX 2.2 and 2.3 in JSON: the packages of a product and their licences."""

from dataclasses import dataclass

from hardpoint.assurance.reports.licences import LICENCE_FACTS, Package, read_packages
from hardpoint.kernel import encoding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.problem import UnreadableProblem

_VERSIONS = ("SPDX-2.2", "SPDX-2.3")


@dataclass(slots=True, kw_only=True)
class _Package:
    name: str
    licenseConcluded: str | None = None  # noqa: N815 - the names here and below are SPDX's
    licenseDeclared: str | None = None  # noqa: N815
    filesAnalyzed: bool = True  # noqa: N815


@dataclass(slots=True, kw_only=True)
class _Creation:
    created: str | None = None
    creators: list[str] | None = None


@dataclass(slots=True, kw_only=True)
class _Document:
    spdxVersion: str  # noqa: N815
    packages: list[_Package]
    files: list[dict[str, object]] | None = None
    creationInfo: _Creation | None = None  # noqa: N815


@importer(
    "spdx",
    title="SPDX bills of material in JSON",
    facts=LICENCE_FACTS,
    recognises=lambda start: start.lstrip().startswith(b"{") and (b'"spdxVersion"' in start or b'"SPDXID"' in start),
    good=b'{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [{"SPDXID": "SPDXRef-flask", "name": '
    b'"flask", "licenseConcluded": "BSD-3-Clause", "licenseDeclared": "BSD-3-Clause"}]}',
    bad=b'{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [{"SPDXID": "SPDXRef-flask", }]}',
    made_by="npm 11.19.1",
)
def spdx(data: bytes) -> Report:
    """No findings: SPDX names packages and licences. A licence that is `NOASSERTION` or `NONE` is not known."""
    document = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Document, what="The SPDX document")
    if document.spdxVersion not in _VERSIONS:
        raise UnreadableProblem(f"is {document.spdxVersion[:40]!r}; {' and '.join(_VERSIONS)} are read")
    creation = document.creationInfo or _Creation()
    packages = [
        Package(name=each.name, licences=(each.licenseConcluded or "", each.licenseDeclared or ""))
        for each in document.packages
    ]
    return read_packages(packages, len(document.files or ()), creators=creation.creators or (), time=creation.created)
