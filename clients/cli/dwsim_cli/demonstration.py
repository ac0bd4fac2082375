"""The main job, shown: a real DDL file becomes a queried warehouse, one line per stage."""

import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.loader.v1.load_pb2 import Load
from dwsim.query.v1 import query_service_pb2 as query
from dwsim.schema.v1 import schema_service_pb2 as schema

from dwsim_cli import figures, result
from dwsim_cli.mesh import Mesh
from dwsim_cli.output import Output
from dwsim_cli.progress import Bars, check_load, check_run, follow_both
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import LocalStack
from local_stack.stack import Warehouse as StackWarehouse

EXPERIMENT = "ecommerce"
ROWS = {"customers": 100_000, "products": 10_000, "orders": 1_000_000, "order_items": 3_000_000}
SEED = 42


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self._start


class Demonstration:
    """Four services behind a gateway, one DDL file, 4,110,000 rows times `factor`, three queries."""

    def __init__(self, output: Output, data_dir: Path, factor: float, warehouse: StackWarehouse) -> None:
        self._output = output
        self._data_dir = data_dir
        self._warehouse = warehouse
        self._rows = {table: max(1, round(rows * factor)) for table, rows in ROWS.items()}

    async def run(self) -> None:
        """Show every stage; whatever happens, the services end."""
        watch = Stopwatch()
        ports = dict.fromkeys((*DEFAULT_PORTS, "reflection", "gateway", "redshift"), 0)
        async with LocalStack(self._data_dir, ports=ports, warehouse=self._warehouse) as stack:
            gateway = stack.addresses["gateway"]
            what = f"{self._warehouse}, {len(DEFAULT_PORTS)} services behind http://{gateway}"
            self._line("start", what, watch.seconds)
            async with Mesh(dict.fromkeys(DEFAULT_PORTS, gateway), self._data_dir) as mesh:
                await stack.during(self._stages(mesh))
            stopping = Stopwatch()
        self._line("stop", "no process left", stopping.seconds)
        self._line("done", f"state is in {self._data_dir.name}/", watch.seconds)

    async def _stages(self, mesh: Mesh) -> None:
        await self._import(mesh)
        await self._fill(mesh)
        for file in sorted(example("queries").iterdir()):
            await self._query(mesh, file.stem, file.read_text(encoding="utf-8"))

    async def _import(self, mesh: Mesh) -> None:
        watch = Stopwatch()
        request = schema.ImportSqlRequest(
            name=EXPERIMENT,
            sql=example("redshift.sql").read_text(encoding="utf-8"),
            dialect=SqlDialect.REDSHIFT,
            target_warehouse=Warehouse.Kind.Value(self._warehouse.upper()),
        )
        answer = await mesh.call(mesh.schema.ImportSql, request)
        columns = sum(len(table.columns) for table in answer.experiment.tables)
        what = f"{len(answer.experiment.tables)} tables, {columns} columns of redshift.sql"
        self._line("import", what, watch.seconds)
        for warning in answer.warnings:
            self._output.warn(warning)

    async def _fill(self, mesh: Mesh) -> None:
        """Generate and load side by side, as events of finished batches arrive."""
        watch = Stopwatch()
        request = generator.StartRunRequest(experiment=EXPERIMENT, rows=self._rows, seed=SEED)
        started = await mesh.call(mesh.generator.StartRun, request)
        with Bars(self._output).shown() as bars:
            run, load = await follow_both(mesh, started.run_id, bars)
        check_run(run)
        load = load or Load()
        check_load(load)
        made = figures.elapsed(run.create_time, run.end_time) or watch.seconds
        self._line(
            "generate", f"{_rows(run.rows_done)}, {figures.size(run.bytes_done)} of Parquet", made, run.rows_done
        )
        warehouse = Warehouse.Kind.Name(load.warehouse).lower()
        loaded = load.statistics.inserted
        self._line("load", f"{_rows(loaded)} into {warehouse}, while they were made", watch.seconds, loaded)

    async def _query(self, mesh: Mesh, name: str, sql: str) -> None:
        watch = Stopwatch()
        request = query.ExecuteQueryRequest(experiment=EXPERIMENT, sql=sql)
        found = result.Collected()
        await result.drain(mesh.stream(mesh.query.ExecuteQuery, request), found)
        if not self._output.as_json:
            self._output.say("")
            found.show(self._output, title=_first_comment(sql))
            self._output.say("")
        facts = {"result": found.document()}
        self._line("query", f"{name}: {_rows(len(found.values))}", watch.seconds, facts=facts)

    def _line(self, stage: str, what: str, seconds: float, rows: int = 0, facts: dict[str, Any] | None = None) -> None:
        """Tell of a stage: a line of text, or of JSON."""
        if self._output.as_json:
            self._output.line({"stage": stage, "what": what, "rows": rows, "seconds": seconds} | (facts or {}))
        speed = figures.rate(rows, seconds) if rows else ""
        self._output.say(f"{stage:<10} {what:<50} {seconds:>7.2f} s  {speed:>16}".rstrip())


def example(name: str) -> Path:
    """A file of the ecommerce example: of the installed package, or of the checkout that it runs from."""
    packaged = Path(str(files("dwsim_cli") / "examples" / "ecommerce"))
    return (packaged if packaged.is_dir() else Path(__file__).parents[3] / "examples" / "ecommerce") / name


def _rows(number: int) -> str:
    return f"{figures.count(number)} rows"


def _first_comment(sql: str) -> str:
    first = sql.splitlines()[0]
    return first.removeprefix("--").strip() if first.startswith("--") else ""
