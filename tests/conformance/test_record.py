"""Appending, reading, verifying and sharing a record, on both databases."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.keys import signer_of
from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.record.log import Record, begin_record
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.record.verification import verify_record

WRITER = Path(__file__).with_name("writer.py")


def entries_of(database, **options):
    return list(read_entries(database, kind="note", subject="org/a", **options))


def test_what_is_appended_is_read_byte_for_byte_and_whole(record, database, draft, signer, memory):
    payloads = [b"", b"{}", bytes(range(256)), b"x" * 1_000_000]
    for payload in payloads:
        record.append(draft(payload))
    assert [entry.payload for entry in entries_of(database)] == payloads
    assert verify_record(database, [signer.public], memory).whole


def test_a_record_outlives_its_connections(record, database, database_url, draft, signer, memory, now):
    record.append(draft())
    database.close()
    again = Database.open(database_url)
    begin_record(again, signer)
    assert Record(again, signer, lambda: now, memory, {signer.public}).append(draft()).index == 1
    assert verify_record(again, [signer.public], memory).whole
    again.close()


def test_text_of_any_language_is_kept(record, database, draft, signer, memory):
    kind, subject, unique = "\N{SNOWMAN}", "org/\N{GREEK SMALL LETTER ALPHA}'\";--", "\N{BLACK HEART SUIT}"
    record.append(draft(kind=kind, subject=subject, unique=unique))
    assert verify_record(database, [signer.public], memory).whole
    (entry,) = read_entries(database, kind=kind, subject=subject)
    assert entry.header.unique == unique


def test_a_unique_key_is_spent_once(record, database, draft):
    first = record.append(draft(b"first", unique="approval:1"))
    again = record.append(draft(b"again", unique="approval:1"))
    assert (again.added, again.index, again.at) == (False, first.index, first.at)
    assert [entry.payload for entry in entries_of(database)] == [b"first"]


def test_a_unique_key_is_spent_for_other_writers_too(record, database, draft, signer, memory, now):
    record.append(draft(unique="approval:1"))
    other = Record(database, signer, lambda: now + timedelta(hours=1), memory, {signer.public})
    assert not other.append(draft(unique="approval:1")).added


def test_what_is_read_while_others_append_is_one_state(record, database, draft):
    for _ in range(3):
        record.append(draft())
    read = read_entries(database, kind="note", subject="org/a")
    first = next(read)
    record.append(draft())
    assert [first.index, *(entry.index for entry in read)] == [0, 1, 2]


def test_reading_may_end_early(record, database, draft):
    for _ in range(3):
        record.append(draft())
    read = read_entries(database, kind="note", subject="org/a")
    assert next(read).index == 0
    read.close()
    assert len(entries_of(database)) == 3


def test_threads_append_each_entry_once(record, database, draft, signer, memory):
    receipts = []

    def append(thread):
        for number in range(15):
            payload = b"%d:%d" % (thread, number)
            receipts.append((record.append(draft(payload, unique=payload.decode())).index, payload))

    threads = [threading.Thread(target=append, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipts) == [(entry.index, entry.payload) for entry in entries_of(database)]
    assert len(receipts) == 90
    assert verify_record(database, [signer.public], memory).whole


def test_threads_that_begin_at_once_begin_one_record(database, signer, memory):
    database.install(TABLES)
    start, failures = threading.Barrier(6), []

    def begin():
        start.wait()
        try:
            begin_record(database, signer)
        except StoreProblem as problem:
            failures.append(problem)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verify_record(database, [signer.public], memory).whole


def acknowledged(url, settings, *, processes, threads, appends, unique):
    """Run writers at once, from an empty store on; every `(index, unique)` that they acknowledged."""
    command = [sys.executable, str(WRITER), url, str(settings), str(threads), str(appends), unique]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen(command, **pipes) for _ in range(processes)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    lines = []
    for writer in writers:
        lines += writer.communicate()[0].splitlines()
        assert writer.returncode == 0
    return [(int(index), key) for index, key in (line.split() for line in lines)]


@pytest.mark.requirement("GAT-14")
def test_processes_share_one_record_from_its_beginning(database_url, settings_folder):
    got = acknowledged(database_url, settings_folder, processes=3, threads=2, appends=10, unique="own")
    assert sorted(index for index, _ in got) == list(range(60))
    database = Database.open(database_url)
    assert {entry.index: entry.header.unique for entry in entries_of(database)} == dict(got)
    keys = [signer_of(settings_folder, {}).public]
    found = verify_record(database, keys, Memory(settings_folder / "checkpoints"))
    assert (found.damages, found.size) == ([], 60)
    database.close()


def test_processes_spend_a_unique_key_once(database_url, settings_folder):
    got = acknowledged(database_url, settings_folder, processes=3, threads=2, appends=5, unique="shared")
    assert len(got) == 30
    assert len(set(got)) == 5, "all were answered with the same entries"
    database = Database.open(database_url)
    assert sorted(entry.header.unique for entry in entries_of(database)) == sorted("01234")
    database.close()


def test_drafts_that_belong_together_stand_in_their_order_or_not_at_all(record, database, draft):
    assert record.append_all([]) == []
    receipts = record.append_all([draft(b"%d" % number, unique=f"u{number % 3}") for number in range(4)])
    assert [(each.index, each.added) for each in receipts] == [(0, True), (1, True), (2, True), (0, False)]
    with pytest.raises(StoreProblem):
        record.append_all([draft(b"5"), draft(b"6", subject="a\0b")])
    assert [entry.payload for entry in read_entries(database, kind="note")] == [b"0", b"1", b"2"]
