"""XML reports as a stream of elements with their places; document types and entities are refused."""

import codecs
import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_DEPTH = 200
_ROOT = re.compile(
    r"\s*(?:<\?(?:(?!\?>).)*\?>\s*|<!--(?:(?!-->).)*-->\s*|<!DOCTYPE[^>\[]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Start = Callable[[str, Mapping[str, str], Place], None]
"""Called at an element's start: name without namespace, attributes, place (file empty)."""
End = Callable[[str, str], None]
"""Called at an element's end: name, and the text that stood directly in it."""


def root_name(start: bytes) -> str:
    """The root element of a document that begins so, without namespace; nothing where none is seen."""
    encoding = "utf-16" if start.startswith(_UTF_16) else "utf-8-sig"
    match = _ROOT.match(start.decode(encoding, errors="ignore"))
    return match[1] if match else ""


def read_elements(data: bytes, start: Start, end: End, *, doctype: str = "") -> None:
    """Walk a document once, in constant memory beside the text of the open elements.

    A format whose writers name a document type gives its name as `doctype`: a declaration that only refers to it is
    passed over, and what it refers to is never fetched. Raises UnreadableProblem at the place where the document is not
    well-formed, is cut off, declares any other document type or an entity, or nests deeper than MAX_DEPTH.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    texts: list[list[str]] = []

    def here() -> Place:
        return Place("", parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def opened(name: str, attributes: dict[str, str]) -> None:
        texts.append([])
        if len(texts) > MAX_DEPTH:
            raise UnreadableProblem(f"is nested deeper than {MAX_DEPTH} elements", place=here())
        start(name.rpartition(" ")[2], attributes, here())

    def closed(name: str) -> None:
        end(name.rpartition(" ")[2], "".join(texts.pop()))

    def said(text: str) -> None:
        texts[-1].append(text)

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = said
    _refuse_declarations(parser, doctype, here)
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own form
    except expat.ExpatError as error:
        place = Place("", error.lineno, error.offset + 1)
        raise UnreadableProblem(f"is not well-formed XML: {expat.ErrorString(error.code)}", place=place) from error
    except (LookupError, ValueError) as error:  # what the parser's codecs raise
        raise UnreadableProblem(f"is in an encoding that cannot be read: {error}", place=here()) from error


def _refuse_declarations(parser: expat.XMLParserType, doctype: str, here: Callable[[], Place]) -> None:
    """Let nothing in that a document could pull in from elsewhere or unfold within."""

    def refused(*_: object) -> None:
        raise UnreadableProblem("declares a document type, which no report needs", place=here())

    def declared(name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:  # noqa: FBT001
        if has_subset or name != doctype:
            refused()

    def skipped(entity: str, _is_parameter: bool) -> None:  # noqa: FBT001
        raise UnreadableProblem(f"uses the entity {entity!r}, which it does not define", place=here())

    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = refused
    parser.SkippedEntityHandler = skipped
