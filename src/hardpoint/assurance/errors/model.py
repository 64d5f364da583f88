"""What a team declares of its errors: the `errors` section of the manifest, and the files that it names."""

from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from hardpoint.kernel.declarations import Section, declared

Names = tuple[Annotated[str, MinLen(1)], ...]
Patterns = tuple[str, ...]
Text = Annotated[str, MinLen(1)]


@declared
class Code:
    """One error: its code, which callers rely on and which never means anything else."""

    code: Annotated[str, MinLen(1), MaxLen(200)]
    """Such as `ORDER_GONE` or `orders.gone`: letters, digits, and `. _ - : /` between them."""
    number: int | None = None
    """Its number, where callers know it by one."""
    title: Text
    """What happened, in one line."""
    category: Text
    """What kind of error it is, such as `validation`, `conflict`, `dependency`."""
    severity: Literal["info", "warning", "error", "critical"]
    """How bad it is for the service; not for the one caller."""
    retry: Literal["never", "backoff", "immediately"]
    """Whether the same request may succeed later: never, after waiting longer each time, or at once."""
    remedy: Text
    """What the caller, or whoever is on call, does about it."""
    status: Annotated[int, Ge(400), Le(599)] | None = None
    """The HTTP status that it comes with."""
    retired: bool = False
    """Whether it is raised no more. It stays here, so that nobody gives its code to another error."""


@declared
class Raised:
    """How source text raises or returns errors by their code."""

    files: Annotated[Patterns, MinLen(1)]
    """Patterns in the syntax of .gitignore, such as `src/**/*.py`."""
    calls: Names = ()
    """Python: what is called with a code, such as `ShopError` or `errors.fail`."""
    argument: Text = "code"
    """Python: the keyword that has the code in such a call; without it the first argument has it."""
    attributes: Names = ()
    """Python: attributes of classes that hold a code, such as `code`."""
    patterns: Names = ()
    """Any language: regular expressions whose group `code`, or first group, is a code."""


@declared
class Generated:
    """Files that are made of the codes; `hardpoint errors generate` writes them."""

    python: str = ""
    """A Python module with typed constants, such as `src/shop/error_codes.py`."""
    typescript: str = ""
    """A TypeScript module with typed constants."""
    markdown: str = ""
    """A page for those who meet the errors."""


@declared
class Errors:
    """The taxonomy of a team's errors."""

    files: Patterns = ()
    """YAML files with `codes:`, such as `errors.yaml`."""
    codes: tuple[Code, ...] = ()
    """Codes that are declared here instead."""
    categories: Names = ()
    """The categories that there are; any if left out."""
    raised: tuple[Raised, ...] = ()
    """Where and how they are raised; without it no source is looked at."""
    generated: Generated = Generated()
    """What is made of them."""


@declared
class Codes:
    """A file of error codes."""

    codes: Annotated[tuple[Code, ...], MinLen(1)]
    """The codes."""


ERRORS = Section("errors", Errors, Errors())
