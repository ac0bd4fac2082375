"""How time and memory go with threads, rows and columns: the standard table, and one of fifty columns."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import yaml

from bench import standard_table
from bench.making import batches_of, make, plan_of
from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from bench.standard_table import TABLE

THREADS = 2
FASTER = Target(least=1.8)
FEW_ROWS, MANY_ROWS = 10_000_000, 200_000_000
MOST_MB = Target(most=700.0, of_ratio=False)
MOST_GROWTH = Target(most=1.1)
WIDE_COLUMNS = 50
MOST_WIDER = Target(most=1.5)


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows/s by threads, nanoseconds of a value by width, megabytes by rows."""
    plan, rows = standard_table.plan(effort.rows), {TABLE: effort.rows}

    async def made_by(threads: int) -> float:
        with timed() as watch:
            make(plan, batches_of(rows), folder / str(threads), threads=threads)
        return effort.rows / watch.seconds

    await made_by(THREADS)
    sides = {"ours": lambda: made_by(THREADS), "one thread": lambda: made_by(1)}
    faster = FASTER if len(os.sched_getaffinity(0)) >= THREADS else None
    samples = await interleaved(effort.rounds, sides)
    yield compare("standard table, two threads", "rows/s", samples, against="one thread", target=faster)
    yield await _width(effort, folder)
    few, many = (effort.rows, effort.rows) if effort.smoke else (FEW_ROWS, MANY_ROWS)
    peaks = {count: _peak_mb(count, folder) for count in {few, many}}
    more, fewer = peaks[many], peaks[few]
    yield Figure(f"peak memory, {many:,} rows", "MB", more, fewer, f"{few:,} rows", MOST_GROWTH)
    yield Figure(f"peak memory, {many:,} rows, at most", "MB", more, target=MOST_MB)


async def _width(effort: Effort, folder: Path) -> Figure:
    """Time of a value of a wide table over one of the standard table; the same kinds of columns, again and again."""
    document = yaml.safe_load(standard_table.TEXT)
    orders = document["tables"][1]
    kinds = orders["columns"]
    wide = [{**kinds[place % len(kinds)], "name": f"c{place}"} for place in range(WIDE_COLUMNS)]
    offset = json.dumps(wide).replace('"created_at"', '"c5"')
    orders |= {"columns": json.loads(offset), "primary_key": ["c0"]}
    plans = {
        "ours": plan_of(yaml.safe_dump(document), {TABLE: effort.rows}),
        "standard": standard_table.plan(effort.rows),
    }
    widths = {"ours": WIDE_COLUMNS, "standard": len(kinds)}

    async def of(side: str) -> float:
        with timed() as watch:
            make(plans[side], batches_of({TABLE: effort.rows}), folder / side)
        return watch.seconds / effort.rows / widths[side] * 1e9

    await of("ours")
    samples = await interleaved(effort.rounds, {side: lambda side=side: of(side) for side in plans})  # type: ignore[misc]  # a default binds
    return compare(f"a value of {WIDE_COLUMNS} columns", "ns", samples, against="standard", target=MOST_WIDER)


def _peak_mb(rows: int, folder: Path) -> float:
    """Most memory of a process that makes so many rows on two threads; each file goes as the next comes."""
    command = [sys.executable, "-m", "bench.peak_memory", str(rows), str(THREADS), str(folder / f"memory{rows}")]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
