"""Measure what the documents claim: `python -m bench [--large | --ledger URL] [--write]`."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import bulk, phrases, single, startup, working_time
from vertrauenskonto.importers.policy import read_policy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "benchmarks.md"
_HEAD = """\
# Benchmarks

Written by `python -m bench --large --write`. Ratios compare within one run, so they hold on other
machines too; seconds are those of the machine named.

"""
_LEDGER = "## The ledger in a database"
_LEDGER_HEAD = f"""{_LEDGER}

Written by `python -m bench --ledger URL --write`; the URL is that of an empty PostgreSQL server with
at least 40 connections and 10 GB of disk. `bench.api` starts a server of its own, with `fsync` on.

"""
# What each program prints last is what stands in the table: work, program, at least, aim.
_LEDGER_PARTS = (
    (
        "through the API, gunicorn with 4 workers",
        "bench.api",
        "≥ 0.2; p95 ≤ 100 ms",
        "≥ 0.5; 30 ms",
    ),
    ("`import --into-database`, SQLite ÷ `executemany`", "bench.importing", "≥ 0.3", "≥ 0.6"),
    (
        "1 million accounts with 20 million entries up to a new day, PostgreSQL",
        "bench.ledger URL new-day",
        "≤ 120 s",
        "≤ 20 s",
    ),
    ("`verify` of 10 million entries, PostgreSQL", "bench.verify URL", "≤ 5 min", "≤ 1 min"),
)


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
    parser.add_argument("--ledger", metavar="URL", help="only the ledger in a database, an hour")
    asked = parser.parse_args()
    if asked.ledger:
        text = _LEDGER_HEAD + "\n".join(_ledger(asked.ledger)) + "\n"
        print(text)
        if asked.write:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(replaced(page, text), encoding="utf-8")
        return
    with TemporaryDirectory(prefix="vertrauenskonto-bench-", dir=asked.folder) as name:
        lines = [*_about(), "", *_table(Path(name), large=asked.large, pandas=not asked.no_pandas)]
    text = "\n".join(lines) + "\n"
    print(text)
    if asked.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        # What stands below was measured by other commands.
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        _, mark, rest = page.partition("\n## ")
        PAGE.write_text(_HEAD + text + mark + rest, encoding="utf-8")


def replaced(page: str, section: str) -> str:
    """Return the page with one section in place of the former one; what stands below it stays."""
    before, _, after = page.partition(section.partition("\n")[0])
    _, mark, rest = after.partition("\n## ")
    return before + section + mark + rest


def _ledger(url: str) -> Iterator[str]:
    """Measure the ledger, each part by a program of its own, and say how busy the machine was."""
    yield f"{next(_about())} Load before each part in brackets."
    yield ""
    yield "| work | measured | at least | aim |"
    yield "| --- | --- | --- | --- |"
    for work, program, least, aim in _LEDGER_PARTS:
        load = os.getloadavg()[0]
        words = [url if word == "URL" else word for word in program.split()]
        done = subprocess.run(
            [sys.executable, "-m", *words], check=True, stdout=subprocess.PIPE, text=True
        )
        said = "; ".join(line for line in done.stdout.splitlines() if line[:1] not in ("", "{"))
        yield f"| {work} | {said} [{load:.1f}] | {least} | {aim} |"


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
    found_phrases = phrases.measure()
    yield (
        f"| promises in pasted text, one sentence: median {found_phrases.median:.1f} ms, slowest "
        f"{found_phrases.slowest:.1f} ms; loading the rules {found_phrases.loading:.0f} ms, the first "
        f"date with a month's name {found_phrases.first_month:.0f} ms | {found_phrases.slowest:.1f} ms | "
        "≤ 50 ms | |"
    )
    calendars = working_time.calendars()
    yield (
        f"| {working_time.DUE_DATES:,} due dates in working time, {len(calendars)} calendars with "
        f"holidays | {working_time.measure(calendars):.1f} s | ≤ 20 s | ≤ 5 s |"
    )
    start = startup.measure()
    yield f"| `import vertrauenskonto`, above `pass` | {start['import']:.0f} ms | ≤ 80 ms | ≤ 40 ms |"
    yield f"| `vertrauenskonto --help`, above `pass` | {start['help']:.0f} ms | ≤ 300 ms | ≤ 150 ms |"


if __name__ == "__main__":
    main()
