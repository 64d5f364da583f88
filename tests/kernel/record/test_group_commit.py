"""Group commit: everybody's item is committed once, and a leader that is gone is replaced."""

import threading

import pytest

from hardpoint.kernel.record.group_commit import GroupCommit


def test_every_item_is_committed_once_and_before_its_caller_returns():
    committed, missing = [], []
    group = GroupCommit(lambda take: committed.extend(take()))

    def call(item):
        group.submit(item)
        missing.extend([] if item in committed else [item])

    threads = [threading.Thread(target=lambda n=n: [call((n, k)) for k in range(50)]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(committed) == [(n, k) for n in range(16) for k in range(50)]
    assert not missing


def test_whoever_comes_during_a_commit_shares_the_next_one():
    batches, entered, go_on = [], threading.Event(), threading.Event()

    def commit(batch):
        batches.append(sorted(batch))
        if len(batches) == 1:
            entered.set()
            go_on.wait(10)

    group = GroupCommit(lambda take: commit(take()))
    threads = [threading.Thread(target=group.submit, args=(0,))]
    threads[0].start()
    entered.wait(10)
    threads += [threading.Thread(target=group.submit, args=(n,)) for n in (1, 2, 3)]
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < 3:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert batches == [[0], [1, 2, 3]]


def test_whoever_comes_before_the_items_are_taken_comes_along():
    """A commit that waits for its turn at the database takes what came meanwhile, and asks as often as it likes."""
    batches, entered, go_on = [], threading.Event(), threading.Event()

    def commit(take):
        entered.set()
        go_on.wait(10)
        batches.append(sorted(take()))
        batches.append(sorted(take()))

    group = GroupCommit(commit)
    threads = [threading.Thread(target=group.submit, args=(n,)) for n in range(4)]
    threads[0].start()
    entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < 4:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert batches == [[0, 1, 2, 3]] * 2


def test_a_commit_that_fails_before_it_takes_its_items_keeps_nobody_waiting():
    entered, go_on, failures = threading.Event(), threading.Event(), []

    def commit(take):
        entered.set()
        go_on.wait(10)
        raise ValueError("no database")

    def call():
        try:
            group.submit("item")
        except ValueError as error:
            failures.append(error)

    group = GroupCommit(commit)
    threads = [threading.Thread(target=call) for _ in range(3)]
    threads[0].start()
    entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < 3:
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert len(failures) == 1  # what the others are told is the commit's to say, in their items


def test_a_commit_that_raises_does_not_keep_the_next_caller_waiting():
    def commit(batch):
        if "bad" in batch:
            raise ValueError("bad")

    group = GroupCommit(lambda take: commit(take()))
    with pytest.raises(ValueError, match="bad"):
        group.submit("bad")
    group.submit("good")


@pytest.mark.parametrize("promoted", [False, True])
def test_a_caller_that_is_interrupted_while_it_waits_leaves_no_gap(monkeypatch, promoted):
    """A signal in the main thread: whether or not it was just called to lead, the others go on."""
    entered, go_on, committed = threading.Event(), threading.Event(), []

    def commit(batch):
        committed.extend(batch)
        if batch == ["first"]:
            entered.set()
            go_on.wait(10)

    group = GroupCommit(lambda take: commit(take()))
    first = threading.Thread(target=group.submit, args=("first",))
    first.start()
    entered.wait(10)

    class Interrupted(threading.Semaphore):
        def acquire(self, blocking=True, timeout=None):
            if threading.current_thread() is threading.main_thread():
                if promoted:
                    go_on.set()
                    super().acquire()
                raise KeyboardInterrupt
            return super().acquire()

    monkeypatch.setattr("hardpoint.kernel.record.group_commit.threading.Semaphore", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        group.submit("interrupted")
    go_on.set()
    first.join(10)
    last = threading.Thread(target=group.submit, args=("later",))
    last.start()
    last.join(10)
    assert not last.is_alive()
    assert "later" in committed
