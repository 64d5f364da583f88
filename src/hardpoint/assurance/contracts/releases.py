"""The releases of an interface: which there are, which the compatibility window holds, and the contract of each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardpoint.assurance.contracts.model import Interface
from hardpoint.kernel import git
from hardpoint.kernel.problem import UsageProblem

# https://semver.org/spec/v2.0.0.html#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string
_SEMVER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?P<early>-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_COUNTED = {"release": 3, "minor": 2, "major": 1}
MAX_RELEASES = 1_000
"""How many releases a window may hold; each is a comparison."""

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release: its name, where its contract stands as a command names it, and whether it has one there."""

    name: str
    contract: str
    version: Version | None = None
    has_contract: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The releases in a window, the newest first; `unread` are tags whose names are no versions."""

    releases: Sequence[Release]
    unread: Sequence[str] = ()

    @property
    def missing(self) -> Sequence[Release]:
        """Releases without the contract that an older one, or none at all, has: it was moved or lost."""
        oldest = max((at for at, each in enumerate(self.releases) if each.has_contract), default=len(self.releases))
        return [each for each in self.releases[:oldest] if not each.has_contract]

    @property
    def compared(self) -> Sequence[Release]:
        """Releases with a contract to compare with."""
        return [each for each in self.releases if each.has_contract]


def releases_in_window(interface: Interface, root: Path | None) -> Held:
    """The releases before the revision that the interface's window holds.

    A tag on the commit that is checked out is the revision itself; pre-releases promise nothing (SemVer 2.0.0, section
    9). Raises UsageProblem if there is neither a file nor a git repository to look in.
    """
    if interface.releases.files:
        files = [Release(name=file, contract=file) for file in reversed(interface.releases.files)]
        return Held(releases=files[: interface.window.releases])
    if root is None:
        raise UsageProblem(
            f"{interface.name} has its releases under git tags, and this is no git repository",
            remedy="Name the contract of each release under `releases.files`.",
        )
    tagged, unread = _tagged(interface, git.tags(root), git.head(root))
    held = list(_within(sorted(tagged, reverse=True), interface))
    if len(held) > MAX_RELEASES:
        raise UsageProblem(
            f"The window of {interface.name} holds {len(held)} releases, more than {MAX_RELEASES}",
            remedy="Declare a smaller `window`.",
        )
    return Held(releases=[_release(interface, root, name, version) for version, name in held], unread=unread)


def version_of(name: str, pattern: str) -> Version | None:
    """The version in a tag's name; None for a pre-release, or if it is none."""
    before, _, after = pattern.partition("*")
    if not (name.startswith(before) and name.endswith(after) and len(name) > len(before + after)):
        return None
    found = _SEMVER.fullmatch(name[len(before) : len(name) - len(after)])
    if found is None or found["early"]:
        return None
    major, minor, patch = found.groups()[:3]
    return int(major), int(minor), int(patch or 0)


def _tagged(
    interface: Interface, tags: dict[str, str], head: str | None
) -> tuple[list[tuple[Version, str]], list[str]]:
    pattern = interface.releases.tags
    before, _, after = pattern.partition("*")
    ours = [name for name in tags if name.startswith(before) and name.endswith(after)]
    read = [(name, version_of(name, pattern)) for name in ours]
    found = [(version, name) for name, version in read if version is not None and tags[name] != head]
    return found, sorted(name for name, version in read if version is None)


def _within(newest_first: Sequence[tuple[Version, str]], interface: Interface) -> Iterator[tuple[Version, str]]:
    digits, seen = _COUNTED[interface.window.of], set[tuple[int, ...]]()
    for version, name in newest_first:
        seen.add(version[:digits])
        if len(seen) > interface.window.releases:
            return
        yield version, name


def _release(interface: Interface, root: Path, name: str, version: Version) -> Release:
    # The whole name of the reference: a branch may be called like the tag.
    has_it = interface.path in git.files_at(root, f"refs/tags/{name}")
    return Release(name=name, contract=f"refs/tags/{name}:{interface.path}", version=version, has_contract=has_it)
