"""Characters of others that would break a form, or turn round what people read."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document has (section 2.2), not even escaped."""


def encodable(text: str) -> str:
    """Text that UTF-8 can write; what it cannot, such as a file's name in another encoding, as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def name_bytes(name: str) -> bytes:
    """The bytes of a file's name as the file system has them."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # no name that a file system gave
        return encodable(name).encode()


def one_line(text: str, most: int | None = None) -> str:
    """One line of encodable text without control characters and turns of direction, cut after `most` characters."""
    line = _CONTROL.sub(" ", encodable(text))
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"


def xml_text(text: str) -> str:
    """Text that XML 1.0 can hold, with U+FFFD for what it cannot."""
    return _NOT_XML.sub("\ufffd", encodable(text))
