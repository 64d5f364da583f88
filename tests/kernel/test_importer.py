"""Finding the reader of a report by its content."""

import pytest

from hardpoint.kernel import importer as module
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import SNIFF_BYTES, Report, importer, read_report
from hardpoint.kernel.problem import UnreadableProblem


def reader(kind: str, mark: bytes):
    @importer(kind, title=kind, facts={}, recognises=lambda start: mark in start, good=mark, bad=b"")
    def read(data: bytes) -> Report:
        return Report(producer=Producer(name=kind), population=len(data), facts={})

    return read


IMPORTERS = [reader("letters", b"A"), reader("digits", b"1")]


def test_the_content_decides_which_importer_reads():
    assert read_report(b"xxA", IMPORTERS)[0] == "letters"
    assert read_report(b"xx1", IMPORTERS)[0] == "digits"


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"zzz", r"no kind of report that is known \(letters, digits\)"),
        (b"A1", r"several kinds of report \(letters, digits\)"),
        (b"z" * SNIFF_BYTES + b"A", "no kind of report"),
    ],
)
def test_what_no_importer_or_several_recognise_is_refused(data, sentence):
    with pytest.raises(UnreadableProblem, match=sentence):
        read_report(data, IMPORTERS)


def test_a_report_over_the_limit_is_refused_not_cut(monkeypatch):
    monkeypatch.setattr(module, "MAX_REPORT_BYTES", 4)
    assert read_report(b"Axxx", IMPORTERS)[1].population == 4
    with pytest.raises(UnreadableProblem, match="is larger than"):
        read_report(b"Axxxx", IMPORTERS)


def test_a_report_whose_numbers_have_no_end_is_refused():
    @importer("sums", title="sums", facts={}, recognises=lambda _: True, good=b"1", bad=b"")
    def sums(data: bytes) -> Report:
        return Report(producer=Producer(name="sums"), population=1, facts={"sum": float(data) * 1000})

    with pytest.raises(UnreadableProblem, match="sum is inf"):
        read_report(b"1e308", [sums])
