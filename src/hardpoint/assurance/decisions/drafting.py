"""Drafts: the text of a new decision in the form of its log, and of two decisions of which one supersedes the other."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import date

from hardpoint.assurance.decisions.history import numbers_of_base
from hardpoint.assurance.decisions.logs import MIN_SHARE, Log
from hardpoint.assurance.decisions.model import DECISIONS
from hardpoint.assurance.decisions.naming import FILE_NAME, is_template
from hardpoint.assurance.decisions.record import FIELD_LINE, ROW_OF_TWO, Decision, Part, read_decision
from hardpoint.assurance.decisions.status import Written
from hardpoint.assurance.documents.outline import text_of
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.workspace import Workspace

PROPOSED = "proposed"
MAX_SLUG = 80
_DEFAULT = "# NUMBER. TITLE\n\nDate: DATE\n\n## Status\n\nSTATUS\n\n## Context\n\n## Decision\n\n## Consequences\n"
_VARIABLE = re.compile(r"\b(?:NUMBER|TITLE|DATE|STATUS)\b")


def next_number(log: Log, workspace: Workspace) -> int:
    """The number after all that the log has, and all that the branch which others build on has given meanwhile."""
    return max({*log.by_number, *numbers_of_base(log.folder, workspace), 0}) + 1


def file_for(title: str, number: int, log: Log) -> str:
    """The path of a new decision, named as the newest of its log is."""
    like = _newest(log)
    found = FILE_NAME.match(posixpath.basename(like.file)) if like else None
    words = re.findall(r"[^\W_]+", title.lower())
    if not words:
        raise UsageProblem(f"{title!r} has no word to name a file by", remedy="Give the decision as a short sentence.")
    joint = "_" if found and "_" in found["rest"].strip("-_. ") and "-" not in found["rest"] else "-"
    slug = joint.join(words)[:MAX_SLUG].rstrip(joint)
    lead = re.match(r"[-_. ]+", found["rest"]) if found else None
    prefix = found["prefix"] if found else ""
    return posixpath.join(log.folder, f"{prefix}{_padded(number, log)}{lead[0] if lead else joint}{slug}.md")


def new_text(title: str, number: int, log: Log, today: date, workspace: Workspace) -> str:
    """A new decision: the log's template if it has one, else the headings and fields that its decisions have."""
    file = file_for(title, number, log)
    like = _newest(log)
    template = _template(log, workspace)
    sections = workspace.manifest[DECISIONS].sections
    if template is not None:
        text = _headed(template, _heading(title, number, like), file)
    elif like is not None:
        text = _skeleton(like, log, _heading(title, number, like))
    else:
        text = _declared(sections) if sections else _DEFAULT
    status = PROPOSED.capitalize() if like is None or _is_capital(like) else PROPOSED
    values = {"NUMBER": _titled(number, like), "TITLE": title, "DATE": today.isoformat(), "STATUS": status}
    text = _VARIABLE.sub(lambda found: values[found[0]], text)
    drafted = read_decision(file, text.encode())
    for written, value in ((drafted.status, status), (drafted.date, today.isoformat()), (_front_title(drafted), title)):
        if written is not None:
            text = _with(text, written, value)
    return text


def superseded_text(old: Decision, by: Decision) -> str:
    """The old decision with a status that names its successor.

    Raises UsageProblem if it has no status to write that to.
    """
    if old.status is None:
        raise UsageProblem(f"{old.file} has no status", remedy="Add one first; the next run changes it.")
    word = "Superseded by" if _is_capital(old) else "superseded by"
    return _with(old.text, old.status, f"{word} {_link(by, old)}")


def superseding_text(new: Decision, old: Decision) -> str:
    """The new decision with a line that names the old one, beside its status and in the form of that.

    Raises UsageProblem if it has no status to stand beside.
    """
    if any(each.number == old.number or each.file == old.file for each in new.supersedes):
        return new.text
    if new.status is None:
        raise UsageProblem(f"{new.file} has no status", remedy="Add one first; the next run changes it.")
    lines = new.text.split("\n")
    at = new.status.place.line
    line = lines[at - 1]
    if new.text.startswith("---\n") and at < _front_end(lines):
        lines.insert(at, f'supersedes: "{old.name}"')
    elif found := ROW_OF_TWO.match(line) or FIELD_LINE.match(line):
        written = (
            f"{line[: found.start('name')]}Supersedes{line[found.end('name') : found.start('value')]}{_link(old, new)}"
        )
        written += " |" if ROW_OF_TWO.match(line) else ""
        apart = [] if re.match(r"[ \t]*(?:[-*+>][ \t]|\|)", line) else [""]
        lines[at:at] = [*apart, written]
    else:
        lines[at:at] = ["", f"Supersedes {_link(old, new)}"]
    return "\n".join(lines)


def _newest(log: Log) -> Decision | None:
    numbered = [
        each for each in log.decisions if each.number is not None and posixpath.dirname(each.file) == log.folder
    ]
    return numbered[-1] if numbered else next(reversed(log.decisions), None)


def _padded(number: int, log: Log) -> str:
    names = [each.name for each in log.decisions if each.number is not None]
    if not names:
        return f"{number:04}"
    return str(number).zfill(min(map(len, names))) if any(name.startswith("0") for name in names) else str(number)


def _template(log: Log, workspace: Workspace) -> str | None:
    """The text of the template that lies beside the decisions, in `templates` below them, or at adr-tools' place."""
    folders = (log.folder, f"{log.folder}/templates", f"{log.folder}/template")
    beside = [file for file in workspace.files if posixpath.dirname(file) in folders and file.endswith(".md")]
    named = [file for file in beside if is_template(file) or posixpath.dirname(file) != log.folder]
    file = min(named, key=lambda each: (len(each), each), default=None)  # the plainest name is the usual one
    return text_of(file, workspace) if file else None


def _declared(sections: Sequence[str]) -> str:
    body = "".join(f"\n## {each.partition('|')[0].strip()}\n" for each in sections)
    return f"# NUMBER. TITLE\n\n- Status: STATUS\n- Date: DATE\n{body}"


def _heading(title: str, number: int, like: Decision | None) -> str:
    """The title with its number as the newest decision has it."""
    lead = _lead(like) if like else f"{number}. "
    return re.sub(r"\d+", _titled(number, like), lead, count=1) + title


def _titled(number: int, like: Decision | None) -> str:
    """A number as the title of the newest decision writes it."""
    written = re.search(r"\d+", _lead(like)) if like else None
    return str(number).zfill(len(written[0])) if written and written[0].startswith("0") else str(number)


def _lead(like: Decision) -> str:
    """What stands before the title proper: its number, if it has one."""
    return like.title.text[: len(like.title.text) - len(like.bare_title)] if like.title_number is not None else ""


def _headed(template: str, heading: str, file: str) -> str:
    """A template under another title; what is written in capitals is filled in by name."""
    title = read_decision(file, template.encode()).title
    lines = template.split("\n")
    line = lines[title.place.line - 1]
    if title.text and line.startswith("#") and not _VARIABLE.search(line):
        lines[title.place.line - 1] = f"{line[: len(line) - len(line.lstrip('#'))]} {heading}"
    return "\n".join(lines)


def _skeleton(like: Decision, log: Log, heading: str) -> str:
    """What a decision has besides what it says: its fields, and the headings that at least half of the log has."""
    front = [_emptied(line) for line in _front(like) if not _is_of_others(line)]
    head = list(_fields(like))
    section_lines = [f"\n{'#' * part.level} {part.title}\n{_status_of(part, like)}" for part in _usual(like, log)]
    front_text = "\n".join(["---", *front, "---", ""]) if front else ""
    title = f"# {heading}\n" if like.title.place.line > len(front) or not front else ""
    fields = "\n" + "\n".join(head) + "\n" if head else ""
    return f"{front_text}{title}{fields}{''.join(section_lines)}".rstrip("\n") + "\n"


def _usual(like: Decision, log: Log) -> Iterator[Part]:
    titles = [[part.plain_title for part in each.parts] for each in log.decisions]
    for part in like.parts:
        usual = sum(part.plain_title in each for each in titles) >= len(titles) * MIN_SHARE
        if part.level > 1 and part.place_in(like) and usual:
            yield part


def _status_of(part: Part, like: Decision) -> str:
    """What a section that gives the status or the date holds until those are filled in."""
    for written in (like.status, like.date):
        if written is not None and part.plain_title in {"status", "date"} and written.text in part.text:
            return f"\n{written.text}\n"
    return ""


def _front(like: Decision) -> list[str]:
    lines = like.text.split("\n")
    return lines[1 : _front_end(lines) - 1] if like.text.startswith("---\n") else []


def _front_end(lines: Sequence[str]) -> int:
    """The line that ends the front matter; 0 without one."""
    return next((at for at, line in enumerate(lines, 1) if at > 1 and line.rstrip() in {"---", "..."}), 0)


def _emptied(line: str) -> str:
    """A line of front matter without its value, unless that is filled in later."""
    key = re.match(r"^([\w -]+):", line)
    return line if key is None or key[1].strip().lower() in {"status", "date", "title"} else key[0]


def _front_title(decision: Decision) -> Written | None:
    said = decision.fields.get("title")
    end = _front_end(decision.text.split("\n")) if decision.text.startswith("---\n") else 0
    return said if said is not None and said.place.line < end else None


def _fields(like: Decision) -> Iterator[str]:
    """The lines of the head that are fields, without what they say of other decisions or people."""
    first = next((part.line for part in like.parts if part.level > 1), len(like.text))
    lines = like.text.split("\n")
    for at in range(like.title.place.line, min(first - 1, len(lines))):
        line = lines[at]
        found = ROW_OF_TWO.match(line) or FIELD_LINE.match(line)
        if found and not _is_of_others(found["name"]):
            kept = any(each is not None and each.place.line == at + 1 for each in (like.status, like.date))
            yield line if kept else line[: found.start("value")].rstrip() + (" |" * line.rstrip().endswith("|"))
        elif re.match(r"[ \t]*\|[ \t:|-]+$", line):
            yield line


def _is_of_others(name: str) -> bool:
    """Whether a field says how a decision stands to others."""
    return name.lower().startswith(("supersed", "replace", "obsolet", "amend", "relate"))


def _is_capital(decision: Decision) -> bool:
    return bool(decision.status and decision.status.plain[:1].isupper())


def _link(to: Decision, at: Decision) -> str:
    return f"[{to.name}]({posixpath.relpath(to.file, posixpath.dirname(at.file) or '.')})"


def _with(text: str, written: Written, value: str) -> str:
    """The text with a value in the place of another on its line, and all else as it was."""
    lines = text.split("\n")
    at = written.place.line - 1
    head, found, tail = _split(lines[at], written)
    lines[at] = f"{head}{value}{tail}" if found else lines[at]
    return "\n".join(lines)


def _split(line: str, written: Written) -> tuple[str, str, str]:
    start = max(written.place.column - 1, line.find(":") + 1 if not written.place.column else 0, 0)
    head, found, tail = line[start:].partition(written.text)
    return line[:start] + head, found, tail
