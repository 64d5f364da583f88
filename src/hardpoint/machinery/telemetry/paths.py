"""Paths by the shapes of their segments: of what is no plain word, only its kind is kept."""

import re

MAX_SEGMENTS = 12
_WORD = re.compile(r"[A-Za-z][A-Za-z]*(?:[-_.][A-Za-z]+){0,4}[0-9]?\Z")
_LONGEST = 48
_VERSION = re.compile(r"v[0-9]{1,3}(?:\.[0-9]{1,3})?\Z")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\Z")
_HEX = re.compile(r"[0-9A-Fa-f]{8,}\Z")


def template_of(segments: list[str]) -> str:
    """A path with `{number}`, `{uuid}`, `{hex}` and `{text}` for segments that are no plain words."""
    shown = [segment_shape(each) for each in segments[:MAX_SEGMENTS]]
    return "/" + "/".join([*shown, "…"] if len(segments) > MAX_SEGMENTS else shown)


def segment_shape(segment: str) -> str:
    """A segment itself if it is a plain word or a version, else what kind of text it is."""
    if segment.isascii() and segment.isdecimal():
        return "{number}"
    if _UUID.match(segment):
        return "{uuid}"
    if _HEX.match(segment) and not segment.isalpha():
        return "{hex}"
    if not segment or _VERSION.match(segment) or (len(segment) <= _LONGEST and _WORD.match(segment)):
        return segment
    return "{text}"
