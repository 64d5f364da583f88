"""`hardpoint errors …`: the registered codes, and the constants and the page that are made of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardpoint.kernel.problem import Exit, UsageProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.rooms.cli import Context, verb
from hardpoint.kernel.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hardpoint.assurance.errors.taxonomy import Taxonomy

MAX_FILE_BYTES = 4 * 1024 * 1024


@verb("errors", "list")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--category", metavar="NAME", help="Only those of this category.")
@click.option("--retired", is_flag=True, help="Those that are raised no more, too.")
def list_codes(context: Context, file: Path | None, *, category: str | None, retired: bool) -> Result:
    """List the codes of a taxonomy: what each means, and whether trying again helps.

    FILE is a file of codes; without one, the manifest says where they are.
    """
    entries = sorted(_taxonomy(context, file).by_code.values(), key=lambda each: each.code.code)
    rows = [
        {
            "code": each.code.code,
            "number": each.code.number,
            "category": each.code.category,
            "severity": each.code.severity,
            "retry": each.code.retry,
            "status": each.code.status,
            "title": each.code.title,
            "remedy": each.code.remedy,
            **({"retired": each.code.retired} if retired else {}),
        }
        for each in entries
        if (retired or not each.code.retired) and category in {None, each.code.category}
    ]
    given = {each.code.category for each in entries}
    if category is not None and category not in given:
        raise UsageProblem(
            f"No code is of the category {category!r}{did_you_mean(category, sorted(given))}",
            remedy=f"Known: {', '.join(sorted(given)) or 'none'}",
        )
    return Result(
        schema="errors-list/v1",
        headline="1 code" if len(rows) == 1 else f"{len(rows)} codes" if rows else "there are no codes",
        items={"codes": rows},
        next_steps=() if entries else ("declare them under `errors:` in hardpoint.yaml, or name a file",),
    )


@verb("errors", "generate")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write to, instead of what is declared.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs.")
def generate(context: Context, file: Path | None, *, out: Path | None, check: bool) -> Result:
    """Write typed constants (Python, TypeScript) and a page (Markdown) of the codes of a taxonomy.

    FILE is a file of codes; without one, the manifest says where they are, and under `errors.generated` what to write.
    The same codes always give the same files. With --check, exits 1 if one of them differs.
    """
    from hardpoint.assurance.errors.generation import NAMES, generated
    from hardpoint.assurance.errors.model import ERRORS

    codes = _taxonomy(context, file)
    _refuse_ambiguous(codes)
    if not codes:
        raise UsageProblem(
            "There are no codes", remedy="Declare them under `errors:` in hardpoint.yaml, or name a file."
        )
    if out is None and file is not None:
        raise UsageProblem(f"Where to is what is made of {file} written?", remedy="Name a folder: --out src/shop")
    made = generated(codes, NAMES if out is not None else context.workspace.manifest[ERRORS].generated)
    if not made:
        raise UsageProblem("Nothing is to be generated", remedy="Name files under errors.generated, or --out FOLDER.")
    folder = context.folder / out if out is not None else context.workspace.root or context.folder
    differing = [name for name, text in made.items() if _read(folder / name) != text.encode()]
    if not check:
        _write(folder, {name: made[name] for name in differing})
    said = "differ" if check else "written"
    return Result(
        schema="errors-generate/v1",
        headline=f"{len(differing)} of {len(made)} files {said}"
        if differing
        else f"{len(made)} files are as they should be",
        about={"written": not check and bool(differing), "files": list(made), "differing": differing},
        detail="\n".join(differing),
        next_steps=("hardpoint errors generate",) if check and differing else (),
        exit=Exit.FOUND if check and differing else Exit.OK,
    )


def _taxonomy(context: Context, file: Path | None) -> "Taxonomy":
    from hardpoint.assurance.errors.taxonomy import read_taxonomy, taxonomy

    if file is None:
        return taxonomy(context.workspace)
    return read_taxonomy(str(file), context.read(file, most=MAX_FILE_BYTES))


def _refuse_ambiguous(codes: "Taxonomy") -> None:
    """Raises UsageProblem for what would make two constants one, or none."""
    from hardpoint.assurance.errors.taxonomy import FORM

    constants: dict[str, str] = {}
    for each in codes.entries:
        other = constants.setdefault(each.constant, each.code.code)
        if other != each.code.code or codes.by_code[each.code.code] is not each:
            raise UsageProblem(
                f"{each.code.code!r} has the constant of {other!r}", place=each.place, remedy="Name it otherwise."
            )
        if not FORM.fullmatch(each.code.code):
            remedy = "Write letters and digits, with . _ - : / between them."
            raise UsageProblem(f"{each.code.code!r} is no code", place=each.place, remedy=remedy)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _write(folder: Path, files: "Mapping[str, str]") -> None:
    from hardpoint.kernel.atomic import add_file, replace_file

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be made: {error.strerror}", remedy="Name another folder.") from error
    for name, text in files.items():
        (replace_file if (folder / name).exists() else add_file)(folder, name, text.encode())
