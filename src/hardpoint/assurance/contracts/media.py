"""Media types: which of them are the same, and which stands for which."""

import re
from collections.abc import Mapping

from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract

_STRUCTURED = re.compile(r"json|xml|yaml|protobuf|cbor|msgpack|\*", re.IGNORECASE)
_OF_WRITING = frozenset({"charset", "boundary"})
"""Parameters that say how a text is written down, not what it is."""


def is_text(media: str) -> bool:
    """Whether a number and its text are the same in a media type: in forms and plain text, not in JSON or XML."""
    return not _STRUCTURED.search(media)


def media_types(contract: Contract, node: Node) -> dict[str, Node]:
    """What is sent by media type, in small letters and without parameters such as a charset."""
    return {_plain(name): each for name, each in contract.mapping(node, "content").items()}


def covering(media: str, others: Mapping[str, Node]) -> Node | None:
    """What stands for a media type: the same without its parameters, or a range (`application/*`, `*/*`)."""
    bare = media.partition(";")[0]
    names = (bare, f"{bare.partition('/')[0]}/*", "*/*")
    return next((others[each] for each in names if each in others), None)


def variant_of(media: str, others: Mapping[str, Node]) -> Node | None:
    """The one media type that is the same but for parameters, of one that has none."""
    found = [node for name, node in others.items() if name.startswith(f"{media};")]
    return found[0] if len(found) == 1 else None


def covers_any(media: str, types: Mapping[str, Node]) -> bool:
    """Whether a range stands for any of some media types."""
    return media.endswith("/*") and any(media == "*/*" or each.startswith(media[:-1]) for each in types)


def _plain(name: str) -> str:
    bare, *parameters = (each.strip() for each in name.split(";"))
    said = sorted(each.replace(" ", "") for each in parameters if each)
    kept = [each for each in said if each.partition("=")[0].lower() not in _OF_WRITING]
    return ";".join([bare.lower(), *kept])
