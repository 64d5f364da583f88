"""`hardpoint contract lint`: whether an interface is described as well as those who call it need."""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, identity_token_option, verb

if TYPE_CHECKING:
    from hardpoint.assurance.contracts.sides import Side
    from hardpoint.kernel.evidence import Evidence
    from hardpoint.kernel.rule import Rule
    from hardpoint.kernel.workspace import Workspace

_FIRST = b"\n"
"""The first byte of every descriptor set."""


@verb("contract", "lint")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--rule", "only", multiple=True, metavar="ID", help="Only this rule, or those that begin so (CON02).")
@click.option(
    "--fail-on",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("--record", "keep", is_flag=True, help="Append the result to the record, as signed evidence.")
@click.option("--service", metavar="NAME", help="Whom the evidence is about, where the manifest declares several.")
@identity_token_option
def lint(
    context: Context,
    specs: tuple[str, ...],
    *,
    only: tuple[str, ...],
    fail_on: str,
    keep: bool,
    service: str | None,
    identity_token: str | None,
) -> Result:
    """Judge how well interfaces are described: OpenAPI documents, and descriptor sets of Protobuf.

    Each SPEC is a file, or REV:path from git. First whether it is valid at all, then versions, pages, repeated
    requests, errors, names, security, examples, and who keeps it. Exits 1 for findings at or above --fail-on. No
    manifest is needed; with one, an error taxonomy that it declares is asked whether it knows the codes.
    """
    from hardpoint.assurance.contracts.sides import side_at

    if keep and only:
        raise UsageProblem("Part of the rules is no evidence", remedy="Leave --rule out, or --record.")
    if keep and (past := [each for each in specs if ":" in each and not (context.folder / each).exists()]):
        raise UsageProblem(
            f"What is recorded is about what is checked out, and {past[0]} is of another time", remedy="Name the file."
        )
    if (service or identity_token) and not keep:
        raise UsageProblem("--service and --identity-token are for what is recorded", remedy="Add --record.")
    gc.disable()  # the documents are kept to the end: looking for garbage finds none
    sides = [side_at(each, context.folder) for each in specs]
    asked = rules_named(only)
    workspace = _workspace(context)
    found = {each.name: list(_findings(each, asked, workspace)) for each in sides}
    findings = _worst_first(finding for each in found.values() for finding in each)
    recorded = {}
    if keep:
        recorded["entries"] = _record(context, found, service, identity_token)
    counted = Counter(each.severity for each in findings)
    return Result(
        schema="contract-lint/v1",
        headline=_headline(counted, len(sides)),
        items={"findings": findings},
        about={
            "contracts": list(found),
            "counts": {each.value: counted[each] for each in Severity},
            "rules": dict(sorted(Counter(each.rule for each in findings).items())),
            **recorded,
        },
        exit=Exit.FOUND if any(each.severity >= Severity(fail_on) for each in findings) else Exit.OK,
    )


def _workspace(context: Context) -> "Workspace":
    """The workspace, where it declares anything: without a manifest the files around a contract say nothing of it."""
    from hardpoint.kernel import git
    from hardpoint.kernel.manifest import MANIFEST_FILE
    from hardpoint.kernel.workspace import Workspace

    root = git.top_level(context.folder) or context.folder
    return context.workspace if (root / MANIFEST_FILE).is_file() else Workspace.of({})


def rules_named(only: Sequence[str]) -> "list[Rule[Any]]":
    """The rules about OpenAPI documents, all of them or those that are named.

    Raises UsageProblem for a name that no rule has.
    """
    from hardpoint.assurance.contracts.rules import access, form, naming, standards, upkeep
    from hardpoint.kernel.rule import Rule

    rooms = (form, standards, naming, access, upkeep)
    rules = [each for room in rooms for each in vars(room).values() if isinstance(each, Rule)]
    unknown = [name for name in only if not any(each.id.startswith(name) for each in rules)]
    if unknown:
        raise UsageProblem(
            f"No rule about contracts is named {unknown[0]!r}", remedy="`hardpoint contract lint --help`"
        )
    return [each for each in rules if not only or each.id.startswith(tuple(only))]


def _findings(side: "Side", rules: "Iterable[Rule[Any]]", workspace: "Workspace") -> Iterator[Finding]:
    if side.content[:1] == _FIRST and _is_descriptor_set(side.content):
        yield from _protobuf(side)
        return
    from hardpoint.assurance.contracts.inventory import Inventory
    from hardpoint.assurance.contracts.operations import read_contract

    inventory = Inventory(read_contract(side.name, side.content, side.read))
    for each in rules:
        yield from each.judge(inventory, workspace)


def _is_descriptor_set(content: bytes) -> bool:
    from hardpoint.assurance.contracts.protobuf import is_descriptor_set  # slow to import

    return is_descriptor_set(content)


def _protobuf(side: "Side") -> Iterator[Finding]:
    from hardpoint.assurance.contracts.protobuf.descriptors import read_descriptors
    from hardpoint.assurance.contracts.protobuf.lint import faults

    for each in faults(read_descriptors(side.name, side.content)):
        yield Finding(
            rule=each.id,
            severity=Severity.WARNING,
            place=each.place,
            text=f"{each.element}: {each.text}",
            remedy=each.remedy,
        )


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    by_place = sorted(findings, key=lambda each: (each.place, each.rule, each.text))
    return sorted(by_place, key=lambda each: each.severity, reverse=True)


def _headline(counted: Counter[Severity], contracts: int) -> str:
    said = ", ".join(
        f"{counted[each]} {each.value}{'' if counted[each] == 1 else 's'}"
        for each in sorted(Severity, reverse=True)
        if counted[each]
    )
    subject = "1 contract" if contracts == 1 else f"{contracts} contracts"
    return f"{subject}: {said or 'nothing found'}"


def _record(
    context: Context, found: dict[str, list[Finding]], service: str | None, identity_token: str | None
) -> list[int]:
    from hardpoint.kernel.evidence import Assurance, drafted
    from hardpoint.kernel.ownership.model import SERVICES, service_named

    whom = service_named(context.workspace.manifest[SERVICES], service).name
    assurance = Assurance.CI if identity_token else Assurance.RAN
    with context.record(identity_token) as record:
        return [
            record.append(drafted(_evidence(context, name, findings, whom, assurance))).index
            for name, findings in found.items()
        ]


def _evidence(context: Context, name: str, findings: Sequence[Finding], service: str, assurance: Any) -> "Evidence":
    """The facts `errors`, `warnings` and `notes`, and `ID.findings` of each rule that found something."""
    import hardpoint
    from hardpoint.assurance.contracts.model import LINT
    from hardpoint.kernel.clock import format_instant
    from hardpoint.kernel.evidence import Evidence, Producer

    counted = Counter(each.severity for each in findings)
    workspace = context.workspace
    return Evidence(
        kind=LINT.kind,
        name=name,
        service=service,
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=1,
        facts={
            **{f"{each.value}s": counted[each] for each in Severity},
            **{f"{rule}.findings": count for rule, count in sorted(Counter(each.rule for each in findings).items())},
        },
        findings=tuple(findings),
        commit=workspace.commit,
        dirty=workspace.dirty or not workspace.is_as_opened(),
        time=format_instant(context.clock()),
        assurance=assurance,
    )
