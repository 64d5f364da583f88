"""How many broken pointers are found and rightly mended: `python -m bench.repairs FOLDER…`.

Each FOLDER holds the versions of one package, one folder a version; they become commits of a scratch repository.
A case is a target that was changed on its line from one version to the next, where the old one leads to nothing and
the new one to a file of the later version: that version is committed with the old line in it, and Hardpoint is asked.
"""

import difflib
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.workspace import Workspace

_TARGET = re.compile(r"\]\(\s*<?([^()\s<>]+)>?|\b(?:src|href)=[\"']([^\"']+)[\"']|^\s{0,3}\[[^\]]+\]:\s*(\S+)")
_DOCUMENTS = (".md", ".markdown", ".mdx")


@dataclass(frozen=True)
class Case:
    """A target as it was and as people mended it."""

    document: str
    old: str
    new: str


def main(folders: Sequence[str]) -> int:
    """Print the figures of each folder and of all; the misses one by one with -v."""
    verbose = "-v" in folders
    total = [0, 0, 0, 0]
    for folder in (each for each in folders if each != "-v"):
        figures = [0, 0, 0, 0]
        for case, finding in _judged(Path(folder)):
            offered = finding.suggestion if finding else None
            known = finding is not None
            right = offered is not None and _same(case.document, offered, case.new)
            exact = offered == case.new
            for at, each in enumerate((True, known, right, exact)):
                figures[at] += each
            if verbose and not (right and exact):
                print(f"  {case.document}: {case.old} -> {case.new}, offered {offered} ({finding and finding.rule})")
        if figures[0]:
            print(f"{folder}: {figures[0]} cases, {figures[1]} found, {figures[2]} right, {figures[3]} to the letter")
        total = [one + other for one, other in zip(total, figures, strict=True)]
    cases, found, right, exact = total
    print(f"all: {cases} cases, {found} found, {right} right ({right / max(1, cases):.1%}), {exact} to the letter")
    return 0


def _judged(versions: Path) -> Iterator[tuple[Case, Finding | None]]:
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch) / versions.name
        repository.mkdir()
        _git(repository, "init", "-q")
        before: dict[str, list[str]] = {}
        for version in sorted((each for each in versions.iterdir() if each.is_dir()), key=_number):
            _replace(repository, version)
            now = _texts(repository)
            cases, mixed = _cases(repository, before, now)
            for name, lines in mixed.items():
                (repository / name).write_text("".join(lines), "utf-8")
            _git(repository, "add", "-A")
            _git(repository, "commit", "-qm", version.name, "--allow-empty")
            yield from _asked(repository, cases)
            before = now
            for name in mixed:
                (repository / name).write_text("".join(now[name]), "utf-8")


def _asked(repository: Path, cases: Sequence[Case]) -> Iterator[tuple[Case, Finding | None]]:
    if not cases:
        return
    runs = run_rules(Workspace.open(repository, [DOCUMENTS]), document_rules())
    by_document: dict[str, list[Finding]] = {}
    for run in runs:
        assert run.error is None, run.error
        for finding in run.findings:
            by_document.setdefault(finding.place.file, []).append(finding)
    for case in cases:
        found = by_document.get(case.document, ())
        yield case, next((each for each in found if case.old in (each.replaces, each.text.split(" ")[0])), None)


def _cases(
    repository: Path, before: dict[str, list[str]], now: dict[str, list[str]]
) -> tuple[list[Case], dict[str, list[str]]]:
    cases: dict[tuple[str, str], Case] = {}
    mixed: dict[str, list[str]] = {}
    for name, lines in now.items():
        old_lines = before.get(name)
        if old_lines is None or old_lines == lines:
            continue
        matcher = difflib.SequenceMatcher(None, old_lines, lines, autojunk=False)
        for tag, old_first, old_last, first, last in matcher.get_opcodes():
            if tag != "replace" or old_last - old_first != last - first:
                continue
            for old, new, at in zip(old_lines[old_first:old_last], lines[first:last], range(first, last), strict=True):
                found = list(_changed(repository, name, old, new))
                if found:
                    mixed.setdefault(name, list(lines))[at] = old
                    cases |= {(name, case.old): case for case in found}
    return list(cases.values()), mixed


def _changed(repository: Path, name: str, old: str, new: str) -> Iterator[Case]:
    was, is_ = ([next(filter(None, each)) for each in _TARGET.findall(line)] for line in (old, new))
    if len(was) != len(is_) or _words(old, was) != _words(new, is_):
        return
    for one, other in zip(was, is_, strict=True):
        if _path(name, other) and not _leads(repository, name, one) and _leads(repository, name, other):
            yield Case(name, one, other)


def _words(line: str, targets: Sequence[str]) -> str:
    """A line without its targets: where that differs too, it may be another line altogether."""
    for target in targets:
        line = line.replace(target, "")
    return line.strip()


def _path(name: str, target: str) -> str | None:
    bare = unquote(target.partition("#")[0].partition("?")[0])
    if not bare or ":" in bare or bare.startswith("/") or re.search(r"[{}$<>*]", bare):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), bare))


def _leads(repository: Path, name: str, target: str) -> bool:
    path = _path(name, target)
    return path is None or path.startswith("..") or (repository / path).exists()


def _same(document: str, one: str, other: str) -> bool:
    return _path(document, one) == _path(document, other)


def _texts(repository: Path) -> dict[str, list[str]]:
    return {
        file.relative_to(repository).as_posix(): file.read_text("utf-8", "replace").splitlines(keepends=True)
        for file in repository.rglob("*")
        if file.suffix in _DOCUMENTS
        and file.is_file()
        and ".git" not in file.parts
        and "node_modules" not in file.parts
    }


def _replace(repository: Path, version: Path) -> None:
    for each in repository.iterdir():
        if each.name != ".git":
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    inner = [each for each in version.iterdir() if each.is_dir()]
    shutil.copytree(inner[0] if len(inner) == 1 else version, repository, dirs_exist_ok=True, symlinks=True)


def _number(version: Path) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version.name)]


def _git(repository: Path, *arguments: str) -> None:
    who = ("-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "core.excludesFile=", "-c", "gc.auto=0")
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
