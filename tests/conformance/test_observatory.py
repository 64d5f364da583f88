"""Results of headers beside what the MDN HTTP Observatory 1.4.8 said of the same generated sites.

`python -m bench.headers FOLDER` asks the Observatory itself, of ten thousand; its answers to the first 500 lie here.
"""

import json
from pathlib import Path

import pytest
from bench.headers import generated, judged

ANSWERS = Path(__file__).with_name("observatory.json")


@pytest.mark.requirement("GAT-07")
def test_every_result_is_the_observatorys():
    answers = json.loads(ANSWERS.read_text())
    assert len(answers) == 500
    for site, theirs in zip(generated(len(answers)), answers, strict=True):
        assert judged(site) == theirs, site
