"""Every rule and every importer on its own good and bad example; a new one takes part with no edit here."""

import re
from collections import Counter

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.importer import SNIFF_BYTES, Importer, read_report
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

CONTEXT = Context(capabilities())
RULES = CONTEXT.collect("rules", Rule)
IMPORTERS = CONTEXT.collect("importers", Importer)
SECTIONS = CONTEXT.collect("model", Section)

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
every_importer = pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.kind)


def test_there_are_rules_and_importers():
    assert RULES
    assert IMPORTERS


def test_every_id_and_every_kind_is_there_once():
    assert [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1] == []
    assert [kind for kind, count in Counter(each.kind for each in IMPORTERS).items() if count > 1] == []


def test_every_section_has_a_key_of_its_own():
    assert len({section.key for section in SECTIONS}) == len(SECTIONS)


@every_rule
def test_a_rule_has_an_id_a_title_and_a_reason(rule):
    assert re.fullmatch(r"[A-Z]{2,3}[0-9]{3}", rule.id)
    assert rule.title
    assert rule.why.endswith(".")


@every_rule
def test_the_good_example_has_subjects_and_no_finding(rule):
    (run,) = run_rules(Workspace.of(rule.good, SECTIONS, before=rule.before), [rule])
    assert run.error is None
    assert run.examined >= 1
    assert run.findings == ()


@every_rule
def test_the_bad_example_has_a_finding_at_a_place_in_it(rule):
    (run,) = run_rules(Workspace.of(rule.bad, SECTIONS, before=rule.before), [rule])
    assert run.error is None
    assert run.findings
    for found in run.findings:
        assert found.rule == rule.id
        assert found.text
        assert found.place.file in rule.bad
        assert found.place.line <= rule.bad[found.place.file].count("\n") + 1


@every_rule
def test_an_empty_workspace_gives_a_rule_nothing_to_examine(rule):
    (run,) = run_rules(Workspace.of({}, SECTIONS, before={}), [rule])
    assert (run.examined, run.findings) == (0, ())


@pytest.mark.requirement("GAT-15")
@every_importer
def test_the_good_example_is_recognised_by_its_importer_alone(importer):
    for example in (importer.good, importer.bad):
        assert [each.kind for each in IMPORTERS if each.recognises(example[:SNIFF_BYTES])] == [importer.kind]


@pytest.mark.requirement("GAT-15")
@every_importer
def test_the_good_example_gives_every_documented_fact_and_no_other(importer):
    kind, report = read_report(importer.good, IMPORTERS)
    assert kind == importer.kind
    parts = {fact for fact in report.facts if "." in fact}
    assert set(report.facts) - parts == set(importer.facts)
    assert {fact.rpartition(".")[2] for fact in parts} <= set(importer.facts)
    assert all(importer.facts.values())
    assert report.error is None
    assert report.producer.name


@pytest.mark.requirement("GAT-15")
@every_importer
def test_the_bad_example_is_refused_at_its_place(importer):
    with pytest.raises(UnreadableProblem) as caught:
        read_report(importer.bad, IMPORTERS)
    assert caught.value.sentence
    assert caught.value.place is not None or re.search(r"byte \d+|`\$", caught.value.sentence)
