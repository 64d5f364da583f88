"""Environment variables: what each language reads, and how that compares with examples and documents."""

import time

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.variables import default_not_listed, not_listed, not_read, only_in_documents
from hardpoint.assurance.documents.variables import examples, reads, unread
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace


def found(files, rule=not_listed):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert run.error is None
    return [(str(each.place), each.text.split(" ")[0]) for each in run.findings]


def read_in(file, text):
    return {(each.name, each.defaulted) for each in reads(file, text)}


@pytest.mark.requirement("DOC-12")
@pytest.mark.parametrize(
    ("file", "text", "needed", "defaulted"),
    [
        ("a.py", 'os.environ["A"]; environ.get("B"); os.getenv("C", "x"); getenv("D") or "x"', "AB", "CD"),
        ("a.py", 'config("A"); env("B", default=1); env.bool("C", False); env.db("D")', "AD", "BC"),
        ("a.py", 'os.environ["A"] = "x"\n# os.environ["B"]\nos.environ["C"] == "x"', "C", ""),
        (
            "a.py",
            'class S(BaseSettings):\n    model_config = Config(env_prefix="A_")\n\n    x: int\n    y: int = 1\n',
            ["A_X"],
            ["A_Y"],
        ),
        ("a.ts", 'process.env.A; process.env["B"] ?? "x"; import.meta.env.C || 1; process.env.D = "x"', "A", "BC"),
        ("a.js", "const { A, B: b, C = 'x' } = process.env;\n// process.env.F", "AB", "C"),
        ("a.go", 'os.Getenv("A"); os.LookupEnv("B")\ntype T struct {\n\tX string `env:"C"`\n}', "ABC", ""),
        ("A.java", 'System.getenv("A"); System.getenv().get("B"); @Value("${C}") x; @Value("${D:x}") y', "ABC", "D"),
        ("a.kt", 'System.getenv("A") ?: "x"', "A", ""),
        ("application.yml", "url: ${A}\nname: ${B:shop}\nother: ${some.property}\n", "A", "B"),
        ("a.rb", 'ENV["A"]; ENV.fetch("B"); ENV.fetch("C", 1); ENV["D"] || 2', "AB", "CD"),
        ("a.php", "getenv('A'); env('B', 'x'); $_ENV['C']; env('D')", "ACD", "B"),
        (
            "a.sh",
            'X=1\necho "${X:?}" "$PATH"\n: "${A:?needed}"\nB="${B:-x}"\nfor Y in 1; do echo ${Y:-}; done',
            "A",
            "B",
        ),
        ("compose.yml", "image: x:${A}\nport: ${B:-80}\nname: $${C}\nneed: ${D:?x}\n# ${E}\n", "AD", "B"),
        ("a.tf", 'variable "region" {\n}\n', "", ["TF_VAR_region"]),
        ("a.rs", 'env::var("A"); std::env::var("B").unwrap_or(x)', "A", "B"),
        ("schema.prisma", 'url = env("A")', "A", ""),
    ],
)
def test_what_a_language_reads(file, text, needed, defaulted):
    assert read_in(file, text) == {*((name, False) for name in needed), *((name, True) for name in defaulted)}


@pytest.mark.requirement("DOC-12")
def test_what_is_read_is_listed_in_the_nearest_example():
    files = {
        ".env.example": "ROOT_URL=x\n# OFF_BY_DEFAULT=1\nexport SHARED=1\n",
        "web/.env.sample": "WEB_URL=x\n",
        "a.py": 'import os\nos.environ["ROOT_URL"], os.environ["WEB_URL"], os.environ["OFF_BY_DEFAULT"]\n',
        "web/a.ts": "process.env.WEB_URL; process.env.ROOT_URL; process.env.SHARED;\n",
        "tests/test_a.py": 'os.environ["TESTING"]\n',
        "scripts/release.sh": ': "${TOKEN:?}"\n',
        "node_modules/x/a.js": "process.env.OTHERS\n",
        "b.py": 'os.environ["HOME"], os.environ["GITHUB_SHA"], os.environ["CI"]\n',
    }
    assert found(files) == [("a.py:2", "WEB_URL"), ("web/a.ts:1", "ROOT_URL"), ("web/a.ts:1", "SHARED")]


def test_what_the_platform_sets_is_declared():
    manifest = "version: 1\ndocuments: {platform_variables: [SHOP_*]}\n"
    files = {".env.example": "A=1\n", "a.py": 'os.environ["SHOP_POD"]\n'}
    assert found(files) == [("a.py:1", "SHOP_POD")]
    assert found({**files, "hardpoint.yaml": manifest}) == []


@pytest.mark.requirement("DOC-12")
def test_a_variable_is_told_once_and_as_needed_where_any_place_needs_it():
    files = {
        ".env.example": "A=1\n",
        ".env.template": "A=1\n",
        "a.py": 'os.getenv("B", "x")\nos.environ["B"]\nos.getenv("C", "y")\n',
    }
    assert found(files) == [("a.py:2", "B")]
    assert found(files, default_not_listed) == [("a.py:3", "C")]


@pytest.mark.requirement("DOC-12")
def test_what_nothing_names_is_unread():
    files = {
        ".env.example": "SHOP_A=1\nSHOP_B=1\nSHOP_C=1\nPOSTGRES_PASSWORD=x\nSHOP_X_Y=1\n",
        "a.py": 'os.environ["SHOP_A"]\nclass S(BaseSettings):\n    shop_x_y: int\n',
        "Dockerfile": "ARG SHOP_B\n",
        "README.md": "`SHOP_C`\n",
    }
    assert found(files, not_read) == [(".env.example:3:1", "nothing")]


@pytest.mark.parametrize(
    "code",
    [
        'os.environ[f"SHOP_{name}"]',
        "os.environ.get(name)",
        "dict(os.environ)",
        'os.getenv("SHOP_" + name) or os.getenv(name)',
    ],
)
def test_where_names_are_made_up_nothing_is_unread(code):
    assert found({".env.example": "SHOP_C=1\n", "a.py": code}, not_read) == []


@pytest.mark.requirement("DOC-12")
def test_what_only_documents_name_is_noted():
    files = {
        ".env.example": "SHOP_A=1\nSHOP_B=1\nMAX_SIZE=1\n",
        "docs/a.md": "`SHOP_A`, `SHOP_OLD=1`, `OTHER_X`, `MAX_DEPTH`, SHOP_PLAIN, `SHOP_IN_CODE`\n",
        "a.py": "SHOP_IN_CODE = 1\n",
    }
    assert found(files, only_in_documents) == [("docs/a.md:1:11", "SHOP_OLD")]


def test_without_an_example_there_is_nothing_to_examine():
    files = {"a.py": 'os.environ["A"]', ".env": "A=1\n"}
    for rule in (not_listed, not_read, only_in_documents, default_not_listed):
        (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
        assert run.examined == 0


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.py", "class A(BaseSettings):\n" + "    x: int\n" * 50_000),
        ("a.py", "class A(" * 50_000),
        ("a.js", "{" * 100_000 + "} = process.env"),
        ("a.js", "{ a, " * 50_000),
        ("a.sh", "${A:-" * 100_000),
        ("a.py", 'env(validation_alias="' * 30_000),
        ("compose.yml", "${A:" * 100_000),
        ("A.java", "${A:" * 100_000),
        ("a.tf", 'variable "' * 50_000),
        ("a.py", "environ" + " " * 500_000),
        ("a.sh", " " * 500_000 + "x"),
        ("a.py", "\n" * 500_000),
        ("a.sh", "\n" * 500_000),
        ("application.yml", "${A:" * 100_000),
    ],
)
def test_hostile_code_is_read_in_time(file, text):
    began = time.monotonic()
    files = {file: text, ".env.example": "A=1\n"}
    for rule in (not_listed, not_read, only_in_documents):
        run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert time.monotonic() - began < 10


def test_an_example_in_a_test_is_for_nobody_to_copy():
    files = {"Tests/Fixtures/.env.dist": "SHOP_URL=\n", "shop.py": 'import os\nX = os.environ["SHOP_NAME"]\n'}
    assert examples(Workspace.of(files, [DOCUMENTS])) == []


def test_looking_for_names_that_programs_make_up_takes_no_longer_than_reading():
    line = "value = compute(first, second, third) or other  # and so on\n"
    files = {".env.example": "SHOP_URL=\n", **{f"a{n}.py": line * 20_000 for n in range(8)}}
    files["z.py"] = "import os\nos.environ.get(\n    name)\n"
    workspace = Workspace.of(files, [DOCUMENTS])
    (example,) = examples(workspace)
    began = time.process_time()
    assert unread(example, workspace) == []
    assert time.process_time() - began < 3
