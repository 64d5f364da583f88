"""What a team declares of the interfaces that others rely on: the `contracts` section of the manifest."""

import posixpath
import re
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.importer import OwnReport

Name = Annotated[str, MinLen(1)]
Names = tuple[Name, ...]

Kind = Literal["openapi", "asyncapi", "protobuf", "jsonschema", "avro"]
Mode = Literal["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"]
Side = Literal["current", "previous"]

PAIR_TIMEOUT = Duration.parse("30m")
_OPERATION = re.compile(r"[A-Z]+ /\S*")


@declared
class Releases:
    """Where the contract of each release is kept: in git, below tags, or in files of its own."""

    tags: str = "v*"
    """The tags that are releases; `*` stands for the version (SemVer 2.0.0), as in `api/v*`."""
    files: Names = ()
    """Or the contract of each release as a file, the oldest first; then tags do not count."""

    def __post_init__(self) -> None:
        if self.tags.count("*") != 1:
            raise ValueError(f"expected tags with one `*` for the version, such as v*, got {self.tags!r}")


@declared
class Window:
    """Which releases a revision must not break."""

    releases: Annotated[int, Ge(1), Le(100)] = 1
    """How many before it: 1 is the policy N-1."""
    of: Literal["release", "minor", "major"] = "release"
    """What is counted: every release, or all of one minor or major version as one."""


@declared
class VersionPair:
    """A client, a server and a schema that have to work together, and the command that exercises them.

    The command gets CLIENT_VERSION, SERVER_VERSION and SCHEMA_VERSION: `current`, or the name of a release. With
    `previous` it runs once for each release in the window.
    """

    name: Name
    """Names it in evidence: `old client, new server`."""
    client: Side = "current"
    """The version of the client."""
    server: Side = "current"
    """The version of the server."""
    schema_: Side = "current"
    """The version of the database schema, or of what is stored."""
    run: Annotated[tuple[Name, ...], MinLen(1)]
    """The command and its arguments; no shell reads them."""
    timeout: Duration = PAIR_TIMEOUT
    """How long one run may take."""


@declared
class Interface:
    """An interface that others rely on, the contract that describes it, and who keeps it."""

    name: Name
    """Names it in plans, commands and evidence."""
    kind: Kind = "openapi"
    """What the contract is written in."""
    path: Name
    """The file of the contract, from the root of the repository."""
    service: str = ""
    """The service that provides it; the only one if left out."""
    steward: Name
    """A function of `trust.functions`: its holders review the contract and approve of plans to break it."""
    owner: str = ""
    """The team that answers for it; the service's owner if left out."""
    critical: Names = ()
    """The operations that matter most, as `GET /orders/{id}`."""
    coverage: Annotated[int, Ge(1), Le(100)] = 90
    """The share of the critical operations, in percent, that consumers' tests have to verify."""
    releases: Releases = Releases()
    """Where the contracts of releases are kept."""
    window: Window = Window()
    """Which of them a revision must not break."""
    pairs: tuple[VersionPair, ...] = ()
    """Versions that `hardpoint contract window --run` exercises against each other."""
    mode: Mode = "BACKWARD"
    """Of events: which way schemas stay compatible, in the terms of schema registries."""
    consumers: Names = ()
    """Who relies on it, by their services' names."""

    def __post_init__(self) -> None:
        # Another way to write the same path would be another file to git.
        if posixpath.normpath(self.path) != self.path or self.path.startswith(("/", "../")):
            raise ValueError(f"expected a path from the root, such as api/openapi.yaml, got {self.path!r}")
        for operation in self.critical:
            if self.kind == "openapi" and not _OPERATION.fullmatch(operation):
                raise ValueError(f"expected an operation as `GET /orders`, got {operation!r}")


CONTRACTS: Section[tuple[Interface, ...]] = Section("contracts", tuple[Interface, ...], ())

LINT = OwnReport("contract-lint", ("errors", "warnings", "notes"))
WINDOW = OwnReport(
    "contract-window",
    ("releases", "breaking", "unapproved", "unused_plans", "oldest_hurt", "pairs", "pairs_failed"),
)
DEPRECATIONS = OwnReport("contract-deprecations", ("deprecated", "unannounced", "overdue", "removed", "removed_early"))
VERIFICATION = OwnReport(
    "contract-verification",
    (
        *("consumer", "consumer_version", "provider", "provider_version"),
        *("verified", "failed", "pending", "unverified", "holds"),
    ),
)
COVERAGE = OwnReport(
    "contract-coverage",
    ("operations", "measured", "tested", "percent", "target", "top", "top_tested", "violation_rate"),
)
