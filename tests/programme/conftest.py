"""What tests of the programme may use: a repository that releases."""

import os

import pytest

from hardpoint.kernel.identity.keys import signer_of


@pytest.fixture
def vouched(repository, settings_folder, monkeypatch):
    """Makes a repository whose protected branch vouches for the key of this user, so that its verdicts are recorded."""

    def make(manifest, files=()):
        key = signer_of(settings_folder, os.environ).public
        trust = f"trust:\n  keys: [{{key: '{key}', holder: ada}}]\n"
        monkeypatch.setenv("HARDPOINT_BASE", "main")
        return repository(
            {
                "hardpoint.yaml": manifest + trust,
                "README.md": "# A\n",
                ".gitignore": ".hardpoint\n*.xml\n",
                **dict(files),
            }
        )

    return make
