"""`hardpoint evidence template`: a blank record, which is no evidence until somebody fills it in."""

import json

import pytest

from hardpoint.assurance.reports.records import Form
from hardpoint.assurance.reports.verbs.template import blank
from hardpoint.capabilities import capabilities
from hardpoint.kernel import encoding
from hardpoint.kernel.importer import Importer, read_report
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.rooms.cli import Context

CONTEXT = Context(capabilities())
FORMS = {each.schema.partition("/")[0]: each for each in CONTEXT.collect("importers", Form)}
IMPORTERS = CONTEXT.collect("importers", Importer)


@pytest.mark.parametrize("kind", FORMS)
def test_a_blank_record_has_every_key_of_its_kind_and_is_refused(cli, kind, tmp_path):
    ran = cli("evidence", "template", kind, folder=tmp_path)
    assert ran.exit == Exit.OK
    assert ran.json["schema"] == FORMS[kind].schema
    with pytest.raises(UnreadableProblem, match="mistake"):
        read_report(ran.out.encode(), IMPORTERS)


@pytest.mark.parametrize("kind", FORMS)
def test_a_blank_of_any_part_is_refused(kind):
    """Whoever fills in the rest of a good record and leaves one blank has said nothing yet."""
    (importer,) = [each for each in IMPORTERS if each.kind == kind]
    good, empty = json.loads(importer.good), blank(FORMS[kind])
    required = FORMS[kind].shape.__dataclass_fields__
    for key in good.keys() & required.keys() - {"schema"}:
        if required[key].default is not required[key].default_factory:  # optional
            continue
        with pytest.raises(UnreadableProblem):
            importer.read(encoding.encode({**good, key: empty[key]}))


def test_what_is_optional_has_its_default():
    (finding,), (dashboard,) = blank(FORMS["penetration-test"])["findings"], blank(FORMS["slo-dashboard"])["dashboards"]
    assert (finding["aliases"], finding["due"], dashboard["shows"]) == ([], None, [])
    assert (dashboard["live"], blank(FORMS["slo-dashboard"])["slos"]) == (None, [""])


def test_what_is_filled_in_is_read():
    record = blank(FORMS["restore-drill"])
    record |= {"source": "orders", "target": "staging", "led_by": "ana", "success": True}
    record |= {
        "backup_taken": "2026-03-31T02:00:00Z",
        "started": "2026-03-31T10:00:00Z",
        "ended": "2026-03-31T11:00:00Z",
    }
    record["checks"][0] |= {"name": "orders are there", "passed": True}
    kind, report = read_report(encoding.encode(record), IMPORTERS)
    assert (kind, report.facts["success"], report.facts["documented"]) == ("restore-drill", True, False)


def test_a_kind_that_is_not_known_names_those_that_are(cli, tmp_path):
    ran = cli("evidence", "template", "restore-dril", folder=tmp_path)
    assert (ran.exit, "did you mean 'restore-drill'?" in ran.err, "pager-coverage" in ran.err) == (
        Exit.USAGE,
        True,
        True,
    )
