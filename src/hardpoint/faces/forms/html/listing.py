"""Lists: findings by rule, and tables of anything else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass

from hardpoint.faces.forms.html.elements import Markup, element, instant, is_instant, joined, prose
from hardpoint.faces.forms.html.room import MAX_ROWS, Room
from hardpoint.faces.forms.html.tones import chip, is_known
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.place import Place

MAX_OPEN = 50
"""Findings of the first rule that are open at first."""

MAX_BESIDE = 15
"""Rows of a table beside what matters more, up to which it is open at first."""

MAX_IN_CELL = 5
"""How many of a list are named in one cell; the rest is counted."""

_MAX_GROUPS = 500

_PLACE = {"file", "line", "column"}


def findings_section(findings: Sequence[Finding], room: Room) -> Markup:
    """All findings, a group for each rule, the worst and most frequent first."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule].append(finding)
    ordered = sorted(groups.items(), key=lambda each: (-_worst(each[1]), -len(each[1]), each[0]))
    drawn = [
        _group(rule, each, room, is_open=not at and len(each) <= MAX_OPEN) for at, (rule, each) in enumerate(ordered)
    ]
    shown = drawn[:_MAX_GROUPS]
    return element(
        "section",
        element("h2", "Findings ", element("span", _count(len(findings)), class_="count"), id="findings"),
        *shown,
        left_out(len(drawn) - len(shown), "rule"),
        aria_labelledby="findings",
    )


def findings_table(findings: Sequence[Finding], room: Room, name: str) -> Markup:
    """Findings with their places; a remedy that all of them share is said once, above them."""
    remedies = {each.remedy for each in findings}
    shared = findings[0].remedy if len(remedies) == 1 else ""
    own = not shared and any(remedies)
    rows = room.fill(findings, lambda each: _finding(each, own=own))
    return joined(
        element("p", element("b", "Remedy: "), prose(shared), class_="remedy") if shared else "",
        scrolled(table(["Place", "What", "Remedy"] if own else ["Place", "What"], rows), name) if rows else "",
        left_out(len(findings) - len(rows), "finding"),
    )


def _worst(findings: Sequence[Finding]) -> int:
    order = {"note": 0, "warning": 1, "error": 2}
    return max(order[each.severity.value] for each in findings)


def _group(rule: str, findings: Sequence[Finding], room: Room, *, is_open: bool) -> Markup:
    worst = max(findings, key=lambda each: each.severity)
    tools = ", ".join(sorted({each.tool for each in findings} - {"hardpoint"}))
    ordered = sorted(findings, key=lambda each: each.severity, reverse=True)
    return element(
        "details",
        element(
            "summary",
            chip(worst.severity.value),
            element("span", element("b", rule), element("small", f" {tools}" if tools else ""), class_="name"),
            element("span", _count(len(findings)), class_="count"),
        ),
        element("div", findings_table(ordered, room, f"Findings of {rule}"), class_="inside"),
        class_="row",
        open=is_open,
    )


def _finding(finding: Finding, *, own: bool) -> Markup:
    exposure = finding.exposure
    known_as = f" ({exposure.risk.value}: {', '.join(exposure.aliases)})" if exposure and exposure.aliases else ""
    return element(
        "tr",
        element("th", element("code", str(finding.place) or "the whole"), scope="row"),
        element("td", prose(finding.text), known_as),
        element("td", prose(finding.remedy)) if own else "",
    )


def table_section(name: str, items: Sequence[object], room: Room, *, is_beside: bool) -> Markup:
    """A list of anything: a column for each field that says something, or a line each.

    A long one that only stands beside a verdict or findings is closed at first.
    """
    title = name.replace("_", " ").capitalize()
    identity = "table-" + "".join(each if each.isascii() and each.isalnum() else "-" for each in name)
    rows = [encoding.plain(each) for each in items[:MAX_ROWS]]
    keyed = [each for each in rows if isinstance(each, Mapping)]
    if len(keyed) == len(rows):
        columns = [
            key for key in dict.fromkeys(key for row in keyed for key in row) if any(cell(r.get(key)) for r in keyed)
        ]
        drawn = room.fill(keyed, lambda row: _row(row, columns))
        body = scrolled(table([each.replace("_", " ") for each in columns], drawn), title)
    else:
        drawn = room.fill(rows, lambda row: element("li", cell(row)))
        body = element("ul", *drawn)
    return element(
        "section",
        element("h2", f"{title} ", element("span", _count(len(items)), class_="count"), id=identity),
        _closed(body) if is_beside and len(items) > MAX_BESIDE else body,
        left_out(len(items) - len(drawn), "row"),
        aria_labelledby=identity,
    )


def _closed(body: Markup) -> Markup:
    return element("details", element("summary", "All of them"), element("div", body, class_="inside"), class_="row")


def is_table(value: object) -> bool:
    """Whether a value is a list of rows."""
    return isinstance(value, list | tuple) and any(is_dataclass(each) or isinstance(each, Mapping) for each in value)


def left_out(count: int, what: str) -> Markup:
    """How many are not on the page, and where they are."""
    if count <= 0:
        return Markup("")
    said = f"… and {count:,} more {what}{'s' * (count != 1)}; --format json has all of them."
    return element("p", said, class_="more")


def cell(value: object) -> Markup:
    """A plain value as people read it: words in their tone, places as file:line, lists by their first few."""
    if isinstance(value, Mapping):
        if set(value) == _PLACE:
            return element("code", str(Place(**value))) if value["file"] else Markup("")
        said = [joined(f"{key} ", cell(each)) for key, each in value.items() if each not in (None, "", False)]
        return joined(Markup(", ".join(said[:MAX_IN_CELL])), _rest(len(said)))
    if isinstance(value, list | tuple):
        return joined(Markup(", ".join(cell(each) for each in value[:MAX_IN_CELL])), _rest(len(value)))
    return _said("" if value is None or value is False else "yes" if value is True else str(value))


def _said(value: str) -> Markup:
    if is_known(value):
        return chip(value)
    return instant(value) if is_instant(value) else prose(value)


def _rest(count: int) -> Markup:
    return Markup(f" and {count - MAX_IN_CELL:,} more" if count > MAX_IN_CELL else "")


def _row(row: Mapping[str, object], columns: Sequence[str]) -> Markup:
    first, *others = [cell(row.get(key)) for key in columns] or [Markup("")]
    return element("tr", element("th", first, scope="row"), *[element("td", each) for each in others])


def table(columns: Sequence[str], rows: Sequence[Markup]) -> Markup:
    """A table with a head for each column."""
    heads = [element("th", each, scope="col") for each in columns]
    return element("table", element("thead", element("tr", *heads)), element("tbody", *rows))


def scrolled(drawn: Markup, name: str) -> Markup:
    """A wide table scrolls by itself, also by keyboard; the page does not."""
    return element("div", drawn, class_="wide", role="region", aria_label=name, tabindex="0")


def _count(count: int) -> str:
    return f"{count:,}"
