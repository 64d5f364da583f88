"""The record on a git ref, with real repositories: pushed, pulled, raced for, handed in, and tampered with."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.record import git_ref, sharing
from hardpoint.kernel.record.page import PAGE_ENTRIES
from hardpoint.kernel.rooms.cli import Context

pytestmark = pytest.mark.requirement("GAT-14")

REF = "refs/hardpoint/record"
MANIFEST = """\
version: 1
services: [{{name: keystone}}]
gates: [{{name: merge, criteria: [{{id: documents, kind: check, rules: [DOC001]}}]}}]
trust: {{keys: [{{key: '{key}', holder: ci}}]}}
"""


@pytest.fixture
def cli(cli, monkeypatch, settings_folder):
    """Every folder is a machine of its own: one key for all, and nothing seen but what was seen there."""
    signer_of(settings_folder, {})
    monkeypatch.setenv("HARDPOINT_SIGNING_KEY", str(settings_folder / "signing-key.pem"))

    def at(*arguments, folder):
        monkeypatch.setenv("HARDPOINT_CONFIG_DIR", str(settings_folder / folder.name))
        return cli(*arguments, folder=folder)

    return at


@pytest.fixture
def remote(tmp_path, repository, git, settings_folder):
    """A bare repository with one commit, whose manifest vouches for the key of these settings."""
    key = signer_of(settings_folder, {}).public
    root = repository({"hardpoint.yaml": MANIFEST.format(key=key), "a.md": "# A\n", "b.md": "[a](a.md)\n"})
    git(tmp_path, "clone", "-q", "--bare", str(root), "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def clone(remote, tmp_path, git):
    """Makes a fresh clone, as a runner does."""

    def clone(name):
        git(tmp_path, "clone", "-q", str(remote), name)
        return tmp_path / name

    return clone


@pytest.fixture
def say(cli):
    """Runs a command of the record, and returns its JSON; the exit is the one expected."""

    def say(root, *arguments, code=0):
        ran = cli(*arguments, "--format", "json", folder=root)
        assert ran.exit == code, ran.out + ran.err
        return ran.json

    return say


@pytest.fixture
def begun(clone, say):
    """A clone that recorded a check and pushed it."""
    root = clone("first")
    say(root, "check", "--record")
    assert say(root, "record", "push")["moved"] == 1
    return root


def tip(git, remote):
    return git(remote, "rev-parse", REF)


def test_an_ephemeral_runner_loses_nothing(begun, clone, say, settings_folder, git):
    root = say(begun, "record", "verify")["root"]
    for number in range(3):
        runner = clone(f"runner{number}")
        assert say(runner, "record", "pull")["root"] == root
        assert say(runner, "record", "verify")["whole"]
        say(runner, "check", "--record")
        pushed = say(runner, "record", "push")
        assert (pushed["moved"], pushed["size"]) == (1, number + 2)
        assert git(runner, "status", "--porcelain") == ""
        root = pushed["root"]
        shutil.rmtree(runner)
    last = clone("last")
    assert say(last, "record", "pull")["moved"] == 4
    found = say(last, "record", "verify")
    assert (found["whole"], found["root"], found["size"]) == (True, root, 4)
    assert say(last, "gate", "merge")["answer"] == "GO"


def test_pulling_and_pushing_again_moves_nothing(begun, clone, say, git, remote):
    before = tip(git, remote)
    assert say(begun, "record", "push")["moved"] == 0
    assert say(begun, "record", "pull")["moved"] == 0
    other = clone("other")
    say(other, "record", "pull")
    assert say(other, "record", "pull")["moved"] == 0
    assert say(other, "record", "push")["moved"] == 0
    assert tip(git, remote) == before


def test_a_store_that_is_a_prefix_gets_what_is_missing_and_one_that_is_ahead_is_left_alone(begun, clone, say):
    other = clone("other")
    say(other, "record", "pull")
    say(begun, "check", "--record")
    assert say(begun, "record", "pull")["moved"] == 0
    pushed = say(begun, "record", "push")
    pulled = say(other, "record", "pull")
    assert (pulled["moved"], pulled["root"]) == (1, pushed["root"])
    assert say(other, "record", "verify")["root"] == pushed["root"]


def test_who_is_behind_is_told_to_pull_first(begun, clone, say, git, remote):
    other = clone("other")
    say(other, "record", "pull")
    say(begun, "check", "--record")
    say(begun, "record", "push")
    before = tip(git, remote)
    said = say(other, "record", "push", code=2)
    assert "record pull" in said["remedy"]
    assert tip(git, remote) == before


def test_who_is_behind_what_they_saw_is_told_to_pull_first(begun, say, attack_store):
    store = begun / ".hardpoint/hardpoint.db"
    before = store.read_bytes()
    say(begun, "check", "--record")
    say(begun, "record", "push")
    for each in store.parent.glob("hardpoint.db*"):
        each.unlink()
    store.write_bytes(before)
    said = say(begun, "record", "push", code=2)
    assert "pull first" in said["detail"]
    attack_store(store)
    assert "not whole" in say(begun, "record", "push", code=5)["detail"], "pulling repairs no edit"
    store.write_bytes(before)
    assert say(begun, "record", "pull")["moved"] == 1
    assert say(begun, "record", "push")["moved"] == 0


@pytest.fixture
def attack_store():
    def attack_store(store):
        with closing(sqlite3.connect(store, isolation_level=None)) as connection:
            connection.execute("DROP TRIGGER hardpoint_entries_erase_only")
            connection.execute("UPDATE hardpoint_entries SET payload = payload || ' '")
        for each in store.parent.glob("hardpoint.db-*"):
            each.unlink()

    return attack_store


def test_histories_that_parted_are_refused_and_nothing_is_lost(begun, clone, say, git, remote):
    other = clone("other")
    say(other, "record", "pull")
    for root in (begun, other):
        say(root, "check", "--record")
    say(begun, "record", "push")
    before = tip(git, remote)
    for what in ("push", "pull"):
        said = say(other, "record", what, code=5)
        assert "parted at entry 1" in said["detail"]
    assert tip(git, remote) == before
    assert say(other, "record", "verify")["size"] == 2, "what only it has is still there"
    say(other, "check", "--record")
    assert "parted at entry 1" in say(other, "record", "push", code=5)["detail"]


def test_two_records_are_never_merged(begun, clone, say):
    other = clone("other")
    say(other, "check", "--record")
    for what in ("push", "pull"):
        assert "never merged" in say(other, "record", what, code=2)["remedy"]


def test_a_record_of_many_pages_sends_only_what_is_new(begun, clone, say, git, remote, draft):
    with Context(capabilities(), folder=begun).record() as record:
        for number in range(2 * PAGE_ENTRIES):
            record.append(draft(b"%d" % number))
    say(begun, "record", "push")
    pages = dict(reversed(line.split()[2:]) for line in git(remote, "ls-tree", "-r", REF).splitlines())
    assert [name for name in pages if name.startswith("entries/")] == [f"entries/00000{n}.jsonl" for n in range(3)]
    say(begun, "check", "--record")
    say(begun, "record", "push")
    after = dict(reversed(line.split()[2:]) for line in git(remote, "ls-tree", "-r", REF).splitlines())
    changed = {name for name in after if after[name] != pages[name]}
    assert changed == {"checkpoint", "entries/000002.jsonl"}
    assert git(remote, "rev-list", "--count", REF) == "3"
    other = clone("other")
    assert say(other, "record", "pull")["moved"] == 2 * PAGE_ENTRIES + 2
    assert say(other, "record", "verify")["whole"]


def lose_a_race(monkeypatch, rival):
    """Somebody else pushes just before the first push of this process."""
    real, runs = git_ref.Remote.push, []

    def push(self, moves):
        runs.append(moves)
        if len(runs) == 1:
            rival()
        return real(self, moves)

    monkeypatch.setattr(git_ref.Remote, "push", push)
    return runs


def test_a_race_with_the_same_record_is_run_again(begun, clone, say, monkeypatch, git, remote):
    """Two runners on one database push at once; one of them has seen one entry more."""
    other = clone("other")
    say(begun, "check", "--record")

    def rival():
        say(begun, "check", "--record")
        with monkeypatch.context() as patch:
            patch.setenv("HARDPOINT_STORE", f"sqlite:///{begun / '.hardpoint/hardpoint.db'}")
            say(other, "record", "push")

    runs = lose_a_race(monkeypatch, rival)
    assert say(begun, "record", "push")["size"] == 3
    assert len(runs) == 2, "the first, which was too late, and the rival's, which brought both entries"
    last = clone("last")
    assert say(last, "record", "pull")["size"] == 3
    assert say(last, "record", "verify")["whole"]


def test_a_race_that_another_history_won_is_refused(begun, clone, say, monkeypatch, git, remote):
    other = clone("other")
    say(other, "record", "pull")
    for root in (begun, other):
        say(root, "check", "--record")
    commit = []

    def rival():
        say(other, "record", "push")
        commit.append(tip(git, remote))

    lose_a_race(monkeypatch, rival)
    assert "parted at entry 1" in say(begun, "record", "push", code=5)["detail"]
    assert tip(git, remote) == commit[0]


def test_races_without_end_are_given_up(begun, say, monkeypatch):
    say(begun, "check", "--record")
    monkeypatch.setattr(git_ref.Remote, "push", lambda self, moves: False)
    assert f"{sharing.ATTEMPTS} times" in say(begun, "record", "push", code=3)["detail"]


# What a ref holds that nobody wrote.


def replaced(git, remote, files, parent=None):
    """Put a commit of those files on the ref, as whoever may write there can."""
    for name in sorted(files):
        file = remote / "content"
        file.write_bytes(files[name])
        blob = git(remote, "hash-object", "-w", "--no-filters", str(file))
        git(remote, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    tree = git(remote, "write-tree")
    (remote / "index").unlink()
    git(remote, "update-ref", REF, git(remote, "commit-tree", tree, "-m", "x"))


def shared_files(remote, git):
    names = git(remote, "ls-tree", "-r", "--name-only", REF).splitlines()
    return {
        name: subprocess.run(
            ["git", "cat-file", "blob", f"{REF}:{name}"], cwd=remote, check=True, capture_output=True
        ).stdout
        for name in names
    }


@pytest.fixture
def tampered(begun, clone, cli, git, remote, settings_folder):
    """Pulls changed files into a new clone; the exit, and that nothing was kept."""
    root = clone("victim")

    def tampered(files):
        replaced(git, remote, files)
        code = cli("record", "pull", folder=root).exit
        assert not (root / ".hardpoint").exists()
        return code

    return tampered


@pytest.mark.parametrize("name", ["checkpoint", "head.json", "entries/000000.jsonl"])
def test_truncated_longer_and_missing_files_are_refused(tampered, remote, git, name):
    files = shared_files(remote, git)
    content = files[name]
    for other in (b"", content[:-1], content[: len(content) // 2], content + b"\n", content + content):
        assert tampered({**files, name: other}) in (3, 5)
    assert tampered({each: files[each] for each in files if each != name}) in (3, 5)


def test_files_that_no_record_has_are_refused(tampered, remote, git):
    files = shared_files(remote, git)
    assert tampered({**files, "more": b""}) == 5
    assert tampered({**files, "entries/000001.jsonl": files["entries/000000.jsonl"]}) == 5
    assert tampered({"README.md": b"# no record\n"}) == 3


def test_each_byte_of_a_small_record_counts(begun, remote, git, clone, say, settings_folder):
    """In process, because it is tried for every byte."""
    root = clone("victim")
    context = Context(capabilities(), folder=root)
    there = git_ref.Remote(root, "origin")
    _, copy = sharing.copy_at(there, context.voices(None).keys)
    page = copy.page(0)
    for at in range(len(page)):
        changed = page[:at] + bytes([page[at] ^ 1]) + page[at + 1 :]
        other = sharing.Copy(note=copy.note, page=lambda number, changed=changed: changed)
        with pytest.raises(sharing.IntegrityProblem):
            sharing.verify_beyond(None, other, context.voices(None).keys, None)
    for at in range(len(copy.note)):
        changed = copy.note[:at] + bytes([copy.note[at] ^ 1]) + copy.note[at + 1 :]
        with pytest.raises(sharing.IntegrityProblem):
            sharing.verify_beyond(
                None,
                sharing.Copy(note=changed, page=copy.page),
                context.voices(None).keys,
                sharing.trusted_checkpoint(changed, context.voices(None).keys),
            )
    sharing.verify_beyond(None, copy, context.voices(None).keys, None)


def test_an_older_copy_than_was_seen_is_a_rollback(begun, clone, say, git, remote):
    old = tip(git, remote)
    other = clone("other")
    say(other, "record", "pull")
    say(other, "check", "--record")
    say(other, "record", "push")
    say(begun, "record", "pull")
    git(remote, "update-ref", REF, old)
    shutil.rmtree(begun / ".hardpoint")
    assert "rolled back" in say(begun, "record", "pull", code=5)["detail"]
    assert say(other, "record", "push")["moved"] == 1, "whoever has more puts it there again"


def test_what_is_in_no_copy_any_more_can_be_given_up(begun, say):
    origin = say(begun, "record", "verify")["origin"]
    say(begun, "check", "--record")
    shutil.rmtree(begun / ".hardpoint")
    way_out = f"hardpoint record forget --seen {origin}"
    for _ in range(2):
        refused = say(begun, "record", "pull", code=5)
        assert "rolled back" in refused["detail"]
        assert "entry 1 that you saw is in no copy any more" in refused["remedy"]
        assert way_out in refused["remedy"]
        say(begun, "record", "forget")  # where it was is not what it held
    assert (forgotten := say(begun, "record", "forget", "--seen", origin))["size"] == 2
    assert len(forgotten["root"]) == 64
    assert say(begun, "record", "pull")["moved"] == 1
    say(begun, "record", "verify")
    say(begun, "check", "--record")
    assert say(begun, "record", "push")["moved"] == 1
    assert "Nothing was seen of a record" in say(begun, "record", "forget", "--seen", "hardpoint/x", code=2)["detail"]


def test_what_others_wrote_in_the_place_of_what_is_lost_can_be_taken(begun, clone, say):
    other = clone("other")
    say(other, "record", "pull")
    say(begun, "check", "--record")
    shutil.rmtree(begun / ".hardpoint")
    for _ in range(2):
        say(other, "check", "--record")
    assert say(other, "record", "push")["size"] == 3
    refused = say(begun, "record", "pull", code=5)
    assert "are not those that were seen before" in refused["detail"]
    origin = say(other, "record", "verify")["origin"]
    assert f"hardpoint record forget --seen {origin}" in refused["remedy"]
    say(begun, "record", "forget", "--seen", origin)
    assert say(begun, "record", "pull")["moved"] == 3


def test_a_store_that_was_put_back_says_what_can_be_given_up(begun, say, cli):
    store = begun / ".hardpoint/hardpoint.db"
    before = store.read_bytes()
    say(begun, "check", "--record")
    for each in store.parent.glob("hardpoint.db*"):
        each.unlink()
    store.write_bytes(before)
    verified = cli("record", "verify", folder=begun)
    assert verified.exit == 5
    assert "hardpoint record forget --seen" in verified.out
    assert "hardpoint record forget --seen" in say(begun, "check", "--record", code=5)["remedy"]


def test_the_record_of_another_remote_is_not_taken_for_the_one_that_was_here(begun, clone, say):
    origin = say(begun, "record", "verify")["origin"]
    elsewhere = clone("elsewhere")
    other = say(elsewhere, "check", "--record") and say(elsewhere, "record", "verify")["origin"]
    shutil.rmtree(elsewhere / ".hardpoint")
    refused = say(elsewhere, "record", "pull", code=5)
    assert f"the record {other} with 1 entry was in sqlite:///" in refused["detail"]
    assert f"and 'origin' holds {origin}; nothing was pulled" in refused["detail"]
    assert "now holds" not in refused["detail"]
    assert "`hardpoint record forget`, then pull again" in refused["remedy"]
    say(elsewhere, "record", "forget")
    assert say(elsewhere, "record", "pull")["origin"] == origin


def test_a_key_that_is_not_trusted_restores_nothing(begun, clone, cli, monkeypatch):
    other = clone("other")
    monkeypatch.delenv("HARDPOINT_SIGNING_KEY")
    (other / "hardpoint.yaml").write_text("version: 1\nservices: [{name: keystone}]\n")
    assert cli("record", "pull", folder=other).exit == 5
    assert not (other / ".hardpoint").exists()


def test_remotes_that_cannot_be_used_are_named(begun, clone, cli, remote, git):
    ran = cli("record", "push", "nowhere", folder=begun)
    assert (ran.exit, "nowhere" in ran.err) == (3, True)
    assert cli("record", "push", "--", "--upload-pack=touch x", folder=begun).exit == 2
    assert cli("record", "pull", "https://user:secret@localhost:1/x", folder=begun).exit == 3
    assert "secret" not in cli("record", "pull", "https://user:secret@localhost:1/x", folder=begun).err


def test_a_remote_without_a_record_says_so(clone, cli):
    ran = cli("record", "pull", folder=clone("other"))
    assert (ran.exit, "record push" in ran.err) == (2, True)


def test_a_remote_that_refuses_is_a_failed_push(begun, cli, say, remote):
    hook = remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    say(begun, "check", "--record")
    ran = cli("record", "push", folder=begun)
    assert (ran.exit, "declined" in ran.err) == (3, True)


def test_hooks_of_the_checkout_are_not_run(begun, say, clone):
    for name in ("pre-push", "reference-transaction", "post-index-change"):
        hook = begun / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {begun}/ran\nexit 1\n")
        hook.chmod(0o755)
    say(begun, "check", "--record")
    assert say(begun, "record", "push")["moved"] == 1
    assert not (begun / "ran").exists()


def test_outside_of_a_repository_there_is_no_remote(cli, tmp_path):
    assert cli("record", "pull", folder=tmp_path).exit == 2


def test_a_shallow_clone_pulls_and_pushes(begun, tmp_path, remote, git, say):
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{remote}", "shallow")
    root = tmp_path / "shallow"
    say(root, "record", "pull")
    say(root, "check", "--record")
    assert say(root, "record", "push")["size"] == 2


def test_a_partial_clone_pulls_and_pushes(begun, tmp_path, remote, git, say):
    git(remote, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{remote}", "partial")
    root = tmp_path / "partial"
    say(root, "record", "pull")
    say(root, "check", "--record")
    assert say(root, "record", "push")["size"] == 2
    assert json.loads(shared_files(remote, git)["head.json"])["schema"] == "record/v1"


# What witnesses co-signed goes along.


@pytest.fixture
def witness(say, begun, settings_folder, tmp_path, monkeypatch):
    """Has a witness of a name co-sign the record of the first clone, and gives its key and its note."""

    def witness(name):
        key = signer_of(settings_folder / name, {}).public
        monkeypatch.setenv("HARDPOINT_SIGNING_KEY", str(settings_folder / name / "signing-key.pem"))
        owner = signer_of(settings_folder, {}).public
        note = tmp_path / f"{name}.txt"
        say(begun, "record", "witness", ".", "--key", owner, "--name", name, "--out", note)
        monkeypatch.setenv("HARDPOINT_SIGNING_KEY", str(settings_folder / "signing-key.pem"))
        return key, note

    return witness


def trust(root, git, **witnesses):
    named = ", ".join(f"{{name: {name}, key: '{key}'}}" for name, key in witnesses.items())
    manifest = (root / "hardpoint.yaml").read_text().rstrip()
    (root / "hardpoint.yaml").write_text(
        f"{manifest.split(', witnesses')[0].removesuffix('}')}, witnesses: [{named}]}}\n"
    )


def on_ref(git, remote):
    return sorted(git(remote, "ls-tree", "-r", "--name-only", f"{REF}:witnessed").split())


def put_file(git, root, remote, path, content):
    """Somebody else writes a file beside the record on the ref."""
    git(root, "fetch", "-q", str(remote), REF)
    git(root, "checkout", "-q", "--detach", "FETCH_HEAD")
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_bytes(content)
    git(root, "add", "-f", path)
    git(root, "commit", "-q", "-m", "x")
    git(root, "push", "-q", str(remote), f"HEAD:{REF}")
    git(root, "checkout", "-q", "main")


def test_cosignatures_go_along_and_count_where_the_witness_is_trusted(begun, clone, say, witness, git, remote):
    key, note = witness("east")
    trust(begun, git, east=key)
    say(begun, "record", "checkpoint", "--add", note)
    assert say(begun, "record", "push")["moved"] == 0
    assert on_ref(git, remote) == [f"1-{key.id}"]
    stranger = clone("stranger")
    pulled = say(stranger, "record", "pull")
    assert (pulled["witnessed"], pulled["refused"]) == (0, [])
    say(stranger, "check", "--record")
    say(stranger, "record", "push")
    assert on_ref(git, remote) == [f"1-{key.id}"]
    friend = clone("friend")
    trust(friend, git, east=key)
    assert say(friend, "record", "pull")["witnessed"] == 1
    assert say(friend, "record", "pull")["witnessed"] == 0
    assert [(each["witness"], each["saw"]) for each in say(friend, "record", "stats")["witnesses"]] == [("east", 1)]
    assert say(friend, "record", "verify")["whole"]


def test_a_file_that_does_not_hold_is_named_and_stops_no_other(begun, clone, say, witness, git, remote):
    (east, note), (west, forged) = witness("east"), witness("west")
    trust(begun, git, east=east, west=west)
    say(begun, "record", "checkpoint", "--add", note)
    say(begun, "record", "push")
    spoiled = forged.read_bytes()[:-9] + b"AAAAAAA=\n"
    put_file(git, clone("eve"), remote, f"witnessed/1-{west.id}", spoiled)
    put_file(git, clone("mallory"), remote, "witnessed/odd", b"x")
    friend = clone("friend")
    trust(friend, git, east=east, west=west)
    pulled = say(friend, "record", "pull", code=3)
    assert (pulled["moved"], pulled["witnessed"]) == (1, 1)
    assert sorted(each.split(":")[0] for each in pulled["refused"]) == [f"witnessed/1-{west.id}", "witnessed/odd"]
    assert say(friend, "record", "verify")["whole"]


def test_what_collects_takes_them_in_too(begun, clone, say, witness, git, remote):
    key, note = witness("east")
    trust(begun, git, east=key)
    say(begun, "record", "checkpoint", "--add", note)
    say(begun, "record", "push")
    job = clone("job")
    say(job, "check", "--record")
    say(job, "record", "hand-in")
    collector = clone("collector")
    trust(collector, git, east=key)
    assert say(collector, "record", "collect")["added"] == 1
    assert on_ref(git, remote) == [f"1-{key.id}"]
    assert [each["saw"] for each in say(collector, "record", "stats")["witnesses"]] == [1]


def test_only_the_newest_are_carried(begun, say, witness, git, remote, monkeypatch):
    monkeypatch.setattr(sharing, "MAX_WITNESSED", 2)
    for number in range(1, 4):
        key, note = witness("east")
        trust(begun, git, east=key)
        say(begun, "record", "checkpoint", "--add", note)
        say(begun, "record", "push")
        say(begun, "check", "--record")
        assert f"{number}-{key.id}" in on_ref(git, remote)
    assert on_ref(git, remote) == [f"{number}-{key.id}" for number in (2, 3)]
