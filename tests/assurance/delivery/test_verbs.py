"""`hardpoint evidence collect`: what a host says, what it does not say, and who is asked."""

import json
from contextlib import suppress

import pytest
from tests.conftest import stand_in

from hardpoint.assurance.delivery.collected import collected
from hardpoint.assurance.delivery.exports import HOSTS, Question
from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, Assurance, from_statement
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

pytestmark = pytest.mark.requirement("SEC-01")
MANIFEST = "version: 1\nservices: [{name: keystone}]\ndelivery: {branches: [main]}\n"
NOT_PROTECTED = {"message": "Branch not protected", "status": "404"}
FORBIDDEN = {"message": "Resource not accessible by integration", "status": "403"}


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST, ".gitignore": "said/\nbin/\nasked\n"})


@pytest.fixture
def collect(cli, root, git):
    def collect(host="github", /, *options, **answers):
        (root / "said").mkdir(exist_ok=True)
        for name, answer in answers.items():
            (root / "said" / f"{name.replace('_', '-')}.json").write_text(json.dumps(answer))
        ran = cli("evidence", "collect", host, "--from", "said", "--format", "json", *options, folder=root)
        with Context(capabilities(), folder=root).stored() as database:
            found = [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]
        return ran, found

    return collect


@pytest.fixture
def head(root, git):
    return git(root, "rev-parse", "HEAD")


def run(name, conclusion, sha, status="completed"):
    return {
        "name": name,
        "status": status,
        "conclusion": conclusion,
        "head_sha": sha,
        "completed_at": "2026-03-31T10:00:00Z",
    }


def runs(*found, total=None):
    return {"total_count": len(found) if total is None else total, "check_runs": list(found)}


def test_checks_are_counted_by_how_they_ended(collect, head):
    checks = runs(
        *(run("a", "success", head), run("b", "neutral", head), run("c", "failure", head), run("d", "skipped", head)),
        *(run("e", None, head, "in_progress"), run("f", "timed_out", head), run("g", "invented", head)),
    )
    ran, (evidence,) = collect(checks=checks)
    assert ran.exit == 0
    assert (evidence.kind, evidence.commit, evidence.assurance) == ("ci-checks", head, Assurance.DECLARED)
    assert evidence.facts == {"checks": 7, "succeeded": 2, "failed": 3, "pending": 1, "skipped": 1}
    assert {finding.place.file for finding in evidence.findings} == {"c", "f", "g"}
    assert evidence.time == "2026-03-31T10:00:00.000000Z"


def test_pages_are_one_list(collect, head):
    _, (evidence,) = collect(
        checks=[runs(run("a", "success", head), total=2), runs(run("b", "success", head), total=2)]
    )
    assert evidence.facts["checks"] == 2
    assert evidence.error is None


@pytest.mark.parametrize(
    "checks",
    [
        FORBIDDEN,
        runs(run("a", "success", "f" * 40)),
        {"total_count": 5, "check_runs": [{"name": "a", "status": "completed", "conclusion": "success"}]},
    ],
)
def test_what_is_no_whole_answer_is_an_error(collect, checks):
    ran, (evidence,) = collect(checks=checks)
    assert ran.exit == 3
    assert evidence.error
    assert evidence.population == 0


def test_no_checks_are_nothing_looked_at(collect):
    _, (evidence,) = collect(checks=runs())
    assert evidence.population == 0


def test_protection_of_both_kinds_is_joined(collect):
    classic = {
        "required_status_checks": {"contexts": ["test"]},
        "enforce_admins": {"enabled": True},
        "allow_force_pushes": {"enabled": True},
    }
    rules = [
        {"type": "non_fast_forward"},
        {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "scan"}]}},
    ]
    _, (evidence,) = collect(protection=classic, rules=rules)
    assert evidence.kind == "branch-protection"
    assert evidence.facts == {
        "branch": "main",
        "required_checks": 2,
        "requires_gates": True,
        "force_pushes": False,
        "admins_bound": True,
    }


def test_a_branch_that_nothing_protects_is_told(collect):
    ran, (evidence,) = collect(protection=NOT_PROTECTED, rules=[])
    assert ran.exit == 0
    assert evidence.facts["requires_gates"] is False
    assert evidence.facts["force_pushes"] is True
    assert evidence.population


def test_protection_that_may_not_be_seen_is_an_error(collect):
    ran, (evidence,) = collect(protection=FORBIDDEN)
    assert (ran.exit, evidence.population) == (3, 0)


def test_scans_that_ran_on_the_branch_are_known_by_their_names(collect, head):
    checks = runs(
        *(run("pip-audit", "success", head), run("Container scan", "failure", head), run("gitleaks", "skipped", head)),
        *(run("unit", "success", head), run("CodeQL", "cancelled", head)),
    )
    _, (evidence,) = collect(branch_checks=checks)
    assert evidence.kind == "scans"
    assert evidence.commit == head
    assert evidence.facts == {"branch": "main", "dependency": 1, "container": 1, "secret": 0, "sast": 0, "missing": 2}
    assert [finding.text for finding in evidence.findings] == ["no secret scan ran on main", "no sast scan ran on main"]


def test_an_analysis_counts_for_the_branch_and_its_head_only(collect, head):
    def analysis(ref="refs/heads/main", sha=head, error=""):
        return {
            "ref": ref,
            "commit_sha": sha,
            "error": error,
            "tool": {"name": "CodeQL"},
            "category": "/language:python",
        }

    checks = runs(run("unit", "success", head))
    others = [analysis(ref="refs/heads/x"), analysis(sha="f" * 40), analysis(error="crashed")]
    _, (evidence,) = collect(branch_checks=checks, analyses=others)
    assert evidence.facts["sast"] == 0
    _, found = collect(branch_checks=checks, analyses=[*others, analysis()])
    assert found[-1].facts["sast"] == 1


def test_alerts_are_findings_and_no_secret_is_kept(collect, head):
    dependency = {
        "number": 1,
        "state": "open",
        "dependency": {"package": {"ecosystem": "pip", "name": "jinja2"}, "manifest_path": "requirements.txt"},
        "security_advisory": {
            "ghsa_id": "GHSA-aaaa-bbbb-cccc",
            "cve_id": "CVE-2026-1",
            "severity": "high",
            "summary": "XSS",
        },
    }
    secret = {"number": 2, "state": "open", "secret_type": "aws_key", "secret": "AKIAHUNTER2HUNTER2"}
    code = {
        "number": 3,
        "state": "open",
        "rule": {"id": "py/sql", "security_severity_level": "critical"},
        "most_recent_instance": {"location": {"path": "a.py", "start_line": 7}},
    }
    odd = {"number": 4, "state": "open", "rule": {"id": "x"}}
    fixed = {**code, "state": "fixed"}
    _, found = collect(
        dependabot_alerts=[dependency], secret_scanning_alerts=[secret], code_scanning_alerts=[code, odd, fixed]
    )
    by_name = {evidence.name.removeprefix("github/"): evidence for evidence in found}
    assert by_name["dependabot-alerts"].facts["high"] == 1
    assert by_name["dependabot-alerts"].findings[0].exposure.aliases == ("CVE-2026-1", "GHSA-aaaa-bbbb-cccc")
    assert by_name["secret-scanning-alerts"].facts["critical"] == 1
    assert by_name["code-scanning-alerts"].facts["findings"] == 2
    assert by_name["code-scanning-alerts"].facts["medium"] == 1
    assert by_name["code-scanning-alerts"].findings[0].place.line == 7
    assert "HUNTER2" not in str(found)


def test_no_alerts_is_a_pass_and_a_refusal_is_none(collect):
    ran, found = collect(dependabot_alerts=[], secret_scanning_alerts={"message": "Secret scanning is disabled"})
    assert ran.exit == 3
    none, refused = found
    assert (none.facts["findings"], none.population, none.error) == (0, 1, None)
    assert "disabled" in refused.error
    assert refused.population == 0


@pytest.mark.parametrize("state", ["confirmed", "OPEN", "reopened", "in_review", None, 3])
def test_an_alert_is_open_until_a_known_end(collect, state):
    _, (evidence,) = collect(dependabot_alerts=[{"number": 1, "state": state}])
    assert evidence.facts["findings"] == 1


@pytest.mark.parametrize("state", ["fixed", "dismissed", "auto_dismissed", "resolved"])
def test_an_alert_that_ended_is_no_finding(collect, state):
    _, (evidence,) = collect(dependabot_alerts=[{"number": 1, "state": state}])
    assert evidence.facts["findings"] == 0


@pytest.mark.parametrize("count", [30, 100])
def test_one_full_page_may_not_be_all(collect, count):
    alerts = [{"number": number, "state": "open"} for number in range(count)]
    ran, (cut,) = collect(dependabot_alerts=alerts)
    assert (ran.exit, cut.population) == (3, 0)
    assert "one full page" in cut.error
    _, (*_, whole) = collect(dependabot_alerts=[alerts, []])
    assert (whole.error, whole.facts["findings"]) == (None, count)


def test_fewer_alerts_than_the_host_counts_are_an_error(collect):
    ran, (evidence,) = collect(dependabot_alerts=[{"total_count": 3, "alerts": []}])
    assert ran.exit == 3
    assert "0 of 3" in evidence.error


@pytest.mark.parametrize(
    "name", ["Install dependencies", "depends-on-build", "copy secrets", "claire", "boy scout", "retirement tests"]
)
def test_a_job_that_only_sounds_like_a_scan_is_none(collect, head, name):
    _, (evidence,) = collect(branch_checks=runs(run(name, "success", head)))
    assert evidence.facts["missing"] == 4


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(
            ("dependency", each)
            for each in ("gemnasium-dependency_scanning", "Dependency Review", "dependabot", "pip-audit")
        ),
        *(("dependency", each) for each in ("scan dependencies", "OSV-Scanner")),
        *(("secret", each) for each in ("secret_detection", "detect-secrets", "Scan for secrets", "gitleaks")),
        *(("container", each) for each in ("container_scanning", "trivy image")),
    ],
)
def test_scans_go_by_these_names(collect, head, kind, name):
    _, (evidence,) = collect(branch_checks=runs(run(name, "success", head)))
    assert evidence.facts[kind] == 1


def test_the_newest_deployment_to_each_environment(collect, head):
    def deployed(environment, at, state, sha=head):
        return {"id": 1, "sha": sha, "environment": environment, "updated_at": at, "state": state}

    old, new = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"
    given = [
        deployed("production", old, "success"),
        deployed("production", new, "failure"),
        deployed("staging", old, "success", "f" * 40),
    ]
    _, (evidence,) = collect(deployments=given)
    assert (evidence.kind, evidence.environment, evidence.facts["state"]) == ("deployment", "production", "failure")


def test_gitlab_speaks_too(collect, head):
    def job(name, status):
        return {"name": name, "status": status, "sha": head, "finished_at": "2026-03-31T10:00:00Z"}

    jobs = [
        job("unit", "success"),
        job("semgrep-sast", "success"),
        job("secret_detection", "success"),
        job("x", "failed"),
    ]
    ran, found = collect(
        "gitlab",
        checks=jobs,
        branch_checks=jobs,
        project={"only_allow_merge_if_pipeline_succeeds": True},
        protected_branches=[{"name": "main", "push_access_levels": [{"access_level": 0}], "allow_force_push": False}],
        vulnerabilities=[{"id": 1, "state": "detected", "severity": "critical", "title": "x", "report_type": "sast"}],
        deployments=[
            {
                "id": 3,
                "sha": head,
                "status": "success",
                "environment": {"name": "prod"},
                "updated_at": "2026-03-02T00:00:00Z",
            }
        ],
    )
    assert ran.exit == 0
    by_kind = {evidence.kind: evidence.facts for evidence in found}
    assert by_kind["ci-checks"]["failed"] == 1
    assert by_kind["scans"] == {"branch": "main", "dependency": 0, "container": 0, "secret": 1, "sast": 1, "missing": 2}
    assert by_kind["branch-protection"]["requires_gates"] is True
    assert by_kind["branch-protection"]["direct_pushes"] is False
    assert by_kind["alerts"]["critical"] == 1
    assert by_kind["deployment"]["state"] == "success"


def test_a_folder_without_exports_is_refused(cli, root):
    (root / "said").mkdir()
    assert cli("evidence", "collect", "github", "--from", "said", folder=root).exit == 3


@pytest.mark.parametrize("content", ["", "{", "null", "3", '"x"', "[3, null]", "[[[]]]"])
@pytest.mark.parametrize("name", ["checks", "protection", "rules", "branch-checks", "dependabot-alerts", "deployments"])
def test_nothing_that_is_malformed_is_good_news(cli, root, name, content):
    (root / "said").mkdir()
    (root / "said" / f"{name}.json").write_text(content)
    ran = cli("evidence", "collect", "github", "--from", "said", "--format", "json", folder=root)
    assert "Unexpected" not in ran.err + ran.out
    said = " ".join(row["said"] for row in ran.json.get("evidence", ()))
    assert ran.exit == 3 or "requires_gates False" in said


@pytest.mark.parametrize("host", HOSTS.values(), ids=lambda host: host.name)
@pytest.mark.parametrize(
    "answer",
    [
        *(None, 1, "x", [], {}, [{}], [[]], {"message": 3}, [{"a": [1]}], {"check_runs": [{}], "total_count": "x"}),
        *([{"total_count": 2, "check_runs": []}], [{"conclusion": ["x"], "status": {}}], [{"push_access_levels": 3}]),
        *({"required_status_checks": {"contexts": 3}}, {"rules": 3, "enforcement": "active"}, [{"tool": 3, "ref": []}]),
        *([{"rule": 3, "dependency": [], "number": {}}], [{"environment": {"name": 3}, "sha": "a" * 40}]),
    ],
)
def test_no_answer_is_met_without_a_sentence(host, answer):
    question = Question(repository="a/b", commit="a" * 40, branch="main")
    for name in host.paths:
        with suppress(UnreadableProblem):
            collected(host, {name: answer}, question)


def test_the_host_is_asked_through_its_own_program(cli, root, head, monkeypatch):
    """A stand-in for `gh`, which needs a login: it answers by path, and writes down how it was called."""
    (root / "bin").mkdir()
    script = f"""
import json, sys
open({str(root / "asked")!r}, "a").write(json.dumps(sys.argv[1:]) + "\\n")
path = sys.argv[-1]
if "/check-runs" in path:
    ended = {{"status": "completed", "conclusion": "success", "head_sha": {head!r}}}
    page = [{{"name": f"c{{n}}", **ended}} for n in range(130)]
    first = "&page=1" in path
    print(json.dumps({{"total_count": 130, "check_runs": page[:100] if first else page[100:]}}))
elif "/statuses" in path:
    print('[{{"state": "success"}}]')
elif "/deployments" in path:
    print(json.dumps([{{"id": 5, "sha": {head!r}, "environment": "prod", "updated_at": "2026-03-02T00:00:00Z"}}]))
elif path.endswith("/protection"):
    print('{{"message": "Branch not protected", "status": "404"}}')
    sys.exit(1)
else:
    print("[]")
"""
    stand_in(root / "bin", "gh", script)
    monkeypatch.setenv("PATH", str(root / "bin"), prepend=":")
    ran = cli(
        "evidence",
        "collect",
        "github",
        "--repository",
        "acme/key stone",
        "--save",
        "said",
        "--format",
        "json",
        folder=root,
    )
    assert ran.exit == 0, ran.out
    said = {row["kind"]: row["said"] for row in ran.json["evidence"]}
    assert said["ci-checks"].startswith("checks 130, succeeded 130")
    assert "state success" in said["deployment"]
    assert "requires_gates False" in said["branch-protection"]
    asked = [json.loads(line) for line in (root / "asked").read_text().splitlines()]
    assert all(argv[:3] == ["api", "--method", "GET"] for argv in asked)
    assert all("key%20stone" in argv[3] for argv in asked)
    again = cli("evidence", "collect", "github", "--from", "said", "--format", "json", folder=root)
    assert {row["kind"]: row["said"] for row in again.json["evidence"]} == said


def test_a_program_that_is_missing_is_told(cli, root):
    ran = cli("evidence", "collect", "gitlab", "--repository", "a/b", folder=root)
    assert ran.exit == 3
    assert "glab is not installed" in ran.err


def test_without_a_repository_to_ask_it_is_wrong_usage(cli, root):
    assert cli("evidence", "collect", "github", folder=root).exit == 2
