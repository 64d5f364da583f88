"""Which files are a team's documents: the `documents` section of the manifest."""

from hardpoint.kernel.declarations import Section, declared


@declared
class Documents:
    """The Markdown files whose pointers are promises."""

    exclude: tuple[str, ...] = ()
    """Patterns in the syntax of .gitignore, such as `examples/` or `**/CHANGELOG.md`."""


DOCUMENTS = Section("documents", Documents, Documents())
