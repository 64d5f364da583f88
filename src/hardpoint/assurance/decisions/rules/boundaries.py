"""Boundaries between modules: contracts that imports keep, and that can be judged at all."""

from collections.abc import Iterator

from hardpoint.assurance.decisions.contracts import Bound, breaches, contracts, judged_contracts, missing, unread
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_LAYERS = """version: 1
boundaries:
  contracts:
    - type: layers
      name: The shop is not in its store
      layers: [shop.web, shop.store]
"""
_WEB = "from shop import store\n"


@rule(
    "BND001",
    Severity.ERROR,
    over=judged_contracts,
    title="An import breaks a contract between modules",
    why="The boundary was decided so that one side can change without the other; each such import takes some of that.",
    good={"hardpoint.yaml": _LAYERS, "src/shop/__init__.py": "", "src/shop/web.py": _WEB, "src/shop/store.py": ""},
    bad={
        "hardpoint.yaml": _LAYERS,
        "src/shop/__init__.py": "",
        "src/shop/web.py": "",
        "src/shop/store.py": "from shop.web import page\n",
    },
)
def broken_contract(contract: Bound, workspace: Workspace) -> Iterator[Finding]:
    for breach in breaches(contract, workspace):
        way = " -> ".join(breach.chain)
        yield broken_contract.finding(
            Place(breach.by.file, breach.by.line),
            f"{way}: {contract.name}",
            remedy="Move what is needed to where both may import it, or hand it in; or decide on another contract",
        )


@rule(
    "BND002",
    Severity.ERROR,
    over=judged_contracts,
    title="A contract between modules says nothing of some",
    why="A contract over a module that was renamed, or that cannot be read, is kept by everything.",
    good={"hardpoint.yaml": _LAYERS, "src/shop/__init__.py": "", "src/shop/web.py": _WEB, "src/shop/store.py": ""},
    bad={"hardpoint.yaml": _LAYERS, "src/shop/__init__.py": "", "src/shop/web.py": ""},
)
def empty_contract(contract: Bound, workspace: Workspace) -> Iterator[Finding]:
    for name in missing(contract, workspace):
        yield empty_contract.finding(
            contract.place, f"{contract.name}: there is no module {name}", remedy="Name the module as it is called now"
        )
    for file, why in unread(contract, workspace).items():
        yield empty_contract.finding(Place(file), f"It {why}; its imports were not judged")


@rule(
    "BND003",
    Severity.NOTE,
    over=contracts,
    title="A contract between modules is judged by its own tool only",
    why="What is not judged here needs its own tool in CI, or it is a wish.",
    good={"hardpoint.yaml": _LAYERS, "src/shop/__init__.py": "", "src/shop/web.py": "", "src/shop/store.py": ""},
    bad={".importlinter": "[importlinter]\nroot_package = shop\n[importlinter:contract:1]\nname = Ours\ntype = ours\n"},
)
def foreign_contract(contract: Bound, _: Workspace) -> Iterator[Finding]:
    if contract.unclear is not None:
        yield foreign_contract.finding(
            contract.place, f"{contract.name} {contract.unclear}", remedy="Run that tool in CI, and import its report"
        )
    for setting in contract.unjudged:
        yield foreign_contract.finding(
            contract.place, f"{contract.name}: {setting} is not judged here", remedy="Run that tool in CI as well"
        )
