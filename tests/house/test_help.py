"""The help is complete, and imports nothing heavy."""

import json
import subprocess
import sys

import click
import pytest

from hardpoint.capabilities import capabilities
from hardpoint.faces.cli.main import run
from hardpoint.kernel.rooms.cli import Context, Verb

HEAVY = {"alembic", "cryptography", "msgspec", "pydantic", "rich", "sqlalchemy", "yaml"}
VERBS = Context(capabilities()).collect("verbs", Verb)
NOUNS = {noun: line for capability in capabilities() for noun, line in capability.nouns.items()}

PROBE = """
import json, sys, time
from hardpoint.faces.cli.main import run
code = run(sys.argv[1:])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"code": code, "loaded": loaded, "cpu_ms": round(time.process_time() * 1000)}), file=sys.stderr)
"""


def probed(*arguments):
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(ended.stderr.splitlines()[-1]), ended.stdout


def test_help_imports_nothing_heavy(record_property):
    told, text = probed("--help")
    record_property("help_cpu_ms", told["cpu_ms"])  # measured by make bench; a shared machine is no place to assert it
    assert told["code"] == 0
    assert HEAVY & set(told["loaded"]) == set()
    assert all(line in text for line in NOUNS.values())


def test_help_of_a_noun_leaves_the_database_alone():
    told, _ = probed("evidence", "--help")
    assert {"alembic", "sqlalchemy"} & set(told["loaded"]) == set()


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_has_help(noun, capsys):
    assert run([noun, "--help"]) == 0
    assert f"hardpoint {noun}" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: " ".join(verb.words))
def test_a_verb_says_in_a_sentence_what_it_does_and_what_each_option_means(verb):
    first = (verb.command.help or "").partition("\n\n")[0].strip()
    assert first[:1].isupper()
    assert first.endswith(".")
    for option in verb.command.params:
        if isinstance(option, click.Option):
            assert (option.help or "").endswith((".", "…")), option.name


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: " ".join(verb.words))
def test_a_verb_shows_its_help_without_a_repository(verb, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run([*verb.words, "--help"]) == 0
    assert f"Usage: hardpoint {' '.join(verb.words)}" in capsys.readouterr().out
