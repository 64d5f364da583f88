"""What a code host says of a commit and its protected branch, as evidence for gates."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hardpoint.assurance.delivery.exports import Answers, Host, Question, items
from hardpoint.assurance.delivery.protection import Protection, read
from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Evidence, Fact, Producer
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem

SCANS: Mapping[str, re.Pattern[str]] = {
    "dependency": re.compile(
        r"(?i)dependabot|dependenc(?:y|ies)[-_ ]?(?:scan|review|check|audit|track|vuln|security)"
        r"|(?:scan|audit|review)(?:ning|ing)?[-_ ](?:of[-_ ]|the[-_ ])*dependenc"
        r"|\bsca\b|\bosv|pip[-_ ]?audit|(?:npm|yarn|pnpm|cargo|bundle|composer)[-_ ]audit"
        r"|govulncheck|snyk open|retire[-_.]?js"
    ),
    "container": re.compile(
        r"(?i)container[-_ ]?scan|(?:image|docker)[-_ ]?(?:scan|vuln)|\bclair\b|docker[-_ ]scout"
        r"|(?:trivy|grype)[-_ ]?(?:image|container)"
    ),
    "secret": re.compile(
        r"(?i)secrets?[-_ ]?(?:scan|detect|leak)|(?:scan|detect)(?:ning|ing)?[-_ ](?:of[-_ ]|for[-_ ])?secret"
        r"|gitleaks|trufflehog|gitguardian|ggshield"
    ),
    "sast": re.compile(
        r"(?i)\bsast\b|codeql|semgrep|bandit|gosec|brakeman|sonar|static[-_ ]?(?:application|security|code)?[-_ ]?anal"
    ),
}  # fmt: skip
"""The names that checks, jobs and tools of each kind of scan go by; what is called otherwise is not known to be one."""

_NO_PROTECTION = "Branch not protected"
_DONE_WELL = frozenset({"success", "neutral"})
_NOT_RUN = frozenset({"skipped", "manual"})
_LOOKED = frozenset({"success", "neutral", "failure", "failed"})
_PENDING = frozenset(
    {"queued", "in_progress", "waiting", "requested", "pending", "running", "created", "scheduled", "preparing"}
    | {"waiting_for_resource"}
)
_CLOSED = frozenset({"fixed", "resolved", "dismissed", "auto_dismissed"})
_ONE_PAGE: Mapping[str, frozenset[int]] = {"github": frozenset({30, 100}), "gitlab": frozenset({20, 100})}
"""How many things one page holds by default, and at most."""
_RISKS: Mapping[str, Risk] = {
    "critical": Risk.CRITICAL,
    **dict.fromkeys(("high", "error"), Risk.HIGH),
    **dict.fromkeys(("medium", "moderate", "warning"), Risk.MEDIUM),
    **dict.fromkeys(("low", "note"), Risk.LOW),
    "info": Risk.INFO,
}
_MILD = {Risk.MEDIUM: Severity.WARNING, Risk.LOW: Severity.NOTE, Risk.INFO: Severity.NOTE}


def collected(host: Host, answers: Answers, question: Question) -> list[Evidence]:
    """The evidence in a host's answers; one that refuses, or is no answer to the question, is an error of its own."""
    return [each for function in _READERS for each in function(host, answers, question)]


_Reader = Callable[[Host, Answers, Question], Iterator[Evidence]]


def _evidence(
    host: Host,
    kind: str,
    *,
    name: str = "",
    facts: Mapping[str, Fact] | None = None,
    population: int = 0,
    findings: Sequence[Finding] = (),
    commit: str | None = None,
    time: str | None = None,
    environment: str | None = None,
    error: str | None = None,
) -> Evidence:
    return Evidence(
        kind=kind,
        name=name or host.name,
        service="",
        producer=Producer(name=host.name),
        population=0 if error else population,
        facts=facts or {},
        findings=tuple(findings),
        commit=commit,
        time=time,
        environment=environment,
        error=error,
    )


def _refusal(answer: Any) -> str | None:
    """What a host says instead of an answer."""
    return str(answer["message"])[:200] if isinstance(answer, Mapping) and "message" in answer else None


def _checks(host: Host, answers: Answers, question: Question) -> Iterator[Evidence]:
    if "checks" not in answers:
        return
    answer = answers["checks"]
    runs = items(answer)
    commits = {_commit(run) for run in runs}
    error = _refusal(answer) or _incomplete(host, answer, len(runs))
    if commits - {question.commit, ""}:
        error = error or f"the checks are of {', '.join(sorted(commits))[:90]}, not of {question.commit}"
    states = Counter(_state(run) for run in runs)
    failed = [run for run in runs if _state(run) == "failed"]
    yield _evidence(
        host,
        "ci-checks",
        facts={
            "checks": len(runs),
            **{state: states[state] for state in ("succeeded", "failed", "pending", "skipped")},
        },
        population=len(runs) - states["skipped"],
        findings=[
            Finding(
                rule="ci-check",
                severity=Severity.ERROR,
                place=Place(_name(run)),
                text=f"{_name(run)} failed",
                tool=host.name,
            )
            for run in failed
        ],
        commit=question.commit,
        time=max(
            (time for run in runs if (time := _time(run.get("completed_at") or run.get("finished_at")))), default=None
        ),
        error=error,
    )


def _incomplete(host: Host, answer: Any, count: int) -> str | None:
    """Whether the host knows, or may know, more than it told."""
    pages = answer if isinstance(answer, list) else [answer]
    totals = [
        page["total_count"] for page in pages if isinstance(page, Mapping) and isinstance(page.get("total_count"), int)
    ]
    if totals:
        return f"only {count} of {max(totals)} are there" if max(totals) > count else None
    # Pages that are lists in a list were asked for one after the other, to the last.
    is_one = count in _ONE_PAGE[host.name] and not any(isinstance(page, list) for page in pages)
    return (
        f"{count} are one full page, and there may be more; export every page (--paginate --slurp)" if is_one else None
    )


def _state(run: Mapping[str, Any]) -> str:
    """Of a check run of GitHub (`status`, `conclusion`) or a commit's status of GitLab; what is not known failed."""
    word = _word(run)
    if word in _PENDING:
        return "pending"
    return "succeeded" if word in _DONE_WELL else "skipped" if word in _NOT_RUN else "failed"


def _word(run: Mapping[str, Any]) -> str:
    return str(run.get("conclusion") or run.get("status"))


def _name(thing: Mapping[str, Any]) -> str:
    return str(thing.get("name", "unnamed"))[:200]


def _commit(run: Mapping[str, Any]) -> str:
    return str(run.get("head_sha") or run.get("sha") or run.get("commit_sha") or "")


def _time(text: Any) -> str | None:
    try:
        return format_instant(parse_instant(str(text)))
    except UsageProblem:
        return None


def _protection(host: Host, answers: Answers, question: Question) -> Iterator[Evidence]:
    names = [name for name in ("protection", "rules", "project", "protected-branches") if name in answers]
    if not names:
        return
    found: list[Protection] = []
    error = None
    for name in names:
        refused = _refusal(answers[name])
        flat = items(answers[name]) if isinstance(answers[name], list) else answers[name]
        if refused == _NO_PROTECTION or (refused is None and flat == []):
            found.append(Protection(required=frozenset(), force_pushes=True, direct_pushes=True))
        elif refused is not None:
            error = error or f"{name}: {refused}"
        else:
            try:
                found.append(read(encoding.encode(flat), name, (question.branch,)))
            except UnreadableProblem as problem:
                error = error or problem.sentence
    required = frozenset[str]().union(*(each.required or frozenset() for each in found))
    facts: dict[str, Fact] = {"branch": question.branch, "required_checks": len(required)}
    facts["requires_gates"] = any(each.requires_gates for each in found)
    # A rule adds to the classic protection and takes nothing from it; but whoever passes one by is not bound.
    for name in ("force_pushes", "direct_pushes", "admins_bound"):
        said = [value for each in found if (value := getattr(each, name)) is not None]
        if said:
            facts[name] = all(said)
    yield _evidence(host, "branch-protection", facts=facts, population=len(found), commit=question.commit, error=error)


def _scans(host: Host, answers: Answers, question: Question) -> Iterator[Evidence]:
    """SEC-01: which kinds of scan really ran on the protected branch."""
    if "branch-checks" not in answers:
        return
    answer = answers["branch-checks"]
    runs = items(answer)
    heads = {_commit(run) for run in runs} - {""}
    error = _refusal(answer) or _incomplete(host, answer, len(runs))
    if len(heads) > 1:
        error = error or f"the checks of {question.branch} are of {len(heads)} commits"
    looked = [_name(run) for run in runs if _word(run) in _LOOKED]
    analyses = items(answers.get("analyses", []))
    head = next(iter(heads), None)
    for each in analyses:
        tool = each.get("tool")
        if (
            each.get("ref") == f"refs/heads/{question.branch}"
            and head in {None, each.get("commit_sha")}
            and not each.get("error")
        ):
            looked.append(f"{tool.get('name', '') if isinstance(tool, Mapping) else ''} {each.get('category', '')}")
    facts: dict[str, Fact] = {kind: sum(bool(names.search(name)) for name in looked) for kind, names in SCANS.items()}
    yield _evidence(
        host,
        "scans",
        facts={"branch": question.branch, **facts, "missing": sum(not facts[kind] for kind in SCANS)},
        population=len(runs) + len(analyses),
        findings=[
            Finding(
                rule="scan",
                severity=Severity.ERROR,
                place=Place(question.branch),
                text=f"no {kind} scan ran on {question.branch}",
                remedy=f"Run one there in a job whose name says so: {kind} scan",
                tool=host.name,
            )
            for kind in SCANS
            if not facts[kind]
        ],
        commit=head,
        error=error,
    )


def _alerts(host: Host, answers: Answers, question: Question) -> Iterator[Evidence]:
    for name in ("dependabot-alerts", "code-scanning-alerts", "secret-scanning-alerts", "vulnerabilities"):
        if name not in answers:
            continue
        told = items(answers[name])
        alerts = [each for each in told if _is_open(each)]
        findings = [_alert(host, name, each) for each in alerts]
        risks = Counter(finding.exposure.risk for finding in findings if finding.exposure)
        yield _evidence(
            host,
            "alerts",
            name=f"{host.name}/{name}",
            facts={"findings": len(findings), **{risk.value: risks[risk] for risk in Risk}},
            population=1,
            findings=findings,
            commit=question.commit,
            error=_no_answer(name, answers[name]) or _incomplete(host, answers[name], len(told)),
        )


def _no_answer(name: str, answer: Any) -> str | None:
    refused = _refusal(answer)
    return f"{name}: {refused}" if refused else None if isinstance(answer, list) else f"{name} is no list"


def _is_open(alert: Mapping[str, Any]) -> bool:
    """A state that is not known to be an end is none."""
    return str(alert.get("state")).lower() not in _CLOSED


def _alert(host: Host, name: str, alert: Mapping[str, Any]) -> Finding:
    """An open alert; the secret in one is never read."""
    advisory, rule = _under(alert, "security_advisory"), _under(alert, "rule")
    location = _under(_under(alert, "most_recent_instance"), "location") or _under(alert, "location")
    word = str(
        advisory.get("severity")
        or rule.get("security_severity_level")
        or rule.get("severity")
        or alert.get("severity")
        or ""
    )
    risk = Risk.CRITICAL if name.startswith("secret") else _RISKS.get(word.lower(), Risk.MEDIUM)
    package = _under(_under(alert, "dependency"), "package")
    identity = advisory.get("ghsa_id") or rule.get("id") or alert.get("secret_type") or alert.get("report_type") or name
    text = (
        advisory.get("summary")
        or rule.get("description")
        or alert.get("secret_type_display_name")
        or alert.get("title")
        or identity
    )
    aliases = sorted({str(each) for each in (advisory.get("ghsa_id"), advisory.get("cve_id")) if each})
    file = location.get("path") or location.get("file") or _under(alert, "dependency").get("manifest_path") or ""
    line = location.get("start_line")
    return Finding(
        rule=str(identity)[:200],
        severity=_MILD.get(risk, Severity.ERROR),
        place=Place(str(file), line if isinstance(line, int) else 0),
        text=" ".join(
            filter(
                None,
                (
                    str(package.get("name") or ""),
                    str(text)[:300],
                    "" if word or name.startswith("secret") else "(no severity)",
                ),
            )
        ),
        tool=f"{host.name} {name}",
        fingerprint=f"{name}/{alert.get('number') or alert.get('id') or ''}",
        exposure=Exposure(risk=risk, aliases=tuple(aliases)),
    )


def _under(thing: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    below = thing.get(key)
    return below if isinstance(below, Mapping) else {}


def _deployments(host: Host, answers: Answers, question: Question) -> Iterator[Evidence]:
    """The newest deployment of the commit to each environment."""
    if "deployments" not in answers:
        return
    refused = _refusal(answers["deployments"])
    if refused:
        yield _evidence(host, "deployment", error=f"deployments: {refused}", commit=question.commit)
        return
    newest: dict[str, tuple[str, dict[str, Any]]] = {}
    for each in items(answers["deployments"]):
        if _commit(each) == question.commit:
            environment = each.get("environment")
            name = str(environment.get("name", "")) if isinstance(environment, Mapping) else str(environment or "")
            time = _time(each.get("updated_at") or each.get("created_at")) or ""
            if name and (name not in newest or newest[name][0] < time):
                newest[name] = (time, each)
    for name, (time, each) in sorted(newest.items()):
        state = each.get("state") or each.get("status")
        facts: dict[str, Fact] = {"id": str(each.get("id", "")), **({"state": str(state)} if state else {})}
        yield _evidence(
            host, "deployment", facts=facts, population=1, commit=question.commit, environment=name, time=time or None
        )


_READERS: tuple[_Reader, ...] = (_checks, _protection, _scans, _alerts, _deployments)
