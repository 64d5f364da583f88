"""Which packages of a repository are services, by each tool that monorepos are kept with."""

import pytest

from hardpoint.faces.cli.survey.inventory import take
from hardpoint.faces.cli.survey.members import members
from hardpoint.faces.cli.survey.services import MAX_NAME, legible
from hardpoint.kernel.workspace import Workspace

NODE_SERVICE = '{"name": "@acme/%s", "dependencies": {"express": "5"}}'
NODE_LIBRARY = '{"name": "@acme/%s"}'
PYTHON_SERVICE = '[project]\nname = "%s"\ndependencies = ["fastapi>=0.1"]\n'
RUST_SERVICE = '[package]\nname = "%s"\n[dependencies]\naxum = "0.7"\n'
SPRING = (
    "<project><parent><artifactId>p</artifactId></parent><artifactId>%s</artifactId>"
    "<build>spring-boot-maven-plugin</build></project>"
)
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>'
GO_MAIN = 'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":80", nil) }\n'


def surveyed(files):
    return take(Workspace.of(files)).services


def found(files):
    """The services below the root, by folder."""
    return {each.folder: each.name for each in surveyed(files).services if each.folder}


NPM = {
    "package.json": '{"workspaces": ["apps/*", "!apps/old"]}',
    **{f"apps/{name}/package.json": NODE_SERVICE % name for name in ("api", "web", "old")},
    "apps/ui/package.json": NODE_LIBRARY % "ui",
}
MONOREPOS = {
    "npm": NPM,
    "yarn": {**NPM, "package.json": '{"workspaces": {"packages": ["apps/*", "!apps/old"]}}'},
    "pnpm": {**NPM, "package.json": "{}", "pnpm-workspace.yaml": "packages:\n  - 'apps/**'\n  - '!apps/old'\n"},
    "lerna": {**NPM, "package.json": "{}", "lerna.json": '{"packages": ["apps/api", "apps/web", "apps/ui"]}'},
    "turbo": {**NPM, "turbo.json": "{}"},
    "nx": {
        **{name: text for name, text in NPM.items() if name != "package.json" and "old" not in name},
        "nx.json": "{}",
        "apps/api/project.json": "{}",
        "apps/web/project.json": "{}",
    },
    "uv": {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["apps/*"]\nexclude = ["apps/old"]\n',
        **{f"apps/{name}/pyproject.toml": PYTHON_SERVICE % name for name in ("api", "web", "old")},
        "apps/ui/pyproject.toml": '[project]\nname = "ui"\n',
    },
    "poetry": {
        "pyproject.toml": '[tool.poetry.dependencies]\na = {path = "apps/api"}\nb = {path = "apps/web"}\n',
        **{f"apps/{name}/pyproject.toml": PYTHON_SERVICE % name for name in ("api", "web")},
    },
    "cargo": {
        "Cargo.toml": '[workspace]\nmembers = ["apps/*"]\nexclude = ["apps/old"]\n',
        **{f"apps/{name}/Cargo.toml": RUST_SERVICE % name for name in ("api", "web", "old")},
    },
    "maven": {
        "pom.xml": "<project><modules><module>apps/api</module><module>apps/web/pom.xml</module></modules></project>",
        **{f"apps/{name}/pom.xml": SPRING % name for name in ("api", "web")},
    },
    "gradle": {
        "settings.gradle": "include ':apps:api',\n  'apps:web'\n",
        **{f"apps/{name}/build.gradle": "plugins { id 'org.springframework.boot' }" for name in ("api", "web")},
    },
    "gradle kts": {
        "settings.gradle.kts": 'include(":apps:api", ":apps:web")\n',
        **{f"apps/{name}/build.gradle.kts": 'plugins { id("org.springframework.boot") }' for name in ("api", "web")},
    },
    "go.work": {
        "go.work": "go 1.22\n\nuse (\n\t./apps/api\n\t./apps/web // the front\n)\n",
        **{f"apps/{name}/go.mod": f"module acme.example/{name}/v2\n" for name in ("api", "web")},
        **{f"apps/{name}/Dockerfile": "FROM scratch\n" for name in ("api", "web")},
    },
    "sln": {
        "shop.sln": "".join(
            f'Project("{{F}}") = "{name}", "apps\\{name}\\{name}.csproj", "{{1}}"\n' for name in ("api", "web")
        ),
        "apps/api/api.csproj": WEB,
        "apps/web/web.csproj": WEB,
    },
    "docker": {
        **{f"apps/{name}/package.json": NODE_LIBRARY % name for name in ("api", "web", "ui")},
        **{f"apps/{name}/Dockerfile": "FROM node\n" for name in ("api", "web")},
    },
    "compose": {
        "compose.yaml": "services: {api: {build: ./apps/api}, web: {build: {context: apps/web}}, db: {image: pg}}\n",
        "apps/api/main.py": "",
        "apps/web/main.py": "",
    },
}


@pytest.mark.parametrize("tool", MONOREPOS)
def test_services_are_found_by_what_the_tool_of_a_monorepo_says(tool):
    assert found(MONOREPOS[tool]) == {"apps/api": "api", "apps/web": "web"}


def test_programs_of_go_are_services_where_they_serve():
    files = {f"cmd/{name}/main.go": GO_MAIN for name in ("api", "web")}
    assert found({"go.mod": "module x/shop\n", **files, "cmd/tool/main.go": "package main\n"}) == {
        "cmd/api": "api",
        "cmd/web": "web",
    }


def test_a_repository_of_one_package_is_one_service_by_its_name():
    (service,) = surveyed({"package.json": NODE_SERVICE % "shop"}).services
    assert (service.name, service.folder, service.shown_by) == ("shop", "", "package.json")
    assert [each.name for each in surveyed({"go.mod": "module acme.example/shop/v3\n"}).services] == ["shop"]
    for said, name in (("@acme/monorepo", "example"), ("@acme/repo-top", "example"), ("netty-parent", "netty")):
        assert [each.name for each in surveyed({"package.json": f'{{"name": "{said}"}}'}).services] == [name]
    assert [each.name for each in surveyed({"a.c": ""}).services] == ["example"]


def test_libraries_examples_and_what_others_wrote_are_no_services():
    aside = ("examples/api", "node_modules/api", "test/fixtures/api", ".devcontainer")
    files = {f"{folder}/package.json": NODE_SERVICE % "x" for folder in aside}
    images = {f"{folder}/Dockerfile": "FROM node\n" for folder in aside}
    assert len(surveyed({"package.json": '{"workspaces": ["**"]}', **files, **images}).services) == 1


def test_owner_and_lifecycle_come_from_the_catalogue_else_from_codeowners():
    catalogue = "kind: Component\nmetadata: {name: shop-api}\nspec: {owner: team-a, lifecycle: production}\n"
    owners = {".github/CODEOWNERS": "* @acme/all\n/apps/web/ @acme/web @ada\n"}
    files = {**NPM, **owners, "apps/api/catalog-info.yaml": catalogue}
    by_name = {each.name: each for each in surveyed(files).services}
    api, web, root = by_name["shop-api"], by_name["web"], by_name["example"]
    assert (api.owner, api.owned_by, api.lifecycle) == ("team-a", "apps/api/catalog-info.yaml", "production")
    assert (web.owner, web.owned_by) == ("@acme/web", "CODEOWNERS")
    assert root.owner == "@acme/all"


def test_two_of_a_name_are_told_apart_by_their_folders():
    files = {
        "package.json": '{"workspaces": ["*/api"]}',
        **{f"{at}/api/package.json": NODE_SERVICE % "api" for at in "ab"},
    }
    assert found(files) == {"a/api": "api", "b/api": "b-api"}


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("package.json", '{"workspaces": '),
        ("package.json", "[" * 100_000),
        ("package.json", b"\xff\xfe\x00"),
        ("pnpm-workspace.yaml", "packages: [unclosed"),
        ("Cargo.toml", "members = [[["),
        ("pyproject.toml", "= ="),
        ("lerna.json", "x" * 2_000_000),
    ],
)
def test_what_cannot_be_read_is_said_and_ends_nothing(file, content):
    said = surveyed({file: content, "a.py": ""})
    assert said.unread == (file,)
    assert len(said.services) == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("package.json", '{"workspaces": 3, "name": ["x"], "dependencies": "express"}'),
        ("package.json", '{"workspaces": [1, null, "../../..", "/etc", "*", "**/**/**/**/**/**/**"]}'),
        ("pnpm-workspace.yaml", "packages: {a: b}"),
        ("pyproject.toml", "tool = 3\nproject = []\n"),
        ("Cargo.toml", "workspace = true\npackage = 1\n"),
        ("go.work", "use (\n"),
        ("compose.yaml", "services: [a, b]\n"),
        ("catalog-info.yaml", "- a\n---\nkind: Component\nmetadata: x\nspec: 3\n"),
    ],
)
def test_values_of_another_shape_say_nothing(file, content):
    assert len(surveyed({file: content, "apps/a.py": ""}).services) == 1


def test_names_are_what_a_manifest_may_hold():
    assert legible("my service!") == "my-service"
    assert legible("é") == "service"
    assert len(legible("x" * 999)) == MAX_NAME


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("pom.xml", "<parent>" * 100_000),
        ("settings.gradle", "include" + " " * 1_000_000),
        ("go.work", "use (\n" + "\n" * 1_000_000 + ")"),
        ("go.work", "use (\n" * 150_000),
        ("Gemfile", "\n" * 1_000_000),
        ("openapi.yaml", "\n" * 65_000),
        ("openapi.yaml", " " * 65_000),
        ("a.proto", "\n" * 65_000),
        ("a.graphql", "\n" * 65_000),
    ],
)
def test_a_file_of_nothing_but_openings_costs_its_length(file, content):
    assert len(surveyed({file: content}).services) == 1


def test_a_pattern_of_many_stars_costs_the_length_of_a_name():
    folders = {f"{'a' * 250}/{'a/' * 300}x": ""}
    assert surveyed({"package.json": '{"workspaces": ["**/*a*a*a*a*b", "**/**/**/b"]}', **folders}).libraries == 0


@pytest.mark.parametrize(
    ("pattern", "folders"),
    [
        ("packages/*", {"packages/a", "packages/b-x"}),
        ("packages/*-x", {"packages/b-x"}),
        ("packages/b-x/**", {"packages/b-x", "packages/b-x/c", "packages/b-x/c/d"}),
        ("**/c", {"packages/a/c", "packages/b-x/c"}),
        ("**/c/**", {"packages/a/c", "packages/b-x/c", "packages/b-x/c/d"}),
        ("packages/**/c/*", {"packages/b-x/c/d"}),
        ("p*g*s/*/c", {"packages/a/c", "packages/b-x/c"}),
        ("packages/a*a", set()),
    ],
)
def test_stars_of_a_pattern_stand_for_parts_of_a_name_and_for_folders(pattern, folders):
    files = {f"packages/{each}/x": "" for each in ("a", "a/c", "b-x", "b-x/c", "b-x/c/d")}
    there, _ = members(
        Workspace.of({"package.json": f'{{"workspaces": ["{pattern}"]}}', **files}),
        ["package.json", "packages/x", *files],
    )
    assert set(there) == folders
