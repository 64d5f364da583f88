"""Capabilities: how rooms and the objects in them are found."""

import sys

import pytest

from hardpoint.kernel.capability import Capability, Storey


@pytest.fixture
def package(tmp_path, monkeypatch):
    def make(files):
        for name, text in files.items():
            file = tmp_path / "thirdparty" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return Capability("extra", Storey.ASSURANCE, "a summary", package="thirdparty")

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "thirdparty"]:
        del sys.modules[name]


def test_a_room_that_is_not_there_is_empty(package):
    assert list(package({"__init__.py": ""}).rooms("rules")) == []


def test_a_room_is_a_module_or_every_module_of_a_folder(package):
    capability = package(
        {
            "__init__.py": "",
            "rules.py": "A, B = 1, 2",
            "importers/__init__.py": "",
            "importers/one.py": "X = 'one'",
            "importers/two.py": "from .one import X\nY = 'two'",
        }
    )
    assert list(capability.objects("rules", int)) == [1, 2]
    values = [value for value in capability.objects("importers", str) if value in {"one", "two"}]
    assert values == ["one", "two"]


def test_our_own_capabilities_live_in_the_folder_of_their_storey():
    names = [room.__name__ for room in Capability("gates", Storey.PROGRAMME, "").rooms("model")]
    assert names == ["hardpoint.programme.gates.model"]
