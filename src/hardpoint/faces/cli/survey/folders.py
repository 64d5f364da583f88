"""Folders by what their names say: which hold what others wrote, and which are beside the product."""

from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OTHERS = _words("""
    node_modules bower_components vendor vendored _vendor third_party third-party thirdparty 3rdparty site-packages
    .venv venv .bundle
""")
"""What others wrote."""
TESTS = _words("""
    test tests testing testdata test-data test_data spec specs e2e __tests__ __fixtures__ fixture fixtures mock mocks
    bench benches benchmark benchmarks fuzz
""")
"""What tries the product."""
BESIDE = TESTS | _words("""
    example examples sample samples demo demos template templates snippets playground playgrounds docs doc website
    tutorial tutorials
""")
"""What is no part of the product: tests, and what is written to explain it."""


def is_of(file: str, folders: frozenset[str]) -> bool:
    """Whether a file lies below a folder of one of these names."""
    return not folders.isdisjoint(file.lower().split("/")[:-1])


def own(files: Iterable[str]) -> list[str]:
    """The files that no folder says others wrote."""
    return [file for file in files if not is_of(file, OTHERS)]
