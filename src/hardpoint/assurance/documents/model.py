"""Which files are a team's documents, and who publishes them: the `documents` section of the manifest."""

from hardpoint.assurance.documents.slugs import Dialect
from hardpoint.kernel.declarations import Section, declared


@declared
class Documents:
    """The Markdown files whose pointers are promises."""

    exclude: tuple[str, ...] = ()
    """Patterns in the syntax of .gitignore, such as `examples/` or `**/CHANGELOG.md`."""

    slugs: Dialect | None = None
    """Whose anchors headings get; recognised by the files of the tree where it is left out."""


DOCUMENTS = Section("documents", Documents, Documents())
