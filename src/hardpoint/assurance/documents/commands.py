"""The commands that documents tell their readers to run, and which of them the repository does not know."""

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hardpoint.assurance.documents.corpus import mentioning
from hardpoint.assurance.documents.endings import endings_of_paths
from hardpoint.assurance.documents.made import files_by_name
from hardpoint.assurance.documents.mentions import words_of_tools
from hardpoint.assurance.documents.outline import Code, outline
from hardpoint.assurance.documents.package_managers import OF_BUN, OF_PNPM, OF_YARN
from hardpoint.assurance.documents.runners import dependencies, is_application, python_modules, runner
from hardpoint.kernel.place import Place
from hardpoint.kernel.spelling import Spelling
from hardpoint.kernel.workspace import Workspace

MAX_LINE = 400
"""A longer line is no command that people type."""

_SHELLS = frozenset(
    {"sh", "bash", "shell", "zsh", "console", "shell-session", "shellsession", "terminal", "powershell"}
)
_PROMPT = re.compile(r"^[ \t]*(?:\$|%|>|\u276f|PS>)[ \t]+")
_PLACEHOLDER = re.compile(
    r"[<>{}\[\]$*?|…]|\.\.\.|^-|^%|(?:^|/)\w(?:\.\w+)?$|^(?:xxx+|foo|bar|name|target|script|command|service|your[-_]\w+|my[-_]\w+)$",
    re.IGNORECASE,
)
# What describes another time or another project than this one.
_NOT_OF_NOW = re.compile(
    r"(?:^|[/_.-])(?:change-?log|changes|history|news|releases?[-_]notes?|migrat\w*|upgrad\w*|archive[ds]?|blog|rfcs?|adrs?|decisions"
    r"|proposals?|skills|fixtures|testdata|resources|templates?)(?=$|[/_.-])",
    re.IGNORECASE,
)
_OF_CONTRIBUTORS = re.compile(
    r"(?:^|[/_.-])(?:contribut\w*|develop\w*|hacking|maintain\w*|releasing|agents|claude|copilot-instructions)(?=$|[/_.-])",
    re.IGNORECASE,
)
_CLONE = re.compile(r"\bgit[ \t]+clone\b.*?/([\w.-]+?)(?:\.git)?/?(?:[ \t].*)?$")
_CD = re.compile(r"(?:^|[ \t&;])cd[ \t]+(\S+)")
_AND = re.compile(r"[ \t]*(?:&&|;|\|\|?)[ \t]*")
_NAME = re.compile(r"[\w:.@/-]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SCRIPT = re.compile(r"(?:\./)?[\w.-]+(?:/[\w.-]+)+\.(?:sh|bash|py|rb|pl|mjs|cjs|ps1)|\./[\w.-]+\.(?:sh|bash|py|rb|pl)")
_COMPOSE_ALONE = frozenset(
    {
        "-d",
        "--detach",
        "--build",
        "--rm",
        "-it",
        "-i",
        "-t",
        "-T",
        "-ti",
        "--no-deps",
        "-f",
        "--follow",
        "--wait",
        "--force-recreate",
        "--no-cache",
        "--pull",
    }
)
_COMPOSE_ONE = frozenset({"exec", "run"})
_COMPOSE_MANY = frozenset({"up", "logs", "restart", "build", "start", "stop", "create", "kill"})


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a document that a file of the repository answers for: what it asks of which tool, from which folder.

    `said` is how the document names it, `folder` where it says that the command runs; None where it does not.
    """

    tool: str
    asked: str
    said: str
    place: Place
    folder: str | None = None


def commands(workspace: Workspace) -> list[Command]:
    """Every command of the documents whose tool has its file in the tree."""
    return workspace.derive(_commands)


def is_known(command: Command, workspace: Workspace) -> bool:
    """Whether the repository knows what a command asks for."""
    if command.tool == "python":
        modules = python_modules(workspace)[command.asked.partition(".")[0]]
        return (
            command.asked in modules or f"{command.asked}.__main__" in modules or f"{command.asked}.__init__" in modules
        )
    if command.tool == "script":
        return _exists(command.asked, workspace)
    if command.tool == "workflow":
        return f".github/workflows/{command.asked}" in workspace.paths
    able = runner(command.tool, workspace)
    assert able is not None
    anywhere = command.tool == "yarn"  # it runs `a:b` of any workspace (Yarn 2), and filters name others
    if command.folder is not None and command.folder in able.names and not anywhere:
        return command.asked in able.names[command.folder]
    return command.asked in able.all


def nearest(command: Command, workspace: Workspace) -> str | None:
    """What was most likely meant: of a script, first the file of the same name."""
    if command.tool == "script":
        same = workspace.derive(files_by_name).get(posixpath.basename(command.asked))
        if same and (meant := Spelling(same).nearest(command.asked)):
            return meant[0]
    known = workspace.derive(_spellings)
    by = (command.tool, _kind(command))
    if by not in known:
        known[by] = Spelling(sorted(_known(command, workspace)))
    return next(iter(known[by].nearest(command.asked)), None)


def _kind(command: Command) -> str:
    """What one spelling is looked up among: the modules of a package, the scripts of an ending."""
    if command.tool == "python":
        return command.asked.partition(".")[0]
    return posixpath.splitext(command.asked)[1] if command.tool == "script" else ""


def _known(command: Command, workspace: Workspace) -> Iterable[str]:
    if command.tool == "python":
        return python_modules(workspace)[_kind(command)]
    if command.tool == "workflow":
        return (posixpath.basename(file) for file in workspace.files if file.startswith(".github/workflows/"))
    if command.tool == "script":
        return (file for file in workspace.files if file.endswith(_kind(command)))
    able = runner(command.tool, workspace)
    return able.all if able is not None else ()


def _spellings(_: Workspace) -> dict[tuple[str, str], Spelling]:
    return {}


def _commands(workspace: Workspace) -> list[Command]:
    found: list[Command] = []
    for file in mentioning(workspace, *words_of_tools(workspace)):
        if not _NOT_OF_NOW.search(file):
            for code in outline(file, workspace).codes:
                found += [each for each in _in_code(code, file, workspace) if _is_judged(each, workspace)]
    return found


def _in_code(code: Code, file: str, workspace: Workspace) -> Iterator[Command]:
    if code.language is None:
        yield from _in_line(code.text, Place(file, code.line, code.column))
        return
    words = code.language.strip().lower().replace("{", " ").replace(",", " ").split()
    language = words[0] if words else ""
    if language and language not in _SHELLS:
        return
    for at, line in enumerate(code.text.split("\n")):
        if len(line) > MAX_LINE:
            continue
        if _leaves(line, workspace):
            return
        prompt = _PROMPT.match(line)
        if prompt or (language and language not in {"console", "shell-session", "shellsession"}):
            yield from _in_line(line[prompt.end() if prompt else 0 :], Place(file, code.line + at))


def _leaves(line: str, workspace: Workspace) -> bool:
    """Whether a line leads out of this repository: into another, a new one, or a folder that it does not have."""
    if left := _CLONE.search(line):
        return left[1] != workspace.name
    went = _CD.search(line)
    if went is None or went[1].startswith("-"):
        return False
    path = went[1].strip("\"'").removeprefix("./").rstrip("/")
    known = path in workspace.paths or endings_of_paths(workspace).has(f"/{path}")
    return not known and posixpath.basename(path) != workspace.name


def _in_line(line: str, place: Place) -> Iterator[Command]:
    if len(line) > MAX_LINE or not line.strip() or line.lstrip().startswith("#"):
        return
    folder: str | None = None
    for part in _AND.split(line.strip()):
        words = _words(part)
        if words[:1] == ["cd"]:
            folder = words[1].strip("/") if len(words) > 1 and not _PLACEHOLDER.search(words[1]) else None
            continue
        for tool, asked in _asked([each.rstrip(".,:") for each in words]):
            if asked and _NAME.fullmatch(asked) and not _PLACEHOLDER.search(asked):
                yield Command(
                    tool, asked, " ".join(words[: words.index(asked) + 1] if asked in words else words), place, folder
                )


def _words(part: str) -> list[str]:
    try:
        words = shlex.split(part, comments=True)
    except ValueError:  # a quote that the next line ends
        return []
    while words and (_ASSIGNMENT.match(words[0]) or words[0] in {"sudo", "time", "exec", "npx", "uv", "run"}):
        words.pop(0)
    return words


def _asked(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not words:
        return
    if words[:2] == ["docker", "compose"]:
        yield from _compose(words[2:])
    elif words[:3] in (["gh", "workflow", "run"], ["gh", "workflow", "view"]) and len(words) > 3:  # noqa: PLR2004
        yield from [("workflow", words[3])] if words[3].endswith((".yml", ".yaml")) else []
    elif words[0] in _BY_PROGRAM:
        yield from _BY_PROGRAM[words[0]](words[1:])
    elif words[0].startswith("./") and _SCRIPT.fullmatch(words[0]):
        yield "script", words[0].removeprefix("./")


def _package_script(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(words) > 1 and words[0] in {"run", "run-script"}:
        yield "npm", words[1]
    elif words[:1] == ["test"] and len(words) == 1:
        yield "npm", "test"


def _yarn(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if words[:1] == ["workspace"]:
        words = words[2:]
    elif words[:2] == ["workspaces", "run"]:
        words = words[1:]
    yield from _short(words, OF_YARN)


def _pnpm(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in {"--filter", "-F"}:
            rest[:1] = []
        elif not option.startswith("--filter=") and option not in _PNPM_ALONE:
            return
    if rest[:1] == ["run"] and len(rest) == len(words):
        yield from _package_script(rest)  # it runs no program of a dependency
    else:
        yield from _short(rest, OF_PNPM)


def _bun(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from _short(words, OF_BUN)


def _short(words: Sequence[str], builtin: frozenset[str]) -> Iterator[tuple[str, str]]:
    """`yarn build`, and `yarn run build`: a script, or a program that a dependency brings."""
    if words[:1] == ["run"]:
        words = words[1:]
    elif words[:1] and words[0] in builtin:
        return
    if words and not words[0].startswith("-") and "/" not in words[0] and "." not in words[0]:
        yield "yarn", words[0]


_PNPM_ALONE = frozenset({"-r", "--recursive", "-w", "--workspace-root", "-s", "--silent", "--parallel", "--stream"})
_NO_PROGRAMS = frozenset({"build", "dev", "format", "lint", "start", "test"})
"""What packages name their scripts, and programs are not called."""


def _make(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not any(each.startswith("-") for each in words):
        yield from (("make", each) for each in words if "=" not in each)


def _first(tool: str) -> Callable[[Sequence[str]], Iterator[tuple[str, str]]]:
    def asked(words: Sequence[str]) -> Iterator[tuple[str, str]]:
        if words and not words[0].startswith("-"):
            yield tool, words[0]

    return asked


def _selected(tool: str, options: frozenset[str]) -> Callable[[Sequence[str]], Iterator[tuple[str, str]]]:
    def asked(words: Sequence[str]) -> Iterator[tuple[str, str]]:
        for option, value in pairwise(words):
            if option in options:
                yield from ((tool, each) for each in value.split(","))

    return asked


def _compose(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not words or any(each.startswith("-") and each not in _COMPOSE_ALONE for each in words[:3]):
        return
    verb, rest = words[0], [each for each in words[1:] if each not in _COMPOSE_ALONE]
    if verb in _COMPOSE_ONE and rest and not rest[0].startswith("-"):
        yield "compose", rest[0]
    elif verb in _COMPOSE_MANY and not any(each.startswith("-") for each in rest):
        yield from (("compose", each) for each in rest)


def _interpreter(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(words) > 1 and words[0] == "-m":
        yield "python", words[1]
    elif words and _SCRIPT.fullmatch(words[0]):
        yield "script", words[0].removeprefix("./")


_BY_PROGRAM: Mapping[str, Callable[[Sequence[str]], Iterator[tuple[str, str]]]] = {
    "npm": _package_script,
    "yarn": _yarn,
    "pnpm": _pnpm,
    "bun": _bun,
    "make": _make,
    "just": _first("just"),
    "task": _first("task"),
    "tox": _selected("tox", frozenset({"-e"})),
    "nox": _selected("nox", frozenset({"-s", "--session", "-e"})),
    "docker-compose": _compose,
    **dict.fromkeys(("python", "python3", "bash", "sh"), _interpreter),
}


def _is_judged(command: Command, workspace: Workspace) -> bool:
    if command.tool == "python":
        return command.asked.partition(".")[0] in python_modules(workspace)
    if command.tool == "script":
        # Of a path that begins in a folder of this repository; anything else may be the reader's own.
        return command.asked.partition("/")[0] in workspace.paths if "/" in command.asked else command.folder is None
    if command.tool == "workflow":
        return ".github/workflows" in workspace.paths
    if command.tool in {"npm", "yarn"} and not _is_of_this_package(command, workspace):
        return False
    able = runner(command.tool, workspace)
    if able is None or command.tool != "make":
        return able is not None
    # A tree may be a part of a project: without a Makefile where readers stand, nobody knows what theirs has.
    return command.folder is not None or any(folder in able.names for folder in _above(command.place.file))


def _is_of_this_package(command: Command, workspace: Workspace) -> bool:
    """Whether whoever reads it stands in a package of this repository, and means a script of that."""
    if command.tool == "yarn" and _may_be_program(command.asked, workspace):
        return False
    file = command.place.file
    return bool(_OF_CONTRIBUTORS.search(file)) or is_application(file, workspace)


def _above(file: str) -> Iterator[str]:
    while file:
        file = posixpath.dirname(file)
        yield file


def _may_be_program(name: str, workspace: Workspace) -> bool:
    """Whether a dependency may bring a program of that name, which no file of the tree tells."""
    if ":" in name:
        return False
    known = dependencies(workspace)
    return bool(known) and (name not in _NO_PROGRAMS or name in known)


def _exists(path: str, workspace: Workspace) -> bool:
    """Whether any file ends in a path: a document seldom says from which folder a command is run."""
    if path in workspace.paths:
        return True
    return path in workspace.derive(_endings)


def _endings(workspace: Workspace) -> frozenset[str]:
    """Every path of a script from each of its folders on."""
    found: set[str] = set()
    for file in workspace.files:
        if file.endswith((".sh", ".bash", ".py", ".rb", ".pl", ".mjs", ".cjs", ".ps1")):
            parts = file.split("/")
            found.update("/".join(parts[at:]) for at in range(len(parts)))
    return frozenset(found)
