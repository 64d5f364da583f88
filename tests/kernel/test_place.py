"""Places: order, text, and byte offsets."""

from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.place import Lines, Place


def test_a_place_is_written_as_far_as_it_is_known():
    assert str(Place("a.md", 3, 7)) == "a.md:3:7"
    assert str(Place("a.md", 3)) == "a.md:3"
    assert str(Place("a.md")) == "a.md"


def test_places_are_ordered_by_file_line_and_column():
    assert sorted([Place("b"), Place("a", 10), Place("a", 9, 2), Place("a", 9, 1)]) == [
        Place("a", 9, 1),
        Place("a", 9, 2),
        Place("a", 10),
        Place("b"),
    ]


def test_columns_count_characters_not_bytes():
    text = "é\nüü[x]".encode()
    assert Lines("a", text).place(text.index(b"[")) == Place("a", 2, 3)


@given(st.text(alphabet="aé\n", max_size=40), st.data())
def test_a_byte_offset_gives_the_line_and_column_of_its_character(text, data):
    at = data.draw(st.integers(0, len(text)))
    before = text[:at]
    expected = Place("a", before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert Lines("a", text.encode()).place(len(before.encode())) == expected


@given(st.text(alphabet="a\né\r", max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_a_place_is_the_same_in_whatever_order_places_are_asked_for(text, offsets):
    content = text.encode()
    lines = Lines("a", content)
    for offset in offsets:
        before = content[: min(offset, len(content))]
        asked = lines.place(len(before))
        column = sum(byte & 0xC0 != 0x80 for byte in before[before.rfind(b"\n") + 1 :]) + 1
        assert (asked.line, asked.column) == (before.count(b"\n") + 1, column)
