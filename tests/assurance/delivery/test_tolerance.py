"""What a pipeline forgives: gates found in every form of tolerance, and clean-up lines never."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.rules.tolerance import heedless_deployment, swallowed_failure, tolerated_gate
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

GATES = (
    "pytest",
    "python -m pytest -q tests",
    "poetry run pytest",
    "uv run --extra dev pytest",
    "coverage run -m pytest",
    "npm test",
    "npm run lint",
    "yarn test:unit",
    "pnpm -r run typecheck",
    "npx eslint .",
    "npx --yes tsc --noEmit",
    "go test ./...",
    "go vet ./...",
    "cargo clippy -- -D warnings",
    "cargo fmt --all -- --check",
    "./gradlew check",
    "mvn -B verify",
    "dotnet test",
    "bundle exec rspec",
    "make test",
    "make -C sub check",
    "tox -e py312",
    "ruff check .",
    "ruff format --check .",
    "black --check src",
    "mypy src",
    "shellcheck run.sh",
    "npm audit --audit-level=high",
    "pip-audit",
    "bandit -r src",
    "trivy image shop",
    "docker build .",
    "timeout 60 pytest",
    "CI=1 npm test",
    "xvfb-run -a npm test",
    "docker compose run --rm app pytest",
    "bash -c 'pytest'",
    "cd web && npm test",
    "(cd web; npm test)",
)
CI = "on: push\njobs:\n  go:\n    runs-on: ubuntu-24.04\n    steps:\n"
CLEANING = (
    "docker stop shop",
    "docker rm -f shop",
    "docker logout",
    "docker pull registry.example.org/cache:main",
    "docker compose down",
    "kill $PID",
    "rm -rf build",
    "pkill -f server",
    "grep -q x file",
    "git diff --quiet",
    "command -v shellcheck",
    "which pytest",
    "test -f pytest.ini",
    "[ -d tests ]",
    "mkdir -p build",
    "curl -sf https://example.org/notify",
    "gh pr comment 1 --body tests",
    "codecov",
    "bash <(curl -s https://codecov.io/bash)",
    "npm cache clean --force",
    "npm ci",
    "apt-get update",
    "make clean",
    "pytest --version",
    "npm run clean",
    "npm audit fix",
    "eslint --fix .",
    "black .",
    "coverage combine",
    "git commit -m tests",
    "echo tests",
    "pip install pytest",
    "python -c 'import pytest'",
    "docker rmi test",
    "sudo systemctl stop tests",
    "./scripts/cleanup-tests.sh",
    "kubectl logs -l app=test",
)
SWALLOWS = (
    "|| true",
    "|| :",
    "|| exit 0",
    "|| /bin/true",
    "|| echo failed",
    "|| { echo failed; true; }",
    "|| (echo failed)",
)


def workflow(line: str, *, more: str = "", shell: str = "") -> str:
    body = "".join(f"          {each}\n" for each in line.split("\n"))
    said = f"        shell: {shell}\n" if shell else ""
    return f"on: push\njobs:\n  go:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: |\n{body}{said}{more}"


def judged(files, *rules):
    runs = run_rules(Workspace.of(files, [DELIVERY]), rules or (tolerated_gate, swallowed_failure))
    assert [run.error for run in runs if run.error] == []
    return [finding for run in runs for finding in run.findings]


def errors(text: str, file: str = ".github/workflows/ci.yml"):
    return judged({file: text}, tolerated_gate)


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize("gate", GATES)
def test_a_gate_with_or_true_is_an_error_and_the_gate_alone_is_not(gate):
    assert judged({".github/workflows/ci.yml": workflow(gate)}) == []
    assert errors(workflow(f"{gate} || true"))


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize("line", CLEANING)
def test_a_line_that_cleans_up_is_never_found(line):
    assert judged({".github/workflows/ci.yml": workflow(f"{line} || true")}) == []


@given(gate=st.sampled_from(GATES), swallow=st.sampled_from(SWALLOWS), before=st.sampled_from(CLEANING))
def test_adding_a_swallow_to_a_gate_is_always_found(gate, swallow, before):
    assert errors(workflow(f"{before}\n{gate} {swallow}"))


@given(lines=st.lists(st.sampled_from(CLEANING), min_size=1, max_size=5), swallow=st.sampled_from(SWALLOWS))
def test_lines_that_clean_up_stay_unfound_in_any_company(lines, swallow):
    assert errors(workflow("\n".join(f"{line} {swallow}" for line in lines))) == []


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("pytest | tee log", ""),
        ("pytest 2>&1 | tail -n 5", ""),
        ("set +e\npytest\necho done", ""),
        ("set +e\npytest\nset -e", ""),
        ("set +o errexit\npytest\nexit 0", ""),
        ("pytest\ntrue", "bash -l {0}"),
        ("flake8 --exit-zero src", ""),
        ("mvn verify -Dmaven.test.failure.ignore=true", ""),
        ("make -i test", ""),
        ("golangci-lint run --issues-exit-code 0", ""),
        ("checkov -d . --soft-fail", ""),
        ("hadolint --no-fail Dockerfile", ""),
        ("npm run lint && npm test || true", ""),
        ("if x; then npm test || true; fi", ""),
        ("npm test \\\n  || true", ""),
        ("npm test ||\n  echo failed", ""),
        ("docker run app sh -c 'pytest || true'", ""),
        ("npm test || cat log.txt", ""),
        ("npm test || /usr/bin/env true", ""),
        ("npx npm-run-all lint 'test:*' || true", ""),
        ("ruff check -e .", ""),
    ],
)
def test_other_ways_to_swallow_are_found(line, shell):
    assert errors(workflow(line, shell=shell))


@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("pytest | tee log", "bash"),
        ("set -o pipefail\npytest | tee log", ""),
        ("set -euo pipefail\npytest | tee log", ""),
        ("pytest | tee log\nexit ${PIPESTATUS[0]}", ""),
        ("set +e\npytest\nstatus=$?\nset -e\nexit $status", ""),
        ("pytest || status=$?", ""),
        ("pytest || FAILED=1", ""),
        ("pytest || { echo failed; exit 1; }", ""),
        ("pytest || (cat log; false)", ""),
        ("pytest || exit 1", ""),
        ("pytest || exit", ""),
        ("pytest || echo failed=1 >> $GITHUB_OUTPUT", ""),
        ("npm ci || npm install", ""),
        ("if ! pytest; then exit 1; fi", ""),
        ("command -v shellcheck && { shellcheck x; exit $?; } || echo skipped", ""),
        ("cat <<E\npytest || true\nE", ""),
        ("echo 'pytest || true'", ""),
        ("# pytest || true\npytest", ""),
        ("tape test.js | tap-spec", ""),
        ("pytest --junitxml=r.xml || true\nhardpoint gate merge", ""),
        ("Invoke-Pester || true", "pwsh"),
        ("pytest || pytest --last-failed", ""),
        ("pytest || echo failed && exit 1", ""),
        ("give_up() { cat log; exit 1; }\npytest || give_up", ""),
        ("pytest & all=$!\nwait $all", ""),
        ("npm start &\nnpm test", ""),
        ("for d in a b; do pytest $d || exit 1; done", "bash {0}"),
        ("for d in a b; do pytest $d; done", ""),
        ("clean_up() { rm -rf x; }\nclean_up || true", ""),
    ],
)
def test_a_status_that_somebody_asks_for_is_not_swallowed(line, shell):
    assert errors(workflow(line, shell=shell)) == []


@pytest.mark.parametrize(
    "line",
    [
        "python scripts/check_links.py || true",
        "npm audit --json > audit.json || true",
        "eslint -f json -o report.json . || true",
        "npx jest --passWithNoTests",
        "for d in a b; do go test ./$d || continue; done",
        "if npm test; then echo fine; fi",
        "kubectl apply -f shop.yaml || true",
        "flake8 --select=E9 .\nflake8 --exit-zero .",
        "cd web && npm test && cd ..\necho next",
        "pytest || true && ./next.sh",
        "pytest || ./tell-somebody.sh",
        "pytest || curl -s https://example.org/failed",
        "pytest &\nwait",
        "set +e\nfor d in a b; do pytest $d; done",
        "run_all() { pytest; }\nrun_all || true",
        "function run_all { pytest\n}\nrun_all || true",
        "pytest 2>&1 | grep -v WARN",
        "pylint --fail-under=0 src",
    ],
)
def test_what_is_unclear_is_a_warning_and_no_error(line):
    found = judged({".github/workflows/ci.yml": workflow(line)})
    assert [finding.rule for finding in found] == ["CI002"]


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".github/workflows/a.yml", workflow("npm test", more="        continue-on-error: true\n")),
        (".github/workflows/a.yml", workflow("npm test", more="        continue-on-error: ${{ true }}\n")),
        (".github/workflows/a.yml", workflow("npm test", more="    continue-on-error: true\n")),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n      - uses: golangci/golangci-lint-action\n        continue-on-error: true\n",
        ),
        (
            ".github/workflows/a.yml",
            CI + "      - uses: nick-fields/retry@v3\n        with: {command: npm test || true}\n",
        ),
        ("action.yml", "runs:\n  using: composite\n  steps:\n    - run: npm test || true\n      shell: bash\n"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  allow_failure: true\n"),
        (".gitlab-ci.yml", ".t: {allow_failure: true}\ntest:\n  extends: .t\n  script: [npm test]\n"),
        (".gitlab-ci.yml", "x: &x {allow_failure: true}\ntest:\n  <<: *x\n  script: npm test\n"),
        (".gitlab-ci.yml", ".s:\n  go: [npm test || true]\ntest:\n  script:\n    - !reference [.s, go]\n"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  rules:\n    - if: $X\n      allow_failure: true\n"),
        (".gitlab-ci.yml", "test:\n  script: [ls]\n  after_script: [npm test]\n"),
        (".gitlab-ci.yml", "test:\n  script:\n    - set +e\n    - npm test\n    - echo done\n"),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: npm test << parameters.x >> || true\n"),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: {name: t, command: npm test || true}\n"),
        ("azure-pipelines.yml", "steps:\n  - script: npm test\n    continueOnError: true\n"),
        ("azure-pipelines.yml", "jobs:\n  - job: a\n    steps:\n      - bash: npm test || true\n"),
        (
            "bitbucket-pipelines.yml",
            "pipelines:\n  default:\n    - step:\n        script:\n          - npm test || true\n",
        ),
        ("Jenkinsfile", "stage('Test') {\n  steps {\n    sh 'npm test || true'\n  }\n}\n"),
        ("Jenkinsfile", "stage('Test') {\n  sh '''\n    npm ci\n    npm test || true\n  '''\n}\n"),
        (
            "Jenkinsfile",
            "stage('T') {\n  catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') {\n    sh 'npm test'\n  }\n}\n",
        ),
        ("Jenkinsfile", "stage('T') {\n    sh(script: 'npm test', returnStatus: true)\n}\n"),
        ("package.json", '{\n  "scripts": {"test": "jest || true"}\n}\n'),
        ("package.json", '{"scripts": {"test": "jest; exit 0"}}'),
        ("Makefile", "test:\n\t-pytest\n"),
        ("Makefile", "test:\n\t@-$(PYTHON) -m pytest\n"),
        ("Makefile", "test:\n\tpytest || true\n"),
        ("Makefile", "test:\n\tcd a && \\\n\tpytest; true\n"),
        ("Makefile", ".IGNORE:\ntest:\n\tpytest\n"),
        ("tox.ini", "[testenv]\ncommands =\n    - pytest {posargs}\n"),
        ("tox.ini", "[testenv:lint]\nignore_outcome = true\ncommands = flake8\n"),
        ("noxfile.py", "def tests(session):\n    session.run('pytest', success_codes=[0, 1])\n"),
        (".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks:\n      - {id: flake8, args: [--exit-zero]}\n"),
        *(
            (".gitlab-ci.yml", f"test:\n  script: [npm test]\n{more}")
            for more in (
                "  allow_failure: true\n  rules:\n    - if: $X\n    - when: manual\n",
                "  allow_failure: !reference [.x, allow_failure]\n.x: {allow_failure: true}\n",
                "  rules: !reference [.x, rules]\n.x: {rules: [{if: $X, allow_failure: true}]}\n",
                "  rules:\n    - !reference [.x, rules]\n.x: {rules: [{if: $X, allow_failure: true}]}\n",
            )
        ),
        (".circleci/config.yml", "orbs:\n  x:\n    jobs:\n      a: {steps: [{run: npm test || true}]}\n"),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: {command: npm test, background: true}\n"),
        (
            "azure-pipelines.yml",
            "pool: {vmImage: ubuntu-24.04}\nsteps:\n  - script: |\n      npm test\n      echo done\n",
        ),
        ("azure-pipelines.yml", "steps:\n  - task: VSTest@2\n    continueOnError: true\n"),
        (
            "azure-pipelines.yml",
            "steps:\n  - task: Npm@1\n    inputs: {command: custom, customCommand: test}\n    continueOnError: true\n",
        ),
        (
            "azure-pipelines.yml",
            "pool: {vmImage: ubuntu-24.04}\nsteps: [{task: CmdLine@2, inputs: {script: npm test || true}}]\n",
        ),
        (
            "azure-pipelines.yml",
            "jobs:\n  - deployment: a\n    strategy: {rolling: {deploy: {steps: [{bash: npm test || true}]}}}\n",
        ),
        (
            "azure-pipelines.yml",
            "extends:\n  template: t.yml\n  parameters:\n    jobs: [{job: a, steps: [{bash: npm test || true}]}]\n",
        ),
        ("Jenkinsfile", "stage('T') {\n  sh '''#!/bin/bash\n  npm test\n  echo done\n  '''\n}\n"),
        (
            "Jenkinsfile",
            "catchError(\n    buildResult: 'SUCCESS',\n    stageResult: 'FAILURE') {\n  sh 'npm test'\n}\n",
        ),
        ("Jenkinsfile", "stage('T') {\n  sh(script: 'npm test',\n     returnStatus: true)\n}\n"),
        ("Jenkinsfile", 'stage("T") {\n  sh "npm test -- \\"a b\\" || true"\n}\n'),
        (
            "bitbucket-pipelines.yml",
            "pipelines:\n  default:\n    - step: {on-fail: {strategy: ignore}, script: [npm test]}\n",
        ),
        ("Makefile", "test: ; -pytest\n"),
        ("Makefile", "test: build ; pytest || true\n"),
        ("Makefile", "MAKEFLAGS += -ki\ntest:\n\tpytest\n"),
        ("Makefile", ".ONESHELL:\ntest:\n\tpytest\n\techo done\n"),
        ("Makefile", "define check\n\t-pytest\nendef\n"),
        ("rules.mk", "test:\n\t-pytest\n"),
        ("tox.ini", "[testenv]\ncommands_post = -pytest\n"),
        ("tox.ini", "[testenv:lint]\nignore_outcome=1\ncommands=flake8\n"),
        ("setup.cfg", "[tox:tox]\nenvlist=py\n[testenv]\ncommands =\n  - pytest\n"),
        ("pyproject.toml", "[tool.tox]\nlegacy_tox_ini = '''\n[testenv]\ncommands =\n  - pytest\n'''\n"),
        ("noxfile.py", "def tests(session):\n    session.run('pytest', success_codes=range(256))\n"),
        ("build.gradle", "test {\n  ignoreFailures = true\n}\n"),
        ("pom.xml", "<project><testFailureIgnore>true</testFailureIgnore></project>\n"),
    ],
)
def test_every_form_of_pipeline_and_script_is_read(file, text):
    assert errors(text, file)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".github/workflows/a.yml", workflow("npm test", more="        continue-on-error: false\n")),
        (".github/workflows/a.yml", workflow("npm test", more="    continue-on-error: ${{ matrix.experimental }}\n")),
        (".github/workflows/a.yml", workflow("docker logs x", more="        continue-on-error: true\n")),
        (
            ".github/workflows/a.yml",
            workflow(
                "npm test",
                more="        id: t\n        continue-on-error: true\n"
                "      - if: steps.t.outcome == 'failure'\n        run: exit 1\n",
            ),
        ),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n      - uses: codecov/codecov-action@v5\n        continue-on-error: true\n",
        ),
        (".gitlab-ci.yml", "deploy:\n  script: [./notify.sh]\n  allow_failure: true\n"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  when: manual\n  allow_failure: true\n"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  allow_failure: {exit_codes: [137]}\n"),
        (".gitlab-ci.yml", "test:\n  script: ['npm test | tee log']\n"),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: npm test | tee log\n"),
        ("Jenkinsfile", "stage('T') {\n  def s = sh(script: 'npm test', returnStatus: true)\n}\n"),
        ("Jenkinsfile", "stage('T') {\n  catchError {\n    sh 'npm test'\n  }\n}\n"),
        ("Makefile", "clean:\n\t-rm -rf build\nstop:\n\t-docker stop shop\n"),
        ("Makefile", "-include local.mk\ntest:\n\tpytest\n"),
        ("tox.ini", "[testenv]\nignore_errors = true\ncommands =\n    pytest\n    - coverage combine\n"),
        (
            "package.json",
            '{"scripts": {"clean": "rm -rf dist || true", "test": "jest", "postinstall": "husky install || true"}}',
        ),
        ("noxfile.py", "def tests(session):\n    session.run('pytest', success_codes=[0, 5])\n"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  allow_failure: true\n  rules: [{if: $X, when: manual}]\n"),
        ("azure-pipelines.yml", "steps:\n  - task: PublishTestResults@2\n    continueOnError: true\n"),
        (
            "azure-pipelines.yml",
            "pool: {vmImage: windows-2025}\nsteps:\n  - script: |\n      npm test\n      echo done\n",
        ),
        ("Jenkinsfile", "stage('T') {\n  sh '''#!/bin/bash -e\n  npm test\n  echo done\n  '''\n}\n"),
        ("Jenkinsfile", "stage('T') {\n  sh '''#!/usr/bin/env python3\n  pytest || true\n  '''\n}\n"),
        ("Jenkinsfile", "try {\n  sh 'npm test'\n} finally {\n  junit 'r.xml'\n}\n"),
        ("Makefile", "MAKEFLAGS += --no-print-directory -Oline\ntest:\n\tpytest\n"),
        ("Makefile", "test: ; pytest\n"),
        ("tox.ini", "[testenv:lint]\ncommands =\n  pylint \\\n    -pytest \\\n    src\n"),
        ("build.gradle", "test {\n  ignoreFailures = !ci\n}\n"),
        ("node_modules/a/package.json", '{"scripts": {"test": "jest || true"}}'),
        ("tests/fixtures/package.json", '{"scripts": {"test": "jest || true"}}'),
    ],
)
def test_what_is_meant_well_is_no_error(file, text):
    assert errors(text, file) == []


@pytest.mark.parametrize(
    "more",
    [
        "    continue-on-error: true\n    strategy: {}\n",
        "      - name: TSAN test\n        run: ./build/run_all\n        continue-on-error: true\n",
    ],
)
def test_a_gate_is_known_on_windows_and_by_the_name_of_its_step(more):
    text = workflow("pytest").replace("ubuntu-24.04", "windows-latest") + more
    assert len(judged({".github/workflows/a.yml": text})) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            ".github/workflows/a.yml",
            workflow(
                "npm test",
                more="        id: t\n        continue-on-error: true\n      - run: echo ${{ steps.t.outputs.x }}\n",
            ),
        ),
        (
            ".github/workflows/a.yml",
            workflow(
                "npm test",
                more="        id: t\n        continue-on-error: true\n"
                "      - if: steps.t.conclusion == 'failure'\n        run: exit 1\n",
            ),
        ),
    ],
)
def test_to_ask_for_anything_but_the_outcome_is_to_ask_for_a_success(file, text):
    assert errors(text, file)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            ".github/workflows/a.yml",
            workflow("npm test", more="    continue-on-error: ${{ matrix.old || true }}\n"),
        ),
        (
            ".github/workflows/a.yml",
            CI + "      - uses: nick-fields/retry@v3\n        with: {command: npm test, continue_on_error: true}\n",
        ),
        ("Jenkinsfile", "try {\n  sh 'npm test'\n} catch (e) {\n  echo 'failed'\n}\n"),
        ("Makefile", "test:\n\tfor d in $(DIRS); do $(MAKE) -C $$d test; done\n"),
        ("package.json", '{"scripts": {"test": "jest & eslint ."}}'),
        ("noxfile.py", "OK = [0, 1]\ndef tests(session):\n    session.run('pytest', success_codes=OK)\n"),
        (
            "noxfile.py",
            "def tests(session):\n    try:\n        session.run('pytest')\n    except Exception:\n        pass\n",
        ),
    ],
)
def test_what_the_host_or_another_line_may_judge_is_a_warning(file, text):
    assert {each.rule for each in judged({file: text})} <= {"CI002"}
    assert judged({file: text})


@pytest.mark.parametrize(
    "text",
    [
        "try {\n  sh 'npm test'\n} catch (e) {\n  currentBuild.result = 'FAILURE'\n}\n",
        "try {\n  sh 'npm test'\n} catch (e) {\n  throw e\n}\n",
    ],
)
def test_a_catch_that_tells_of_the_failure_is_no_tolerance(text):
    assert judged({"Jenkinsfile": text}) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("azure-pipelines.yml", "steps:\n  - script: |\n      npm test\n      echo done\n"),
        ("Makefile", "define compile_tests\n\t-$(verbose) x\nendef\n"),
    ],
)
def test_what_is_not_known_is_not_guessed(file, text):
    assert judged({file: text}) == []


@pytest.mark.parametrize("line", ["-rm -rf build", "-mv a b", "-docker rm -f shop"])
def test_what_is_known_to_judge_nothing_is_no_gate_by_the_name_of_its_target(line):
    assert judged({"Makefile": f"test:\n\t{line}\n\tpytest\n"}) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("nightly", "CI002"),
        ("rust_beta", "CI002"),
        ("dev-deps", "CI002"),
        ("multiple", "CI001"),
        ("knowledge", "CI001"),
    ],
)
def test_an_experiment_that_says_so_is_a_warning(name, rule):
    text = f"on: push\njobs:\n  {name}:\n    continue-on-error: true\n    steps:\n      - run: cargo test\n"
    assert [each.rule for each in judged({".github/workflows/a.yml": text})] == [rule]


@pytest.mark.parametrize(
    ("file", "text", "suggestion"),
    [
        (".github/workflows/a.yml", workflow("cd web && npm test || true"), "npm test"),
        (
            ".github/workflows/a.yml",
            workflow("npm test", more="        continue-on-error: true\n"),
            "continue-on-error: false",
        ),
        (".github/workflows/a.yml", workflow("flake8 --exit-zero src"), "flake8 src"),
        (".gitlab-ci.yml", "test:\n  script: [npm test]\n  allow_failure: true\n", "allow_failure: false"),
        (".gitlab-ci.yml", "test:\n  script:\n    - npm ci\n    - 'npm test || true'\n", "npm test"),
        ("package.json", '{\n  "scripts": {\n    "test": "jest --ci || true"\n  }\n}\n', "jest --ci"),
        ("Makefile", "test:\n\t@pytest -q || true\n", "pytest -q"),
        ("Jenkinsfile", "stage('T') {\n  sh 'npm test || true'\n}\n", "npm test"),
    ],
)
def test_the_strict_version_replaces_what_stands_there(file, text, suggestion):
    (found,) = errors(text, file)
    assert found.suggestion == suggestion
    line = text.split("\n")[found.place.line - 1][found.place.column - 1 :]
    assert found.replaces
    assert line.startswith(found.replaces)
    repaired = text.replace(found.replaces, found.suggestion)
    assert errors(repaired, file) == []


def test_a_script_that_a_pipeline_calls_is_judged_where_it_stands():
    files = {
        ".github/workflows/ci.yml": workflow("./ci/run.sh"),
        "ci/run.sh": "#!/bin/sh\nset -e\npytest || true\n",
        "other.sh": "#!/bin/sh\npytest || true\n",
    }
    assert [str(each.place) for each in judged(files)] == ["ci/run.sh:3:1"]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("./ci/run.sh", 1),
        ("bash ci/run.sh", 1),
        ("bash -e ci/run.sh", 0),
        ("sh -eu ci/run.sh", 0),
        ("bash -o errexit ci/run.sh", 0),
        ("source ci/run.sh", 0),
        ("sudo bash -e ci/run.sh", 0),
        ("sudo ci/run.sh", 1),
        ("docker run -v .:/src app bash -e ci/run.sh", 0),
        ("again 3 ci/run.sh", 0),
        ("bash -e ci/run.sh\nbash ci/run.sh", 1),
        ("bash ci/run.sh\nbash -e ci/run.sh", 1),
        ("bash -e ci/run.sh\nagain 3 ci/run.sh", 0),
    ],
)
def test_whoever_calls_a_script_chooses_its_options(line, count):
    files = {".github/workflows/ci.yml": workflow(line), "ci/run.sh": "pytest\necho done\n"}
    assert len(judged(files, tolerated_gate)) == count


@pytest.mark.parametrize(
    "steps",
    [
        "      - run: cd ci && ./run.sh\n",
        "      - run: ./run.sh\n        working-directory: ci\n",
    ],
)
def test_a_script_is_found_where_the_step_runs(steps):
    files = {".github/workflows/ci.yml": CI + steps, "ci/run.sh": "pytest || true\n"}
    assert len(judged(files, tolerated_gate)) == 1


@pytest.mark.parametrize(
    "root",
    [
        "include: ['/ci/*.yml']\n",
        "include: [{local: '/ci/**.yml'}]\n",
        "more:\n  trigger: {include: ci/more.yml}\n",
        "more:\n  trigger: {include: [{local: /ci/more.yml}]}\n",
    ],
)
def test_what_a_gitlab_pipeline_is_made_of_is_read(root):
    files = {".gitlab-ci.yml": root, "ci/more.yml": "test: {script: [npm test || true]}\n"}
    assert [each.place.file for each in judged(files, tolerated_gate)] == ["ci/more.yml"]


@pytest.mark.parametrize("file", ["setup.cfg", "pyproject.toml"])
def test_a_file_that_may_hold_tox_and_does_not_is_no_pipeline(file):
    (run,) = run_rules(Workspace.of({file: "[tool.ruff]\nline-length = 120\n"}, [DELIVERY]), [tolerated_gate])
    assert run.examined == 0


def test_a_script_that_the_manifest_names_is_one_that_ci_runs():
    files = {"hardpoint.yaml": "version: 1\ndelivery:\n  scripts: [ci/go]\n", "ci/go": "pytest || true\n"}
    assert [str(each.place) for each in judged(files)] == ["ci/go:1:1"]


def test_an_included_file_gives_its_templates():
    files = {
        ".gitlab-ci.yml": "include: [{local: /ci/base.yml}]\ntest:\n  extends: .base\n  script: [npm test]\n",
        "ci/base.yml": ".base:\n  allow_failure: true\n",
    }
    assert [each.place.file for each in judged(files)] == ["ci/base.yml"]


@pytest.mark.parametrize(
    ("condition", "count"), [("always()", 1), ("${{ always() }}", 1), ("success()", 0), ("failure()", 1)]
)
def test_a_deployment_that_heeds_nothing_is_found(condition, count):
    text = workflow("npm test", more=f"      - if: {condition}\n        run: helm upgrade shop ./chart\n")
    assert len(judged({".github/workflows/cd.yml": text}, heedless_deployment)) == count


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".github/workflows/a.yml", BOMB),
        (".github/workflows/a.yml", b"on: \xff\xfe"),
        (".github/workflows/a.yml", "on: push\njobs: {{ cookiecutter.jobs }}\n"),
        (".github/workflows/a.yml", "{% if a %}\non: push\n{% endif %}\n"),
        (".github/workflows/a.yml", "[" * 5000),
        (".github/workflows/a.yml", "- a\n- b\n"),
        (".github/workflows/a.yml", ""),
        (".github/workflows/a.yml", "a: &a\n  <<: *a\n"),
        (".gitlab-ci.yml", "a: 1\na: 2\n"),
        (".gitlab-ci.yml", "x" * (4 * 2**20 + 1)),
        ("package.json", "{"),
        ("package.json", b"\xff"),
        ("noxfile.py", "def ("),
    ],
)
def test_what_cannot_be_read_is_found_and_never_a_pass(file, content):
    (found,) = judged({file: content}, tolerated_gate)
    assert "was not judged" in found.text
    assert found.place.file == file


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            ".github/workflows/a.yml",
            "on: [push]\njobs:\n  a: 1\n  b: [x]\n  c: {steps: 5, if: [1], services: x, needs: {a: b}}\n",
        ),
        (".github/workflows/a.yml", "on: {push: [1], pull_request: null}\njobs: [1]\nzzz: 1\n"),
        (".github/workflows/a.yml", "jobs: {a: {steps: [1, null, {run: 5}, {run: [x]}, {uses: {}}, {with: 3}]}}\n"),
        (
            ".gitlab-ci.yml",
            "include: [1, {local: [a]}]\ntest: {script: [[a, [b]], 1, {x: y}], extends: [test, 1], rules: [1]}\n",
        ),
        (
            ".gitlab-ci.yml",
            "a: {extends: b, script: x}\nb: {extends: a, script: !reference [a, script, z]}\nc: !x {script: [!y z]}\n",
        ),
        (
            ".circleci/config.yml",
            "jobs: {a: {steps: [checkout, 1, {run: {command: [x]}}], docker: x}}\nworkflows: {w: {jobs: [a, {}]}}\n",
        ),
        ("azure-pipelines.yml", "steps:\n  - ${{ if x }}:\n      - script: a\n  - 1\n  - script: [a]\ntrigger: 1\n"),
        (
            "bitbucket-pipelines.yml",
            "pipelines: {default: [1, {step: 1}, {parallel: {steps: [{step: {script: [1]}}]}}]}\n",
        ),
        ("Jenkinsfile", "sh '''\nstage('\nsh \"a\ncatchError(buildResult: 'SUCCESS') {"),
        ("package.json", "[]"),
        ("package.json", '{"scripts": {"a": 1, "b": ["x"], "c": "\\u0000 \\" || true"}}'),
        ("Makefile", "\tx\n:\na b:\n\t-\n\t@\n.IGNORE: a\n\\"),
        ("tox.ini", "=\n[\n[testenv]\ncommands\n  x\n - y\n"),
        (".pre-commit-config.yaml", "repos: [1, {hooks: [1, {id: 5, args: 7}]}]\n"),
        ("pom.xml", "<"),
    ],
)
def test_odd_shapes_break_nothing(file, text):
    judged({file: text}, tolerated_gate, swallowed_failure, heedless_deployment)


N = 4_000


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".github/workflows/a.yml", CI + "      - {id: a, run: pytest || true, continue-on-error: true}\n" * N),
        (".github/workflows/a.yml", CI + "      - run: |\n" + "          pytest || true\n" * N),
        (
            ".gitlab-ci.yml",
            "".join(f"j{i}: {{extends: [{', '.join(f'j{k}' for k in range(20))}]}}\n" for i in range(500)),
        ),
        (
            ".gitlab-ci.yml",
            "".join(f"j{i}:\n  script:\n" + f"    - !reference [j{i + 1}, script]\n" * 30 for i in range(60)),
        ),
        ("package.json", '{"scripts": {\n' + ",\n".join(f'"test{i}": "jest || true"' for i in range(N)) + "}}"),
        ("Makefile", "test:\n" + "\t-pytest --exit-zero || true\n" * N),
        ("Jenkinsfile", "catchError(buildResult: 'SUCCESS') {\n sh 'pytest'\n" * N),
        ("tox.ini", "[testenv]\ncommands =\n" + "  - pytest\n" * N),
        (".github/workflows/a.yml", CI + "      - run: |\n" + "          pytest &\n" * N),
        (".github/workflows/a.yml", CI + "      - run: |\n" + "          cd a && ./x.sh\n" * N),
        (
            ".github/workflows/a.yml",
            CI
            + "      - run: |\n          f() { \n"
            + "          ls\n" * N
            + "          }\n"
            + "          f || g\n" * N,
        ),
        ("Jenkinsfile", "try {\n sh 'pytest'\n} catch (e) {\n echo e\n}\n" * N),
        ("Makefile", "MAKEFLAGS += " + "-i" * N + "\n" + ":" * N + "\n" + "a" + ": ;" * N),
        (".gitlab-ci.yml", "include: [" + ", ".join(f"'/*{i}*.yml'" for i in range(200)) + "]\n"),
        (".github/workflows/a.yml", "a" * (33 * 2**20)),
    ],
)
def test_cost_grows_no_faster_than_the_work(file, text):
    begun = time.monotonic()
    judged({file: text}, tolerated_gate, swallowed_failure, heedless_deployment)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("pytest | tee log", "bash"),
        ("set -o pipefail\npytest | tee log", ""),
        ("pytest | tee log", "bash -eo pipefail {0}"),
        ("pytest | tee log\nexit ${PIPESTATUS[0]}", ""),
        ("pytest & all=$!\nwait $all", ""),
        ("npm start &\nnpm test", ""),
        ("for d in a b; do pytest $d || exit 1; done", "bash {0}"),
        ("for d in a b; do pytest $d; done", ""),
        ("give_up() { cat log; exit 1; }\npytest || give_up", ""),
    ],
)
def test_what_counts_is_not_even_a_warning(line, shell):
    assert judged({".github/workflows/ci.yml": workflow(line, shell=shell)}) == []


def rules_of(files):
    found = judged(files, tolerated_gate, swallowed_failure, heedless_deployment)
    return [finding.rule for finding in found]


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("pytest || rc=$?\necho done", "CI002"),
        ("pytest || rc=$?\nexit $rc", None),
        ("pytest || rc=$?\n[ ${rc:-0} = 0 ]", None),
        ("if ! pytest; then echo failed; fi", "CI002"),
        ("if ! pytest; then echo failed; exit 1; fi", None),
        ("if ! pytest; then echo failed=1 >> $GITHUB_OUTPUT; fi", None),
        ('echo "out=$(pytest -q)" >> $GITHUB_OUTPUT', "CI002"),
        ("export OUT=$(pytest)", "CI002"),
        ("OUT=$(pytest)", None),
        ("echo 'run $(pytest)'", None),
        ('echo "\\$(pytest)"', None),
        ('echo "version $(npx tsc --version)"', None),
        ('echo "$(pytest | wc -l)"', None),
        ('echo "$((1 + 2))"', None),
        ("output=$(ruff check .) || true", "CI002"),
        ('output=$(ruff check .) || true\nif [ -n "$output" ]; then exit 1; fi', None),
        ("hatch run test || true", "CI001"),
        ("hatch run py312:lint || true", "CI001"),
        ("just test || true", "CI001"),
        ("hatch run serve || true", None),
        ("mkdocs build --strict || true", "CI001"),
        ("mkdocs build || true", None),
        ("git diff --exit-code || true", "CI002"),
        ("git diff --exit-code || git commit -am x", None),
        ("if git diff --exit-code; then echo same; fi", None),
        ("hardpoint check || true", "CI001"),
        ("hardpoint gate merge || true", "CI001"),
    ],
)
def test_a_failure_that_is_lost_on_the_way_is_found(line, rule):
    assert rules_of({".github/workflows/ci.yml": workflow(line)}) == ([rule] if rule else [])


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("file", "text", "line", "rule"),
    [
        ("Makefile", "ci:\n\tpytest\n", "make ci || true", "CI001"),
        ("Makefile", "ci:\n\tpytest\n", "make -C sub ci || true", None),
        ("Makefile", "ci:\n\tpytest\n", "cd sub\nmake ci || true", None),
        ("Makefile", "stop:\n\tpytest\n", "make stop || true", None),
        ("Makefile", "ci:\n\trm -rf build\n", "make ci || true", None),
        ("sub/Makefile", "ci:\n\tpytest\n", "make ci || true", None),
        ("package.json", '{"scripts": {"ci": "jest"}}', "npm run ci || true", "CI001"),
        ("package.json", '{"scripts": {"ci": "jest"}}', "npm run ci --workspace a || true", None),
        ("ci/x.sh", "pytest\n", "sh ci/x.sh || true", "CI002"),
        ("ci/x.sh", "pytest\n", "./ci/x.sh || true", "CI002"),
        ("ci/x.sh", "docker stop shop\n", "./ci/x.sh || true", None),
    ],
)
def test_a_gate_inside_of_what_is_called_is_found(file, text, line, rule):
    assert rules_of({file: text, ".github/workflows/ci.yml": workflow(line)}) == ([rule] if rule else [])


_DEPLOYS = "    runs-on: u\n    steps: [{run: kubectl apply -f shop.yaml}]\n"
_TESTED = "on: push\njobs:\n  test:\n    runs-on: u\n    steps: [{run: pytest}]\n  live:\n"


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("said", "heeds"),
    [
        ("    needs: test\n", True),
        ("    needs: test\n    if: always()\n", False),
        ("    needs: test\n    if: ${{ !cancelled() }}\n", False),
        ("    needs: test\n    if: ${{ always() && github.ref == 'refs/heads/main' }}\n", False),
        ("    needs: test\n    if: ${{ github.ref == 'refs/heads/main' || failure() }}\n", False),
        ("    needs: test\n    if: ${{ contains(github.ref, 'x') && always() }}\n", False),
        ("    needs: test\n    if: ${{ success() && github.ref == 'refs/heads/main' }}\n", True),
        ("    needs: test\n    if: ${{ !failure() && !cancelled() }}\n", True),
        ("    needs: test\n    if: ${{ !(failure() || cancelled()) }}\n", True),
        ("    needs: test\n    if: github.ref == 'refs/heads/main'\n", True),
        ("    needs: test\n    if: ${{ always() && needs.test.result == 'success' }}\n", True),
        ("    needs: other\n    if: always()\n", True),
        ("", False),
        ("    if: always()\n", False),
        ("    if: startsWith(github.ref, 'refs/tags/')\n", True),
    ],
)
def test_a_job_that_deploys_heeds_the_jobs_before_it(said, heeds):
    found = rules_of({".github/workflows/cd.yml": f"{_TESTED}{said}{_DEPLOYS}"})
    assert found == ([] if heeds else ["CI003"])


@pytest.mark.parametrize(
    "job",
    [
        "    name: roll back\n    needs: test\n    if: failure()\n" + _DEPLOYS,
        "    needs: test\n    if: always()\n    runs-on: u\n    steps: [{uses: actions/deploy-pages@v4}]\n",
        "    runs-on: u\n    steps: [{run: minikube start}, {run: kubectl apply -f shop.yaml}]\n",
        "    runs-on: u\n    steps: [{run: npm test}, {run: npm publish}]\n",
        "    runs-on: u\n    steps: [{run: twine upload --repository testpypi dist/*}]\n",
        "    needs: test\n    if: always()\n    steps: [{if: needs.test.result == 'success', run: npm publish}]\n",
    ],
)
def test_what_reaches_no_user_or_asks_itself_is_not_heedless(job):
    assert rules_of({".github/workflows/cd.yml": _TESTED + job}) == []


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("condition", "heeds"),
    [
        *((each, False) for each in ("always()", "failure()", "success() || failure()", "!cancelled()")),
        *((each, True) for each in ("success()", "always() && steps.t.outcome == 'success'", "github.ref == 'x'")),
    ],
)
def test_a_step_that_deploys_heeds_the_steps_before_it(condition, heeds):
    steps = f"      - run: pytest\n      - if: ${{{{ {condition} }}}}\n        run: kubectl apply -f shop.yaml\n"
    assert rules_of({".github/workflows/cd.yml": CI + steps}) == ([] if heeds else ["CI003"])


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("said", "heeds"),
    [
        ("  needs: []\n", False),
        ("  when: always\n", False),
        ("  when: on_failure\n", False),
        ("  rules:\n    - when: always\n", False),
        ("  needs: []\n  when: manual\n", True),
        ("  needs: [unit]\n", True),
        ("  rules: [{if: $CI_COMMIT_TAG}]\n", True),
        ("  stage: test\n  when: always\n", True),
        ("", True),
    ],
)
def test_a_job_of_gitlab_that_deploys_heeds_the_stages_before_it(said, heeds):
    stage = "" if "stage:" in said else "  stage: deploy\n"
    files = {
        ".gitlab-ci.yml": f"include: [{{local: /ci/unit.yml}}]\nlive:\n  script: [kubectl apply -f x]\n{stage}{said}",
        "ci/unit.yml": "unit:\n  stage: test\n  script: [pytest]\n",
    }
    assert rules_of(files) == ([] if heeds else ["CI003"])


@pytest.mark.requirement("CID-01")
@pytest.mark.parametrize(
    ("file", "text"),
    [
        *(
            (".github/workflows/ci.yml", f"on: push\n{jobs}")
            for jobs in ("jobs: 3\n", "jobs: [a]\n", "jobs: {a: 3}\n", "jobs: {a: }\n", "jobs: {a: {steps: 3}}\n")
        ),
        (".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [npm test]}}\n"),
        (".github/workflows/ci.yml", "name: x\n"),
        (".gitlab-ci.yml", "test: {script: 3}\n"),
        (".circleci/config.yml", "jobs: 3\n"),
        (".circleci/config.yml", "jobs: {a: {steps: 3}}\n"),
        ("azure-pipelines.yml", "steps: 3\n"),
        ("bitbucket-pipelines.yml", "pipelines: 3\n"),
    ],
)
def test_a_pipeline_of_the_wrong_shape_is_no_pass(file, text):
    (finding,) = judged({file: text}, tolerated_gate)
    assert "was not judged" in finding.text


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("azure-pipelines.yml", "steps: ${{ parameters.steps }}\n"),
        (".circleci/config.yml", "jobs: {a: {steps: << parameters.steps >>}}\n"),
        (".gitlab-ci.yml", "test:\n  script: !reference [.x, script]\n.x: {script: [npm test]}\n"),
        (".github/workflows/ci.yml", "on: push\njobs: {a: {uses: ./.github/workflows/b.yml}}\n"),
    ],
)
def test_an_expression_in_the_place_of_steps_is_no_fault(file, text):
    assert judged({file: text}, tolerated_gate) == []
