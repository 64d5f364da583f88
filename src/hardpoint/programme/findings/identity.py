"""Identity: which findings of which tools are one problem, whatever they call it and wherever it has moved."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

ID_LENGTH = 10
_VULNERABILITY = re.compile(r"^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+)$", re.IGNORECASE)

_ROOTS = re.compile(
    r"^(?:file:/+)?/*(?:github/workspace/|home/runner/(?:work)/[^/]+/[^/]+/|builds/[^/]+/[^/]+/)", re.ASCII
)
"""Where CI services check a repository out."""
_GENERATED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|\d{4}-\d{2}-\d{2}(?:t?[0-9:.+z-]*\d)?"  # a date
    r"|(?<![0-9a-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,64}(?![0-9a-z])"  # a digest
    r"|\d{6,}"  # a number that is counted up, or a time
)
_LINES = re.compile(r"(?::\d+)+$|#l\d+(?:-l?\d+)?$")


class Key(NamedTuple):
    """What one problem is known by: a vulnerability in a package, or a weakness by its rule and where it is.

    `what` is the vulnerability's name or the rule's family. Of a vulnerability `where` is the package; of a weakness it
    is the fingerprint, and without one `shape` is the path.
    """

    sort: str
    what: str
    where: str
    shape: str = ""

    @property
    def id(self) -> str:
        """What people call it by."""
        return sha256("\0".join(self).encode()).hexdigest()[:ID_LENGTH]

    def ids(self, names: Iterable[str]) -> dict[str, str]:
        """What it is called by, and was before its other names were known, with the name that each stands for."""
        return {self._replace(what=name).id: name for name in names} or {self.id: ""}


VULNERABILITY, WEAKNESS = "vulnerability", "weakness"


class Marks(NamedTuple):
    """What one finding is known by.

    `names` are those of a vulnerability; without them it is a weakness of the rule's `family`, known by its
    `fingerprint`, and where its tool gives none by the `shape` of its path.
    """

    names: tuple[str, ...]
    package: str
    family: str
    fingerprint: str
    shape: str

    @property
    def key(self) -> Key:
        """As it stands, without what other findings say."""
        if self.names:
            return Key(VULNERABILITY, self.names[0], self.package)
        return Key(WEAKNESS, self.family, self.fingerprint, "" if self.fingerprint else self.shape)


def marks_of(rule: str, path: str, *, aliases: Sequence[str] = (), package: str = "", fingerprint: str = "") -> Marks:
    """What a finding is known by; a rule that is the name of a vulnerability is one, and so is any in a package."""
    names = tuple(sorted({canonical(each) for each in aliases}))
    if not names and (_VULNERABILITY.match(rule) or package):
        names = (canonical(rule),)
    return Marks(
        names=names,
        package=split_package(package)[0],
        family=family_of(rule),
        fingerprint=fingerprint,
        shape=shape_of(path),
    )


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """A vulnerability's name without regard to case."""
    return name.strip().upper()


@lru_cache(maxsize=4096)
def family_of(rule: str) -> str:
    """A rule without its tool's prefixes, which change with where its file lies: `a.b.eval-used` is `eval-used`."""
    last = re.split(r"[./:]", rule.strip().casefold())[-1]
    return last if any(each.isalpha() for each in last) else rule.strip().casefold()


@lru_cache(maxsize=16384)
def shape_of(path: str) -> str:
    """A path without lines, case, where it was checked out, and parts that a build makes anew."""
    path = _ROOTS.sub("", path.replace("\\", "/").casefold()).removeprefix("./")
    return _GENERATED.sub("*", _LINES.sub("", path))


@lru_cache(maxsize=16384)
def split_package(purl: str) -> tuple[str, str]:
    """A package URL as the package and its version, without qualifiers, subpath and case (purl-spec)."""
    bare = re.split(r"[?#]", purl.strip(), maxsplit=1)[0]
    head, _, last = bare.rpartition("/")
    name, _, version = last.partition("@") if not last.startswith("@") else (last, "", "")
    package = unquote(f"{head}/{name}" if head else name).casefold()
    if package.startswith("pkg:pypi/"):
        package = re.sub(r"[-_.]+", "-", package)
    return package, unquote(version)


def _preference(name: str) -> tuple[int, str]:
    """The name that a vulnerability goes by: of the widest known database."""
    return (0 if name.startswith("CVE-") else 1 if name.startswith("GHSA-") else 2, name)


@dataclass
class Identities:
    """Every problem that some findings speak of; the order in which they are added changes nothing.

    Names that any one finding gives together are of one vulnerability. A finding that says less, a vulnerability
    without its package or a weakness without a fingerprint, speaks of every problem that it may mean.
    """

    _parents: dict[str, str] = field(default_factory=dict)
    _packages: dict[str, set[str]] = field(default_factory=dict)
    _fingerprints: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _names: dict[str, set[str]] | None = None

    def add(self, marks: Marks) -> None:
        """Take in what a finding is known by."""
        if not marks.names:
            if marks.fingerprint:
                self._fingerprints.setdefault((marks.family, marks.shape), set()).add(marks.fingerprint)
            return
        first, *others = marks.names
        for other in others:
            self._unite(first, other)
        if marks.package:
            self._packages.setdefault(first, set()).add(marks.package)
        self._names = None

    def keys(self, marks: Marks) -> tuple[Key, ...]:
        """The problems that a finding speaks of, after all have been added."""
        if not marks.names:
            if marks.fingerprint:
                return (marks.key,)
            known = self._fingerprints.get((marks.family, marks.shape))
            return tuple(Key(WEAKNESS, marks.family, each) for each in sorted(known)) if known else (marks.key,)
        root = self._root(marks.names[0])
        packages: Iterable[str] = [marks.package] if marks.package else sorted(self._in(root)) or [""]
        return tuple(Key(VULNERABILITY, root, each) for each in packages)

    def names(self, key: Key) -> frozenset[str]:
        """Every name of a problem's vulnerability."""
        if key.sort == WEAKNESS:
            return frozenset()
        return frozenset(self._classes().get(key.what, {key.what}))

    def _in(self, root: str) -> set[str]:
        return {package for name in self._classes().get(root, {root}) for package in self._packages.get(name, ())}

    def _classes(self) -> dict[str, set[str]]:
        if self._names is None:
            self._names = {}
            for name in self._parents:
                self._names.setdefault(self._root(name), set()).add(name)
        return self._names

    def _root(self, name: str) -> str:
        while (parent := self._parents.get(name, name)) != name:
            self._parents[name] = name = self._parents.get(parent, parent)
        return name

    def _unite(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)), key=_preference)
        self._parents[first] = first
        self._parents[second] = first
