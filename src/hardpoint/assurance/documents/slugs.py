"""Slugs: which anchor each publisher of Markdown gives a heading, and how it tells equal ones apart."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple


class Dialect(Enum):
    """Whose anchors a document's headings get."""

    GITHUB = "github"
    GITLAB = "gitlab"
    MKDOCS = "mkdocs"
    DOCUSAURUS = "docusaurus"
    MYST = "myst"
    GITBOOK = "gitbook"
    HUGO = "hugo"
    VITEPRESS = "vitepress"


class Heading(NamedTuple):
    """A heading: the text that readers see, with and without the words that stand for images, and its source."""

    text: str
    without_images: str
    source: str


def anchors_of_page(headings: Sequence[Heading], ids: Iterable[str], dialect: Dialect) -> frozenset[str]:
    """What a fragment may name in a page: the ids that its author gave, and the slugs of its headings."""
    texts = [each.text for each in headings]
    found = {*ids, *anchors(texts, dialect, ids)}
    if texts != (without_images := [each.without_images for each in headings]):
        found.update(anchors(without_images, dialect, ids))
        found.update(anchors((each.strip() for each in without_images), dialect, ids))
    if dialect is Dialect.HUGO:
        found.update(anchors((each.source for each in headings), dialect))
    if dialect is Dialect.GITBOOK:
        found.update(anchors(texts, Dialect.GITHUB))
    return frozenset(found)


def anchors(headings: Iterable[str], dialect: Dialect, taken: Iterable[str] = ()) -> list[str]:
    """The anchor of each heading of a page, in their order; `taken` are ids that authors gave on that page."""
    slug, unique = _DIALECTS[dialect]
    used = dict.fromkeys(taken, 0) if dialect is Dialect.MKDOCS else {}
    return [unique(slug(heading), used) for heading in headings]


# The categories that github-slugger's pattern keeps: letters, marks, numbers but fractions and the like, connectors.
_KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
# Letters in circles and squares are symbols by category, and alphabetic by property (PropList, Other_Alphabetic).
_CIRCLED = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))


def _is_word(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character == "_"
    code = ord(character)
    return unicodedata.category(character) in _KEPT or any(first <= code <= last for first, last in _CIRCLED)


_NOT_ASCII_WORD = re.compile(r"[^a-z0-9_\- ]+")


def _github(heading: str) -> str:
    """github-slugger 2: lower case, punctuation and symbols dropped, each space a hyphen."""
    lower = heading.lower()
    if lower.isascii():
        return _NOT_ASCII_WORD.sub("", lower).replace(" ", "-")
    return "".join(each for each in lower if each in "- " or _is_word(each)).replace(" ", "-")


_GITLAB_BADGE = re.compile(r"\s*\**\((?:core|starter|premium|ultimate|free|bronze|silver|gold)(?: \w+)*\)\**")


def _gitlab(heading: str) -> str:
    """GitLab (Gitlab::Utils::Markdown): as GitHub, but hyphens in a row are one, and a bare number gets a prefix."""
    slug = re.sub("-{2,}", "-", _github(_GITLAB_BADGE.sub("", heading.strip().lower())))
    return f"anchor-{slug}" if slug.isdecimal() else slug


def _mkdocs(heading: str) -> str:
    """Python-Markdown's `toc` extension: ASCII only, spaces and hyphens in a row are one hyphen."""
    ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())


_NOT_MYST = re.compile(r"[^\w\u4e00-\u9fff\- ]")


def _myst(heading: str) -> str:
    """MyST-Parser (mdit-py-plugins `anchors`), which keeps the hyphens of spaces at the ends."""
    return _NOT_MYST.sub("", heading.lower().replace(" ", "-"))


def _gitbook(heading: str) -> str:
    """GitBook as it exports Markdown: `&` is spelled out, dots stay, and what begins with a digit gets a prefix."""
    slug = re.sub(r"[^\w.\- ]+", "", heading.strip().lower().replace("&", " and "))
    slug = re.sub(r"[\s-]+", "-", slug).strip("-")
    return f"id-{slug}" if slug[:1].isdigit() else slug


def _hugo(heading: str) -> str:
    """Hugo with goldmark, `autoHeadingIDType: github`: letters, digits and underscores; marks are dropped."""
    kept = (each for each in heading.strip() if each in "- _" or unicodedata.category(each) in _HUGO_KEPT)
    return "".join("-" if each == " " else each.lower() for each in kept) or "heading"


_HUGO_KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})
_VITEPRESS_SPECIAL = r"""[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:"'“”\u2018\u2019<>,.?/]+"""


def _vitepress(heading: str) -> str:
    """VitePress and VuePress 2 (@mdit-vue/shared): accents dropped, punctuation to hyphens, no digit in front."""
    plain = re.sub("[\u0300-\u036f\x00-\x1f]", "", unicodedata.normalize("NFKD", heading))
    slug = re.sub("-{2,}", "-", re.sub(_VITEPRESS_SPECIAL, "-", plain)).strip("-")
    return re.sub(r"^([0-9])", r"_\1", slug).lower()


Unique = Callable[[str, dict[str, int]], str]


def _numbered(slug: str, used: dict[str, int]) -> str:
    """`a`, `a-1`, `a-2`, past what other headings took (github-slugger)."""
    found = slug
    while found in used:
        used[slug] += 1
        found = f"{slug}-{used[slug]}"
    used[found] = 0
    return found


_COUNTED = re.compile(r"(.*)_([0-9]+)", re.DOTALL)


def _underscored(slug: str, used: dict[str, int]) -> str:
    """`a`, `a_1`, `a_2` (Python-Markdown): a heading that ends with a number counts on from there."""
    counted = _COUNTED.fullmatch(slug)
    stem, count = (counted[1], int(counted[2])) if counted else (slug, 0)
    if slug in used or not slug:
        count = max(count, used.get(f"{stem}\0", 0))  # where the last of them stopped: no search from the start
        while (slug := f"{stem}_{count + 1}") in used:
            count += 1
        used[f"{stem}\0"] = count
    used[slug] = 0
    return slug


_DIALECTS: Mapping[Dialect, tuple[Callable[[str], str], Unique]] = {
    Dialect.GITHUB: (_github, _numbered),
    Dialect.GITLAB: (_gitlab, _numbered),
    Dialect.MKDOCS: (_mkdocs, _underscored),
    Dialect.DOCUSAURUS: (_github, _numbered),
    Dialect.MYST: (_myst, _numbered),
    Dialect.GITBOOK: (_gitbook, _numbered),
    Dialect.HUGO: (_hugo, _numbered),
    Dialect.VITEPRESS: (_vitepress, _numbered),
}
