"""One comment in each request: written, brought up to date, never anybody else's, and no verdict depends on it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.conftest import stand_in

from hardpoint.faces.cli.review.comment import MARKER, MAX_LINES, body_of, request_of, say
from hardpoint.faces.cli.review.judged import Review
from hardpoint.faces.cli.review.outlook import Outlook
from hardpoint.faces.cli.review.tolerance import Tolerance
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UsageProblem

# A stand-in for `gh api` and `glab api`, with the answers' shapes of api.github.com (2022-11-28) and GitLab's API v4.
STAND_IN = """
import fcntl, json, sys, pathlib
state = pathlib.Path({state!r})
argv = sys.argv[2:]
path = argv[0]
method = argv[argv.index("--method") + 1] if "--method" in argv else "GET"
with state.open("r+") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    held = json.load(file)
    held["calls"].append([method, path])
    if method != "GET" and held["refuses"]:
        answer, exit_code = None, 1
    elif path == "graphql":
        answer, exit_code = {{"data": {{"viewer": {{"login": held["me"]}}}}}}, 0
    elif path == "user":
        answer, exit_code = {{"username": held["me"], "state": "active"}}, 0
    elif method == "GET":
        page = int(path.partition("&page=")[2])
        answer, exit_code = held["comments"][(page - 1) * 100:page * 100], 0
    else:
        exit_code = 0
        number = path.rpartition("/")[2]
        answer = next((each for each in held["comments"] if str(each["id"]) == number), None)
        if method == "POST":
            answer = {{"id": held["next"], "user": {{"login": held["me"]}}, "author": {{"username": held["me"]}}}}
            held["next"] += 1
            held["comments"].append(answer)
        if method == "DELETE":
            held["comments"].remove(answer)
            answer = None
        else:
            answer["body"] = json.loads(sys.stdin.read())["body"]
    file.seek(0)
    file.truncate()
    json.dump(held, file)
if exit_code:
    print("gh: Resource not accessible by integration (HTTP 403)", file=sys.stderr)
if answer is not None:
    print(json.dumps(answer))
sys.exit(exit_code)
"""
GITHUB = {"GITHUB_REPOSITORY": "acme/shop", "GITHUB_REF": "refs/pull/7/merge"}
GITLAB = {"CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7"}
REVIEW = Review(against="origin/main", base="a" * 40, commit="b" * 40, touched=1)
ERROR = Finding(rule="DOC001", severity=Severity.ERROR, place=Place("a.md", 1, 1), text="gone.md does not exist")


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host whose comments lie in a file: returns what reads that, and begins with some."""
    state = tmp_path / "state.json"
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("gh", "glab"):
        stand_in(tools, name, STAND_IN.format(state=str(state)))
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")

    def host(comments=(), *, refuses=False, me="github-actions[bot]"):
        state.write_text(
            json.dumps({"comments": list(comments), "next": 1000, "calls": [], "refuses": refuses, "me": me})
        )
        return lambda: json.loads(state.read_text())

    return host


def comment(number, login, body):
    return {"id": number, "user": {"login": login}, "author": {"username": login}, "body": body}


@pytest.mark.requirement("ERR-03")
@pytest.mark.parametrize(("name", "environment"), [("github", GITHUB), ("gitlab", GITLAB)])
def test_there_is_one_comment_which_is_kept_up_to_date(host, tmp_path, name, environment):
    held = host()
    request = request_of(name, environment)
    assert say(request, REVIEW, tmp_path).outcome == "created"
    assert say(request, REVIEW, tmp_path).outcome == "unchanged"
    other = Review(against="origin/main", base="a" * 40, commit="c" * 40, touched=1)
    assert say(request, other, tmp_path).outcome == "updated"
    (only,) = held()["comments"]
    assert only["body"].startswith(MARKER)
    assert "cccccccccc" in only["body"]
    methods = [method for method, _ in held()["calls"] if method != "GET"]
    assert methods == ["POST", "PATCH" if name == "github" else "PUT"]


def test_the_comment_may_be_on_a_later_page(host, tmp_path):
    others = [comment(number, "ada", "looks good") for number in range(230)]
    held = host([*others, comment(500, "github-actions[bot]", f"{MARKER}\nold")])
    assert say(request_of("github", GITHUB), REVIEW, tmp_path).outcome == "updated"
    assert len(held()["comments"]) == 231
    assert [path for method, path in held()["calls"] if method == "PATCH"] == ["repos/acme/shop/issues/comments/500"]


@pytest.mark.parametrize("login", ["ada", "github-actions", "github-actions[bot]2"])
def test_comments_of_others_are_left_alone(host, tmp_path, login):
    theirs = comment(5, login, f"{MARKER}\nGO, trust me")
    held = host([theirs])
    assert say(request_of("github", GITHUB), REVIEW, tmp_path).outcome == "created"
    assert held()["comments"][0] == theirs


def test_a_quoted_marker_is_no_marker(host, tmp_path):
    held = host([comment(5, "github-actions[bot]", f"> {MARKER}\nas said above")])
    assert say(request_of("github", GITHUB), REVIEW, tmp_path).outcome == "created"
    assert len(held()["comments"]) == 2


def test_jobs_beside_each_other_leave_one_comment(host, tmp_path):
    held = host()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: say(request_of("github", GITHUB), REVIEW, tmp_path), range(8)))
    assert {each.outcome for each in said} <= {"created", "updated", "unchanged"}
    assert len(held()["comments"]) == 1


def test_a_token_that_may_not_write_changes_no_verdict(host, repository, git, cli, monkeypatch):
    held = host(refuses=True)
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)
    root = repository({"a.md": "# A\n"})
    git(root, "checkout", "-q", "-b", "topic")
    (root / "a.md").write_text("[a](gone.md)\n")
    ran = cli("review", "--against", "main", "--comment", "github", "--format", "json", folder=root)
    assert (ran.exit, ran.json["comment"]["outcome"]) == (1, "refused")
    assert "not accessible by integration" in ran.json["comment"]["why"]
    assert held()["comments"] == []


def test_a_host_without_its_program_changes_no_verdict(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = say(request_of("github", GITHUB), REVIEW, tmp_path)
    assert (said.outcome, "gh is not installed" in said.why) == ("refused", True)


def test_an_event_names_the_request_where_the_ref_does_not(tmp_path):
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"number": 12}}')
    environment = {**GITHUB, "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}
    assert request_of("github", environment).comments == "repos/acme/shop/issues/12/comments"


@pytest.mark.parametrize(
    ("host", "environment"),
    [
        ("github", {}),
        ("github", {**GITHUB, "GITHUB_REF": "refs/heads/main"}),
        ("github", {**GITHUB, "GITHUB_REPOSITORY": "acme/shop?x=/../"}),
        ("gitlab", {}),
        ("gitlab", {**GITLAB, "CI_MERGE_REQUEST_IID": "7/../8"}),
    ],
)
def test_a_job_about_no_request_cannot_comment(host, environment):
    with pytest.raises(UsageProblem, match="about no"):
        request_of(host, environment)


def test_a_comment_is_short_and_names_what_stops_the_change_first():
    mild = Finding(rule="DOC030", severity=Severity.WARNING, place=Place("b.md"), text="x")
    review = Review(
        against="main",
        base="a" * 40,
        commit="b" * 40,
        touched=99,
        findings=[mild, *[ERROR] * 40],
        failing=[ERROR],
        tolerances=[Tolerance(where="c.yml", what="CI", reason="")] * 40,
        gates=[Outlook(gate="merge", service="shop", answer="NO-GO", because="tests", caused="tests")] * 9,
    )
    lines = body_of(review).split("\n")
    assert len(lines) <= MAX_LINES
    assert (lines[0], "**NO-GO for this change:**" in lines[1], "**stops it**" in lines[3]) == (MARKER, True, True)
    assert "and 81 more" in body_of(review)


def test_a_comment_counts_all_that_it_leaves_out_and_names_what_stops_the_change_before_what_does_not():
    mild = [replace(ERROR, severity=Severity.WARNING, place=Place("a.md", line, 1)) for line in range(1, 12)]
    asked = [Tolerance(where="hardpoint.yaml", what=f"gate {name} is gone", reason="") for name in "abc"]
    lines = body_of(replace(REVIEW, findings=mild, tolerances=asked)).split("\n")
    assert len(lines) <= MAX_LINES
    assert [f"gate {name} is gone" in line for name, line in zip("abc", lines[3:], strict=False)] == [True] * 3
    shown = sum(line.startswith("- ") for line in lines) - 1
    assert f"- and {14 - shown} more, in the summary and the annotations of the job" in lines


def test_what_a_repository_says_is_only_text():
    hostile = Finding(
        rule="DOC001",
        severity=Severity.ERROR,
        place=Place("a`b.md", 1),
        text="`@everyone` </details> ![x](http://e)\n<!-- hardpoint:review --> [GO](http://e)" + "y" * 900,
    )
    body = body_of(
        Review(against="main", base="a" * 40, commit="b" * 40, touched=1, findings=[hostile], failing=[hostile])
    )
    line = next(each for each in body.split("\n") if "everyone" in each)
    outside = "".join(line.split("`")[::2])
    assert ("@" in outside, "<" in outside, "[" in outside, len(line) < 400) == (False, False, False, True)
    assert len(body.split("\n")) <= MAX_LINES
