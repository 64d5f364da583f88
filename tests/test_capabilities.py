"""The table of capabilities, and those of installed packages that the operator names."""

import importlib
import sys

import pytest

from hardpoint.capabilities import CAPABILITIES, PLUGINS_SETTING, capabilities
from hardpoint.kernel.problem import UsageProblem

MODULE = """
import click
from hardpoint.kernel.capability import Capability, Storey

def other(): ...
weather = Capability("weather", Storey.ASSURANCE, "storms", {"weather": "what the sky says"}, package="acme_weather")
"""
VERBS = '''
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import verb

@verb("weather", "show")
def show(context):
    """Show it."""
    return Result(schema="weather/v1", headline="fine", items={"storms": []})
'''


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution that provides a capability, installed in a folder of its own; it tells when it is imported."""
    package = tmp_path / "acme_weather"
    package.mkdir()
    (package / "__init__.py").write_text(MODULE)
    (package / "verbs.py").write_text(VERBS)
    facts = tmp_path / "acme_weather-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-weather\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[hardpoint.capabilities]\nweather = acme_weather:weather\nbroken = acme_weather:other\ngone = acme_gone:x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    capabilities.cache_clear()
    yield
    capabilities.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_weather"]:
        del sys.modules[name]


def test_every_capability_has_a_name_of_its_own_and_a_summary():
    assert len({each.name for each in CAPABILITIES}) == len(CAPABILITIES)
    assert all(each.summary for each in CAPABILITIES)


def test_an_installed_package_is_not_imported_unless_it_is_named(installed):
    assert list(capabilities()) == list(CAPABILITIES)
    assert "acme_weather" not in sys.modules


def test_a_named_package_takes_part_with_its_verbs(installed, monkeypatch, cli):
    monkeypatch.setenv(PLUGINS_SETTING, " weather, ")
    assert [each.name for each in capabilities()][-1] == "weather"
    ran = cli("weather", "show", "--format", "json")
    assert (ran.exit, ran.json) == (0, {"schema": "weather/v1", "storms": []})


@pytest.mark.parametrize("name", ["unknown", "broken", "weather,unknown", "gone"])
def test_a_name_that_gives_no_capability_is_wrong_usage(installed, monkeypatch, cli, name):
    monkeypatch.setenv(PLUGINS_SETTING, name)
    with pytest.raises(UsageProblem, match=f"names {name.rpartition(',')[2]!r}"):
        capabilities()
    assert cli("schema").exit == 2


def test_a_repository_cannot_make_hardpoint_import_code(tmp_path, monkeypatch, cli):
    monkeypatch.setenv(PLUGINS_SETTING, "")
    capabilities.cache_clear()
    for name in ("click.py", "yaml.py", "hardpoint.py", "sitecustomize.py", "conftest.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    assert cli("check", folder=tmp_path).exit == 0
