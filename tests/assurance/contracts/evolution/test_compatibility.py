"""Modes: which versions are compared, in which direction."""

import pytest

from hardpoint.assurance.contracts.evolution.compatibility import Mode, Obstacle, incompatibilities


def compared(mode):
    """Each pair of reader and writer that is asked about."""

    def obstacles(reads, wrote):
        yield Obstacle(pointer="", id="x", text=f"{reads}{wrote}")

    found = incompatibilities([("1", "a"), ("2", "b"), ("3", "c")], Mode(mode), obstacles)
    return sorted((each.reader, each.writer) for each in found)


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("BACKWARD", [("3", "2")]),
        ("FORWARD", [("2", "3")]),
        ("FULL", [("2", "3"), ("3", "2")]),
        ("BACKWARD_TRANSITIVE", [("3", "1"), ("3", "2")]),
        ("FORWARD_TRANSITIVE", [("1", "3"), ("2", "3")]),
        ("FULL_TRANSITIVE", [("1", "3"), ("2", "3"), ("3", "1"), ("3", "2")]),
    ],
)
def test_a_mode_says_who_reads_whom(mode, expected):
    assert compared(mode) == expected
