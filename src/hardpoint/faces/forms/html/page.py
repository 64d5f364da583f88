"""The page: the verdict in words, what to do next, what it rests on, and the rest of the result."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import cast

from hardpoint.faces.forms.html.elements import Markup, element, instant, joined, prose, text
from hardpoint.faces.forms.html.gates import cards, gate_section
from hardpoint.faces.forms.html.listing import cell, findings_section, is_table, table_section
from hardpoint.faces.forms.html.room import Room
from hardpoint.faces.forms.html.steps import steps_section
from hardpoint.faces.forms.html.tones import outlines, shape, tone_of, verdict_of
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.kernel import encoding

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Nothing is loaded and nothing runs, whatever should ever get into a page."""

MAX_OPEN = 3
"""How many criteria of a gate are open at first: those that stop it."""

MAX_DETAIL = 200_000
"""Characters of a result's own text."""

_OWN_PLACE = frozenset({"answer", "trend", "to_get", "commit", "service", "deciding"})
"""What of `about` has a place of its own on the page."""


def page(sheet: Sheet, *, judged: bool) -> Markup:
    """One HTML document that needs nothing besides itself."""
    word = verdict_of(sheet, judged=judged)
    tone = tone_of(word).value + (" local-only" if any(each.local for each in sheet.decisions) else "")
    subject = ", ".join(_services(sheet))
    title = f"{word}: {subject or sheet.headline}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", text(title, 120), " - Hardpoint"),
        element("link", rel="icon", href="data:,"),
        element("style", style()),
    )
    body = element(
        "body",
        outlines(),
        element("a", "To the verdict", href="#verdict", class_="skip"),
        element("header", element("div", _hero(sheet, word, subject), class_="held"), class_=f"hero {tone}"),
        element("main", *_sections(sheet), class_="held"),
        element(
            "footer", element("div", "Made by Hardpoint, from one result; this file loads nothing.", class_="held")
        ),
    )
    return Markup(f"<!doctype html>\n{element('html', head, body, lang='en')}\n")


def style() -> Markup:
    """The style sheet, which is ours: it needs no escaping."""
    return Markup(files(__package__).joinpath("style.css").read_text("utf-8"))


def _hero(sheet: Sheet, word: str, subject: str) -> Markup:
    local = any(each.local for each in sheet.decisions)
    return joined(
        element(
            "h1",
            shape(word),
            element("span", word, data_verdict=word, data_exit=int(sheet.exit)),
            element("span", subject, class_="subject") if subject else "",
            id="verdict",
        ),
        element("p", prose(sheet.headline), class_="headline"),
        _local(sheet) if local else "",
        cards(sheet.decisions, _deciding(sheet)) if sheet.decisions else "",
        _facts(sheet),
    )


def _local(sheet: Sheet) -> Markup:
    reasons = [element("li", prose(line.removeprefix("local: "))) for line in sheet.detail.splitlines() if line]
    said = element("b", "Local: this verdict releases nothing.")
    return element("div", said, element("ul", *reasons) if reasons else "", class_="local")


def _facts(sheet: Sheet) -> Markup:
    """For whom, which commit and when."""
    commits: Sequence[object] = list(dict.fromkeys(each.commit for each in sheet.decisions)) or [
        sheet.about.get("commit")
    ]
    told: Mapping[str, object] = {
        "Service": ", ".join(_services(sheet)),
        "Commit": joined(*[element("code", str(each)) for each in commits if each]),
        "Judged": joined(*[instant(each) for each in dict.fromkeys(each.at for each in sheet.decisions)][:1]),
    }
    terms = [element("div", element("dt", name), element("dd", said)) for name, said in told.items() if said]
    return element("dl", *terms, class_="facts") if terms else Markup("")


def _services(sheet: Sheet) -> Sequence[str]:
    about = sheet.about.get("service")
    named = [each.service for each in sheet.decisions] or [about if isinstance(about, str) else ""]
    return [each for each in dict.fromkeys(named) if each]


def _deciding(sheet: Sheet) -> Sequence[str]:
    deciding = sheet.about.get("deciding")
    names = [str(each) for each in deciding] if isinstance(deciding, list | tuple) else []
    return names if len(names) < len(sheet.decisions) else []


def _sections(sheet: Sheet) -> Iterator[Markup]:
    room = Room()
    yield steps_section(sheet)
    points = encoding.plain(sheet.about.get("trend") or [])
    for at, decision in enumerate(sheet.decisions):
        own = [each for each in points if isinstance(each, Mapping) and each.get("gate") == decision.gate]
        yield gate_section(at, decision, own, room, opened=MAX_OPEN)
    if sheet.findings:
        yield findings_section(sheet.findings, room)
    rest = {name: each for name, each in sheet.about.items() if name not in _OWN_PLACE}
    is_beside = bool(sheet.decisions or sheet.findings)
    for name, rows in {**sheet.tables, **rest}.items():
        if name in sheet.tables or is_table(rows):
            yield table_section(name, cast("Sequence[object]", rows), room, is_beside=is_beside)
    if sheet.detail and not any(each.local for each in sheet.decisions):
        yield _detail(sheet.detail, is_open=not any(is_table(each) for each in rest.values()))
    yield _about({name: each for name, each in rest.items() if not is_table(each)}, sheet)


def _detail(detail: str, *, is_open: bool) -> Markup:
    said = element("pre", text(detail, MAX_DETAIL), tabindex="0")
    return element(
        "section",
        element("h2", "In full", id="detail"),
        element(
            "details", element("summary", "As text"), element("div", said, class_="inside"), class_="row", open=is_open
        ),
        aria_labelledby="detail",
    )


def _about(rest: Mapping[str, object], sheet: Sheet) -> Markup:
    told = {name.replace("_", " ").capitalize(): cell(encoding.plain(each)) for name, each in rest.items()}
    told |= {"Exit code": joined(int(sheet.exit)), "Schema": joined(sheet.schema)}
    terms = [element("div", element("dt", name), element("dd", said)) for name, said in told.items() if said]
    return element(
        "section",
        element("h2", "About this result", id="about"),
        element("dl", *terms, class_="facts"),
        aria_labelledby="about",
    )
