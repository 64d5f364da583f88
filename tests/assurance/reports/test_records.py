"""Records of our own: unknown keys, repeated keys and wrong values are refused with their paths and places."""

import json

import pytest

from hardpoint.assurance.reports.importers.pager_coverage import pager_coverage
from hardpoint.assurance.reports.importers.penetration_test import penetration_test
from hardpoint.assurance.reports.importers.restore_drill import restore_drill
from hardpoint.assurance.reports.importers.slo_dashboard import slo_dashboard
from hardpoint.assurance.reports.records import Form
from hardpoint.kernel.problem import UnreadableProblem

RECORDS = [restore_drill, penetration_test, slo_dashboard, pager_coverage]
every_record = pytest.mark.parametrize("importer", RECORDS, ids=lambda importer: importer.kind)


def refusal(importer, data) -> UnreadableProblem:
    with pytest.raises(UnreadableProblem) as caught:
        importer.read(data if isinstance(data, bytes) else json.dumps(data, indent=1).encode())
    return caught.value


@pytest.mark.requirement("GAT-15")
@every_record
def test_an_unknown_key_is_a_mistake_at_its_path_and_place(importer):
    given = json.loads(importer.good) | {"succesful": True}
    problem = refusal(importer, given)
    assert problem.sentence.startswith("has 1 mistake: succesful: unknown key")
    assert problem.place.line == len(json.dumps(given, indent=1).splitlines()) - 1


@pytest.mark.requirement("GAT-15")
@every_record
def test_every_required_key_is_asked_for(importer):
    given = json.loads(importer.good)
    for key in given:
        without = {name: value for name, value in given.items() if name != key}
        try:
            importer.read(json.dumps(without).encode())
        except UnreadableProblem as problem:
            assert f"{key}: " in problem.sentence  # noqa: PT017 - keys that may be left out raise nothing
    assert "schema: is required" in refusal(importer, {}).sentence


@pytest.mark.requirement("GAT-15")
@every_record
def test_a_repeated_key_and_another_version_are_mistakes(importer):
    assert "schema" in refusal(importer, importer.good.replace(b"{", b'{"schema": "x/v1", ', 1)).sentence
    newer = importer.good.replace(b"/v1", b"/v2", 1)
    assert importer.recognises(newer)
    assert "/v1'" in refusal(importer, newer).sentence


@pytest.mark.requirement("GAT-15")
@every_record
def test_a_record_that_is_cut_off_anywhere_is_refused(importer):
    for end in range(len(importer.good)):
        refusal(importer, importer.good[:end])


@pytest.mark.requirement("GAT-15")
@every_record
@pytest.mark.parametrize("data", [b"[]", b"null", b"schema: a", b'{"schema": NaN}', b"{}x", b"\xff"])
def test_what_is_no_record_is_refused(importer, data):
    refusal(importer, data)


@every_record
def test_an_instant_without_its_offset_is_a_mistake(importer):
    local = importer.good.replace(b"Z", b"")
    assert "expected an instant" in refusal(importer, local).sentence


def test_no_more_than_five_mistakes_are_told():
    many = json.loads(restore_drill.good) | {f"x{n}": n for n in range(8)}
    sentence = refusal(restore_drill, many).sentence
    assert sentence.startswith("has 8 mistakes: x0: unknown key")
    assert sentence.endswith(" and 3 more")


def test_another_kind_of_record_and_other_files_are_not_recognised():
    form = Form("restore-drill/v1", object)
    assert form.begins(b'\xef\xbb\xbf{"source": "a", "schema" : "restore-drill/v9"')
    assert not form.begins(b'{"schema": "restore-drills/v1"')
    assert not form.begins(b'["schema": "restore-drill/v1"')
