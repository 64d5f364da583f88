"""Which module imports which, from source in every form that Python has."""

import time

import pytest

from hardpoint.assurance.decisions.imports import graph, modules_of
from hardpoint.kernel.workspace import Workspace

PACKAGE = {
    "src/shop/__init__.py": "",
    "src/shop/a.py": "",
    "src/shop/b/__init__.py": "",
    "src/shop/b/c.py": "",
    "src/shop/b/d.py": "",
}


def imported(source: str, at: str = "src/shop/b/c.py") -> list[tuple[str, int, bool]]:
    found = graph(["shop"], "", Workspace.of({**PACKAGE, at: source}))
    assert found.unread == {}
    return [(each.imported, each.line, each.type_checking) for each in found.imports]


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import shop.a", ["shop.a"]),
        ("import shop.a as x, os.path", ["shop.a", "os"]),
        ("from shop import a", ["shop.a"]),
        ("from shop import a, VERSION", ["shop.a", "shop"]),
        ("from shop.a import thing", ["shop.a"]),
        ("from shop import *", ["shop"]),
        ("from .. import a", ["shop.a"]),
        ("from ..a import thing", ["shop.a"]),
        ("from . import d", ["shop.b.d"]),
        ("from .d import x", ["shop.b.d"]),
        ("from .... import x", []),
        ("from . import nothing", ["shop.b"]),
        ("from .gone.deep import nothing", []),
        ("import shop.gone", ["shop"]),
        ("from shop import (\n  a,\n  b,\n)", ["shop.a", "shop.b"]),
        ("def f():\n  import shop.a", ["shop.a"]),
        ("try:\n  import shop.a\nexcept ImportError:\n  import shop.b.d", ["shop.a", "shop.b.d"]),
        ("if x:\n  import shop.a", ["shop.a"]),
        ("match x:\n  case 1:\n    import shop.a", ["shop.a"]),
        ("class C:\n  from shop import a", ["shop.a"]),
        ("import shop.b.c", []),
        ("'import shop.a'  # import shop.a", []),
        ("__import__('shop.a')", []),
    ],
)
def test_every_form_of_import_is_read(source, names):
    assert [name for name, _, _ in imported(source)] == names


@pytest.mark.requirement("DOC-07")
@pytest.mark.parametrize(
    ("source", "name"),
    [("from . import d", "shop.b.d"), ("from .. import a", "shop.a"), ("from .c import x", "shop.b.c")],
)
def test_a_package_counts_from_itself(source, name):
    assert [each for each, _, _ in imported(source, "src/shop/b/__init__.py")] == [name]


@pytest.mark.parametrize(
    "source",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.a\nelse:\n    import shop.b.d\n",
        "import typing\nif typing.TYPE_CHECKING:\n    # why\n\n    import shop.a\nelse:\n    import shop.b.d\n",
    ],
)
@pytest.mark.parametrize(
    "newer", ["", "type X[T] = int\n", "def f[T](x: T) -> T:\n    if x:\n        import os\n    return x\n"]
)
def test_imports_for_type_checkers_are_told_apart_in_newer_syntax_too(source, newer):
    ours = [(name, quiet) for name, _, quiet in imported(source + newer) if name.startswith("shop")]
    assert ours == [("shop.a", True), ("shop.b.d", False)]


@pytest.mark.requirement("DOC-07")
def test_lines_are_those_of_the_file_in_newer_syntax_too():
    source = (
        "type X = int\n\n\nfrom shop import (\n    a,\n    # why\n    b,\n)\n\ndef f():\n    from ..a import (x as y)\n"
    )
    assert [(name, line) for name, line, _ in imported(source)] == [("shop.a", 4), ("shop.b", 4), ("shop.a", 11)]


@pytest.mark.parametrize(
    "source",
    [b"\xff\xfe\x00", b"import (", b"x = '''", b"(" * 500, b"\x00", b"def f(:\n\tif\n  x"],
)
def test_what_is_no_python_is_not_read_as_nothing(source):
    found = graph(["shop"], "", Workspace.of({**PACKAGE, "src/shop/a.py": source}))
    assert list(found.unread) == ["src/shop/a.py"]


def test_deep_source_is_read_or_refused():
    source = b"x = " + b"-" * 200_000 + b"1\n"
    graph(["shop"], "", Workspace.of({**PACKAGE, "src/shop/a.py": source}))


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["src/shop/__init__.py", "src/shop/a.py", "tests/shop/test_a.py"], ["shop", "shop.a"]),
        (["shop/__init__.py", "build/lib/shop/__init__.py", "build/lib/shop/x.py"], ["shop"]),
        (["backend/shop/__init__.py", "backend/shop/a.py"], ["shop", "shop.a"]),
        (["src/shop/plugins/a.py"], ["shop.plugins.a"]),
        (["shop.py"], ["shop"]),
        (["src/shop/a-b.py", "src/shop/a.py"], ["shop.a"]),
        (["src/workshop/a.py"], []),
    ],
)
def test_a_package_is_found_where_it_lies(files, names):
    assert sorted(modules_of("shop", "", Workspace.of(dict.fromkeys(files, "")))) == names


def test_reading_takes_no_more_than_a_time_in_proportion_to_the_length():
    began = time.process_time()
    imported("from ..a import x\n" * 20_000)
    imported("type X = int\n" + "from ..a import x\n" * 5000)
    assert time.process_time() - began < 12
