"""A TPC benchmark in the Redshift stand-in: made and loaded by the mesh, asked of the query service, told by DuckDB."""

import asyncio
import json
import subprocess
from collections.abc import Collection, Mapping
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
from tests.fidelity.tpc.cut import TPCDS_LEAVES, TPCH_LEAVES, Leave, Leaves
from tests.postgres import Database
from tests.processes import mesh

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"
JUDGE = OwnEnvironment("duckdb-tpc", HERE / "duckdb.txt", "DuckDB with TPC-H and TPC-DS")
SEED, SECONDS, PAGE = 42, 300.0, 10_000


@dataclass(frozen=True)
class Suite:
    """A benchmark: an experiment of `examples`, DuckDB's extension with its queries, and the rows where others than the
    document's; `leaves` is what its answers may differ in, and why.
    """

    title: str
    name: str
    leaves: Leaves
    rows: Mapping[str, int]


TPCH = Suite(
    title="TPC-H",
    name="tpch",
    leaves=TPCH_LEAVES,
    rows={"supplier": 100, "customer": 10_000, "part": 2_000, "partsupp": 8_000, "orders": 15_000, "lineitem": 60_175},
)
"""Scale factor 0.01 with more customers: query 22 looks for those without orders."""
TPCDS = Suite(title="TPC-DS", name="tpcds", leaves=TPCDS_LEAVES, rows={})
SUITES = (TPCH, TPCDS)


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


@dataclass(frozen=True)
class Findings:
    """What became of the queries of a benchmark over so many rows."""

    suite: Suite
    rows: int
    queries: list[Finding]

    @property
    def line(self) -> str:
        """One line of what was found."""
        right = [query for query in self.queries if not query.instead]
        exact = sum(query.verdict == "EXACT" for query in right)
        return (
            f"{self.suite.title} on the Redshift stand-in, {self.rows:,} rows: {len(right)} of {len(self.queries)} "
            f"queries answer as DuckDB does over the same files ({exact} EXACT, {len(right) - exact} APPROXIMATE), "
            f"{sum(query.rows > 0 for query in self.queries)} find rows"
        )


async def findings(suite: Suite, database: Database, data_dir: Path, numbers: Collection[int] = ()) -> Findings:
    """Load the tables and ask the queries, all if no number is given."""
    judge = await asyncio.to_thread(JUDGE.prepare)
    with mesh(data_dir, DW_SIMULATOR_REDSHIFT_URL=database.url) as running:
        async with clients(running) as dwsim:
            run = await _loaded(suite, dwsim)
            files = run.staging_uri.removeprefix("file://")
            wanted = await asyncio.to_thread(_judged, judge, suite, files, numbers)
            found = [await _found(dwsim, suite, one) for one in wanted]
            return Findings(suite, sum(table.rows for table in run.tables), found)


async def _loaded(suite: Suite, dwsim: Clients) -> Run:
    """The run, once its files are loaded."""
    text = (EXAMPLES / suite.name / "experiment.yaml").read_text()
    text = text.replace("target_warehouse: SQLITE", "target_warehouse: REDSHIFT")
    await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=text))
    request = StartRunRequest(experiment=suite.name, rows=suite.rows, seed=SEED)
    started = await call(dwsim.generator.StartRun, request)
    run, load = await dwsim.run_ended(started.run_id), await dwsim.load_of(started.run_id)
    assert run.state == Run.COMPLETED, run.failure
    assert load.state == Load.COMPLETED, load.failure
    return run


def _judged(python: Path, suite: Suite, files: str, numbers: Collection[int]) -> list[Judged]:
    command = [str(python), "-P", str(HERE / "ask_duckdb.py"), suite.name, files, *map(str, numbers)]
    answers = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=SECONDS).stdout)
    return [Judged(a["number"], a["sql"], [Column(*column) for column in a["columns"]], a["rows"]) for a in answers]


async def _found(dwsim: Clients, suite: Suite, wanted: Judged) -> Finding:
    request = RunQueryRequest(experiment=suite.name, sql=wanted.sql, page_size=PAGE)
    try:
        answer = await call(dwsim.query.RunQuery, request, timeout=SECONDS)
    except RemoteFault as fault:
        return Finding(wanted.number, 0, "REFUSED", f"{fault.reason}: {fault.message}")
    verdict = Translation.Verdict.Name(answer.translation.verdict)
    columns = [Column(column.name, column.data_type) for column in answer.columns]
    if answer.next_page_token:
        return Finding(wanted.number, len(answer.rows), verdict, f"more than {PAGE} rows")
    leave = suite.leaves.get(wanted.number, Leave())
    instead = difference(leave, verdict, (wanted.columns, wanted.rows), (columns, [*map(list, answer.rows)]))
    return Finding(wanted.number, len(answer.rows), verdict, instead)
