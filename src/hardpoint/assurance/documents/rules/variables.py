"""Environment variables: that what code reads is what examples and documents list."""

from collections.abc import Iterator

from hardpoint.assurance.documents.variables import Example, examples, only_documented, unlisted, unread
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_CODE = 'import os\n\nURL = os.environ["SHOP_URL"]\n'


@rule(
    "DOC025",
    Severity.WARNING,
    over=examples,
    title="Code needs a variable that the example does not list",
    why="Whoever copies the example starts a program that lacks it, and finds out from a stack trace.",
    good={".env.example": "SHOP_URL=http://localhost\n", "shop.py": _CODE},
    bad={".env.example": "SHOP_NAME=shop\n", "shop.py": _CODE},
)
def not_listed(example: Example, workspace: Workspace) -> Iterator[Finding]:
    for use in unlisted(example, workspace, defaulted=False):
        yield not_listed.finding(
            use.place,
            f"{use.name} is read here, and {example.file} does not list it",
            remedy="Add it there; name what the platform sets under `documents: platform_variables:`",
        )


_DEFAULTED = 'import os\n\nURL = os.environ["SHOP_URL"]\nNAME = os.environ.get("SHOP_NAME", "shop")\n'


@rule(
    "DOC031",
    Severity.NOTE,
    over=examples,
    title="Code takes a variable that the example does not list",
    why="It starts without, and nobody learns from the example that it can be set.",
    good={".env.example": "SHOP_URL=http://localhost\nSHOP_NAME=shop\n", "shop.py": _DEFAULTED},
    bad={".env.example": "SHOP_URL=http://localhost\n", "shop.py": _DEFAULTED},
)
def default_not_listed(example: Example, workspace: Workspace) -> Iterator[Finding]:
    for use in unlisted(example, workspace, defaulted=True):
        yield default_not_listed.finding(
            use.place,
            f"{use.name} has a default here, and {example.file} does not list it",
            remedy="Add it, perhaps as a comment with its default",
        )


@rule(
    "DOC026",
    Severity.WARNING,
    over=examples,
    title="The example lists a variable that nothing reads",
    why="People set it, and wonder why nothing changes; often it was renamed in the code.",
    good={".env.example": "SHOP_URL=http://localhost\n", "shop.py": _CODE},
    bad={".env.example": "SHOP_URL=http://localhost\nSHOP_HOST=localhost\n", "shop.py": _CODE},
)
def not_read(example: Example, workspace: Workspace) -> Iterator[Finding]:
    for name in unread(example, workspace):
        yield not_read.finding(example.listed[name], f"nothing reads {name}", remedy="Drop it, or write its new name")


@rule(
    "DOC027",
    Severity.NOTE,
    over=examples,
    title="A document names a variable that is neither listed nor read",
    why="It may have been renamed, and the page still tells operators to set it.",
    good={
        ".env.example": "SHOP_URL=\nSHOP_NAME=\n",
        "shop.py": f'{_CODE}NAME = os.environ["SHOP_NAME"]\n',
        "README.md": "Set `SHOP_URL`.\n",
    },
    bad={
        ".env.example": "SHOP_URL=\nSHOP_NAME=\n",
        "shop.py": f'{_CODE}NAME = os.environ["SHOP_NAME"]\n',
        "README.md": "Set `SHOP_ADDRESS`.\n",
    },
)
def only_in_documents(example: Example, workspace: Workspace) -> Iterator[Finding]:
    for use in only_documented(example, workspace):
        yield only_in_documents.finding(
            use.place, f"{use.name} is neither in {example.file} nor read by code", remedy="Write what it is called now"
        )
