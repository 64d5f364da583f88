"""`hardpoint errors list` and `errors generate`, from the command line."""

import shutil
import subprocess
import sys

import pytest

from hardpoint.assurance.errors.generation import generated
from hardpoint.assurance.errors.model import Generated
from hardpoint.assurance.errors.taxonomy import read_taxonomy

CODES = r"""codes:
  - {code: stock.busy, title: "Stock \"is\" counted | ä\\n", category: dep|end, severity: error, retry: backoff,
     remedy: Wait.}
  - {code: ORDER_GONE, number: 7, title: Gone, category: state, severity: info, retry: never, remedy: X., status: 410}
  - {code: OLD, title: Old, category: state, severity: info, retry: never, remedy: None., retired: true}
"""
MANIFEST = """\
version: 1
errors:
  files: [errors.yaml]
  generated: {python: src/codes.py, typescript: web/codes.ts, markdown: docs/errors.md}
"""


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, "errors.yaml": CODES})


@pytest.mark.requirement("ERR-01")
def test_codes_are_listed(cli, root):
    listed = cli("errors", "list", "--format", "json", folder=root).json["codes"]
    assert [(each["code"], each["retry"], each["status"]) for each in listed] == [
        ("ORDER_GONE", "never", 410),
        ("stock.busy", "backoff", None),
    ]
    assert len(cli("errors", "list", "--retired", "--format", "json", folder=root).json["codes"]) == 3
    assert len(cli("errors", "list", "--category", "state", "--format", "json", folder=root).json["codes"]) == 1
    ran = cli("errors", "list", "--category", "stat", folder=root)
    assert (ran.exit, "did you mean 'state'?" in ran.err) == (2, True)


@pytest.mark.requirement("ERR-01")
def test_what_is_generated_is_compared_and_always_the_same(cli, root):
    assert cli("errors", "generate", "--check", folder=root).exit == 1
    assert not (root / "src").exists()
    assert cli("errors", "generate", folder=root).exit == 0
    made = {name: (root / name).read_bytes() for name in ("src/codes.py", "web/codes.ts", "docs/errors.md")}
    assert cli("errors", "generate", "--check", folder=root).exit == 0
    assert cli("check", "--rule", "ERR", folder=root).exit == 0
    head, *each = CODES.split("  - ")
    (root / "errors.yaml").write_text("  - ".join([head, *reversed(each)]))
    cli("errors", "generate", folder=root)
    assert {name: (root / name).read_bytes() for name in made} == made
    (root / "web/codes.ts").write_text("")
    assert cli("errors", "generate", "--check", "--format", "json", folder=root).json["differing"] == ["web/codes.ts"]
    assert cli("check", "--rule", "ERR007", folder=root).exit == 1


@pytest.mark.requirement("ERR-01")
def test_the_python_module_is_typed_and_says_what_was_declared(cli, root):
    cli("errors", "generate", folder=root)
    asked = "import codes as c; i = c.ERRORS[c.ErrorCode('stock.busy')]; print(ascii(i.title), i.status, len(c.ERRORS))"
    asked += "; print(c.ErrorCode.STOCK_BUSY == 'stock.busy', i.code is c.ErrorCode.STOCK_BUSY)"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=root / "src", capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [ascii('Stock "is" counted | ä\\n') + " None 2", "True True"]
    typed = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "codes.py"]
    checked = subprocess.run(typed, cwd=root / "src", capture_output=True, text=True, check=False, timeout=120)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.requirement("ERR-01")
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not here")
def test_the_typescript_module_says_what_was_declared(cli, root):
    cli("errors", "generate", folder=root)
    text = (root / "web/codes.ts").read_text()
    head, _, rest = text.partition("export type ErrorCode")
    values = rest[rest.index("export const errors") :].replace(": Readonly<Record<ErrorCode, ErrorInfo>>", "")
    module = head.replace("} as const", "}") + values
    (root / "web/codes.mjs").write_text(f"{module}\nconsole.log(errors[ErrorCode.STOCK_BUSY].title)\n")
    ran = subprocess.run(["node", "codes.mjs"], cwd=root / "web", capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ('Stock "is" counted | ä\\n\n', "")


def test_the_page_says_what_is_retired_and_breaks_no_table():
    page = generated(read_taxonomy("errors.yaml", CODES.encode()), Generated(markdown="x.md"))["x.md"]
    assert "## OLD\n\nOld\n\nRetired:" in page
    assert r"| category | dep\|end |" in page
    assert "## ORDER_GONE (7)" in page


@pytest.mark.requirement("ERR-01")
def test_a_file_alone_needs_no_manifest(cli, tmp_path):
    (tmp_path / "e.yaml").write_text(CODES)
    assert cli("errors", "generate", "e.yaml", folder=tmp_path).exit == 2
    assert cli("errors", "generate", "e.yaml", "--out", "made", folder=tmp_path).exit == 0
    assert sorted(each.name for each in (tmp_path / "made").iterdir()) == [
        "error_codes.py",
        "error_codes.ts",
        "errors.md",
    ]
    assert "stock.busy" in cli("errors", "list", "e.yaml", folder=tmp_path).out


@pytest.mark.parametrize("text", ["", "codes: [{code: A}]\n", CODES.replace("ORDER_GONE", "stock-busy")])
def test_nothing_is_made_of_what_is_mistaken(cli, tmp_path, text):
    (tmp_path / "e.yaml").write_text(text)
    assert cli("errors", "generate", "e.yaml", "--out", "made", folder=tmp_path).exit == 2
    assert not (tmp_path / "made").exists()


def test_without_a_taxonomy_nothing_is_made(cli, tmp_path):
    assert cli("errors", "generate", folder=tmp_path).exit == 2
    assert cli("errors", "list", folder=tmp_path).exit == 0
