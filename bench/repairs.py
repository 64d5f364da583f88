"""How many broken pointers are found and rightly mended: `python -m bench.repairs [-v] [--flat] FOLDER…`.

Each FOLDER holds the versions of one package, one folder a version; they become commits of a scratch repository.
A case is a target that people changed from one version to the next, under the same text and in a line that is alike
otherwise, where the old one leads to nothing in the later version and the new one does: the later version is committed
with the old target in it, and Hardpoint is asked. What leads somewhere is told here by rules of its own, so that what
Hardpoint does not know to be broken counts as not found. `--flat` takes the history away, `-v` prints the misses.
"""

import argparse
import difflib
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.workspace import Workspace

_LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?(?P<inline>[^()\s<>]+)>?(?=[\s)])"
    r"|\b(?P<attribute>src|href)=[\"'](?P<html>[^\"'<>]+)[\"']|^\s{0,3}\[(?P<label>[^\]]+)\]:\s*(?P<defined>\S+)"
)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$|^(.+)\n(?:=+|-+)[ \t]*$", re.MULTILINE)
_GIVEN = re.compile(r"""\b(?:id|name)=["']?([^"'\s>]+)|\{#([\w.-]+)|^\(([\w.-]+)\)=\s*$""", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]*:|//")
_DOCUMENTS = (".md", ".markdown", ".mdx")
_LENIENT = (".md", ".mdx", ".html", ".rst", ".ipynb", "/index.md", "/README.md", "/_index.md", "/index.mdx")
_ALIKE = 0.6
_MOST_LINES = 4000
_MOST_OF_ONE = 3
"""How often one repair counts: a page that moved is one thing to find out, however many link to it."""


class Case(NamedTuple):
    """A target as it was and as people mended it."""

    document: str
    line: int
    old: str
    new: str


class Answer(NamedTuple):
    """What Hardpoint said of a case."""

    found: bool
    right: bool
    path: bool
    certain: bool


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each folder and of all."""
    parser = argparse.ArgumentParser(prog="python -m bench.repairs")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-v", dest="verbose", action="store_true")
    parser.add_argument("--flat", action="store_true")
    given = parser.parse_args(arguments)
    answers: list[Answer] = []
    for folder in given.folders:
        of_folder = []
        for case, finding in _judged(folder, flat=given.flat):
            answer = _answer(case, finding)
            of_folder.append(answer)
            if given.verbose and not answer.right:
                offered = (finding.rule, finding.suggestion, answer.certain) if finding else None
                print(f"  {folder.name} {case.document}:{case.line}: {case.old} -> {case.new}, offered {offered}")
        if of_folder:
            print(f"{folder}: {_figures(of_folder)}", flush=True)
        answers += of_folder
    print(f"all: {_figures(answers)}")
    return 0


def _figures(answers: Sequence[Answer]) -> str:
    certain = [each for each in answers if each.certain]
    share = sum(each.right for each in answers) / max(1, len(answers))
    return (
        f"{len(answers)} repairs, {sum(each.found for each in answers)} found, {sum(each.right for each in answers)}"
        f" first ({share:.1%}), {sum(each.path for each in answers)} by path alone; {len(certain)} certain,"
        f" {sum(each.right for each in certain)} of them right, {sum(each.path for each in certain)} by path"
    )


def _answer(case: Case, finding: Finding | None) -> Answer:
    offered = finding.suggestion if finding else None
    path = offered is not None and _path(case.document, offered) == _path(case.document, case.new)
    right = path and offered is not None and _fragment(offered) == _fragment(case.new)
    return Answer(finding is not None, right, path, finding is not None and finding.replaces is not None)


def _judged(versions: Path, *, flat: bool) -> Iterator[tuple[Case, Finding | None]]:
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch) / versions.name
        repository.mkdir()
        _git(repository, "init", "-q")
        before: dict[str, str] = {}
        for version in sorted((each for each in versions.iterdir() if each.is_dir()), key=_number):
            _replace(repository, version)
            now = _texts(repository)
            _commit(repository, version.name)
            cases = list(_cases(repository, before, now)) if before else []
            mixed = _with_old_targets(cases, now)
            if cases:
                for name, text in mixed.items():
                    (repository / name).write_text(text, "utf-8")
                _commit(repository, "with old targets", "--amend")
                yield from _asked(repository, cases, flat=flat)
                for name in mixed:
                    (repository / name).write_text(now[name], "utf-8")
                _commit(repository, version.name, "--amend")
            before = now


def _asked(repository: Path, cases: Sequence[Case], *, flat: bool) -> Iterator[tuple[Case, Finding | None]]:
    hidden = repository.parent / "hidden.git"
    if flat:
        (repository / ".git").rename(hidden)
        _git(repository, "init", "-q")
        _commit(repository, "all")
    rules = [each for each in document_rules() if re.fullmatch(r"DOC00[1-9]", each.id)]
    runs = run_rules(Workspace.open(repository, [DOCUMENTS]), rules)
    findings: dict[tuple[str, int], list[Finding]] = {}
    for run in runs:
        assert run.error is None, run.error
        for finding in run.findings:
            findings.setdefault((finding.place.file, finding.place.line or 0), []).append(finding)
    for case in cases:  # a link may begin on the line before its target
        near = [each for line in (0, -1, -2) for each in findings.get((case.document, case.line + line), ())]
        yield case, next((each for each in near if case.old in (each.replaces, re.split(r":? ", each.text)[0])), None)
    if flat:
        shutil.rmtree(repository / ".git")
        hidden.rename(repository / ".git")


def _cases(repository: Path, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Case]:
    tree = _Tree(repository, now)
    counts: Counter[tuple[str | None, ...]] = Counter()
    earlier = {name: name for name in now} | _renamed(repository)
    for name, text in now.items():
        old_text = before.get(earlier[name])
        if old_text is None or (old_text == text and earlier[name] == name):
            continue
        for line, old, new in _changed(_prose(old_text), _prose(text)):
            if not _ELSEWHERE.match(new) and tree.holds(name, new) and not tree.leads(name, old):
                key = (_path(name, old), _fragment(old), _path(name, new), _fragment(new))
                counts[key] += 1
                if counts[key] <= _MOST_OF_ONE:
                    yield Case(name, line, old, new)


def _prose(text: str) -> list[str]:
    """The lines, without what stands in blocks of code or in code that is an example of a link."""
    fence, lines = "", []
    for line in text.splitlines():
        found = re.match(r"[ \t>]*(?:[-*+] |\d+[.)] )?[ \t]*(`{3,}|~{3,})", line)
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        lines.append("" if fence or found else re.sub(r"`[^`]*(?:<|\]\()[^`]*`", "", line))
    return lines


def _changed(old_lines: list[str], lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """The line of each target that was changed, with the old target and the new one."""
    if max(len(old_lines), len(lines)) > _MOST_LINES:
        return
    matcher = difflib.SequenceMatcher(None, old_lines, lines, autojunk=False)
    for tag, old_first, old_last, first, last in matcher.get_opcodes():
        if tag != "replace" or last - first > 200 or old_last - old_first > 200:
            continue
        was = [each for at in range(old_first, old_last) for each in _links(old_lines[at])]
        for at in range(first, last):
            for text, target, plain in _links(lines[at]):
                same = [each for each in was if each[0] == text]
                if any(each[1] == target for each in same):
                    continue
                near = [each for each in same if _ratio(each[2], plain) >= _ALIKE]
                if len({each[1] for each in near}) == 1 and lines[at].count(target) == 1:
                    yield at + 1, near[0][1], target


def _links(line: str) -> Iterator[tuple[str, str, str]]:
    """The text, the target and the line without its targets, of every link of a line."""
    if len(line) > 5000:
        return
    found = list(_LINK.finditer(line))
    targets = [each["inline"] or each["html"] or each["defined"] for each in found]
    plain = line
    for target in targets:
        plain = plain.replace(target, "")
    for each, target in zip(found, targets, strict=True):
        yield each["text"] or each["label"] or each["attribute"] or "", target, plain.strip()


@cache
def _ratio(one: str, other: str) -> float:
    return 1.0 if one == other else difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _with_old_targets(cases: Sequence[Case], now: Mapping[str, str]) -> dict[str, str]:
    mixed: dict[str, list[str]] = {}
    for case in cases:
        lines = mixed.setdefault(case.document, now[case.document].splitlines(keepends=True))
        lines[case.line - 1] = lines[case.line - 1].replace(case.new, case.old)
    return {name: "".join(lines) for name, lines in mixed.items()}


class _Tree:
    """What leads somewhere in a version, by simple rules: files, with or without endings, and GitHub's anchors."""

    def __init__(self, repository: Path, texts: Mapping[str, str]) -> None:
        self._texts = texts
        files = {each for each in _git(repository, "ls-files", "-z").split("\0") if each}
        self._paths = files | {above for each in files for above in _above(each)}

    def leads(self, document: str, target: str) -> bool:
        if _ELSEWHERE.match(target) or re.search(r"[{}$<>*\\|]|\.\.\.|…", target):
            return True
        path = _path(document, target)
        if path.startswith("..") or path.endswith(("/issues", "/pulls", "/releases")):
            return True
        path = re.sub(r"\.html?$", "", path) if path not in self._paths else path
        roots = ("", *_above(document)) if target.startswith("/") else ("",)
        for root in roots:
            whole = posixpath.normpath(posixpath.join(root, path)) if path != "." else root
            for ending in ("", *_LENIENT):
                if whole + ending in self._paths or not whole:
                    return self._has(whole + ending, _fragment(target))
        return False

    def holds(self, document: str, target: str) -> bool:
        """Whether it leads somewhere whoever publishes the document: an address may be anything to a site."""
        whole = _path(document, target)
        return (whole in self._paths or whole == ".") and self._has(whole, _fragment(target))

    def _has(self, file: str, fragment: str) -> bool:
        if not fragment or file not in self._texts or re.match(r"L\d|:~:|/|!|top$", fragment):
            return True
        return fragment.lower() in _anchors(self._texts[file])


@cache
def _anchors(text: str) -> frozenset[str]:
    headings = (re.sub(r"\]\([^)]*\)|<[^>]*>", "", (one or two).lower()) for one, two in _HEADING.findall(text))
    slugs = {slug for each in headings for slug in (_slug(each), re.sub("-+", "-", _slug(each)).strip("-"))}
    given = {next(filter(None, each)).lower() for each in _GIVEN.findall(text)}
    return frozenset(slugs | {f"{each}-{at}" for each in slugs for at in (1, 2, 3)} | given)


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", re.sub(r"\{#.*\}", "", heading).strip()).replace(" ", "-")


def _path(name: str, target: str) -> str:
    """The path from the root, or from some root for an address, that a target names."""
    bare = unquote(target.partition("#")[0].partition("?")[0])
    if not bare:
        return name
    folder = "" if bare.startswith("/") else posixpath.dirname(name)
    return posixpath.normpath(posixpath.join(folder, bare.lstrip("/")))


def _fragment(target: str) -> str:
    return unquote(target.partition("#")[2])


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _renamed(repository: Path) -> dict[str, str]:
    """The documents that have another name than one version before, with that."""
    words = _git(repository, "diff", "--name-status", "-z", "-M", "-l3000", "--diff-filter=R", "HEAD~1", "HEAD").split(
        "\0"
    )
    return dict(zip(words[2::3], words[1::3], strict=False))


def _texts(repository: Path) -> dict[str, str]:
    return {
        file.relative_to(repository).as_posix(): file.read_text("utf-8", "replace")
        for file in repository.rglob("*")
        if file.suffix in _DOCUMENTS
        and not {".git", "node_modules", "vendor"} & {*file.parts}
        and file.is_file()
        and not file.is_symlink()
    }


def _replace(repository: Path, version: Path) -> None:
    for each in repository.iterdir():
        if each.name != ".git":
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    inner = [*version.iterdir()]
    source = inner[0] if len(inner) == 1 and inner[0].is_dir() else version
    shutil.copytree(source, repository, dirs_exist_ok=True, symlinks=True)


def _number(version: Path) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version.name)]


def _commit(repository: Path, message: str, *options: str) -> None:
    _git(repository, "add", "-Af")
    _git(repository, "commit", "-qm", message, "--allow-empty", *options)


def _git(repository: Path, *arguments: str) -> str:
    who = ("-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "core.excludesFile=", "-c", "gc.auto=0")
    argv = ["git", *who, "-c", "core.autocrlf=false", *arguments]
    return subprocess.run(argv, cwd=repository, check=True, capture_output=True).stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
