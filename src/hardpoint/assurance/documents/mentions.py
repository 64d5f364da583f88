"""Which documents have a word at all: looked up once for every word, so that few documents need a closer look."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.runners import python_modules, runner
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MARKER = "hardpoint:"
_TOOLS: Mapping[str, Sequence[str]] = {
    "npm": ("npm", "yarn"),
    "nox": ("nox",),
    "tox": ("tox",),
    "compose": ("compose",),
    "gh workflow": ("gh workflow",),
    "python": (" -m ",),
    **{ending: (ending,) for ending in (".sh", ".py", ".rb")},
    # Of words of English, only where they may begin a command.
    **{
        tool: tuple(f"{before}{tool} " for before in ("`", "\n", "$ ", "& ", "  ")) for tool in ("make", "just", "task")
    },
}
"""For each tool the words without which a document does not name a command of it."""
_ALWAYS = (MARKER, "review", "owner", "roadmap", "board", "plan")


def mentioning(workspace: Workspace, *words: str) -> list[str]:
    """The documents that have one of some words, in any case and as part of others too, in the order of their names."""
    return [file for file, said in workspace.derive(_mentions).items() if not said.isdisjoint(words)]


def words_of_tools(workspace: Workspace) -> Sequence[str]:
    """What a document has to mention to name a command that this tree can answer for."""
    tools = [tool for tool in ("npm", "make", "just", "task", "nox", "tox", "compose") if runner(tool, workspace)]
    tools += ["gh workflow"] if ".github/workflows" in workspace.paths else []
    tools += ["python"] if python_modules(workspace) else []
    tools += [ending for ending in (".sh", ".py", ".rb") if any(file.endswith(ending) for file in workspace.files)]
    return [word for tool in tools for word in _TOOLS[tool]]


def _mentions(workspace: Workspace) -> Mapping[str, frozenset[str]]:
    words = {word: word.encode() for word in (*_ALWAYS, *words_of_tools(workspace))}
    found: dict[str, frozenset[str]] = {}
    for document in documents(workspace):
        with suppress(UnreadableProblem):
            content = workspace.read(document.file).lower()
            found[document.file] = frozenset(word for word, written in words.items() if written in content)
    return found
