"""The words for which every document is searched as it is read, so that few documents need a closer look."""

from collections.abc import Mapping, Sequence

from hardpoint.assurance.documents.runners import python_modules, runner
from hardpoint.kernel.workspace import Workspace

MARKER = "hardpoint:"
_TOOLS: Mapping[str, Sequence[str]] = {
    "npm": ("npm", "yarn", "bun "),
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


def words_sought(workspace: Workspace) -> Sequence[str]:
    """The words that some rule wants to know the documents of."""
    return (*_ALWAYS, *words_of_tools(workspace))


def words_of_tools(workspace: Workspace) -> Sequence[str]:
    """What a document has to mention to name a command that this tree can answer for."""
    tools = [tool for tool in ("npm", "make", "just", "task", "nox", "tox", "compose") if runner(tool, workspace)]
    tools += ["gh workflow"] if ".github/workflows" in workspace.paths else []
    tools += ["python"] if python_modules(workspace) else []
    tools += [ending for ending in (".sh", ".py", ".rb") if any(file.endswith(ending) for file in workspace.files)]
    return [word for tool in tools for word in _TOOLS[tool]]
