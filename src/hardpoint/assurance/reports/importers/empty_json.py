"""An empty JSON value: what many tools write after a clean run, and after one that came to nothing."""

import re

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer

_EMPTY = re.compile(rb"(\xef\xbb\xbf)?\s*(\[\s*\]|\{\s*\}|null)")


@importer(
    "empty-json",
    title="An empty JSON list, object or null",
    facts={"findings": "none"},
    recognises=lambda start: _EMPTY.match(start) is not None,
    good=b"[]",
    bad=b"[] ]",
)
def empty_json(data: bytes) -> Report:
    """An empty list or object has no population, and `null` is an error.

    It names no tool and proves no run, though gitleaks, hadolint and others leave a list when clean: have the tool
    write a format that says what was looked at, such as SARIF.
    """
    content = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), object, what="The empty report")
    return Report(
        producer=Producer(name="unknown"),
        population=0,
        facts={"findings": 0},
        error="is null, which names no tool and proves no run" if content is None else None,
    )
