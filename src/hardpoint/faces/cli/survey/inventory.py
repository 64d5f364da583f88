"""What a repository holds, by the names of its files and the little that is read of them; nothing is executed."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hardpoint.faces.cli.survey.folders import BESIDE, OTHERS, TESTS, is_of, own
from hardpoint.faces.cli.survey.languages import Language, languages
from hardpoint.faces.cli.survey.services import Services, services
from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_CONTRACTS_READ = 200
MAX_EXCLUDED = 6
"""How many patterns are suggested for `documents.exclude`."""

LOCKS = {
    "package.json": (
        ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"),
        "npm install --package-lock-only",
    ),
    "pyproject.toml": (
        ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.lock"),
        "uv lock",
    ),
    "Cargo.toml": (("Cargo.lock",), "cargo generate-lockfile"),
    "go.mod": (("go.sum",), "go mod tidy"),
    "composer.json": (("composer.lock",), "composer update --no-install"),
    "Gemfile": (("Gemfile.lock", "gems.locked"), "bundle lock"),
    "mix.exs": (("mix.lock",), "mix deps.get"),
    "pubspec.yaml": (("pubspec.lock",), "dart pub get"),
}
"""For each manifest at the root the files that lock what it asks for, and the command that makes one."""
_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_DOCUMENTS = (".md", ".markdown", ".mdx")
_FIXTURES = re.compile(
    r"(?:^|/)(?:fixtures?|__fixtures__|test[-_]?data|testresources|snapshots?|__snapshots__|external|externals?|extern|deps)/"
)
_PLAIN = re.compile(r"[\w./@+-]+")
"""A folder that is its own pattern."""
_KNOWN = (
    "node_modules/",
    "vendor/",
    "testdata/",
    "__fixtures__/",
    "**/test/fixtures/",
    "**/tests/fixtures/",
    "**/spec/fixtures/",
)
"""What no document is looked for in, whatever a manifest says."""
_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]+\.py|[^/]+_test\.(?:py|go|rb|dart|exs|cc|cpp)|[^/]+[._](?:test|spec)\.[cm]?[jt]sx?|[^/]+_spec\.rb"
    r"|[^/]+Tests?\.(?:java|kt|cs|php|swift|scala|groovy)|[^/]+Spec\.(?:scala|groovy|kt|hs))$"
    r"|(?:^|/)(?:tests?|t|__tests__)/(?:[^/]+/)*[^/]+\.(?:py|rs|c|cc|cpp|js|ts|pl|t|php|rb|phpt|bats|lua|sh|exs)$"
)
_CONTRACT_NAME = re.compile(
    r"(?:openapi|swagger|asyncapi|api)[^/]*\.(?:ya?ml|json)$|\.(?:proto|graphqls?|gql)$", re.IGNORECASE
)
_CONTRACTS = (
    ("OpenAPI", re.compile(rb"^[ \t]*+[{]?+[ \t]*+[\"']?(?:openapi|swagger)[\"']?\s*:\s*[\"']?[23]\.", re.MULTILINE)),
    ("AsyncAPI", re.compile(rb"^[ \t]*+[{]?+[ \t]*+[\"']?asyncapi[\"']?\s*:\s*[\"']?[23]\.", re.MULTILINE)),
)
_PROTO = re.compile(rb"^[ \t]*(?:service|message|enum)\s+\w+", re.MULTILINE)
_GRAPHQL = re.compile(rb"^[ \t]*(?:extend\s+)?(?:schema\s*[{@]|type\s+(?:Query|Mutation|Subscription)\b)", re.MULTILINE)
_HEAD = 65536


@dataclass(frozen=True, slots=True)
class Contract:
    """A file that declares an interface, and in which language."""

    file: str
    form: str


@dataclass(frozen=True)
class Inventory:
    """What is there before any rule has looked; `files` are those that no folder says others wrote."""

    files: tuple[str, ...]
    services: Services
    contracts: tuple[Contract, ...]
    exclude: tuple[str, ...]
    """Patterns of documents that are tests' or others', beside those that are never read."""

    @cached_property
    def languages(self) -> list[Language]:
        """The languages, the one with most files first."""
        return languages(self.files)

    @cached_property
    def tests(self) -> list[str]:
        """The files that are tests by their names, and none that tests read; those nearest to the root first."""
        found = [file for file in self.files if _TEST.search(file) and not _FIXTURES.search(file)]
        return sorted(found, key=lambda file: (file.count("/"), file))

    @cached_property
    def locks(self) -> list[str]:
        """The lock files, those nearest to the root first."""
        names = {name for locking, _ in LOCKS.values() for name in locking}
        found = [file for file in self.files if posixpath.basename(file) in names]
        return sorted(found, key=lambda file: (file.count("/"), file))

    @cached_property
    def unlocked(self) -> list[tuple[str, str]]:
        """The manifests at the root that nothing locks, and the command that would."""
        return [
            (manifest, command)
            for manifest, (names, command) in LOCKS.items()
            if manifest in self.at_root and not self.at_root & {*names}
        ]

    @cached_property
    def at_root(self) -> frozenset[str]:
        """The files at the root."""
        return frozenset(file for file in self.files if "/" not in file)

    @property
    def codeowners(self) -> str:
        """The file of code owners; empty for none."""
        return self.one_of(_CODEOWNERS)

    def one_of(self, names: Sequence[str]) -> str:
        """The first of some files that is there; empty for none."""
        return next((name for name in names if name in self._present), "")

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(self.files)

    @property
    def documents(self) -> int:
        """How many files are Markdown by their names."""
        return sum(file.lower().endswith(_DOCUMENTS) for file in self.files)


def take(workspace: Workspace) -> Inventory:
    """The inventory of a repository: every name once, and at most a few hundred files."""
    files = own(workspace.files)
    return Inventory(
        files=tuple(files),
        services=services(workspace, files),
        contracts=tuple(_contracts(workspace, files)),
        exclude=tuple(_excluded(files)),
    )


def _contracts(workspace: Workspace, files: Sequence[str]) -> list[Contract]:
    named = [file for file in files if _CONTRACT_NAME.search(file) and not is_of(file, TESTS)]
    found: list[Contract] = []
    for file in named[:MAX_CONTRACTS_READ]:
        try:
            head = workspace.read(file)[:_HEAD]
        except UnreadableProblem:
            continue
        form = _form(file, head)
        if form:
            found.append(Contract(file, form))
    return sorted(found, key=lambda each: is_of(each.file, BESIDE))


def _form(file: str, head: bytes) -> str:
    """The language in which a file declares an interface, by what it says; empty for none."""
    if file.endswith(".proto"):
        return "Protocol Buffers" if _PROTO.search(head) else ""
    if file.lower().endswith((".graphql", ".graphqls", ".gql")):
        return "GraphQL" if _GRAPHQL.search(head) else ""
    return next((form for form, says in _CONTRACTS if says.search(head)), "")


def _excluded(files: Sequence[str]) -> list[str]:
    """The folders with documents that tests read or others wrote, the one with most of them first."""
    never = spec_of(_KNOWN)
    counts: dict[str, int] = {}
    for file in files:
        if file.lower().endswith(_DOCUMENTS) and (hit := _FIXTURES.search(file)) and not never.match_file(file):
            folder = file[: hit.end()]
            counts[folder] = counts.get(folder, 0) + 1
    kept = sorted(counts, key=lambda folder: (-counts[folder], folder))
    return [f"/{folder}" for folder in kept[:MAX_EXCLUDED] if not is_of(folder, OTHERS) and _PLAIN.fullmatch(folder)]
