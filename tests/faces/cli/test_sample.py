"""The sample service: its history, which ends in the finished tree, and a mess that is one on any day."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from hardpoint.faces.cli.sample import REPORTS, Sample
from hardpoint.kernel import yaml

TODAY = datetime(2031, 3, 31, 14, tzinfo=UTC)


@pytest.fixture
def keystone(tmp_path):
    sample = Sample(tmp_path, TODAY)
    return sample, sample.advance_to_the_mess()


def test_the_history_is_of_several_people_and_goes_forward(keystone):
    _, commits = keystone
    assert 8 <= len(commits) + 1 <= 12
    assert len({commit.author for commit in commits}) == 4
    days = [commit.days_ago for commit in commits]
    assert days == sorted(days, reverse=True)


def test_the_last_commit_leaves_the_finished_tree_and_nothing_else(keystone, tmp_path):
    sample, _ = keystone
    assert sample.remedy().remedies
    tracked = subprocess.run(["git", "ls-files"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.split()) == set(sample._finished)
    assert all((tmp_path / path).read_bytes() == content for path, content in sample._finished.items())


def test_each_commit_says_what_it_changes(keystone, tmp_path):
    changed = subprocess.run(
        ["git", "log", "--name-only", "--format=%x00"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert all(each.strip() for each in changed.stdout.split("\0")[1:])


def test_the_history_begins_without_what_came_later(keystone, tmp_path):
    first = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD~8"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"src/keystone/app.py", "tests/test_domain.py"} <= set(first)
    assert not {"src/keystone/metrics.py", "tests/test_metrics.py", "hardpoint.yaml"}.intersection(first)


def test_the_waiver_has_ended_on_any_day(keystone, tmp_path):
    (waiver,) = yaml.load((tmp_path / "hardpoint.yaml").read_bytes(), "hardpoint.yaml").data["waivers"]
    ended = datetime.fromisoformat(waiver["expires"])
    assert timedelta() < TODAY - ended < timedelta(days=4)


def test_reports_lie_beside_the_commits_and_in_none_of_them(keystone, tmp_path):
    sample, _ = keystone
    before = {path.name: path.read_bytes() for path in (tmp_path / REPORTS).iterdir()}
    sample.remedy()
    after = {path.name: path.read_bytes() for path in (tmp_path / REPORTS).iterdir()}
    assert before.keys() == after.keys()
    assert len(before) == 4
    assert all(before[name] != after[name] for name in before)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, check=True)
    assert status.stdout == b""


def test_fix_repairs_what_the_last_commit_would(keystone, tmp_path, cli):
    sample, _ = keystone
    ran = cli("fix", "--format", "json", folder=tmp_path)
    assert ran.exit == 0, ran.err
    repaired = subprocess.run(
        ["git", "diff", "--name-only"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    assert repaired == [".github/workflows/ci.yml", "README.md", "docs/runbooks/failed-deploy.md"]
    for path in repaired[1:]:
        assert (tmp_path / path).read_bytes() == sample._finished[path]
    assert "||" not in (tmp_path / repaired[0]).read_text()
