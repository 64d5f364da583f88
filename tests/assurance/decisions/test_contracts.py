"""Contracts on imports: which imports break them, by import-linter's own verdict too."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardpoint.assurance.decisions.contracts import breaches, contracts, missing
from hardpoint.assurance.decisions.model import BOUNDARIES, DECISIONS
from hardpoint.assurance.decisions.rules.boundaries import foreign_contract
from hardpoint.kernel.workspace import Workspace

ROOT = Path(__file__).parents[3]
MODULES = ("web", "web.page", "domain", "store", "util")


def tree(imports: dict[str, str]) -> dict[str, str]:
    files = {"src/shop/__init__.py": "", "src/shop/web/__init__.py": ""}
    for name in MODULES:
        path = f"src/shop/{name.replace('.', '/')}"
        files[f"{path}/__init__.py" if name == "web" else f"{path}.py"] = imports.get(name, "")
    return files


def broken(contract: str, imports: dict[str, str], more: str = "") -> list[tuple[str, ...]]:
    manifest = f"version: 1\nboundaries:\n{more}  contracts:\n    - {contract}\n"
    workspace = Workspace.of({**tree(imports), "hardpoint.yaml": manifest}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    return [each.chain for each in breaches(found, workspace)]


DIRECTLY = "{type: forbidden, name: x, source_modules: [shop.store], allow_indirect_imports: true,"
LAYERS = "{type: layers, name: x, layers: [shop.web, shop.domain, shop.store]}"


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("imports", "chains"),
    [
        ({"web": "import shop.domain", "domain": "import shop.store"}, []),
        ({"web": "import shop.store"}, []),
        ({"store": "import shop.domain"}, [("shop.store", "shop.domain")]),
        ({"store": "from shop.web import page"}, [("shop.store", "shop.web.page")]),
        ({"store": "import shop.util", "util": "import shop.web"}, [("shop.store", "shop.util", "shop.web")]),
        (
            {"store": "import shop.util", "util": "import shop.domain", "domain": "import shop.web"},
            [("shop.domain", "shop.web"), ("shop.store", "shop.util", "shop.domain")],
        ),
        ({"util": "import shop.web"}, []),
        ({"store": "import shop.util, shop.web", "util": "import shop.store"}, [("shop.store", "shop.web")]),
    ],
)
def test_a_layer_does_not_reach_one_above_it(imports, chains):
    assert broken(LAYERS, imports) == chains


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("layers", "imports", "count"),
    [
        ("[shop.web | shop.domain, shop.store]", {"web": "import shop.domain"}, 1),
        ("['shop.web : shop.domain', shop.store]", {"web": "import shop.domain"}, 0),
        ("[shop.web, (shop.gone), shop.store]", {"store": "import shop.web"}, 1),
    ],
)
def test_layers_side_by_side(layers, imports, count):
    assert len(broken(f"{{type: layers, name: x, layers: {layers}}}", imports)) == count


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("contract", "imports", "count"),
    [
        ("{type: layers, name: x, containers: [shop], layers: [web, domain]}", {"domain": "import shop.web"}, 1),
        (
            "{type: forbidden, name: x, source_modules: [shop.store], forbidden_modules: [shop.web]}",
            {"store": "import shop.web.page"},
            1,
        ),
        (
            "{type: forbidden, name: x, source_modules: [shop.store], forbidden_modules: [django]}",
            {"store": "from django.db import models"},
            1,
        ),
        (
            "{type: forbidden, name: x, source_modules: [shop.store], forbidden_modules: [django]}",
            {"store": "import shop.util", "util": "import django"},
            1,
        ),
        (
            f"{DIRECTLY} forbidden_modules: [django]}}",
            {"store": "import shop.util", "util": "import django"},
            0,
        ),
        (f"{DIRECTLY} forbidden_modules: [django]}}", {"store": "import django"}, 1),
        (
            "{type: forbidden, name: x, source_modules: ['shop.*'], forbidden_modules: [django]}",
            {"util": "import django"},
            1,
        ),
        ("{type: independence, name: x, modules: [shop.web, shop.domain]}", {"web": "import shop.domain"}, 1),
        (
            "{type: independence, name: x, modules: [shop.web, shop.domain]}",
            {"web": "import shop.util", "util": "import shop.domain"},
            1,
        ),
        (
            "{type: protected, name: x, protected_modules: [shop.store], allowed_importers: [shop.domain]}",
            {"web": "import shop.store"},
            1,
        ),
        (
            "{type: protected, name: x, protected_modules: [shop.store], allowed_importers: [shop.domain]}",
            {"domain": "import shop.store"},
            0,
        ),
        (
            "{type: independence, name: x, modules: [shop.web, shop.domain], ignore_imports: [shop.web -> shop.*]}",
            {"web": "import shop.domain"},
            0,
        ),
        (
            "{type: independence, name: x, modules: [shop.web, shop.domain], ignore_imports: ['shop.** -> shop.*']}",
            {"web.page": "import shop.domain"},
            0,
        ),
    ],
)
def test_each_kind_of_contract(contract, imports, count):
    assert len(broken(contract, imports)) == count


def test_imports_for_type_checkers_count_unless_they_are_left_out():
    quiet = {"store": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.web\n"}
    assert len(broken(LAYERS, quiet)) == 1
    assert broken(LAYERS, quiet, "  exclude_type_checking_imports: true\n") == []


@pytest.mark.requirement("DOC-07")
def test_a_contract_about_what_is_not_there_says_nothing():
    manifest = "version: 1\nboundaries:\n  contracts:\n    - {type: layers, name: x, layers: [shop.web, shop.gone]}\n"
    workspace = Workspace.of({**tree({}), "hardpoint.yaml": manifest}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert missing(found, workspace) == ["shop.gone"]


INI = """[importlinter]
root_package = shop
[importlinter:contract:1]
name = Layers
type = layers
layers =
    shop.web
    shop.store  # lowest
"""
TOML = """[tool.importlinter]
root_packages = ["shop"]
[[tool.importlinter.contracts]]
name = "Layers"
type = "layers"
layers = ["shop.web", "shop.store"]
"""


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(("file", "text"), [(".importlinter", INI), ("setup.cfg", INI), ("pyproject.toml", TOML)])
def test_what_import_linter_was_told_is_read(file, text):
    workspace = Workspace.of({**tree({"store": "import shop.web"}), file: text}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert (found.name, found.place.file, found.place.line > 1) == ("Layers", file, True)
    assert [each.chain for each in breaches(found, workspace)] == [("shop.store", "shop.web")]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[tool.importlinter\n"),
        (".importlinter", "importlinter\n"),
        (".importlinter", INI.replace("layers\n", "ours\n", 1)),
        (".importlinter", INI.replace("root_package = shop", "root_package = gone")),
        ("tach.toml", "[[modules]\n"),
        ("tach.toml", 'source_roots = ["a", "b"]\n'),
        ("tach.toml", "a = " + "[" * 20_000),
        ("pyproject.toml", "importlinter = " + "[" * 20_000),
    ],
)
def test_what_cannot_be_judged_here_says_why(file, text):
    workspace = Workspace.of({**tree({}), file: text}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert found.unclear


TACH = """source_roots = ["src"]
[[modules]]
path = "shop.web"
depends_on = ["shop.domain"]
[[modules]]
path = "shop.domain"
depends_on = []
[[modules]]
path = "shop.store"
[[modules]]
path = "shop.util"
utility = true
depends_on = []
"""


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("imports", "count"),
    [
        ({"web": "import shop.domain"}, 0),
        ({"web": "import shop.store"}, 1),
        ({"web.page": "import shop.store"}, 1),
        ({"domain": "import shop.util"}, 0),
        ({"store": "import shop.web"}, 0),
        ({"web": "import shop.store  # tach-ignore"}, 0),
        ({"web": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import shop.store"}, 0),
        ({"web": "import shop"}, 0),
    ],
)
def test_what_tach_was_told_is_read(imports, count):
    workspace = Workspace.of({**tree(imports), "tach.toml": TACH}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert len(breaches(found, workspace)) == count


@pytest.mark.requirement("DOC-07")
def test_tachs_layers_go_downwards_only():
    text = 'source_roots = ["src"]\nlayers = ["top", "low"]\n' + "".join(
        f'[[modules]]\npath = "shop.{name}"\nlayer = "{layer}"\ndepends_on = []\n'
        for name, layer in (("web", "top"), ("store", "low"))
    )
    workspace = Workspace.of(
        {**tree({"store": "import shop.web", "web": "import shop.store"}), "tach.toml": text}, [DECISIONS, BOUNDARIES]
    )
    (found,) = contracts(workspace)
    assert [each.chain for each in breaches(found, workspace)] == [("shop.store", "shop.web")]


def test_a_layer_of_tach_may_be_a_table():
    text = 'source_roots = ["src"]\nlayers = [{name = "top"}, "low"]\n' + "".join(
        f'[[modules]]\npath = "shop.{name}"\nlayer = "{layer}"\n' for name, layer in (("web", "top"), ("store", "low"))
    )
    workspace = Workspace.of({**tree({"store": "import shop.web"}), "tach.toml": text}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert [each.chain for each in breaches(found, workspace)] == [("shop.store", "shop.web")]


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('[[interfaces]]\nexpose = ["api"]\n', "interfaces"),
        ("[[modules]]\npath = 'shop.x'\nstrict = true\n", "modules.strict"),
        ("[[modules]]\npath = 'shop.x'\nvisibility = ['shop.web']\n", "modules.visibility"),
        ("[[modules]]\npath = 'shop.*'\ndepends_on = []\n", "modules.path with a pattern"),
        ("[[modules]]\npath = 'shop.x'\nstrict = false\n", None),
    ],
)
def test_what_tach_judges_besides_is_said_to_be_not_judged(more, named):
    workspace = Workspace.of({**tree({"web": "import shop.store"}), "tach.toml": TACH + more}, [DECISIONS, BOUNDARIES])
    (found,) = contracts(workspace)
    assert len(breaches(found, workspace)) == 1, "the rest is judged as before"
    said = [each.text for each in foreign_contract.judge(found, workspace)]
    assert said == ([f"tach.toml: {named} is not judged here"] if named else [])


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tach.toml", "layers = 5\nsource_roots = 5\nmodules = 5\n"),
        ("tach.toml", "[[modules]]\npath = 5\nlayer = []\ndepends_on = 5\n[[modules]]\npaths = 5\n"),
        ("pyproject.toml", "tool = []\nimportlinter = 1\n"),
        ("pyproject.toml", "[tool.importlinter]\nroot_packages = 5\ncontracts = 5\n"),
        ("pyproject.toml", "[tool.importlinter]\n[[tool.importlinter.contracts]]\ntype = 'layers'\nlayers = 5\n"),
    ],
)
def test_values_of_other_shapes_are_no_contracts(file, text):
    workspace = Workspace.of({**tree({"web": "import shop.store"}), file: text}, [DECISIONS, BOUNDARIES])
    assert not [each for found in contracts(workspace) if found.rule for each in breaches(found, workspace)]


@pytest.mark.requirement("DOC-07")
def test_hardpoint_keeps_its_own_contracts():
    workspace = Workspace.open(ROOT, [DECISIONS, BOUNDARIES, *_sections()])
    found = contracts(workspace)
    assert len(found) >= 4
    assert [
        (each.name, breaches(each, workspace), missing(each, workspace)) for each in found if each.unclear is None
    ] == [(each.name, [], []) for each in found]


def _sections():
    from tests.assurance.decisions.conftest import SECTIONS

    return [each for each in SECTIONS if each.key not in {"decisions", "boundaries"}]


statements = st.sampled_from(
    [f"import shop.{name}" for name in MODULES] + ["from . import util", "from shop.web import page", "import os"]
)
sources = st.dictionaries(st.sampled_from(MODULES), st.lists(statements, max_size=2).map("\n".join), max_size=5)
CONTRACTS = [
    {"name": "l", "type": "layers", "layers": ["shop.web", "shop.domain", "shop.store"]},
    {"name": "s", "type": "layers", "layers": ["shop.web | shop.domain", "shop.store : shop.util"]},
    {"name": "c", "type": "layers", "containers": ["shop"], "layers": ["web", "store"]},
    {"name": "f", "type": "forbidden", "source_modules": ["shop.store"], "forbidden_modules": ["shop.web", "os"]},
    {
        "name": "d",
        "type": "forbidden",
        "source_modules": ["shop.domain"],
        "forbidden_modules": ["os"],
        "allow_indirect_imports": True,
    },
    {"name": "i", "type": "independence", "modules": ["shop.web", "shop.domain", "shop.util"]},
]


@pytest.mark.requirement("DOC-07")
@pytest.mark.skipif(
    not shutil.which("lint-imports", path=str(Path(sys.executable).parent)), reason="import-linter is not installed"
)
@settings(max_examples=8)
@given(sources)
def test_import_linter_says_the_same(tmp_path_factory, written):
    root = tmp_path_factory.mktemp("shop")
    config = "[tool.importlinter]\nroot_package = 'shop'\ninclude_external_packages = true\n"
    for each in CONTRACTS:
        config += "[[tool.importlinter.contracts]]\n" + "".join(
            f"{key} = {json.dumps(value)}\n" for key, value in each.items()
        )
    for name, text in {**tree(written), "pyproject.toml": config}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    workspace = Workspace.open(root, [DECISIONS, BOUNDARIES])
    ours = {each.name: not breaches(each, workspace) for each in contracts(workspace)}
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run(
        [linter, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": "src", "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    theirs = {line.split()[0]: "KEPT" in line for line in told.stdout.splitlines() if line.endswith(("KEPT", "BROKEN"))}
    assert ours == theirs, (written, told.stdout)
