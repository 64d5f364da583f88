"""What of a repository is strong, what is weak, and the file or the command that proves each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardpoint.assurance.decisions.logs import logs
from hardpoint.assurance.delivery.branches import gate_jobs
from hardpoint.assurance.delivery.pipelines import ci_pipelines
from hardpoint.assurance.delivery.tools import Kind
from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.runbooks.alerts import alert_rules
from hardpoint.assurance.runbooks.library import runbooks
from hardpoint.faces.cli.survey.inventory import Inventory
from hardpoint.kernel.check import RuleRun, run_rules
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.progress import Progress, quiet
from hardpoint.kernel.repair import repairs
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """Something that holds, and the file or command that proves it."""

    what: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is missing or wrong, where it shows, what to run, and roughly how many minutes it takes."""

    what: str
    proof: str
    command: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A sort of thing that a repository has: how many, and where the first is."""

    what: str
    count: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A repository as it is now: what it has, what holds, what does not, the cheapest repair first."""

    inventory: tuple[Item, ...]
    strengths: tuple[Strength, ...]
    gaps: tuple[Gap, ...]
    runs: tuple[RuleRun, ...]
    notes: tuple[str, ...]

    @property
    def findings(self) -> list[Finding]:
        """All that the rules found, known or not."""
        return [finding for run in self.runs for finding in run.findings]


# What is found, short enough to stand in a line with its number, and about how many minutes one of it takes.
_WORDS: Mapping[str, tuple[str, int]] = {
    "DOC001": ("broken pointers", 2),
    "DOC002": ("broken anchors", 2),
    "DOC003": ("wrongly cased pointers", 1),
    "DOC004": ("addresses that lead nowhere", 3),
    "DOC005": ("links with no such label", 2),
    "DOC007": ("links without a target", 2),
    "DOC008": ("paths that do not exist", 3),
    "DOC009": ("pointers without an ending", 1),
    "DOC010": ("unreachable documents", 3),
    "DOC024": ("commands that do not exist", 5),
    "DOC025": ("variables in no example", 5),
    "DOC026": ("variables nothing reads", 3),
    "CI001": ("gates that may fail unseen", 15),
    "CI002": ("failures that are swallowed", 15),
    "CI003": ("deployments heeding no gate", 30),
    "CI004": ("actions others can move", 2),
    "CI006": ("gates that never run", 15),
    "CI013": ("flaky tests", 60),
    "CI014": ("e2e tests without a trace", 15),
    "ADR001": ("decision numbers used twice", 10),
    "ADR009": ("decisions without a section", 15),
    "ADR011": ("wrong rows in the ADR index", 3),
    "ADR013": ("decisions proposed too long", 30),
    "BND001": ("imports across a boundary", 60),
    "RUN004": ("runbook links to nothing", 5),
    "RUN005": ("alerts without a runbook", 30),
    "RUN007": ("runbooks for no alert", 15),
    "RUN008": ("unreadable rule files", 10),
}
_OTHERWISE = 10

# What a rule says of a repository if it examined something and found nothing; of pipelines only where CI has gates.
_HOLDS = {
    "CI001": "no gate's failure is tolerated",
    "CI003": "deployments heed the gates",
    "DOC001": "pointers in documents hold",
    "BND001": "boundaries between modules hold",
    "RUN005": "every alert has a runbook",
    "ADR001": "decisions have numbers of their own",
}
_UPDATERS = (
    *(".github/dependabot.yml", ".github/dependabot.yaml"),
    *("renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5", ".renovaterc.json"),
)
_SECURITY = ("SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md")


def assess(
    workspace: Workspace, found: Inventory, rules: Sequence[Rule[Any]], progress: Progress = quiet
) -> Assessment:
    """Run the rules, and say what they and the names of files prove; nothing is executed."""
    runs = run_rules(workspace, rules, progress)
    return Assessment(
        inventory=tuple(_inventory(workspace, found)),
        strengths=tuple(_strengths(workspace, found, runs)),
        gaps=tuple(sorted(_gaps(workspace, found, runs), key=lambda gap: gap.minutes)),
        runs=runs,
        notes=tuple(_notes(found, runs)),
    )


def _inventory(workspace: Workspace, found: Inventory) -> Iterator[Item]:
    decided = [each for log in logs(workspace) for each in log.decisions]
    pages = documents(workspace)
    running = ci_pipelines(workspace)
    alerts = alert_rules(workspace).alerts
    books = runbooks(workspace)
    services = found.services.services[1:] or found.services.services  # of several, not the repository as a whole
    firsts = (
        ("service", len(services), services[0].shown_by),
        ("library", found.services.libraries, next(iter(found.services.tools), "")),
        ("document", len(pages), pages[0].file if pages else ""),
        ("decision", len(decided), decided[0].file if decided else ""),
        ("contract", len(found.contracts), found.contracts[0].file if found.contracts else ""),
        ("pipeline", len(running), running[0].file if running else ""),
        ("test file", len(found.tests), found.tests[0] if found.tests else ""),
        ("alert", len(alerts), str(alerts[0].place) if alerts else ""),
        ("runbook", len(books), books[0].file if books else ""),
        ("lock file", len(found.locks), found.locks[0] if found.locks else ""),
    )
    yield from (Item(what=what, count=count, where=where) for what, count, where in firsts if count)


def _strengths(workspace: Workspace, found: Inventory, runs: Sequence[RuleRun]) -> Iterator[Strength]:
    tested = next((each for each in gate_jobs(workspace) if Kind.TEST in each.kinds), None)
    if tested is not None:
        yield Strength(what=f"tests run in {tested.pipeline.host.value}", proof=str(tested.job.place))
    elif found.tests:
        yield Strength(what=counted(len(found.tests), "test file"), proof=found.tests[0])
    clean = {run.rule for run in runs if run.examined and not run.findings and run.error is None}
    kinds = {kind for each in gate_jobs(workspace) for kind in each.kinds}
    about = {"CI001": kinds - {Kind.DEPLOY}, "CI003": kinds & {Kind.DEPLOY}}
    for rule, says in _HOLDS.items():
        if rule in clean and about.get(rule, True):
            yield Strength(what=says, proof=f"hardpoint check --rule {rule}")
    yield from _kept(workspace, found)


def _kept(workspace: Workspace, found: Inventory) -> Iterator[Strength]:
    """What files show by being there."""
    decided = [each for log in logs(workspace) for each in log.decisions]
    books = runbooks(workspace)
    first = next(iter(found.contracts), None)
    shown = (
        ("dependencies are locked", next(iter(found.locks), "") if not found.unlocked else ""),
        ("code has owners", found.codeowners),
        (f"{counted(len(decided), 'decision')} kept", decided[0].file if decided else ""),
        (f"a contract in {first.form}" if first else "", first.file if first else ""),
        (counted(len(books), "runbook"), books[0].file if books else ""),
        ("dependencies are kept up to date", found.one_of(_UPDATERS)),
        ("says how to report a weakness", found.one_of(_SECURITY)),
    )
    yield from (Strength(what=what, proof=proof) for what, proof in shown if proof)


def _gaps(workspace: Workspace, found: Inventory, runs: Sequence[RuleRun]) -> Iterator[Gap]:
    standing = [finding for run in runs for finding in run.findings]
    offered = [finding for each in repairs(standing, workspace) for finding in each.findings]
    if offered:
        what = f"{counted(len(offered), 'repair')} by one command"
        yield Gap(what=what, proof=str(offered[0].place), command="hardpoint fix", minutes=1)
    for run in runs:
        worse = [each for each in run.findings if each.severity >= Severity.WARNING]
        if worse:
            words, each_takes = _WORDS.get(run.rule, ("", _OTHERWISE))
            yield Gap(
                what=f"{words}: {len(worse)}" if words else f"findings of {run.rule}: {len(worse)}",
                proof=str(min(each.place for each in worse)),
                command=f"hardpoint check --known --rule {run.rule}",
                minutes=each_takes * len(worse),
            )
    for manifest, command in found.unlocked:
        yield Gap(what=f"{manifest} is locked by nothing", proof=manifest, command=command, minutes=10)
    yield from _missing(workspace, found)


def _missing(workspace: Workspace, found: Inventory) -> Iterator[Gap]:
    """What no file of the repository shows."""
    if not found.codeowners and not any(each.owner for each in found.services.services):
        yield Gap(
            what="nobody is named as owner", proof="no CODEOWNERS", command="echo '* @you' >CODEOWNERS", minutes=5
        )
    if not ci_pipelines(workspace):
        yield Gap(what="no pipeline", proof="no file of a CI host", command="hardpoint init --ci github", minutes=3)
    elif not any({Kind.TEST, Kind.BUILD, Kind.CHECK} & each.kinds for each in gate_jobs(workspace)):
        proof = ci_pipelines(workspace)[0].file
        yield Gap(what="no pipeline is seen to test", proof=proof, command="hardpoint init --strict", minutes=20)
    if not found.tests:
        yield Gap(what="no test is recognised", proof="no file by name", command="hardpoint init --strict", minutes=60)
    else:
        command = "hardpoint gate explain merge"
        yield Gap(what="no test report is recorded", proof=found.tests[0], command=command, minutes=10)
    if not any(log.decisions for log in logs(workspace)):
        command = 'hardpoint adr new "TITLE"'
        yield Gap(what="no decision is written down", proof="no folder of them", command=command, minutes=30)
    if alert_rules(workspace).alerts and not runbooks(workspace):
        proof = str(alert_rules(workspace).alerts[0].place)
        yield Gap(what="no runbook for any alert", proof=proof, command="hardpoint runbook new NAME", minutes=45)


def _notes(found: Inventory, runs: Sequence[RuleRun]) -> Iterator[str]:
    yield from (f"{run.rule} came to no result: {run.error}" for run in runs if run.error is not None)
    yield from (f"{file} cannot be read, so its packages are not known" for file in found.services.unread)


def debt(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings each rule has, the rule with most first."""
    return dict(Counter(finding.rule for finding in findings).most_common())


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("ry") else f"{number} {noun}s"
