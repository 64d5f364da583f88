"""Results of headers beside the Observatory's own code, where that and node are here."""

import os
import shutil
from pathlib import Path

import pytest
from bench.headers import different, generated

FOLDER = os.environ.get("HARDPOINT_TEST_OBSERVATORY", "")
COUNT = 10_000 if os.environ.get("HARDPOINT_FAULTS") == "full" else 300


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.skipif(
    not Path(FOLDER, "src", "constants.js").is_file(),
    reason="HARDPOINT_TEST_OBSERVATORY names no folder of the package @mdn/mdn-http-observatory",
)
def test_every_result_is_the_observatorys():
    assert list(different(list(generated(COUNT)), FOLDER)) == []
