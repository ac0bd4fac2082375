"""Load the standard table into SQLite, crash-safe, against `.import` of the same rows by its own command-line client.

Ours reads checked Parquet files and commits every batch with its ledger row; the reference reads one CSV file into a
table without keys, in one transaction, into a file with the same journal and the same `synchronous`.
"""

import contextlib
import csv
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bench.loading import Loads, staged_batches
from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from bench.standard_table import TABLE
from loader_svc.warehouses.sqlite import SqliteWriter

CLIENT = "sqlite3"
IMPORT = "sqlite3 .import"
TARGET = Target(least=0.75)


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows a second; without a reference where the client is not installed."""
    batches = list(staged_batches(effort.rows, folder / "staged"))
    loads, writer = Loads(batches), SqliteWriter(folder / "warehouses")
    loads.load(writer)
    [database] = (folder / "warehouses").rglob("*.db")
    columns = _write_csv(database, folder / "rows.csv")

    async def ours() -> float:
        return effort.rows / loads.load(writer)

    async def theirs() -> float:
        return effort.rows / _import(folder, columns)

    sides = {"ours": ours}
    if shutil.which(CLIENT):
        sides[IMPORT] = theirs
    else:
        print(f"no {CLIENT} on this machine: no reference", file=sys.stderr)
    samples = await interleaved(effort.rounds, sides)
    if IMPORT in samples:
        yield compare("load into SQLite", "rows/s", samples, against=IMPORT, target=TARGET)
    else:
        yield Figure("load into SQLite", "rows/s", sorted(samples["ours"])[effort.rounds // 2], samples=samples)


def _write_csv(database: Path, file: Path) -> list[str]:
    """Write the loaded rows as CSV; answer the columns as they are declared."""
    with contextlib.closing(sqlite3.connect(database)) as connection, file.open("w", newline="") as out:
        csv.writer(out).writerows(connection.execute(f'SELECT * FROM "{TABLE}"'))
        return [f'"{name}" {kind}' for _, name, kind, *_ in connection.execute(f'PRAGMA table_info("{TABLE}")')]


def _import(folder: Path, columns: list[str]) -> float:
    """Import into a new file; answer the seconds."""
    for file in folder.glob("floor.db*"):
        file.unlink()
    script = [
        "PRAGMA journal_mode = WAL;",
        "PRAGMA synchronous = NORMAL;",
        f"CREATE TABLE floor ({', '.join(columns)});",
        f".import --csv '{folder}/rows.csv' floor",
    ]
    with timed() as watch:
        subprocess.run(
            [CLIENT, folder / "floor.db"], input="\n".join(script), text=True, check=True, stdout=subprocess.DEVNULL
        )
    return watch.seconds
