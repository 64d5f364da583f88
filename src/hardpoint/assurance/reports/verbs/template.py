"""`hardpoint evidence template`: the blank form of a record for what no tool reports."""

from collections.abc import Mapping
from typing import Any

import click

from hardpoint.assurance.reports.records import Form
from hardpoint.kernel import encoding
from hardpoint.kernel.declarations import schema_of
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.result import Document
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean


@verb("evidence", "template")
@click.argument("kind")
def template(context: Context, kind: str) -> Document:
    """Print a blank record of KIND, such as restore-drill, to be filled in and imported.

    What is required is left blank, and `hardpoint evidence import` refuses it until every blank is filled; what is
    optional has its default.
    """
    forms = {each.schema.partition("/")[0]: each for each in context.collect("importers", Form)}
    if kind not in forms:
        known = sorted(forms)
        raise UsageProblem(
            f"{kind!r} is no kind of record{did_you_mean(kind, known)}", remedy=f"Known: {', '.join(known)}"
        )
    return Document(encoding.pretty(blank(forms[kind])) + "\n")


def blank(form: Form[Any]) -> object:
    """A record of this form in which nothing is said yet."""
    schema = schema_of(form.shape)
    return _blank(schema, schema.get("$defs", {}))


def _blank(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> object:
    """A list that is required has one item to copy; a truth value and a number have no blank, so they are null."""
    if "$ref" in schema:
        return _blank(shapes[str(schema["$ref"]).rpartition("/")[2]], shapes)
    if "const" in schema:
        return schema["const"]
    if "properties" in schema:
        return {name: _entry(name, each, schema, shapes) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [_blank(schema["items"], shapes)]
    return "" if "enum" in schema or schema.get("type") == "string" else None


def _entry(name: str, schema: Mapping[str, Any], whole: Mapping[str, Any], shapes: Mapping[str, Any]) -> object:
    return _blank(schema, shapes) if name in whole.get("required", ()) else schema.get("default")
