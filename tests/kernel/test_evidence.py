"""Evidence as an in-toto Statement: what is written is read, anything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.evidence import PREDICATE, Evidence, Producer, Source, from_statement, to_statement
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

COMMIT = "a" * 40
FINDING = Finding(rule="R1", severity=Severity.NOTE, place=Place("a.py", 3), text="x", suggestion="y")
words = st.text(st.characters(codec="utf-8"), max_size=10)


def evidence(**changes) -> Evidence:
    given = {
        "kind": "junit",
        "name": "report.xml",
        "service": "acme/keystone",
        "producer": Producer(name="pytest", version="9"),
        "population": 3,
        "facts": {"tests": 3, "ratio": 0.5, "clean": True, "level": "high"},
        "findings": (FINDING,),
        "commit": COMMIT,
        "source": Source(name="report.xml", sha256="0" * 64, size_bytes=10),
    }
    return Evidence(**{**given, **changes})


def statement(**changes) -> bytes:
    return json.dumps({**json.loads(to_statement(evidence())), **changes}).encode()


def test_what_is_written_is_read():
    assert from_statement(to_statement(evidence())) == evidence()


def test_the_subject_is_the_service_at_its_commit():
    assert json.loads(to_statement(evidence()))["subject"] == [
        {"name": "acme/keystone", "digest": {"gitCommit": COMMIT}}
    ]


@pytest.mark.requirement("GAT-22")
def test_without_a_commit_the_subject_is_bound_to_no_revision():
    unbound = evidence(commit=None)
    (subject,) = json.loads(to_statement(unbound))["subject"]
    assert set(subject["digest"]) == {"sha256"}
    assert from_statement(to_statement(unbound)) == unbound


def test_equal_evidence_gives_equal_bytes():
    facts = {"b": 1, "a": 2}
    assert to_statement(evidence(facts=facts)) == to_statement(evidence(facts=dict(reversed(facts.items()))))


@pytest.mark.parametrize(
    "version", [PREDICATE.replace("v1", "v2"), PREDICATE + "/", "", "https://slsa.dev/provenance/v1"]
)
def test_an_unknown_version_is_refused_never_skipped(version):
    with pytest.raises(UnreadableProblem, match="cannot read"):
        from_statement(statement(predicateType=version))


@pytest.mark.requirement("GAT-22")
@pytest.mark.parametrize(
    "subject",
    [
        [],
        [{"name": "acme/keystone", "digest": {"gitCommit": "b" * 40}}],
        [{"name": "acme/other", "digest": {"gitCommit": COMMIT}}],
        [{"name": "acme/keystone", "digest": {"gitCommit": COMMIT}}] * 2,
        [{"name": "acme/keystone"}],
        [{"name": "acme/keystone", "digest": "x"}],
        [{"name": "acme/keystone", "digest": None}],
        "x",
    ],
)
def test_a_subject_that_differs_from_the_predicate_is_refused(subject):
    with pytest.raises(UnreadableProblem):
        from_statement(statement(subject=subject))


@pytest.mark.parametrize(
    "predicate",
    [{}, {"kind": 1}, None, [], {**json.loads(to_statement(evidence()))["predicate"], "facts": {"a": None}}],
)
def test_a_predicate_of_another_shape_is_refused(predicate):
    with pytest.raises(UnreadableProblem):
        from_statement(statement(predicate=predicate))


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"null", b"\xff", to_statement(evidence())[:-5]])
def test_what_is_no_statement_is_refused(payload):
    with pytest.raises(UnreadableProblem):
        from_statement(payload)


@given(
    st.dictionaries(words, st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words),
    words,
    st.none() | st.just(COMMIT),
    st.none() | words,
    st.booleans(),
)
def test_any_evidence_is_read_as_it_was_written(facts, name, commit, error, dirty):
    written = evidence(facts=facts, name=name, commit=commit, error=error, dirty=dirty)
    read = from_statement(to_statement(written))
    assert read == written
    assert {name: type(fact) for name, fact in read.facts.items()} == {n: type(f) for n, f in facts.items()}


@pytest.mark.parametrize("endless", [float("inf"), float("-inf"), float("nan")])
def test_a_fact_that_nobody_could_read_again_is_not_written(endless):
    """In the record it would stop every gate of its service for good."""
    with pytest.raises(UnreadableProblem, match="ratio"):
        to_statement(evidence(facts={"ratio": endless}))
