"""TPC-H in the Redshift stand-in: generated and loaded by the mesh, asked of the query service, judged by DuckDB."""

import asyncio
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.query.v1.query_service_pb2 import RunQueryRequest
from dwsim.query.v1.translation_pb2 import Translation
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from local_stack.own_environment import OwnEnvironment
from tests.clients import Clients, clients
from tests.fidelity.tpc.compare import Column, difference
from tests.postgres import Database
from tests.processes import mesh

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[2] / "examples/tpch/experiment.yaml"
JUDGE = OwnEnvironment("duckdb-tpc", HERE / "duckdb.txt", "DuckDB with TPC-H")
EXPERIMENT, SEED, SECONDS = "tpch", 42, 120.0
ROWS = {"supplier": 100, "customer": 10_000, "part": 2_000, "partsupp": 8_000, "orders": 15_000, "lineitem": 60_175}
"""Scale factor 0.01 with more customers: query 22 looks for those without orders."""


@dataclass(frozen=True)
class Judged:
    """A query as DuckDB has and answers it."""

    number: int
    sql: str
    columns: list[Column]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Finding:
    """What became of a query; `instead` is empty where it answers as DuckDB does."""

    number: int
    rows: int
    verdict: str
    instead: str


async def findings(database: Database, data_dir: Path, numbers: frozenset[int] = frozenset()) -> list[Finding]:
    """Load the tables and ask the queries, all if no number is given."""
    judge = await asyncio.to_thread(JUDGE.prepare)
    with mesh(data_dir, DW_SIMULATOR_REDSHIFT_URL=database.url) as running:
        async with clients(running) as dwsim:
            files = await _loaded(dwsim)
            wanted = await asyncio.to_thread(_judged, judge, files)
            return [await _found(dwsim, one) for one in wanted if not numbers or one.number in numbers]


async def _loaded(dwsim: Clients) -> str:
    """Folder of the run's files, once they are loaded."""
    text = DOCUMENT.read_text().replace("target_warehouse: SQLITE", "target_warehouse: REDSHIFT")
    await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=text))
    started = await call(dwsim.generator.StartRun, StartRunRequest(experiment=EXPERIMENT, rows=ROWS, seed=SEED))
    run, load = await dwsim.run_ended(started.run_id), await dwsim.load_of(started.run_id)
    assert run.state == Run.COMPLETED, run.failure
    assert load.state == Load.COMPLETED, load.failure
    return run.staging_uri.removeprefix("file://")


def _judged(python: Path, files: str) -> list[Judged]:
    command = [str(python), "-P", str(HERE / "ask_duckdb.py"), files]
    answers = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=SECONDS).stdout)
    return [Judged(a["number"], a["sql"], [Column(*column) for column in a["columns"]], a["rows"]) for a in answers]


async def _found(dwsim: Clients, wanted: Judged) -> Finding:
    request = RunQueryRequest(experiment=EXPERIMENT, sql=wanted.sql)
    try:
        answer = await call(dwsim.query.RunQuery, request, timeout=SECONDS)
    except RemoteFault as fault:
        return Finding(wanted.number, 0, "REFUSED", f"{fault.reason}: {fault.message}")
    verdict = Translation.Verdict.Name(answer.translation.verdict)
    columns = [Column(column.name, column.data_type) for column in answer.columns]
    instead = difference(wanted.number, verdict, (wanted.columns, wanted.rows), (columns, [*map(list, answer.rows)]))
    return Finding(wanted.number, len(answer.rows), verdict, instead)


def line(found: list[Finding]) -> str:
    """One line of what was found."""
    right = [finding for finding in found if not finding.instead]
    exact = sum(finding.verdict == "EXACT" for finding in right)
    return (
        f"TPC-H on the Redshift stand-in, {sum(ROWS.values()):,} rows: {len(right)} of {len(found)} queries answer as "
        f"DuckDB does over the same files ({exact} EXACT, {len(right) - exact} APPROXIMATE)"
    )
