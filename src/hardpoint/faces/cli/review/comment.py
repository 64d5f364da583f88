"""The comment: one in each pull or merge request, brought up to date in place, with the host's own program."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hardpoint.faces.cli.review.judged import Review
from hardpoint.kernel import command, encoding
from hardpoint.kernel.change import SHORT
from hardpoint.kernel.problem import Problem, ToolProblem, UnreadableProblem, UsageProblem

MARKER = "<!-- hardpoint:review -->"
"""The first line of the comment, which readers do not see: it is found again by this and by its author."""
MAX_LINES = 15
MAX_SHOWN = 7
"""How many findings that stop a change are named before anything else that does."""
MAX_PAGES = 50
PAGE = 100
TIMEOUT_S = 30.0
_LONGEST = 160
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_PAGER": "cat", "NO_COLOR": "1", "GLAB_NO_PROMPT": "1", "NO_PROMPT": "1"}


@dataclass(frozen=True, slots=True)
class Host:
    """How a code host is asked: its program, and where the name of whoever is logged in stands in an answer."""

    argv: tuple[str, ...]
    who: tuple[str, ...]
    author: str
    update: str


GITHUB = Host(
    ("gh", "api"),
    # An action's token may not ask for its user; what GraphQL calls the viewer it may.
    ("graphql", "-f", "query={viewer{login}}"),
    "user.login",
    "PATCH",
)
GITLAB = Host(("glab", "api"), ("user",), "author.username", "PUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A pull or merge request: where its comments are listed and made, and where each of them is, with `{id}`."""

    host: Host
    comments: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What became of the comment: `created`, `updated`, `unchanged`, or `refused` and why."""

    outcome: str
    why: str = ""


def request_of(host: str, environment: Mapping[str, str] = os.environ) -> Request:
    """The request that a CI job is about, as its host says in the environment.

    Raises UsageProblem where the job is about none.
    """
    return _of_gitlab(environment) if host == "gitlab" else _of_github(environment)


def _of_github(environment: Mapping[str, str]) -> Request:
    repository = environment.get("GITHUB_REPOSITORY", "")
    ref = re.fullmatch(r"refs/pull/(\d+)/\w+", environment.get("GITHUB_REF", ""))
    number = int(ref[1]) if ref else _number_in(environment.get("GITHUB_EVENT_PATH", ""))
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository) or number is None:
        raise UsageProblem(
            "This job is about no pull request: GITHUB_REPOSITORY and GITHUB_REF name none",
            remedy="Leave --comment out, or run it on `pull_request`.",
        )
    return Request(
        host=GITHUB,
        comments=f"repos/{repository}/issues/{number}/comments",
        comment=f"repos/{repository}/issues/comments/{{id}}",
    )


def _number_in(event: str) -> int | None:
    """The number of the pull request in the file of an event."""
    try:
        read = encoding.decode(Path(event).read_bytes(), object, what=event) if event else None
    except (OSError, UnreadableProblem):
        return None
    number = _under(read, "pull_request.number")
    return number if isinstance(number, int) else None


def _of_gitlab(environment: Mapping[str, str]) -> Request:
    project, number = environment.get("CI_PROJECT_ID", ""), environment.get("CI_MERGE_REQUEST_IID", "")
    if not project or not number.isdecimal():
        raise UsageProblem(
            "This job is about no merge request: CI_PROJECT_ID and CI_MERGE_REQUEST_IID name none",
            remedy="Leave --comment out, or run it in a merge request pipeline.",
        )
    notes = f"projects/{quote(project, safe='')}/merge_requests/{number}/notes"
    return Request(host=GITLAB, comments=notes, comment=f"{notes}/{{id}}")


def say(request: Request, review: Review, folder: Path) -> Said:
    """Write the comment, or bring it up to date; that it could not be written changes no verdict."""
    try:
        return _say(request, body_of(review), folder)
    except Problem as problem:
        return Said(outcome="refused", why=problem.sentence)


def _say(request: Request, body: str, folder: Path) -> Said:
    me = _who(request.host, folder)
    own = _own(request, me, folder)
    if own and own[0].get("body") == body:
        return Said(outcome="unchanged")
    if own:
        _ask(request.host, folder, request.comment.format(id=int(own[0]["id"])), request.host.update, body)
        return Said(outcome="updated")
    made = int(_ask(request.host, folder, request.comments, "POST", body)["id"])
    # A job beside this one may have written one meanwhile: every job keeps the first, and takes its own back.
    first = int(next((each["id"] for each in _own(request, me, folder)), made))
    if first == made:
        return Said(outcome="created")
    _ask(request.host, folder, request.comment.format(id=first), request.host.update, body)
    _ask(request.host, folder, request.comment.format(id=made), "DELETE")
    return Said(outcome="updated")


def _who(host: Host, folder: Path) -> str:
    answer = _ask(host, folder, host.who[0], fields=host.who[1:])
    name = _under(answer, "data.viewer.login") or _under(answer, "username")
    if not isinstance(name, str) or not name:
        raise ToolProblem(f"{host.argv[0]} does not say who is logged in")
    return name


def _own(request: Request, me: str, folder: Path) -> list[Mapping[str, Any]]:
    """The comments with the marker that are by whoever is logged in, the first one first."""
    found: list[Mapping[str, Any]] = []
    for number in range(1, MAX_PAGES + 1):
        page = _ask(request.host, folder, f"{request.comments}?per_page={PAGE}&page={number}")
        if not isinstance(page, list):
            raise UnreadableProblem("The list of comments is none")
        found += [each for each in page if _is_own(each, request.host, me)]
        if len(page) < PAGE:
            break
    return sorted(found, key=lambda each: int(each["id"]))


def _is_own(comment: Any, host: Host, me: str) -> bool:
    body = _under(comment, "body")
    return isinstance(body, str) and body.startswith(MARKER) and _under(comment, host.author) == me


def _ask(
    host: Host, folder: Path, path: str, method: str = "", body: str | None = None, fields: Sequence[str] = ()
) -> Any:
    """What a host answers. Raises ToolProblem for a refusal, and for a program that is missing or does not end."""
    argv = [*host.argv, path, *fields, *(("--method", method) if method else ())]
    given = b""
    if body is not None:
        argv += ["--header", "Content-Type: application/json", "--input", "-"]
        given = encoding.encode({"body": body})
    done = command.run(argv, cwd=folder, timeout_s=TIMEOUT_S, env=_QUIET, stdin=given)
    if done.exit != 0:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:200]
        raise ToolProblem(f"{host.argv[0]} refused: {said or f'it ended with {done.exit}'}")
    return encoding.decode(done.stdout, object, what=f"The answer to {path}") if done.stdout.strip() else None


def _under(thing: Any, path: str) -> Any:
    for key in path.split("."):
        thing = thing.get(key) if isinstance(thing, Mapping) else None
    return thing


def body_of(review: Review) -> str:
    """The comment in Markdown, of at most MAX_LINES lines; what a repository says stands in code, and is only text."""
    told, rest = _findings(review), _others(review)
    first = min(MAX_SHOWN, len(review.failing))
    ordered = [*told[:first], *rest, *told[first:]]
    shown = ordered[: MAX_LINES - _FRAME]
    left = len(ordered) - len(shown)
    more = [f"- and {left} more, in the summary and the annotations of the job"] if left else []
    answer, _, reasons = review.headline.partition(":")
    lines = [
        MARKER,
        f"**{answer}:** {_code(reasons.strip())}",
        "",
        *shown,
        *more,
        "",
        f"hardpoint review of `{review.commit[:SHORT]}` since `{review.base[:SHORT]}`",
    ]
    return "\n".join(lines)


_FRAME = 6


def _findings(review: Review) -> list[str]:
    stopping = {id(each) for each in review.failing}
    ordered = sorted(review.findings, key=lambda each: id(each) not in stopping)
    return [
        f"- {'**stops it** ' if id(each) in stopping else ''}{each.rule} {_code(str(each.place))} {_code(each.text)}"
        for each in ordered
    ]


def _others(review: Review) -> list[str]:
    tolerated = [f"- tolerance without a reason: {_code(each.where)} {_code(each.what)}" for each in review.unreasoned]
    caused = [
        f"- gate {_code(each.gate)}: this change makes {_code(each.caused)} fail"
        for each in review.gates
        if each.caused
    ]
    return [*caused, *tolerated]


def _code(text: str) -> str:
    """Text that a host neither formats nor takes for a mention, a link or a command."""
    plain = " ".join(text.replace("`", "'").split())
    return f"`{plain if len(plain) <= _LONGEST else f'{plain[: _LONGEST - 1]}…'}`" if plain else ""
