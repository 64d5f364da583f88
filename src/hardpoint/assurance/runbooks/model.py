"""What a team promises of its runbooks: the `runbooks` section of the manifest."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from hardpoint.assurance.runbooks.parts import Part
from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.duration import Duration

Patterns = tuple[str, ...]
Expectation = Literal["expected", "required"]
MAX_TOP = 100


@declared
class Address:
    """Where people read the files of a folder: the beginning of the addresses that alerts and dashboards link to."""

    url: Annotated[str, MinLen(1)]
    """Such as `https://runbooks.acme.example/` or `https://github.com/acme/shop/blob/main/`."""
    folder: str = "."
    """The folder of the repository that it shows."""


@declared
class RunbookClass:
    """A class of runbooks that there has to be: support, incident, domain, or another."""

    name: Annotated[str, MinLen(1)]
    """What the runbook itself may say: `class: incident`."""
    files: Patterns = ()
    """Patterns in the syntax of .gitignore: which runbooks are of this class, whatever they say."""
    required: tuple[Part, ...] = ()
    """What each of them has to say, beside what all have to."""


@declared
class Runbooks:
    """Where the runbooks are, what each has to say, and what has to have one."""

    files: Patterns = ()
    """Patterns in the syntax of .gitignore; recognised by their path (`runbooks/`, `playbooks/`, `*-runbook.md`) if
    left out. What an alert or a dashboard links to is a runbook too."""
    exclude: Patterns = ()
    """Runbooks, rule files and dashboards that are not the team's."""
    required: tuple[Part, ...] = ()
    """What each runbook has to say; what is missing is then an error. `mitigation` is given by a rollback too."""
    words: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    """Names and headings by which yours call a part, beside the usual English ones: `diagnosis: [Ursachensuche]`."""
    exercised_within: Duration | None = None
    """How long ago a runbook may have been exercised last."""
    alerts: Expectation = "expected"
    """With `required`, an alert without a runbook is an error, and so are rule files that cannot be read."""
    alert_rules: Patterns = ()
    """Where the alert rules are; every rule file outside of tests if left out."""
    addresses: tuple[Address, ...] = ()
    """Addresses at which files of this repository are read."""
    dashboards: Expectation = "expected"
    """With `required`, a Grafana dashboard without a link to a runbook is an error."""
    volume: str = ""
    """A CSV or JSON file that says how often each alert fired; the alerts that fire most are to have a runbook."""
    top: Annotated[int, Ge(1), Le(MAX_TOP)] = 10
    """How many of them."""
    classes: tuple[RunbookClass, ...] = ()
    """Classes of which there has to be a runbook."""
    failure_modes: tuple[Annotated[str, MinLen(1)], ...] = ()
    """Failures that need a runbook: `auth-outage`, `database-latency`, `email-provider`, `cache-and-rate-limiter`, or
    any other by the words that its runbook's title has."""


RUNBOOKS = Section("runbooks", Runbooks, Runbooks())
