"""B-FINDINGS: scanner findings imported into the record and deduplicated, and the same ones again."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, hardpoint

FINDINGS = 20_000
REPORTED = 17.0
"""DefectDojo's import in findings a second, as its users report it (issue 4641 of 2021); not measured here."""
MANIFEST = "version: 1\nservices: [{name: shop, owner: ada}]\nfindings: {rated: [{report: sarif}]}\n"


def rows() -> Iterator[Row]:
    """Whole processes: two tools' reports of the same problems are imported and listed; then all of it once more."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        folder = Path(scratch) / "shop"
        folder.mkdir()
        os.environ["HARDPOINT_CONFIG_DIR"] = str(Path(scratch) / "settings")
        (folder / "hardpoint.yaml").write_text(MANIFEST, encoding="utf-8")
        (folder / ".gitignore").write_text("*.sarif\n", encoding="utf-8")
        for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "begin")):
            identity = ("-c", "user.name=Ada Wren", "-c", "user.email=ada@example.org")
            subprocess.run(["git", *identity, *command], cwd=folder, check=True)
        for tool in ("one", "other"):
            (folder / f"{tool}.sarif").write_text(_report(tool), encoding="utf-8")
        first, found = _imported_and_listed(folder)
        again, still = _imported_and_listed(folder)
    assert found == still == FINDINGS, (found, still)
    for work, seconds in (("imported, deduplicated and listed", first), ("the same once more, which adds none", again)):
        yield Row(
            benchmark="B-FINDINGS",
            work=f"{2 * FINDINGS} findings of two tools {work}",
            figure=2 * FINDINGS / seconds,
            peer="DefectDojo, as reported",
            peer_figure=REPORTED,
            unit="/s",
            goal="at least 2,000/s",
            met=2 * FINDINGS / seconds >= 2000,
        )


def _imported_and_listed(folder: Path) -> tuple[float, int]:
    began = time.perf_counter()
    _run(folder, "evidence", "import", "--commit", "HEAD", "one.sarif", "other.sarif")
    listed = _run(folder, "findings", "list", "--all", "--format", "json")
    return time.perf_counter() - began, len(json.loads(listed)["findings"])


def _run(folder: Path, *arguments: str) -> bytes:
    return subprocess.run([hardpoint(), *arguments], cwd=folder, check=True, stdout=subprocess.PIPE).stdout


def _report(tool: str) -> str:
    """The same problems as each tool writes them: other names of the tool and rules, other lines."""
    results = [
        {
            "ruleId": f"{tool}.rule-{n % 50}",
            "level": ("error", "warning", "note")[n % 3],
            "message": {"text": f"{tool} says that it is unsafe"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/part{n // 50}/module.py"},
                        "region": {"startLine": n + len(tool)},
                    }
                }
            ],
        }
        for n in range(FINDINGS)
    ]
    driver = {"driver": {"name": tool}}
    invocations = [{"executionSuccessful": True, "endTimeUtc": "2026-03-31T10:00:00Z"}]
    run = {"tool": driver, "invocations": invocations, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]})
