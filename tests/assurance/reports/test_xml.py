"""XML as a stream: places, text, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.xml import MAX_DEPTH, read_elements
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem


def events(data: bytes) -> list[tuple]:
    seen = []
    read_elements(
        data,
        lambda name, attributes, place: seen.append((name, attributes, place)),
        lambda name, text: seen.append((name, text)),
    )
    return seen


def refusal(data: bytes) -> UnreadableProblem:
    with pytest.raises(UnreadableProblem) as caught:
        events(data)
    return caught.value


def test_elements_come_with_attributes_places_and_their_own_text():
    assert events(b"<a x='1'>\n  <b>t&lt;<c/>u</b>\n</a>") == [
        ("a", {"x": "1"}, Place("", 1, 1)),
        ("b", {}, Place("", 2, 3)),
        ("c", {}, Place("", 2, 11)),
        ("c", ""),
        ("b", "t<u"),
        ("a", "\n  \n"),
    ]


def test_namespaces_are_dropped():
    assert events(b'<n:a xmlns:n="urn:x"/>')[0][0] == "a"


def test_cdata_is_text():
    assert events(b"<a><![CDATA[<b>]]></a>")[-1] == ("a", "<b>")


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("data", "sentence", "line"),
    [
        (b"<a>", "no element found", 1),
        (b"<a>\n<b></a>", "mismatched tag", 2),
        (b"<a/>\n<b/>", "junk after document element", 2),
        (b"text", "syntax error", 1),
        (b"<a>\n&gone;</a>", "undefined entity", 2),
        (b"<a x='1' x='2'/>", "duplicate attribute", 1),
        (b"<a>\xff</a>", "not well-formed", 1),
        (b"<a>\x1b</a>", "not well-formed", 1),
        (b"<!DOCTYPE a><a/>", "document type", 1),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type", 1),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type", 1),
        (b'<?xml version="1.0" encoding="none"?><a/>', "encoding", 1),
        (b'<?xml version="1.0" encoding="gbk"?><a/>', "encoding", 1),
        (b'<?xml version="1.0" encoding="idna"?><a/>', "encoding", 1),
        (b"<a>" * (MAX_DEPTH + 1), "nested deeper", 1),
    ],
)
def test_anything_else_is_refused_at_its_place(data, sentence, line):
    problem = refusal(data)
    assert sentence in problem.sentence
    assert problem.place.line == line


def test_other_encodings_are_read():
    assert events('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"))[-1] == ("a", "é")
    assert events('<?xml version="1.0" encoding="latin-1"?><a>é</a>'.encode("latin-1"))[-1] == ("a", "é")


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_any_bytes_are_read_or_refused(content, encoding):
    for data in (content, b"<a>" + content + b"</a>", b'<?xml version="1.0" encoding="' + encoding + b'"?><a/>'):
        with suppress(UnreadableProblem):
            events(data)
