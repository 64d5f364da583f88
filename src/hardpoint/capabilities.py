"""The table: every capability, its storey, one line each. Start reading here."""

import os
from collections.abc import Sequence
from functools import cache

from hardpoint.kernel.capability import Capability, Storey
from hardpoint.kernel.problem import UsageProblem

CAPABILITIES = (
    Capability("ownership", Storey.KERNEL, "services and who owns them"),
    Capability("identity", Storey.KERNEL, "signing keys, and the keys that a team trusts"),
    Capability("record", Storey.KERNEL, "append-only log of signed evidence", {"record": "the log of evidence"}),
    Capability("telemetry", Storey.MACHINERY, "what a service tells of itself"),
    Capability("documents", Storey.ASSURANCE, "documents whose pointers hold", {"docs": "check documents"}),
    Capability(
        "delivery", Storey.ASSURANCE, "pipelines that tell the truth", {"evidence": "results of other tools"}
    ),
    Capability("reports", Storey.ASSURANCE, "results of other tools", {"evidence": "results of other tools"}),
    Capability(
        "errors", Storey.ASSURANCE, "errors by codes that keep their meaning", {"errors": "the codes of errors"}
    ),
    Capability(
        "contracts",
        Storey.ASSURANCE,
        "interfaces, and what changes in them",
        {"contract": "what an interface promises"},
    ),
    Capability("decisions", Storey.ASSURANCE, "decisions that are kept", {"adr": "keep decisions"}),
    Capability(
        "runbooks",
        Storey.ASSURANCE,
        "runbooks that lead through an alert",
        {"runbook": "what to do when it alerts"},
    ),
    Capability(
        "findings",
        Storey.PROGRAMME,
        "one row for one problem, and how long there is to repair it",
        {"findings": "problems that tools report, and their deadlines"},
    ),
    Capability(
        "gates",
        Storey.PROGRAMME,
        "GO or NO-GO",
        {"gate": "GO or NO-GO, with the reasons", "waiver": "exceptions that end"},
    ),
    Capability(
        "scorecards", Storey.PROGRAMME, "levels that services reach", {"scorecard": "which level a service reaches"}
    ),
    Capability(
        "cli",
        Storey.FACES,
        "the command line",
        {
            "init": "say what a repository has, and write its first hardpoint.yaml",
            "assess": "strengths and gaps of a repository, each with its proof",
            "upgrade": "judge by the newest rules, or see what that would change",
            "check": "check the working tree against what it promises",
            "review": "GO or NO-GO on a change",
            "fix": "repair what a check found, where that is certain",
            "baseline": "write down the findings of now as known debt",
            "schema": "the JSON Schema of hardpoint.yaml, for editors",
            "completion": "the script that lets a shell complete hardpoint",
            "demo": "see it decide on a sample service",
        },
    ),
)  # fmt: skip

PLUGINS_SETTING = "HARDPOINT_PLUGINS"
"""Names of the entry points, separated by commas, whose capabilities join the table; no repository can set it."""
PLUGINS_GROUP = "hardpoint.capabilities"


@cache
def capabilities() -> Sequence[Capability]:
    """The table, and the capabilities of installed packages that the operator names in HARDPOINT_PLUGINS.

    Raises UsageProblem for a name that no installed package provides.
    """
    named = [name.strip() for name in os.environ.get(PLUGINS_SETTING, "").split(",") if name.strip()]
    return (*CAPABILITIES, *(_plugin(name) for name in named))


def _plugin(name: str) -> Capability:
    from importlib.metadata import entry_points  # slow to import, and few have plugins

    for found in entry_points(group=PLUGINS_GROUP, name=name):
        try:
            capability = found.load()
        except (ImportError, AttributeError) as error:
            raise UsageProblem(
                f"{PLUGINS_SETTING} names {name!r}, which cannot be imported: {error}", remedy="Is it installed whole?"
            ) from error
        if isinstance(capability, Capability):
            return capability
    raise UsageProblem(
        f"{PLUGINS_SETTING} names {name!r}, which no installed package provides",
        remedy=f"Install it, or see which there are: the entry points of the group {PLUGINS_GROUP}.",
    )
