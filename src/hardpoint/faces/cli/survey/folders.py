"""Folders by what their names say: which hold what others wrote, and which are beside the product."""

from collections.abc import Iterable

OTHERS = frozenset(
    "node_modules bower_components vendor vendored _vendor third_party third-party thirdparty 3rdparty site-packages"
    " .venv venv".split()
)
"""What others wrote."""
BESIDE = frozenset(
    "test tests testing testdata test-data test_data spec specs e2e __tests__ __fixtures__ fixture fixtures mock mocks"
    " example examples sample samples demo demos template templates snippets playground playgrounds bench benches"
    " benchmark benchmarks docs doc website tutorial tutorials fuzz".split()
)
"""What is written about the product, or to try it."""


def is_of(file: str, folders: frozenset[str]) -> bool:
    """Whether a file lies below a folder of one of these names."""
    return not folders.isdisjoint(file.lower().split("/")[:-1])


def own(files: Iterable[str]) -> list[str]:
    """The files that no folder says others wrote."""
    return [file for file in files if not is_of(file, OTHERS)]
