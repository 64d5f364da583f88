"""`python -m bench [NAME…]`: run the benchmarks, print their rows, and write docs/reference/benchmarks.md."""

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import bench
import hardpoint
from bench.measure import Row

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
_HEAD = ("Benchmark", "Work", "Figure", "Peer", "Peer's figure", "Ratio", "Goal", "Met")


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, or all; the page is written when all ran. Exits 0 whether or not goals are met."""
    known = [each.name for each in pkgutil.iter_modules(bench.__path__) if each.name.startswith("b_")]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"No benchmark is named {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    rows = [row for name in names or known for row in importlib.import_module(f"bench.{name}").rows()]
    table = _table(rows)
    print(table)
    if not names:
        PAGE.write_text(_page(table), encoding="utf-8")
    return 0


def _table(rows: Sequence[Row]) -> str:
    lines = [_HEAD, tuple("---" for _ in _HEAD), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.benchmark,
        row.work,
        f"{row.figure:,.0f} {row.unit}",
        row.peer,
        f"{row.peer_figure:,.0f} {row.unit}",
        f"{row.ratio:.2f}",
        row.goal,
        "yes" if row.met else "no",
    )


def _page(table: str) -> str:
    where = f"Hardpoint {hardpoint.__version__}, Python {platform.python_version()}, click {version('click')}"
    return f"""# Benchmarks

Written by `make bench`: medians of whole processes, Hardpoint and its peer in turn in one run. The machines are shared
and noisy; the ratios say more than the figures.

Measured with {where}, {os.cpu_count()} cores.

{table}
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
