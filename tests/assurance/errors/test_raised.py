"""Codes in source text."""

import pytest

from hardpoint.assurance.errors.model import ERRORS
from hardpoint.assurance.errors.raised import sources
from hardpoint.assurance.errors.rules import idle, unread, unregistered
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.workspace import Workspace

CODES = """\
  codes:
    - {code: A, title: x, category: c, severity: error, retry: never, remedy: y}
    - {code: OLD, title: x, category: c, severity: error, retry: never, remedy: y, retired: true}
"""


def workspace(raised, **files):
    manifest = f"version: 1\nerrors:\n{CODES}  raised: [{raised}]\n"
    return Workspace.of(
        {"hardpoint.yaml": manifest, **{name.replace("_", "."): text for name, text in files.items()}}, [ERRORS]
    )


def mentioned(raised, **files):
    return [(each.code, f"{each.place}") for source in sources(workspace(raised, **files)) for each in source.mentions]


PYTHON = "{files: ['*.py'], calls: [ShopError, errors.fail], attributes: [code]}"


@pytest.mark.requirement("ERR-02")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise ShopError('A')", ["A"]),
        ("raise shop.errors.ShopError('A') from error", ["A"]),
        ("raise ShopError(what, code='A')", ["A"]),
        ("return errors.fail('A')", ["A"]),
        ("raise ShopError('A' if x else 'B')", ["A", "B"]),
        ("raise ShopError(code or 'A')", ["A"]),
        ("class Gone(Exception):\n    code = 'A'\n    other = 'C'", ["A"]),
        ("class Gone(Exception):\n    code: str = 'A'", ["A"]),
        ("# raise ShopError('A')", []),
        ("'''raise ShopError('A')'''", []),
        ("raise MyShopError('A')", []),
        ("raise ShopError(code)", []),
        ("raise ShopError(f'{x}_GONE')", []),
        ("fail('A')", []),
        ("code = 'A'", []),
        ("raise ShopError()", []),
    ],
)
def test_codes_are_found_where_python_raises_them(text, found):
    assert [code for code, _ in mentioned(PYTHON, a_py=text)] == found


@pytest.mark.requirement("ERR-02")
@pytest.mark.parametrize(
    ("file", "pattern", "text", "found"),
    [
        ("a_ts", r'new ApiError\(\s*"(\w+)"', 'x;\n  throw new ApiError(\n "A", 1)', [("A", "a.ts:3:3")]),
        ("a_go", r'errs\.New\("(?P<code>\w+)"', 'return errs.New("A")', [("A", "a.go:1:18")]),
        (
            "A_java",
            r'new ShopException\("([A-Z_]+)"',
            '// new ShopException("B")\nthrow new ShopException("A");',
            [("A", "A.java:2:26")],
        ),
    ],
)
def test_codes_are_found_by_declared_patterns_in_any_language(file, pattern, text, found):
    quoted = pattern.replace("'", "''")
    assert mentioned(f"{{files: ['*.*', '!*.yaml'], patterns: ['{quoted}']}}", **{file: text}) == found


@pytest.mark.requirement("ERR-02")
def test_a_code_that_is_not_registered_or_retired_is_told():
    text = "raise ShopError('A')\nraise ShopError('AA')\nraise ShopError('OLD')\n"
    (run,) = run_rules(workspace(PYTHON, a_py=text), [unregistered])
    assert [(each.place.line, each.text) for each in run.findings] == [
        (2, "the code 'AA' is not registered (did you mean 'A'?)"),
        (3, "the code 'OLD' is retired"),
    ]


@pytest.mark.requirement("ERR-02")
def test_source_that_cannot_be_read_is_told_and_keeps_codes_from_being_called_idle():
    whole = workspace(PYTHON, a_py="raise ShopError('B')\n", b_py="def (:\n", c_py=b"\xff", d_py="x = '\0'\n")
    broken, unraised = run_rules(whole, [unread, idle])
    assert [str(each.place) for each in broken.findings] == ["b.py:1", "c.py", "d.py"]
    assert unraised.examined == 0
    (unraised,) = run_rules(workspace(PYTHON, a_py="raise ShopError('B')\n"), [idle])
    assert [each.text for each in unraised.findings] == ["nothing raises A"]


@pytest.mark.parametrize(("pattern", "said"), [("(", "is no regular expression"), ("x", "has no group")])
def test_a_pattern_that_finds_no_code_is_a_mistake_of_the_manifest(pattern, said):
    with pytest.raises(DeclarationProblem) as raised:
        sources(workspace(f"{{files: ['*.py'], patterns: ['{pattern}']}}", a_py=""))
    (mistake,) = raised.value.mistakes
    assert said in mistake.text
    assert mistake.place.line == 6
