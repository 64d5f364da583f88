"""SPDX 2.2 and 2.3 in tag-value form: the packages of a product and their licences."""

import re
from collections.abc import Iterator, Sequence

from hardpoint.assurance.reports.licences import LICENCE_FACTS, Package, read_packages
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_VERSIONS = ("SPDX-2.2", "SPDX-2.3")
_TAG = re.compile(r"([A-Za-z]+):[ \t]*(.*)")
_RELATED = re.compile(r"(\S+)\s+(\S+)\s+(\S+)")
_LICENCES = ("PackageLicenseConcluded", "PackageLicenseDeclared")
_OUTSIDE = ("DocumentRef-", "NOASSERTION", "NONE")


@importer(
    "spdx-tag-value",
    title="SPDX bills of material in tag-value form",
    facts=LICENCE_FACTS,
    recognises=lambda start: re.search(rb"^\s*SPDXVersion:[ \t]*SPDX-", start, re.MULTILINE) is not None,
    good=b"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\n\nPackageName: flask\nSPDXID: SPDXRef-flask\n"
    b"PackageLicenseDeclared: BSD-3-Clause\n\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-flask\n",
    bad=b"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\n\nPackageName: flask\nSPDXID: SPDXRef-flask\n",
)
def spdx_tag_value(data: bytes) -> Report:
    """The same as of JSON. Without relationships, which come last, or with one to what is not there, it was cut off."""
    tags = list(_tags(data))
    version = next((value for _, tag, value in tags if tag == "SPDXVersion"), "")
    if version not in _VERSIONS:
        raise UnreadableProblem(f"is {version[:40]!r}; {' and '.join(_VERSIONS)} are read")
    _refuse_cut_off(tags, ended=data.endswith(b"\n"))
    packages: list[dict[str, str]] = []
    for _, tag, value in tags:
        if tag == "PackageName":
            packages.append({"PackageName": value})
        elif packages and tag in _LICENCES:
            packages[-1][tag] = value
    return read_packages(
        [
            Package(name=each["PackageName"], licences=tuple(each.get(licence, "") for licence in _LICENCES))
            for each in packages
        ],
        sum(tag == "FileName" for _, tag, _ in tags),
        creators=[value for _, tag, value in tags if tag == "Creator"],
        time=next((value for _, tag, value in tags if tag == "Created"), None),
    )


def _tags(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Line, tag and value of each line; text between `<text>` and `</text>` may go over several."""
    try:
        lines = data.removeprefix(b"\xef\xbb\xbf").decode().splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8 (byte {error.start})") from error
    inside = 0
    for at, line in enumerate(lines, 1):
        if not inside and line.strip() and not line.lstrip().startswith("#"):
            match = _TAG.match(line.strip())
            if match is None:
                raise UnreadableProblem("has a line that is no tag and value", place=Place("", at))
            yield at, match[1], match[2].strip()
        inside = (inside or at) if (inside or "<text>" in line) and "</text>" not in line else 0
    if inside:
        raise UnreadableProblem("has a <text> without its end", place=Place("", inside))


def _refuse_cut_off(tags: Sequence[tuple[int, str, str]], *, ended: bool) -> None:
    last = tags[-1][0]
    if not ended:
        raise UnreadableProblem("ends within a line", place=Place("", last))
    there = {value for _, tag, value in tags if tag == "SPDXID"}
    related = [(at, _RELATED.fullmatch(value)) for at, tag, value in tags if tag == "Relationship"]
    if not related:
        raise UnreadableProblem("has no relationships, so it was cut off", place=Place("", last))
    for at, match in related:
        for name in (match[1], match[3]) if match else ("what is no relationship",):
            if name not in there and not name.startswith(_OUTSIDE):
                raise UnreadableProblem(f"relates {name[:80]}, which is not in it", place=Place("", at))
