"""The examples are imported, generated at the size of their README, loaded, and hold what they promise."""

import re
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from dwsim.generator.v1.generator_service_pb2 import CheckRunRequest, StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest, ImportSpecResponse

from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from schema_svc.core.document import import_spec
from schema_svc.core.importing import SqlImport, import_sql
from tests.clients import Clients
from tests.examples.promises import PROMISES

EXAMPLES = Path(__file__).parents[2] / "examples"


def rows_of_readme(example: str) -> dict[str, int]:
    """Rows that the README's first `generate` asks for."""
    text = (EXAMPLES / example / "README.md").read_text().replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith("dw-sim experiment generate"))
    return {table: int(rows) for table, rows in re.findall(r"--rows (\w+)=(\d+)", line)}


@pytest.mark.parametrize("example", PROMISES)
async def test_an_example_holds_its_promises(dwsim: Clients, example: str) -> None:
    """Who starts from an example that lies builds on it."""
    text = (EXAMPLES / example / "experiment.yaml").read_text()
    imported: ImportSpecResponse = await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=text))
    name, rows = imported.experiment.name, rows_of_readme(example)
    started = await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, rows=rows, seed=42))
    ended = await dwsim.run_ended(started.run_id)
    assert ended.state == Run.COMPLETED, ended.failure
    load = await dwsim.load_of(started.run_id)
    assert load.state == Load.COMPLETED, load.failure
    report = (await call(dwsim.generator.CheckRun, CheckRunRequest(run_id=started.run_id), timeout=60)).report
    assert (report.passed, report.violations) == (True, 0), report
    broken = {}
    for promise, sql in PROMISES[example].items():
        ((count,),) = await dwsim.rows(name, sql)
        if count != 0:
            broken[promise] = count
    assert not broken
    for table, count in rows.items():
        assert await dwsim.rows(name, f"SELECT COUNT(*) FROM {table}") == [[count]]
    for query in sorted((EXAMPLES / example / "queries").glob("*.sql")):
        assert await dwsim.rows(name, query.read_text()), f"{query.name} finds nothing"


@pytest.mark.slow
async def test_the_events_example_changes_too(dwsim: Clients) -> None:
    """A feed with each kind of change, whose deletes leave nobody behind."""
    text = (EXAMPLES / "saas-events/experiment.yaml").read_text()
    imported: ImportSpecResponse = await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=text, name="changing"))
    rows = {table: count // 10 for table, count in rows_of_readme("saas-events").items()}
    for request in (
        StartRunRequest(experiment=imported.experiment.name, rows=rows, auto_load=False),
        StartRunRequest(experiment=imported.experiment.name, kind=Run.CHANGE_SET),
    ):
        started = await call(dwsim.generator.StartRun, request)
        ended = await dwsim.run_ended(started.run_id)
        assert ended.state == Run.COMPLETED, ended.failure
    feed = ds.dataset(StagingRoot.parse(ended.staging_uri).child("events").path, format="parquet").to_table()
    assert set(feed["_op"].to_pylist()) == {"I", "U", "D"}
    assert feed["_version"].unique().to_pylist() == [1]


@pytest.mark.parametrize("example", ["tpch", "tpcds"])
def test_the_ddl_describes_the_tables_of_its_document(example: str) -> None:
    """Two files that say the same must not drift apart."""
    document = import_spec((EXAMPLES / example / "experiment.yaml").read_text())
    ddl = import_sql(
        SqlImport(example, (EXAMPLES / example / "redshift.sql").read_text(), surrogate_keys=False, infer_rules=False)
    )
    shapes = [
        [
            (
                table.name,
                table.primary_key,
                [(column.name, column.logical_type, column.required) for column in table.columns],
            )
            for table in tables
        ]
        for tables in (document.tables, ddl.experiment.tables)
    ]
    assert shapes[0] == shapes[1]
