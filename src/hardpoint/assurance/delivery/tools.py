"""The tools and actions that judge a change or deploy it."""

from collections.abc import Mapping
from enum import Enum


class Kind(Enum):
    """What a gate judges."""

    LINT = "lint"
    TYPES = "types"
    TEST = "test"
    BUILD = "build"
    AUDIT = "audit"
    CHECK = "check"
    DEPLOY = "deployment"


def _words(text: str) -> list[str]:
    return text.split()


# Tools that judge whenever they run.
TOOLS: Mapping[str, Kind] = {
    **dict.fromkeys(
        _words(
            "pytest py.test tox nox jest vitest mocha ava karma phpunit pest rspec ctest bats behave robot newman "
            "k6 locust artillery lhci nose2 nosetests trial stestr unittest prove busted codecept codeceptjs "
            "testcafe wdio nightwatch cucumber cucumber-js ginkgo gotestsum cargo-nextest web-test-runner wtr "
            "pact jasmine qunit minitest shellspec zunit ptw tap tst hspec specs2 vstest"
        ),
        Kind.TEST,
    ),
    **dict.fromkeys(
        _words(
            "eslint flake8 pylint rubocop golangci-lint golint staticcheck revive shellcheck hadolint yamllint "
            "stylelint markdownlint markdownlint-cli2 remark ansible-lint tflint checkstyle clang-tidy cppcheck "
            "swiftlint ktlint detekt phpcs phpstan psalm commitlint codespell cpplint pycodestyle pydocstyle "
            "pyflakes standard xo oxlint tslint jshint htmlhint sqlfluff djlint vulture interrogate doc8 rstcheck "
            "proselint vale actionlint zizmor license_finder reuse check-manifest pyroma twine-check typos credo "
            "reek rubycritic haml-lint slim-lint erblint phpmd cfn-lint kube-linter kubeval kubeconform spectral "
            "redocly dotenv-linter lintr mdl alex cspell knip depcheck dependency-cruiser depcruise madge lint- "
            "imports import-linter deptry ec editorconfig-checker gherkin-lint solhint slither buf protolint "
            "npmPkgJsonLint publint attw fortitude"
        ),
        Kind.LINT,
    ),
    **dict.fromkeys(
        _words("mypy pyright basedpyright pytype pyre tsc vue-tsc flow srb steep ty tsd dmypy"), Kind.TYPES
    ),
    **dict.fromkeys(
        _words(
            "pip-audit safety bandit trivy grype snyk govulncheck gosec semgrep gitleaks trufflehog checkov tfsec "
            "kics brakeman osv-scanner detect-secrets-hook audit-ci bundle-audit bundler-audit nancy cargo-audit "
            "cargo-deny dependency-check retire terrascan conftest opa better-npm-audit"
        ),
        Kind.AUDIT,
    ),
    **dict.fromkeys(
        _words("webpack rollup tsup esbuild parcel ninja xcodebuild scons hugo jekyll bazelisk"), Kind.BUILD
    ),
}

FIXES = frozenset(
    {"--fix", "-w", "--write", "--auto-correct", "-a", "-A", "--autofix", "--fix-only", "fix", "--in-place"}
)
"""Words with which a linter repairs instead of judging."""

# Tools whose first words say what they do; `""` is any other use.
SUBCOMMANDS: Mapping[str, Mapping[str, Kind]] = {
    "go": {"test": Kind.TEST, "vet": Kind.LINT, "build": Kind.BUILD},
    "cargo": {
        **dict.fromkeys(("test", "nextest", "tarpaulin", "llvm-cov", "miri", "bench", "mutants"), Kind.TEST),
        **dict.fromkeys(("clippy",), Kind.LINT),
        **dict.fromkeys(("build", "check", "doc"), Kind.BUILD),
        **dict.fromkeys(("audit", "deny", "vet"), Kind.AUDIT),
        "semver-checks": Kind.CHECK,
    },
    "dotnet": {"test": Kind.TEST, "build": Kind.BUILD, "publish": Kind.BUILD},
    "mvn": {
        **dict.fromkeys(("test", "verify", "integration-test", "surefire:test"), Kind.TEST),
        **dict.fromkeys(("package", "install", "compile"), Kind.BUILD),
        **dict.fromkeys(("checkstyle:check", "spotless:check", "pmd:check"), Kind.LINT),
    },
    "gradle": {
        **dict.fromkeys(("test", "check", "connectedCheck", "connectedAndroidTest", "integrationTest"), Kind.TEST),
        **dict.fromkeys(("build", "assemble", "assembleDebug", "assembleRelease"), Kind.BUILD),
        **dict.fromkeys(("lint", "ktlintCheck", "detekt", "spotlessCheck", "checkstyleMain"), Kind.LINT),
    },
    "sbt": {"test": Kind.TEST, "compile": Kind.BUILD},
    "mix": {"test": Kind.TEST, "credo": Kind.LINT, "dialyzer": Kind.TYPES, "compile": Kind.BUILD},
    "rake": {"test": Kind.TEST, "spec": Kind.TEST, "rubocop": Kind.LINT},
    "swift": {"test": Kind.TEST, "build": Kind.BUILD},
    "flutter": {"test": Kind.TEST, "analyze": Kind.LINT, "build": Kind.BUILD},
    "dart": {"test": Kind.TEST, "analyze": Kind.LINT},
    "deno": {"test": Kind.TEST, "lint": Kind.LINT, "check": Kind.TYPES},
    "bun": {"test": Kind.TEST},
    "cypress": {"run": Kind.TEST},
    "playwright": {"test": Kind.TEST},
    "meson": {"test": Kind.TEST, "compile": Kind.BUILD},
    "bazel": {"test": Kind.TEST, "build": Kind.BUILD},
    "cabal": {"test": Kind.TEST, "build": Kind.BUILD},
    "stack": {"test": Kind.TEST, "build": Kind.BUILD},
    "lein": {"test": Kind.TEST},
    "zig": {"test": Kind.TEST, "build": Kind.BUILD},
    "molecule": {"test": Kind.TEST},
    "react-scripts": {"test": Kind.TEST, "build": Kind.BUILD},
    "ng": {"test": Kind.TEST, "e2e": Kind.TEST, "lint": Kind.LINT, "build": Kind.BUILD},
    "nx": {"test": Kind.TEST, "lint": Kind.LINT, "build": Kind.BUILD},
    "turbo": {"test": Kind.TEST, "lint": Kind.LINT, "build": Kind.BUILD},
    "vite": {"build": Kind.BUILD},
    "next": {"build": Kind.BUILD, "lint": Kind.LINT},
    "ruff": {"check": Kind.LINT},
    "biome": {"check": Kind.LINT, "ci": Kind.LINT, "lint": Kind.LINT},
    "pre-commit": {"run": Kind.LINT},
    "prek": {"run": Kind.LINT},
    "helm": {"lint": Kind.LINT, "upgrade": Kind.DEPLOY, "install": Kind.DEPLOY},
    "terraform": {"validate": Kind.LINT, "apply": Kind.DEPLOY},
    "tofu": {"validate": Kind.LINT, "apply": Kind.DEPLOY},
    "npm": {"audit": Kind.AUDIT, "test": Kind.TEST, "t": Kind.TEST, "publish": Kind.DEPLOY},
    "yarn": {"audit": Kind.AUDIT, "publish": Kind.DEPLOY},
    "pnpm": {"audit": Kind.AUDIT, "publish": Kind.DEPLOY},
    "composer": {"audit": Kind.AUDIT, "validate": Kind.CHECK, "test": Kind.TEST},
    "docker": {"build": Kind.BUILD, "buildx": Kind.BUILD},
    "podman": {"build": Kind.BUILD},
    "cmake": {"--build": Kind.BUILD},
    "setup.py": {"test": Kind.TEST, "build": Kind.BUILD, "check": Kind.CHECK},
    "manage.py": {"test": Kind.TEST, "check": Kind.CHECK, "makemigrations": Kind.CHECK},
    "twine": {"check": Kind.CHECK, "upload": Kind.DEPLOY},
    "kubectl": {"apply": Kind.DEPLOY, "rollout": Kind.DEPLOY, "set": Kind.DEPLOY},
    "serverless": {"deploy": Kind.DEPLOY},
    "cdk": {"deploy": Kind.DEPLOY},
    "pulumi": {"up": Kind.DEPLOY},
    "firebase": {"deploy": Kind.DEPLOY},
    "netlify": {"deploy": Kind.DEPLOY},
    "wrangler": {"deploy": Kind.DEPLOY, "publish": Kind.DEPLOY},
    "flyctl": {"deploy": Kind.DEPLOY},
    "fly": {"deploy": Kind.DEPLOY},
    "gcloud": {"deploy": Kind.DEPLOY},
    "eb": {"deploy": Kind.DEPLOY},
    "cap": {"deploy": Kind.DEPLOY},
    "forge": {"test": Kind.TEST, "build": Kind.BUILD},
    "hatch": {"test": Kind.TEST},
    "hardpoint": {"check": Kind.CHECK, "gate": Kind.CHECK, "ready": Kind.CHECK},
    "hardhat": {"test": Kind.TEST, "compile": Kind.BUILD},
    "truffle": {"test": Kind.TEST},
}

# Formatters judge only where they are told to.
JUDGING_WORDS: Mapping[str, frozenset[str]] = {
    "black": frozenset({"--check", "--diff"}) - {"--diff"},
    "isort": frozenset({"--check", "--check-only", "-c"}),
    "prettier": frozenset({"--check", "-c", "--list-different", "-l"}),
    "rustfmt": frozenset({"--check"}),
    "cargo fmt": frozenset({"--check"}),
    "clang-format": frozenset({"-Werror", "--Werror"}),
    "ruff format": frozenset({"--check"}),
    "mix format": frozenset({"--check-formatted"}),
    "dart format": frozenset({"--set-exit-if-changed"}),
    "terraform fmt": frozenset({"-check"}),
    "tofu fmt": frozenset({"-check"}),
    "php-cs-fixer": frozenset({"--dry-run"}),
    "dotnet format": frozenset({"--verify-no-changes"}),
    "shfmt": frozenset({"-d"}),
    "autopep8": frozenset({"--exit-code"}),
    "deno fmt": frozenset({"--check"}),
    "yapf": frozenset({"--diff", "-d"}),
}

# Programs that judge something else than code, and only where they are told to.
CHECKING_WORDS: Mapping[str, frozenset[str]] = {
    "mkdocs build": frozenset({"--strict", "-s"}),
    "sphinx-build": frozenset({"-W", "--fail-on-warning"}),
    "git diff": frozenset({"--exit-code"}),
}

QUESTIONS = frozenset({"git diff"})
"""Of these, the ones whose answer is as often asked for as it has to be yes."""

# Actions that judge, by the start of their name.
ACTIONS: Mapping[str, Kind] = {
    "golangci/golangci-lint-action": Kind.LINT,
    "github/super-linter": Kind.LINT,
    "super-linter/super-linter": Kind.LINT,
    "oxsecurity/megalinter": Kind.LINT,
    "pre-commit/action": Kind.LINT,
    "psf/black": Kind.LINT,
    "astral-sh/ruff-action": Kind.LINT,
    "chartboost/ruff-action": Kind.LINT,
    "isort/isort-action": Kind.LINT,
    "DavidAnson/markdownlint-cli2-action": Kind.LINT,
    "avto-dev/markdown-lint": Kind.LINT,
    "hadolint/hadolint-action": Kind.LINT,
    "ludeeus/action-shellcheck": Kind.LINT,
    "codespell-project/actions-codespell": Kind.LINT,
    "crate-ci/typos": Kind.LINT,
    "ansible/ansible-lint": Kind.LINT,
    "wagoid/commitlint-github-action": Kind.LINT,
    "biomejs/biome": Kind.LINT,
    "actions-rs/clippy-check": Kind.LINT,
    "jakebailey/pyright-action": Kind.TYPES,
    "cypress-io/github-action": Kind.TEST,
    "github/codeql-action/analyze": Kind.AUDIT,
    "actions/dependency-review-action": Kind.AUDIT,
    "aquasecurity/trivy-action": Kind.AUDIT,
    "anchore/scan-action": Kind.AUDIT,
    "snyk/actions": Kind.AUDIT,
    "bridgecrewio/checkov-action": Kind.AUDIT,
    "gitleaks/gitleaks-action": Kind.AUDIT,
    "trufflesecurity/trufflehog": Kind.AUDIT,
    "pypa/gh-action-pip-audit": Kind.AUDIT,
    "rustsec/audit-check": Kind.AUDIT,
    "EmbarkStudios/cargo-deny-action": Kind.AUDIT,
    "golang/govulncheck-action": Kind.AUDIT,
    "securego/gosec": Kind.AUDIT,
    "google/osv-scanner-action": Kind.AUDIT,
    "returntocorp/semgrep-action": Kind.AUDIT,
    "docker/build-push-action": Kind.BUILD,
    "pypa/gh-action-pypi-publish": Kind.DEPLOY,
    "JamesIves/github-pages-deploy-action": Kind.DEPLOY,
    "actions/deploy-pages": Kind.DEPLOY,
    "peaceiris/actions-gh-pages": Kind.DEPLOY,
    "azure/webapps-deploy": Kind.DEPLOY,
    "google-github-actions/deploy-cloudrun": Kind.DEPLOY,
    "aws-actions/amazon-ecs-deploy-task-definition": Kind.DEPLOY,
    "superfly/flyctl-actions": Kind.DEPLOY,
}
