"""What is found by names, and by what few files say."""

import pytest

from hardpoint.faces.cli.survey.inventory import take
from hardpoint.faces.cli.survey.strict import STRICT_FILE, strict_script
from hardpoint.faces.cli.survey.workflows import HOSTS, workflow
from hardpoint.kernel.workspace import Workspace


def found(*files, **contents):
    return take(Workspace.of({**dict.fromkeys(files, ""), **contents}))


def test_languages_are_counted_by_files_and_markup_only_where_there_is_nothing_else():
    shares = {
        each.name: each.percent
        for each in found("a.py", "b.py", "c.PY", "d.go", "e.css", "node_modules/f.js").languages
    }
    assert shares == {"Python": 75, "Go": 25}
    assert [each.name for each in found("a.html", "LICENSE").languages] == ["HTML"]
    assert found("LICENSE").languages == []


@pytest.mark.parametrize(
    ("file", "text", "form"),
    [
        ("openapi.yaml", "openapi: 3.1.0\n", "OpenAPI"),
        ("api.json", '{"swagger": "2.0"}', "OpenAPI"),
        ("docs/asyncapi.yml", "asyncapi: 2.6.0\n", "AsyncAPI"),
        ("a.proto", 'syntax = "proto3";\nservice A {}\n', "Protocol Buffers"),
        ("schema.graphql", "type Query { a: Int }\n", "GraphQL"),
        ("api.yaml", "kind: Deployment\n", None),
        ("query.graphql", "query { a }\n", None),
        ("tests/openapi.yaml", "openapi: 3.1.0\n", None),
    ],
)
def test_contracts_are_known_by_what_they_say(file, text, form):
    assert [each.form for each in take(Workspace.of({file: text})).contracts] == ([form] if form else [])


def test_tests_are_known_by_their_names():
    tests = ["tests/a.py", "a_test.go", "b.spec.ts", "src/test/java/ATest.java", "spec/a_spec.rb", "tests/it.rs"]
    others = [
        "spec/types.py",
        "src/attest.py",
        "docs/tests/a.md",
        "lib/gateway-route-spec.js",
        "test/fixtures/x/input.js",
    ]
    assert found(*tests, *others).tests == sorted(tests, key=lambda file: (file.count("/"), file))


def test_what_nothing_locks_is_told_with_the_command_that_would():
    assert found("package.json", "Cargo.toml", "Cargo.lock").unlocked == [
        ("package.json", "npm install --package-lock-only")
    ]


def test_documents_that_tests_read_are_left_out_where_nothing_does_so_already():
    inventory = found(
        "pkg/fixtures/a.md", "pkg/fixtures/b.md", "external/x/R.md", "testdata/a.md", "tests/fixtures/a.md"
    )
    assert inventory.exclude == ("/pkg/fixtures/", "/external/")
    assert found("a[b]/fixtures/a.md", "!c/fixtures/a.md").exclude == ()


NODE = '{"scripts": {"build": "x", "test": "y"}, "devDependencies": {"eslint": "9", "vitest": "3"}}'


@pytest.mark.requirement("CID-02")
@pytest.mark.parametrize(
    ("files", "commands"),
    [
        (
            {"package.json": NODE, "tsconfig.json": "{}", "pnpm-lock.yaml": ""},
            [
                "pnpm exec eslint --max-warnings=0 .",
                "pnpm exec tsc --noEmit --strict",
                "pnpm exec vitest run",
                "NODE_ENV=production pnpm run build",
            ],
        ),
        (
            {"pyproject.toml": "[build-system]\nrequires = []\n[tool.ruff]\n[tool.mypy]\n", "tests/test_a.py": ""},
            ["ruff check .", "mypy --strict .", "python -m pytest --strict-config --strict-markers", "python -m build"],
        ),
        ({"go.mod": "module x\n"}, ["go vet ./...", "go test -race ./...", "go build -trimpath ./..."]),
        ({"pom.xml": "<project/>", "mvnw": ""}, ["./mvnw --batch-mode verify"]),
        ({"composer.json": "{}"}, ["composer validate --strict"]),
        ({"README.md": ""}, []),
        ({"package.json": "{"}, []),
    ],
)
def test_the_strict_command_is_of_what_the_repository_uses(files, commands):
    workspace = Workspace.of(files)
    script = strict_script(workspace, take(workspace))
    assert [line for line in script.splitlines() if not line.startswith(("#", "set ", "cd "))] == commands
    assert ("set -eu" in script) == bool(commands)
    assert STRICT_FILE == "scripts/ci-strict"


@pytest.mark.parametrize("host", HOSTS)
def test_the_pipeline_has_a_schedule_and_tolerates_nothing(host, cli, repository):
    file, text, to_do = workflow(host, found("a.py"), "trunk")
    root = repository({file: text, "README.md": "# x\n"})
    assert "schedule" in text
    assert to_do == ""
    findings = cli("check", "--rule", "CI", "--format", "json", folder=root).json["findings"]
    assert [each["rule"] for each in findings if each["severity"] != "note"] == []


def test_github_is_given_read_rights_only_and_a_pinned_action():
    _, text, _ = workflow("github", found("a.py"), "master")
    assert "permissions:\n  contents: read\n" in text
    assert "branches: [master]" in text
    assert "write" not in text.partition("name:")[2]
    assert "branches: [main]" in workflow("github", found("a.py"), "feature/x")[1]


def test_gitlab_s_own_variables_keep_their_names_and_the_base_is_fetched():
    _, text, _ = workflow("gitlab", found("a.py"), "master")
    assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in text
    assert "HARDPOINT_BASE: origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" in text
    assert "git fetch" in text
    assert "master" not in text


def test_gitlab_is_told_to_include_where_it_has_a_pipeline():
    file, _, to_do = workflow("gitlab", found(".gitlab-ci.yml"), "main")
    assert (file, to_do) == (".gitlab/hardpoint.yml", "In .gitlab-ci.yml: include: [{local: /.gitlab/hardpoint.yml}]")
