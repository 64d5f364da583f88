"""Damaged reports of every kind: never an untyped error, never a pass, never fewer findings.

Every importer's examples and every file under `importers/fixtures/KIND/` take part with no edit here.
"""

import random
from pathlib import Path

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.importer import Importer, Report, read_report
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context

FIXTURES = Path(__file__).with_name("importers") / "fixtures"
IMPORTERS = {each.kind: each for each in Context(capabilities()).collect("importers", Importer)}
FLIPS = 200
WITHOUT_END = frozenset({"yarn-audit/modern.ndjson"})
"""Lines without a count or a last one: a cut between two cannot be told from a shorter report."""
DATA = [path for path in sorted(FIXTURES.glob("*/*")) if path.name != "ORIGIN"]
REPORTS = {
    **{f"{kind}/good": (kind, each.good) for kind, each in IMPORTERS.items()},
    **{f"{path.parent.name}/{path.name}": (path.parent.name, path.read_bytes()) for path in DATA},
}
every_report = pytest.mark.parametrize("name", list(REPORTS))


def read(data: bytes) -> Report | None:
    """What is read, or nothing where the report is refused; any other exception fails the test."""
    try:
        return read_report(data, list(IMPORTERS.values()))[1]
    except UnreadableProblem:
        return None


def came_to_nothing(report: Report | None) -> bool:
    return report is None or report.error is not None or report.population <= 0


@every_report
def test_a_fixture_is_read_by_the_importer_of_its_folder(name):
    kind, data = REPORTS[name]
    assert read_report(data, list(IMPORTERS.values()))[0] == kind


def test_every_folder_of_fixtures_is_of_a_kind():
    assert {path.parent.name for path in DATA} <= set(IMPORTERS)


@pytest.mark.requirement("GAT-15")
@every_report
def test_a_report_that_is_cut_off_is_no_pass_and_loses_nothing(name):
    _, data = REPORTS[name]
    whole = read(data)
    data = data.rstrip()
    for end in sorted({len(data) * percent // 100 for percent in range(100)}):
        cut = read(data[:end])
        if came_to_nothing(cut):
            continue
        assert whole is not None
        at_a_line = data[end : end + 1] == b"\n" or data[end - 1 : end] == b"\n"
        assert (len(cut.findings), cut.facts) == (len(whole.findings), whole.facts) or (
            name in WITHOUT_END and at_a_line
        )


@pytest.mark.requirement("GAT-15")
@every_report
def test_a_flipped_bit_never_makes_a_pass_of_findings(name):
    _, data = REPORTS[name]
    whole = read(data)
    chance = random.Random(name)
    for _ in range(FLIPS):
        at = chance.randrange(len(data))
        flipped = read(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        if whole is not None and whole.findings and not came_to_nothing(flipped):
            assert flipped.findings, f"byte {at}"


@every_report
def test_a_report_says_the_same_with_a_byte_order_mark_and_space_around(name):
    _, data = REPORTS[name]
    if data.lstrip()[:1] in (b"{", b"["):
        assert read(b"\n " + data + b"\n ") == read(data)
        marked = read(b"\xef\xbb\xbf" + data)
        assert marked in (None, read(data))


@pytest.mark.parametrize("data", [b"null", b"{}", b"0", b'""', b"<a/>", b"\x00" * 64, b"[" * 100_000, b"{" * 100_000])
def test_what_says_nothing_is_no_pass(data):
    assert came_to_nothing(read(data))


@every_report
def test_what_is_nested_without_end_is_refused(name):
    _, data = REPORTS[name]
    for opening in (b"[", b'{"a":'):
        assert came_to_nothing(read(data[:-1] + opening * 50_000))
