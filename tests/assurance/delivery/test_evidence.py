"""What pipelines prove: layers, speed, flaky tests, traces, caches; and what they run that is not their own."""

import json

import pytest

from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.rules.evidence import (
    flaky_test,
    missing_layer,
    slow_builds,
    traceless,
    uncached,
    undeclared_layers,
)
from hardpoint.assurance.delivery.rules.pins import movable, unpinned
from hardpoint.assurance.delivery.runs import minutes
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

CI = "on: push\njobs:\n  go:\n    runs-on: ubuntu-24.04\n    steps:\n{}"


def found(files, rule):
    (run,) = run_rules(Workspace.of(files, [DELIVERY]), [rule])
    assert run.error is None
    return [finding.text for finding in run.findings]


def steps(*lines):
    return CI.format("".join(f"      - {line}\n" for line in lines))


@pytest.mark.requirement("CID-04")
@pytest.mark.parametrize(
    ("layer", "files"),
    [
        ("unit", {".github/workflows/a.yml": steps("run: pytest")}),
        ("unit", {".github/workflows/a.yml": steps("run: npm test"), "package.json": '{"scripts": {"test": "jest"}}'}),
        ("integration", {".github/workflows/a.yml": steps("run: pytest tests/integration")}),
        ("component", {".gitlab-ci.yml": "a:\n  script: [npm run test:component]\n"}),
        ("e2e", {".github/workflows/a.yml": steps("run: npx playwright test")}),
        ("e2e", {".github/workflows/a.yml": steps("uses: cypress-io/github-action@v6")}),
        (
            "e2e",
            {
                ".github/workflows/a.yml": steps("run: make ci"),
                "Makefile": "ci:\n\tnpm run browser\n",
                "package.json": '{"scripts": {"browser": "playwright test"}}',
            },
        ),
        ("performance", {".github/workflows/a.yml": steps("run: k6 run load.js")}),
        ("security", {".github/workflows/a.yml": steps("run: pip-audit")}),
        ("security", {".github/workflows/a.yml": steps("uses: github/codeql-action/analyze@v3")}),
        (
            "integration",
            {".github/workflows/a.yml": steps("run: tox"), "tox.ini": "[testenv]\ncommands = pytest integration\n"},
        ),
        ("unit", {".github/workflows/a.yml": steps("run: ./ci.sh"), "ci.sh": "#!/bin/sh\npytest tests/unit\n"}),
    ],
)
def test_a_declared_layer_that_ci_runs_is_recognised(layer, files):
    manifest = {"hardpoint.yaml": f"version: 1\ndelivery:\n  layers: [{layer}]\n"}
    assert found({**files, **manifest}, missing_layer) == []
    assert len(found({"a.txt": "", **manifest}, missing_layer)) == 1


@pytest.mark.requirement("CID-04")
def test_what_exists_and_does_not_run_in_ci_is_no_layer():
    files = {
        "hardpoint.yaml": "version: 1\ndelivery:\n  layers: [e2e]\n",
        ".github/workflows/a.yml": steps("run: npm test"),
        "package.json": '{"scripts": {"test": "jest", "e2e": "playwright test"}}',
    }
    assert len(found(files, missing_layer)) == 1


def test_nothing_declared_is_one_note_that_names_what_runs():
    (text,) = found({".github/workflows/a.yml": steps("run: pytest", "run: npx playwright test")}, undeclared_layers)
    assert "e2e, unit" in text


def runs(*lengths):
    return json.dumps(
        [
            {
                "startedAt": "2026-03-01T12:00:00Z",
                "updatedAt": f"2026-03-01T12:{minute:02}:00Z",
                "conclusion": "success",
            }
            for minute in lengths
        ]
    )


@pytest.mark.requirement("CID-07")
@pytest.mark.parametrize(
    ("lengths", "said"), [((5, 9, 59), ""), ((5, 11, 12), "median of 3 builds is 11.0"), ((), "not enough")]
)
def test_the_median_build_is_held_against_the_target(lengths, said):
    manifest = "version: 1\ndelivery:\n  build_minutes: 10\n  runs: [runs.json]\n"
    texts = found({"hardpoint.yaml": manifest, "runs.json": runs(*lengths)}, slow_builds)
    assert [said in text for text in texts] == ([True] if said else [])


def test_runs_of_both_hosts_are_read_and_unfinished_ones_are_not():
    gitlab = [{"status": "success", "duration": 120}, {"status": "running"}, {"status": "canceled", "duration": 9}]
    assert minutes(json.dumps(gitlab).encode(), "a") == [2.0]
    rest = {
        "workflow_runs": [
            {"conclusion": "failure", "run_started_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:03:00Z"}
        ]
    }
    assert minutes(json.dumps(rest).encode(), "a") == [3.0]
    for content in (b"", b"5", b"[1]", b"\xff"):
        with pytest.raises(UnreadableProblem):
            minutes(content, "a")


CASE = '<testsuite><testcase classname="cart" name="{}">{}</testcase></testsuite>'
MANIFEST = "version: 1\ndelivery:\n  test_reports: ['runs/**/*.xml']\n"


@pytest.mark.requirement("CID-05")
@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"runs/a/1.xml": CASE.format("x", ""), "runs/a/2.xml": CASE.format("x", "<failure/>")}, 1),
        ({"runs/a/1.xml": CASE.format("x", "<flakyFailure/>")}, 1),
        ({"runs/a/1.xml": CASE.format("x", ""), "runs/b/1.xml": CASE.format("x", "<failure/>")}, 0),
        ({"runs/a/1.xml": CASE.format("x", "<error/>"), "runs/a/2.xml": CASE.format("x", "<failure/>")}, 0),
        ({"runs/a/1.xml": CASE.format("x", "<skipped/>"), "runs/a/2.xml": CASE.format("x", "<failure/>")}, 0),
        ({"runs/a/1.xml": CASE.format("x", ""), "runs/a/2.xml": CASE.format("y", "<failure/>")}, 0),
        ({"runs/a/1.xml": "<testsuite>"}, 1),
        ({"runs/a/1.xml": ""}, 1),
    ],
)
def test_a_test_that_passes_and_fails_at_one_commit_is_flaky(files, count):
    assert len(found({"hardpoint.yaml": MANIFEST, **files}, flaky_test)) == count


def test_a_report_that_is_named_whole_and_missing_is_no_pass():
    manifest = "version: 1\ndelivery:\n  test_reports: [build/junit.xml]\n"
    assert "not judged" in found({"hardpoint.yaml": manifest}, flaky_test)[0]


@pytest.mark.requirement("CID-05")
@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"playwright.config.ts": "export default { use: { trace: 'on-first-retry' } }"}, 0),
        ({"playwright.config.ts": "export default { use: { trace: process.env.CI ? 'on' : 'off' } }"}, 0),
        ({"playwright.config.ts": "export default { ...shared }"}, 0),
        ({"playwright.config.ts": "export default { use: {} }"}, 1),
        ({"e2e/playwright.config.js": "module.exports = { use: { trace: 'off' } }"}, 1),
        ({"cypress.config.ts": "export default { screenshotOnRunFailure: false }"}, 1),
        ({"cypress.config.ts": "export default { e2e: {} }"}, 0),
        ({".github/workflows/a.yml": steps("run: npx playwright test")}, 1),
        (
            {
                ".github/workflows/a.yml": steps(
                    "run: npx playwright test", "if: failure()\n        uses: actions/upload-artifact@v4"
                )
            },
            0,
        ),
        (
            {".github/workflows/a.yml": steps("run: npx cypress run", "uses: actions/upload-artifact@v4")},
            1,
        ),
        ({".gitlab-ci.yml": "e2e:\n  script: [npx playwright test]\n  artifacts: {when: on_failure, paths: [a]}\n"}, 0),
        ({".gitlab-ci.yml": "e2e:\n  script: [npx playwright test]\n  artifacts: {paths: [a]}\n"}, 1),
    ],
)
def test_a_failure_has_to_leave_a_trace(files, count):
    assert len(found(files, traceless)) == count


@pytest.mark.requirement("CID-07")
@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["run: npm ci"], 1),
        (["run: poetry install"], 1),
        (["uses: actions/setup-node@v6\n        with: {cache: npm}", "run: npm ci"], 0),
        (["uses: actions/cache@v5", "run: npm ci"], 0),
        (["run: npm test"], 0),
    ],
)
def test_an_install_without_a_cache_is_a_note(lines, count):
    assert len(found({".github/workflows/a.yml": steps(*lines)}, uncached)) == count


SHA = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"


@pytest.mark.parametrize(
    ("file", "text", "risky", "movable_"),
    [
        (".github/workflows/a.yml", steps(f"uses: somebody/x@{SHA} # v1"), 0, 0),
        (".github/workflows/a.yml", steps("uses: somebody/x@v1"), 1, 0),
        (".github/workflows/a.yml", steps("uses: somebody/x@main"), 1, 0),
        (".github/workflows/a.yml", steps("uses: somebody/x"), 1, 0),
        (".github/workflows/a.yml", steps("uses: actions/checkout@v5"), 0, 1),
        (".github/workflows/a.yml", steps("uses: actions/checkout@main"), 1, 0),
        (".github/workflows/a.yml", steps("uses: ./.github/actions/x"), 0, 0),
        (".github/workflows/a.yml", steps("uses: docker://alpine:3.20"), 0, 1),
        (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    uses: somebody/x/.github/workflows/y.yml@v1\n", 1, 0),
        (".gitlab-ci.yml", "image: node:22\na:\n  script: [ls]\n", 0, 1),
        (".gitlab-ci.yml", "image: node:latest\na:\n  script: [ls]\n", 1, 0),
        (".gitlab-ci.yml", "image: localhost:5000/node\na:\n  script: [ls]\n", 1, 0),
        (".gitlab-ci.yml", "image: $IMAGE\na:\n  script: [ls]\n", 0, 0),
        (".gitlab-ci.yml", "include: [{project: a/b, file: x.yml}]\n", 1, 0),
        (".gitlab-ci.yml", f"include: [{{project: a/b, ref: {SHA}, file: x.yml}}]\n", 0, 0),
        (".gitlab-ci.yml", "include: [{remote: 'https://example.org/a.yml'}]\n", 1, 0),
        (".circleci/config.yml", "orbs: {node: circleci/node@5.0.0}\njobs: {}\n", 0, 0),
        (".circleci/config.yml", "orbs: {node: circleci/node@volatile}\njobs: {}\n", 1, 0),
        (".pre-commit-config.yaml", "repos: [{repo: 'https://example.org/x', rev: v1.0, hooks: []}]\n", 0, 0),
        (".pre-commit-config.yaml", "repos: [{repo: 'https://example.org/x', rev: main, hooks: []}]\n", 1, 0),
    ],
)
def test_code_of_others_is_pinned_or_found_by_its_risk(file, text, risky, movable_):
    assert (len(found({file: text}, unpinned)), len(found({file: text}, movable))) == (risky, movable_)
