"""TPC-H against `tpchgen-cli`: same rows, zstd 1. lineitem on one thread, then all eight tables on all cores.

Ours starts with a plan and compiled kernels, as in a service that runs; tpchgen-cli is a program and starts anew. It
neither hashes cells nor syncs files, ours does. The keys and formulas of what was written are asked for by DuckDB.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb

from bench.making import batches_of, make, plan_of
from bench.measure import Effort, Figure, Target, compare, interleaved, timed

TPCHGEN = "tpchgen-cli"
DOCUMENT = Path(__file__).parents[1] / "examples/tpch/experiment.yaml"
ROWS = {
    1.0: {"supplier": 10_000, "customer": 150_000, "part": 200_000, "partsupp": 800_000, "orders": 1_500_000}
    | {"lineitem": 6_001_215, "region": 5, "nation": 25},
    0.01: {"supplier": 100, "customer": 1_500, "part": 2_000, "partsupp": 8_000, "orders": 15_000}
    | {"lineitem": 60_175, "region": 5, "nation": 25},
}
"""Official row counts by scale factor."""
LINEITEM, WHOLE = Target(least=2.0), Target(least=1.5)
SIZE = Target(least=0.9)
BROKEN = """
SELECT count(*) FILTER (o_orderkey IS NULL) + count(*) FILTER (ps_partkey IS NULL) + count(*) FILTER (s_suppkey IS NULL)
     + count(*) FILTER (l_extendedprice IS DISTINCT FROM l_quantity * p_retailprice)
     + count(*) FILTER (NOT (o_orderdate < l_shipdate AND l_shipdate < l_receiptdate))
     + count(*) FILTER (l_linenumber NOT BETWEEN 1 AND 7) + count(*) - count(DISTINCT (l_orderkey, l_linenumber))
FROM {lineitem} LEFT JOIN {orders} ON o_orderkey = l_orderkey LEFT JOIN {part} ON p_partkey = l_partkey
LEFT JOIN {partsupp} ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey LEFT JOIN {supplier} ON s_suppkey = l_suppkey
"""


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows/s of both, and bytes of lineitem."""
    factor = 0.01 if effort.smoke else 1.0
    bench = _Tables(factor, folder)
    cores = len(os.sched_getaffinity(0))
    await bench.ours(["lineitem"], 1)
    samples = await _both(bench, effort, ["lineitem"], 1)
    yield compare("TPC-H lineitem, one thread", "rows/s", samples, against=TPCHGEN, target=LINEITEM)
    sizes = {"ours": [bench.size("ours")], TPCHGEN: [bench.size(TPCHGEN)]}
    yield compare("TPC-H lineitem, size", "bytes", sizes, against=TPCHGEN, target=SIZE)
    await bench.ours(list(bench.rows), cores)
    samples = await _both(bench, effort, list(bench.rows), cores)
    yield compare(f"TPC-H, all tables, {cores} threads", "rows/s", samples, against=TPCHGEN, target=WHOLE)
    bench.refuse_broken()


async def _both(bench: "_Tables", effort: Effort, tables: list[str], threads: int) -> dict[str, list[float]]:
    async def ours() -> float:
        return await bench.ours(tables, threads)

    async def theirs() -> float:
        return await bench.theirs(tables, threads)

    return await interleaved(effort.rounds, {"ours": ours, TPCHGEN: theirs})


class _Tables:
    """Both generators at one scale factor, each in a folder that it finds empty."""

    def __init__(self, factor: float, folder: Path) -> None:
        self.rows, self._factor, self._folder = ROWS[factor], factor, folder
        self._plan = plan_of(DOCUMENT.read_text(), self.rows)

    async def ours(self, tables: list[str], threads: int) -> float:
        """Rows/s."""
        folder = self._emptied("ours")
        rows = {name: self.rows[name] for name in tables}
        with timed() as watch:
            make(self._plan, batches_of(rows), folder, threads=threads)
        return sum(rows.values()) / watch.seconds

    async def theirs(self, tables: list[str], threads: int) -> float:
        """Rows/s."""
        folder = self._emptied(TPCHGEN)
        program = str(Path(sys.executable).with_name(TPCHGEN))
        options = ["--compression", "ZSTD(1)", "--scale-factor", str(self._factor), "--num-threads", str(threads)]
        with timed() as watch:
            process = await asyncio.create_subprocess_exec(
                program, "parquet", *options, "--tables", ",".join(tables), "--output-dir", str(folder)
            )
            assert await process.wait() == 0
        return sum(self.rows[name] for name in tables) / watch.seconds

    def size(self, side: str) -> float:
        """Bytes that a side wrote last."""
        return float(sum(path.stat().st_size for path in (self._folder / side).rglob("*.parquet")))

    def refuse_broken(self) -> None:
        """Rows that are fast and wrong are no result."""
        files = {name: f"'{self._folder}/ours/{name}/*.parquet'" for name in self.rows}
        ((broken,),) = duckdb.connect().execute(BROKEN.format(**files)).fetchall()
        assert broken == 0, f"{broken:,} lines break the keys or formulas of TPC-H"

    def _emptied(self, side: str) -> Path:
        folder = self._folder / side
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder
