"""The strict command of a repository: everything that judges a change, as strictly as its tools can, in one script."""

import re
from collections.abc import Callable, Iterator

from hardpoint.faces.cli.survey.inventory import Inventory
from hardpoint.faces.cli.survey.members import content_of, json_of, mapping
from hardpoint.kernel import toml
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

STRICT_FILE = "scripts/ci-strict"
STRICT_NAME = "ci-strict"
"""What its evidence is called, and what the gate production asks for."""
_HEAD = """\
#!/bin/sh
# Lint, types, tests and a production build, each as strict as it gets: the first that fails ends it.
# Written by `hardpoint init --strict` from what the repository uses; edit it as you like, and let CI run it.
set -eu
cd "$(dirname "$0")/.."
"""


def strict_script(workspace: Workspace, found: Inventory) -> str:
    """The script; empty where nothing that is known judges this repository."""
    lines = [line for command in _COMMANDS for line in command(workspace, found.at_root, found)]
    return _HEAD + "".join(f"{line}\n" for line in lines) if lines else ""


def _node(workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if "package.json" not in root:
        return
    try:
        said = json_of(content_of("package.json", workspace), "package.json")
    except UnreadableProblem:
        return
    scripts = mapping(said.get("scripts"))
    needs = {**mapping(said.get("dependencies")), **mapping(said.get("devDependencies"))}
    runner = next((tool for lock, tool in _NODE_TOOLS.items() if lock in root), "npm")
    run = {"npm": "npx --no-install", "bun": "bunx --no-install"}.get(runner, f"{runner} exec")
    if "eslint" in needs:
        yield f"{run} eslint --max-warnings=0 ."
    elif "lint" in scripts:
        yield f"{runner} run lint"
    if "tsconfig.json" in root:
        yield f"{run} tsc --noEmit --strict"
    if "vitest" in needs:
        yield f"{run} vitest run"
    elif "jest" in needs:
        yield f"{run} jest --ci"
    elif "test" in scripts and "no test specified" not in str(scripts["test"]):
        yield f"CI=true {runner} run test"
    if "build" in scripts:
        yield f"NODE_ENV=production {runner} run build"


_NODE_TOOLS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}


def _python(workspace: Workspace, root: frozenset[str], found: Inventory) -> Iterator[str]:
    if not root & {"pyproject.toml", "setup.py", "setup.cfg"}:
        return
    text = "\n".join(_read(file, workspace) for file in ("pyproject.toml", "setup.cfg", "tox.ini") if file in root)
    uses = frozenset(re.findall(r"\b(?:ruff|flake8|mypy|pyright|pytest)\b", text))
    if "ruff" in uses or root & {"ruff.toml", ".ruff.toml"}:
        yield "ruff check ."
    elif "flake8" in uses or ".flake8" in root:
        yield "flake8 ."
    if "mypy" in uses or root & {"mypy.ini", ".mypy.ini"}:
        yield "mypy --strict ."
    elif "pyright" in uses or "pyrightconfig.json" in root:
        yield "pyright --warnings"
    if "pytest" in uses or any(file.endswith(".py") for file in found.tests):
        yield "python -m pytest --strict-config --strict-markers"
    if _builds(workspace, root):
        yield "python -m build"


def _builds(workspace: Workspace, root: frozenset[str]) -> bool:
    if "pyproject.toml" not in root:
        return "setup.py" in root
    try:
        return "build-system" in toml.load(content_of("pyproject.toml", workspace))
    except UnreadableProblem:
        return False


def _go(_workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if "go.mod" in root:
        linted = root & {".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"}
        yield "golangci-lint run" if linted else "go vet ./..."
        yield "go test -race ./..."
        yield "go build -trimpath ./..."


def _rust(_workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if "Cargo.toml" in root:
        yield "cargo fmt --all -- --check"
        yield "cargo clippy --workspace --all-targets --locked -- -D warnings"
        yield "cargo test --workspace --locked"
        yield "cargo build --workspace --release --locked"


def _java(_workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if "pom.xml" in root:
        yield f"{'./mvnw' if 'mvnw' in root else 'mvn'} --batch-mode verify"
    elif root & {"build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"}:
        yield f"{'./gradlew' if 'gradlew' in root else 'gradle'} --warning-mode fail check build"


def _php(_workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if "composer.json" in root:
        yield "composer validate --strict"
        if root & {"phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"}:
            yield "vendor/bin/phpstan analyse --no-progress"
        if root & {"phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"}:
            yield "vendor/bin/phpunit --fail-on-warning --fail-on-risky"


def _ruby(_workspace: Workspace, root: frozenset[str], found: Inventory) -> Iterator[str]:
    if "Gemfile" in root:
        if ".rubocop.yml" in root:
            yield "bundle exec rubocop --fail-level convention"
        if any(file.endswith("_spec.rb") for file in found.tests):
            yield "bundle exec rspec"
        elif "Rakefile" in root and found.tests:
            yield "bundle exec rake test"


def _dotnet(_workspace: Workspace, root: frozenset[str], _found: Inventory) -> Iterator[str]:
    if any(file.endswith((".sln", ".csproj")) for file in root):
        yield "dotnet build --configuration Release -warnaserror"
        yield "dotnet test --configuration Release --no-build"


_COMMANDS: tuple[Callable[[Workspace, frozenset[str], Inventory], Iterator[str]], ...] = (
    *(_node, _python, _go, _rust, _java, _php, _ruby, _dotnet),
)


def _read(file: str, workspace: Workspace) -> str:
    try:
        return content_of(file, workspace).decode("utf-8", "replace")
    except UnreadableProblem:
        return ""
