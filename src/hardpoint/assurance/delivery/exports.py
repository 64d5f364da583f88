"""What a code host is asked for, through its own command line (`gh`, `glab`), or read from files that it wrote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hardpoint.kernel import command, encoding
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem

PAGE = 100
MAX_PAGES = 20
MAX_STATES = 30
"""Of how many deployments the state is asked for."""
MAX_BYTES = 16 * 1024 * 1024
TIMEOUT_S = 60.0

Answers = Mapping[str, Any]
"""What a host said, by the name of the export; an export that nobody asked for, or that is no file, is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about: the repository, the commit, and the protected branch."""

    repository: str
    commit: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A code host: its program, and the address of each export; `{…}` are parts of the question."""

    name: str
    argv: tuple[str, ...]
    paths: Mapping[str, str]


GITHUB = Host(
    name="github",
    argv=("gh", "api", "--method", "GET"),
    paths={
        "checks": "repos/{repository}/commits/{commit}/check-runs?filter=latest",
        "branch-checks": "repos/{repository}/commits/{branch}/check-runs?filter=latest",
        "protection": "repos/{repository}/branches/{branch}/protection",
        "rules": "repos/{repository}/rules/branches/{branch}",
        "dependabot-alerts": "repos/{repository}/dependabot/alerts?state=open",
        "code-scanning-alerts": "repos/{repository}/code-scanning/alerts?state=open&ref=refs/heads/{branch}",
        "secret-scanning-alerts": "repos/{repository}/secret-scanning/alerts?state=open&hide_secret=true",
        "analyses": "repos/{repository}/code-scanning/analyses?ref=refs/heads/{branch}",
        "deployments": "repos/{repository}/deployments?sha={commit}",
    },
)
GITLAB = Host(
    name="gitlab",
    argv=("glab", "api", "--method", "GET"),
    paths={
        "checks": "projects/{repository}/repository/commits/{commit}/statuses?sort=desc",
        "branch-checks": "projects/{repository}/repository/commits/{branch}/statuses?ref={branch}&sort=desc",
        "project": "projects/{repository}",
        "protected-branches": "projects/{repository}/protected_branches",
        "vulnerabilities": "projects/{repository}/vulnerabilities",
        "deployments": "projects/{repository}/deployments?order_by=updated_at&sort=desc",
    },
)
HOSTS: Mapping[str, Host] = {host.name: host for host in (GITHUB, GITLAB)}

_SINGLE = frozenset({"protection", "project"})
"""Exports that are one object, without pages."""
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_PAGER": "cat", "NO_COLOR": "1", "GLAB_NO_PROMPT": "1", "NO_PROMPT": "1"}


def asked(host: Host, question: Question, folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Ask a host for everything; a refusal is an answer too, as the host writes it.

    Raises ToolProblem if its program is missing or does not end, UnreadableProblem if it writes no JSON.
    """
    answers = {}
    for name, path in host.paths.items():
        tell(f"{host.name}: {name}")
        answers[name] = _asked(host, name, path.format(**_quoted(host, question)), folder)
    if host is GITHUB:
        _add_states(answers["deployments"], question, folder)
    return answers


def _add_states(deployments: Any, question: Question, folder: Path) -> None:
    """GitHub tells how a deployment went apart from it, the newest first."""
    for each in items(deployments)[:MAX_STATES]:
        path = f"repos/{quote(question.repository)}/deployments/{int(each['id'])}/statuses?per_page=1"
        states = items(_page(GITHUB, "deployments", path, folder))
        each["state"] = states[0].get("state") if states else "pending"


def _quoted(host: Host, question: Question) -> Mapping[str, str]:
    """GitLab takes a project's whole path as one word."""
    safe = "/" if host is GITHUB else ""
    return {
        "repository": quote(question.repository, safe=safe),
        "commit": quote(question.commit, safe=""),
        "branch": quote(question.branch, safe=""),
    }


def _asked(host: Host, name: str, path: str, folder: Path) -> Any:
    if name in _SINGLE:
        return _page(host, name, path, folder)
    pages: list[Any] = []
    for number in range(1, MAX_PAGES + 1):
        page = _page(host, name, f"{path}{'&' if '?' in path else '?'}per_page={PAGE}&page={number}", folder)
        if isinstance(page, dict) and "message" in page:
            return page
        pages.append(page)
        if len(items(page)) < PAGE:
            return pages
    raise UnreadableProblem(f"{host.name} has more than {MAX_PAGES * PAGE} {name}", remedy="Ask for less.")


def _page(host: Host, name: str, path: str, folder: Path) -> Any:
    done = command.run([*host.argv, path], cwd=folder, timeout_s=TIMEOUT_S, max_output_bytes=MAX_BYTES, env=_QUIET)
    if done.exit != 0 and not done.stdout.strip():
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:200]
        raise ToolProblem(f"{host.argv[0]} could not ask for {name}: {said or f'it ended with {done.exit}'}")
    answer = encoding.decode(done.stdout, object, what=f"The answer to {name}")
    if done.exit != 0 and not (isinstance(answer, dict) and ("message" in answer or "error" in answer)):
        raise ToolProblem(f"{host.argv[0]} could not ask for {name}: it ended with {done.exit}")
    return {"message": str(answer["error"])} if isinstance(answer, dict) and set(answer) == {"error"} else answer


def items(answer: Any) -> list[dict[str, Any]]:
    """The things of an answer: of a list, of the one list in an object, or of pages of either; none of a refusal.

    Raises UnreadableProblem if there is no list, or one of them is no object.
    """
    pages = answer if _has_pages(answer) else [answer]
    found = [thing for page in pages for thing in _listed(page)]
    if not all(isinstance(each, dict) for each in found):
        raise UnreadableProblem("An answer holds what is no object", remedy="Export it again.")
    return found


def _has_pages(answer: Any) -> bool:
    if not isinstance(answer, list) or not answer:
        return False
    return all(isinstance(each, list) or (isinstance(each, dict) and "total_count" in each) for each in answer)


def _listed(page: Any) -> list[Any]:
    if isinstance(page, dict):
        page = [] if "message" in page else next((value for value in page.values() if isinstance(value, list)), None)
    if not isinstance(page, list):
        raise UnreadableProblem("An answer holds no list", remedy="Export it again.")
    return page


def read_folder(host: Host, folder: Path) -> dict[str, Any]:
    """The exports that lie in a folder, each in `NAME.json`.

    Raises UnreadableProblem if there is none, or one is no JSON.
    """
    answers = {}
    for name in host.paths:
        file = folder / f"{name}.json"
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UnreadableProblem(f"{file} cannot be read: {error.strerror}", remedy="Export it again.") from error
        if len(content) > MAX_BYTES:
            raise UnreadableProblem(f"{file} is larger than {MAX_BYTES} bytes", remedy="Export less of it.")
        answers[name] = encoding.decode(content, object, what=str(file))
    if not answers:
        expected = ", ".join(f"{name}.json" for name in host.paths)
        raise UnreadableProblem(f"{folder} holds none of {expected}", remedy="Name the folder of the exports.")
    return answers
