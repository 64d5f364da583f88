"""Writes the generated reference pages from the code; with --check it only compares them.

Exits 0 if every page is as the code has it, and 1 with --check if one is not, naming it.
"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import hardpoint
from hardpoint.assurance.reports.records import Form
from hardpoint.capabilities import capabilities
from hardpoint.faces.forms import FORMS
from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.capability import Storey
from hardpoint.kernel.declarations import Section, schema_of
from hardpoint.kernel.importer import Importer
from hardpoint.kernel.manifest import MANIFEST_FILE, json_schema
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.rooms.cli import Context, Verb
from hardpoint.kernel.rule import Rule

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "hardpoint"
TESTS = ROOT / "tests"
REFERENCE = ROOT / "docs" / "reference"
REQUIREMENTS = REFERENCE / "requirements.yaml"
GENERATED = "*Generated from the code by `make docs`; change the code, not this page.*"

Schema = Mapping[str, Any]


def main() -> int:
    """Write every page, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    pages = {REFERENCE / name: text for name, text in reference().items()}
    differing = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    if parser.parse_args().check:
        for path in differing:
            print(f"{path.relative_to(ROOT)} is not what the code says: run `make docs`")
        return 1 if differing else 0
    for path in differing:
        path.write_text(pages[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def reference() -> Mapping[str, str]:
    """Every generated file of docs/reference by its name."""
    context = Context(capabilities())
    schema = json_schema(context.collect("model", Section))
    return {
        "capabilities.md": _page("Capabilities", _capabilities()),
        "cli.md": _page("Commands", _commands(context.collect("verbs", Verb))),
        "hardpoint.schema.json": encoding.pretty(schema) + "\n",
        "importers.md": _page("Importers", _importers(context.collect("importers", Importer))),
        "manifest.md": _page("The manifest", _manifest(schema)),
        "problems.md": _page("Problems and exit codes", _problems()),
        "records.md": _page("Records of your own", _records(context.collect("importers", Form))),
        "requirements.md": _page("Requirements", _requirements()),
        "rules.md": _page("Rules", _rules(sorted(context.collect("rules", Rule), key=lambda each: each.id))),
        "settings.md": _page("Settings", _settings()),
    }


def _page(title: str, blocks: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", GENERATED, *blocks]) + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _fenced(text: str, language: str = "") -> str:
    return f"````{language}\n{text.rstrip()}\n````"


def _unwrapped(docstring: str | None) -> str:
    """A docstring with each paragraph on one line."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(docstring or "").split("\n\n"))


# Capabilities


def _capabilities() -> Iterator[str]:
    yield "Every capability is one folder and one row of `src/hardpoint/capabilities.py`, by storey, the highest first."
    for storey in reversed(Storey):
        rows = [
            (f"`{each.name}`", each.summary, ", ".join(f"`{noun}`" for noun in each.nouns))
            for each in capabilities()
            if each.storey is storey
        ]
        if rows:
            yield f"## {storey.value}"
            yield _table(("capability", "for", "commands"), rows)


# Commands


def _commands(verbs: Sequence[Verb]) -> Iterator[str]:
    forms = ", ".join(f"`{form}`" for form in FORMS)
    yield (
        f"Every command also takes `--format` ({forms}; `text` if left out), `--help`, and any number of times "
        "`--output FORM=FILE`, which also writes the result to a file, whatever the exit code."
    )
    yield "What the exit codes mean is on the page of [problems and exit codes](problems.md#exit-codes)."
    lines = {noun: line for each in capabilities() for noun, line in each.nouns.items()}
    for noun in sorted(lines):
        own = [each for each in verbs if each.words[0] == noun]
        if len(own) > 1 or len(own[0].words) > 1:
            yield f"## {noun}"
            yield f"{lines[noun][:1].upper()}{lines[noun][1:]}."
        for each in own:
            yield from _command(each)


def _command(verb: Verb) -> Iterator[str]:
    yield f"{'#' * (1 + len(verb.words))} {' '.join(verb.words)}"
    context = click.Context(verb.command, info_name=" ".join(("hardpoint", *verb.words)))
    yield _fenced(" ".join([context.command_path, *verb.command.collect_usage_pieces(context)]), "text")
    yield _unwrapped(verb.command.help)
    rows = [_option(each) for each in verb.command.params if isinstance(each, click.Option)]
    if rows:
        yield _table(("option", "default", "meaning"), rows)


def _option(option: click.Option) -> Sequence[str]:
    name = ", ".join(option.opts)
    if isinstance(option.type, click.Choice):
        name += f" {'|'.join(str(each) for each in option.type.choices)}"
    elif not option.is_flag:
        name += f" {option.metavar or option.type.name.upper()}"
    default = f"`{option.default}`" if option.show_default and option.default is not None else ""
    return (f"`{name}`", default, option.help or "")


# What is checked, and what is read


def _rules(rules: Sequence[Rule[Any]]) -> Iterator[str]:
    yield "What `hardpoint check` looks for. An id is never used twice; each example below is a test."
    rows = [(f"[{each.id}](#{each.id.lower()})", each.severity.value, each.title) for each in rules]
    yield _table(("rule", "severity", "title"), rows)
    for each in rules:
        yield f"## {each.id}"
        yield f"**{each.title}** ({each.severity.value}). {each.why}"
        if each.before is not None:
            yield "Before the change:"
            yield from _example(each.before)
        yield "Good:"
        yield from _example(each.good)
        yield "Bad:"
        yield from _example(each.bad)


def _example(files: Mapping[str, str]) -> Iterator[str]:
    for name, text in files.items():
        yield f"`{name}`"
        yield _fenced(text, Path(name).suffix.removeprefix("."))


def _importers(importers: Sequence[Importer]) -> Iterator[str]:
    yield "What `hardpoint evidence import` reads. The kind of a file is found by its content, never by its name."
    for each in importers:
        yield f"## {each.kind}"
        yield f"{each.title}. {_unwrapped(each.read.__doc__)}"
        yield "Facts that a criterion of kind `report` may ask for:"
        yield _table(("fact", "is"), [(f"`{name}`", meaning) for name, meaning in each.facts.items()])
        tested = f"made by {each.made_by}" if each.made_by else "written to its published schema"
        yield f"Tested with reports that were {tested}. The least that is read:"
        yield _fenced(each.good.decode(), "text")


def _records(forms: Sequence[Form[Any]]) -> Iterator[str]:
    yield (
        "JSON for what no tool reports, written by you or a script of yours and read by `hardpoint evidence import`. "
        "Unknown keys, repeated keys and values of another sort are mistakes, and the first five are named with their "
        "paths. Instants are RFC 3339 with their offset. "
        "[How to](../how-to/prove-what-no-tool-reports.md) write them, and what a gate asks of them."
    )
    for form in forms:
        yield f"## {form.schema}"
        schema = schema_of(form.shape)
        for mapping in _mappings(schema, schema, ""):
            if mapping.path:
                yield f"### {mapping.path.removeprefix('.')}"
            yield mapping.description
            yield _table(("key", "value", "default", "meaning"), mapping.rows)


# The manifest


@dataclass(frozen=True)
class Mapped:
    """A mapping that may stand in the manifest: its path, what it is, and a row for each of its keys."""

    path: str
    description: str
    rows: Sequence[Sequence[str]]


def _manifest(schema: Schema) -> Iterator[str]:
    yield (
        f"`{MANIFEST_FILE}` in the root of a repository: what a team declares. Each capability owns one key. Unknown "
        "keys, repeated keys and values of another sort are mistakes, and all of them are reported at once. "
        "[hardpoint.schema.json](hardpoint.schema.json) is the same for editors; `hardpoint schema` prints it."
    )
    rows = [_key(schema, name, below, schema["required"]) for name, below in schema["properties"].items()]
    yield _table(("key", "value", "default", "meaning"), rows)
    for name, below in schema["properties"].items():
        for each in _mappings(schema, below, name):
            yield f"## {each.path}"
            yield each.description
            yield _table(("key", "value", "default", "meaning"), each.rows)


def _mappings(root: Schema, schema: Schema, path: str) -> Iterator[Mapped]:
    """Every mapping with known keys at or below a path, from the outside in."""
    schema = _resolved(root, schema)
    if "items" in schema:
        yield from _mappings(root, schema["items"], f"{path}[]")
    for option in schema.get("oneOf", ()):
        kind = _resolved(root, option)["properties"][schema["discriminator"]["propertyName"]]["const"]
        yield from _mappings(root, option, f"{path} of kind {kind}")
    if "properties" in schema:
        rows = [_key(root, name, below, schema.get("required", ())) for name, below in schema["properties"].items()]
        yield Mapped(path, schema.get("description", ""), rows)
        for name, below in schema["properties"].items():
            yield from _mappings(root, below, f"{path}.{name}")


def _key(root: Schema, name: str, schema: Schema, required: Sequence[str]) -> Sequence[str]:
    default = "required" if name in required else _shown(schema.get("default"))
    said = (each.get("description") for each in (schema, _resolved(root, schema), _item(root, schema)))
    return (
        f"`{name}`",
        _sort(root, schema),
        default,
        next(filter(None, said), _TOLD_APART if "const" in schema else ""),
    )


_TOLD_APART = "Says which of the alternatives this is."


def _item(root: Schema, schema: Schema) -> Schema:
    return _resolved(root, _resolved(root, schema).get("items", {}))


def _shown(default: object) -> str:
    return "" if default in (None, "", [], {}) else f"`{default}`"


def _sort(root: Schema, schema: Schema) -> str:  # noqa: PLR0911 - one for each sort
    """What sort of value a schema takes, in words."""
    match _resolved(root, schema):
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return " or ".join(f"`{each}`" for each in values)
        case {"anyOf": options}:
            return ", or ".join(_sort(root, each) for each in options if each.get("type") != "null")
        case {"items": items}:
            return f"list of {_sort(root, items)}"
        case {"additionalProperties": {} as values}:
            return f"mapping to {_sort(root, values)}"
        case {"pattern": pattern}:
            return f"text like `{pattern}`"
        case plain:
            return _WORDS.get(plain.get("type", ""), "mapping")


_WORDS = {"string": "text", "boolean": "true or false", "number": "number", "integer": "whole number"}


def _resolved(root: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


# Problems and settings


def _problems() -> Iterator[str]:
    yield (
        "Every error is one sentence that names the value, and the remedy. `--format json` gives it as an object "
        "with `code`, `detail`, `remedy` and `place`."
    )
    rows = sorted((f"`{each.code}`", str(int(each.exit)), _unwrapped(each.__doc__)) for each in _descendants(Problem))
    yield _table(("code", "exit", "when"), rows)
    yield "## Exit codes"
    meanings = {each.name: each.meaning for each in _constants(Path(inspect.getfile(Exit)))}
    yield _table(("exit", "means"), [(str(int(each)), meanings[each.name]) for each in Exit])


def _descendants(problem: type[Problem]) -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(hardpoint.__path__, "hardpoint."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = [problem]
    for each in found:  # grows while it is walked
        found += each.__subclasses__()
    yield from found


def _settings() -> Iterator[str]:
    yield "Everything else is an option of a command or a key of the [manifest](manifest.md)."
    found = [each for file in sorted(SOURCE.rglob("*.py")) for each in _constants(file)]
    rows = sorted(
        (f"`{each.value}`", each.meaning) for each in found if each.name.endswith("SETTING") and each.value is not None
    )
    yield _table(("environment variable", "meaning"), rows)


@dataclass(frozen=True)
class Constant:
    """An assignment of a literal in a module or a class, and the docstring under it."""

    name: str
    value: object
    meaning: str


def _constants(file: Path) -> Iterator[Constant]:
    module = ast.parse(file.read_text("utf-8"))
    for body in [module.body, *(node.body for node in module.body if isinstance(node, ast.ClassDef))]:
        for at, node in enumerate(body):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                    yield Constant(name, value, _docstring(body[at + 1 : at + 2]))


def _docstring(following: Sequence[ast.stmt]) -> str:
    match following:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text
    return ""


# Requirements


@dataclass(frozen=True)
class Proof:
    """A test that carries a requirement's id."""

    file: str
    test: str

    def __str__(self) -> str:
        return f"[{self.test}](../../{self.file})"


def _requirements() -> Iterator[str]:
    areas = yaml.load(REQUIREMENTS.read_bytes(), REQUIREMENTS.name).data["areas"]
    proofs = _proofs()
    known = {each["id"] for area in areas for each in area["requirements"]}
    if unknown := sorted(proofs.keys() - known):
        raise SystemExit(f"a test proves {', '.join(unknown)}, which {REQUIREMENTS.relative_to(ROOT)} does not have")
    yield (
        "What Hardpoint is to do, from [requirements.yaml](requirements.yaml), and the tests that carry a "
        "statement's id. *works*: every part of it holds and a test proves it. *begun*: a part of it does. "
        "Without a state it is still to come."
    )
    rows = [_area(area, proofs) for area in areas]
    sums = [str(sum(int(row[column]) for row in rows)) for column in range(1, 5)]
    yield _table(("area", "statements", "works", "begun", "with a test"), [*rows, ("**all**", *sums)])
    for area in areas:
        yield f"## {area['id']}"
        yield f"{area['title']}."
        rows = [_requirement(each, proofs) for each in area["requirements"]]
        yield _table(("id", "kind", "statement", "state", "tests"), rows)


def _area(area: Mapping[str, Any], proofs: Mapping[str, Sequence[Proof]]) -> Sequence[str]:
    stated = area["requirements"]
    states = [each.get("state") for each in stated]
    proved = sum(each["id"] in proofs for each in stated)
    counts = (len(stated), states.count("works"), states.count("begun"), proved)
    return (f"[{area['id']}](#{area['id'].lower()}) {area['title']}", *map(str, counts))


def _requirement(stated: Mapping[str, str], proofs: Mapping[str, Sequence[Proof]]) -> Sequence[str]:
    tests = "<br>".join(str(each) for each in proofs.get(stated["id"], ()))
    return (stated["id"], stated["kind"], stated["statement"].replace("<", "&lt;"), stated.get("state", ""), tests)


def _proofs() -> Mapping[str, Sequence[Proof]]:
    """The tests by requirement, read from their marks without importing them."""
    found: dict[str, list[Proof]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        for test, requirement in _marks(ast.parse(path.read_text("utf-8")).body):
            proof = Proof(file, test or path.stem)
            if proof not in found.setdefault(requirement, []):
                found[requirement].append(proof)
    return found


def _marks(body: Sequence[ast.stmt], within: str = "") -> Iterator[tuple[str, str]]:
    """Test and requirement for each mark: of a function, of a class, or of the whole module."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name, decorator_list=decorators):
                yield from ((name, each) for decorator in decorators for each in _ids(decorator))
            case ast.ClassDef(name=name, decorator_list=decorators):
                yield from ((name, each) for decorator in decorators for each in _ids(decorator))
                yield from _marks(node.body, name)
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                yield from ((within, each) for each in _ids(value))


def _ids(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        match node:
            case ast.Call(func=ast.Attribute(attr="requirement"), args=arguments):
                yield from (str(each.value) for each in arguments if isinstance(each, ast.Constant))


if __name__ == "__main__":
    sys.exit(main())
