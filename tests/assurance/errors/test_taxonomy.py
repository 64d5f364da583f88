"""A taxonomy of errors: what is read, what is refused, and what may not change."""

import pytest

from hardpoint.assurance.errors.model import ERRORS, Code
from hardpoint.assurance.errors.rules import ambiguous, changed, reused
from hardpoint.assurance.errors.taxonomy import Entry, read_taxonomy, taxonomy
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MANIFEST = "version: 1\nerrors: {files: [errors.yaml]}\n"


def code(name, **more):
    said = {"code": name, "title": "x", "category": "c", "severity": "error", "retry": "never", "remedy": "y", **more}
    return f"  - {{{', '.join(f'{key}: {value}' for key, value in said.items())}}}\n"


def codes(*each):
    return "codes:\n" + "".join(each)


def workspace(text, before=None, manifest=MANIFEST):
    base = None if before is None else {"hardpoint.yaml": MANIFEST, "errors.yaml": before}
    return Workspace.of({"hardpoint.yaml": manifest, "errors.yaml": text}, [ERRORS], before=base)


def told(rule, text, before=None, manifest=MANIFEST):
    (run,) = run_rules(workspace(text, before, manifest), [rule])
    assert run.error is None
    return [finding.text for finding in run.findings]


@pytest.mark.requirement("ERR-01")
def test_codes_stand_in_the_manifest_and_in_files_each_with_its_place():
    manifest = f"version: 1\nerrors:\n  files: [errors.yaml]\n  {codes(code('A')).replace(chr(10), chr(10) + '  ')}\n"
    read = taxonomy(workspace(codes(code("B"), code("C", retired="true")), manifest=manifest))
    assert [(each.code.code, str(each.place)) for each in read.entries] == [
        ("A", "hardpoint.yaml:5:14"),
        ("B", "errors.yaml:2:12"),
        ("C", "errors.yaml:3:12"),
    ]
    assert read.in_use == {"A", "B"}
    assert not taxonomy(Workspace.of({}, [ERRORS]))


@pytest.mark.requirement("ERR-01")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (codes(code("A", severity="bad")), "errors.yaml:2:48: codes[0].severity: expected"),
        (codes(code("A", retry="perhaps")), "codes[0].retry: expected"),
        (codes(code("A", status=200)), "codes[0].status"),
        (codes(code("A", retries=1)), "errors.yaml:2:80: codes[0].retries: unknown key"),
        ("codes: []\n", "codes"),
        ("codes: [", "is not YAML"),
        ("", "errors.yaml"),
    ],
)
def test_every_mistake_is_refused_at_its_place(text, said):
    with pytest.raises(DeclarationProblem) as raised:
        read_taxonomy("errors.yaml", text.encode())
    assert any(said in str(each) for each in raised.value.mistakes), raised.value.mistakes


def test_a_file_that_is_not_there_is_no_taxonomy_without_codes():
    with pytest.raises(UnreadableProblem, match=r"names errors\.yaml, which is not there"):
        taxonomy(Workspace.of({"hardpoint.yaml": MANIFEST}, [ERRORS]))


@pytest.mark.requirement("ERR-01")
def test_a_code_a_number_and_a_constant_stand_for_one_error():
    assert told(ambiguous, codes(code("A", number=1), code("B", number=1)))
    assert len(told(ambiguous, codes(code("A"), code("A")))) == 2  # the code, and the constant that is made of it
    assert told(ambiguous, codes(code("a.b"), code("a-b"))) == ["a-b has the constant A_B of a.b (errors.yaml:2:12)"]
    assert told(ambiguous, codes(code("a b"))) == ["'a b' is no code"]
    assert told(ambiguous, codes(code("A"), code("B"))) == []
    known = "version: 1\nerrors: {files: [errors.yaml], categories: [cat]}\n"
    assert told(ambiguous, codes(code("A")), manifest=known) == ["A has the category 'c'"]


@pytest.mark.requirement("ERR-01")
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (code("A") + code("B"), code("B"), ["A is gone from the taxonomy"]),
        (code("A", number=1), code("A", number=2), ["A had the number 1, and has 2 now"]),
        (code("A", number=1), code("A"), ["A had the number 1, and has none now"]),
        (code("A", retired="true"), code("A"), ["A was retired, and is in use again"]),
        (
            code("A", number=1),
            code("B", number=1),
            ["A is gone from the taxonomy", "B has the number 1, which was that of A"],
        ),
        (code("A"), code("A", retired="true") + code("B"), []),
        (code("A"), code("A", number=1), []),
        (code("A", number=1), code("B", number=2) + code("A", number=1), []),
    ],
)
def test_a_code_is_never_taken_away_renumbered_or_used_again(before, after, said):
    assert told(reused, codes(after), codes(before)) == said


@pytest.mark.requirement("ERR-01")
def test_a_taxonomy_that_is_deleted_whole_takes_its_codes_away():
    base = {"hardpoint.yaml": MANIFEST, "errors.yaml": codes(code("A"))}
    without = Workspace.of({"hardpoint.yaml": "version: 1\n"}, [ERRORS], before=base)
    (run,) = run_rules(without, [reused])
    assert [finding.text for finding in run.findings] == ["A is gone from the taxonomy"]


def test_without_a_base_nothing_is_said_to_have_changed():
    (run,) = run_rules(workspace(codes(code("A"))), [reused])
    assert (run.examined, run.findings) == (0, ())


@pytest.mark.requirement("ERR-01")
def test_a_code_keeps_its_meaning():
    was = codes(code("A", status=404))
    assert told(changed, codes(code("A", status=410)), was) == ["the status of A was 404, and is 410 now"]
    assert told(changed, codes(code("A", status=404, retry="backoff")), was) == [
        "the retry of A was never, and is backoff now"
    ]
    assert told(changed, was, codes(code("A"))) == []  # only now it is said
    assert told(changed, codes(code("A", status=404, title="other", remedy="z")), was) == []


@pytest.mark.parametrize(
    ("name", "constant"),
    [("ORDER_GONE", "ORDER_GONE"), ("orders.gone", "ORDERS_GONE"), ("orderGone", "ORDER_GONE"), ("404-x", "E404_X")],
)
def test_constants_are_named_by_their_codes(name, constant):
    made = Code(code=name, title="x", category="c", severity="error", retry="never", remedy="y")
    assert Entry(made, Place("x")).constant == constant
