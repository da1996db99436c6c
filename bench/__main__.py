"""Measure what the documents claim: `python -m bench [--large] [--write] [--no-pandas]`."""

import argparse
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import bulk, single, startup
from vertrauenskonto.importers.policy import read_policy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "benchmarks.md"
_HEAD = """\
# Benchmarks

Written by `python -m bench --large --write`. Ratios compare within one run, so they hold on other
machines too; seconds are those of the machine named.

"""


def main() -> None:
    """Print the table; write the page when asked."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="also 100 million events (minutes, 8 GB of disk)"
    )
    parser.add_argument("--write", action="store_true", help="write docs/reference/benchmarks.md")
    parser.add_argument("--no-pandas", action="store_true", help="leave out the pandas version")
    parser.add_argument(
        "--folder", type=Path, help="where to put the data (default: a temporary folder)"
    )
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="vertrauenskonto-bench-", dir=asked.folder) as name:
        lines = [*_about(), "", *_table(Path(name), large=asked.large, pandas=not asked.no_pandas)]
    text = "\n".join(lines) + "\n"
    print(text)
    if asked.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(_HEAD + text, encoding="utf-8")


def _about() -> Iterator[str]:
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "numpy", "pandas"))
    yield (
        f"{datetime.now(tz=UTC).date().isoformat()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {packages}."
    )


def _table(folder: Path, *, large: bool, pandas: bool) -> Iterator[str]:
    policy = read_policy("default")
    yield "| work | measured | at least | aim |"
    yield "| --- | --- | --- | --- |"
    found = bulk.measure(folder, policy, with_pandas=pandas)
    yield (
        f"| 10 million events, 1 million accounts, Parquet to a DuckDB table, checks, total and "
        f"organisation, silence, opinions, verdicts, ordered: {found.engine:.2f} s; `SELECT account, "
        f"count(*), max(day) GROUP BY account` to a DuckDB table: {found.baseline:.2f} s | "
        f"{found.engine / found.baseline:.1f} x | ≤ 7 | ≤ 3.5 |"
    )
    yield (
        f"| the same, Parquet to Parquet (2 million rows, 47 columns) | {found.command:.2f} s "
        f"({found.command / found.baseline:.1f} x) | | |"
    )
    if found.pandas is not None:
        yield (
            f"| against the pandas version, {found.pandas:.1f} s | "
            f"{found.pandas / found.engine:.0f} x faster | ≥ 10 x | ≥ 20 x |"
        )
    if large:
        run = bulk.measure_large(folder)
        yield (
            f"| 100 million events, 10 million accounts, `--memory 4GB`, Parquet to Parquet "
            f"({run.rows:,} rows) | {run.seconds:.0f} s, peak {run.peak_gb:.1f} GB | "
            "finishes, ≤ 5 GB | |"
        )
    milliseconds = single.measure(policy.versions[-1])
    yield (
        f"| core, one account of 1,000 events: value and explanation | {milliseconds:.1f} ms | "
        "≤ 10 ms | ≤ 3 ms |"
    )
    start = startup.measure()
    yield f"| `import vertrauenskonto`, above `pass` | {start['import']:.0f} ms | ≤ 80 ms | ≤ 40 ms |"
    yield f"| `vertrauenskonto --help`, above `pass` | {start['help']:.0f} ms | ≤ 300 ms | ≤ 150 ms |"


if __name__ == "__main__":
    main()
