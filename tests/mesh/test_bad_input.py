"""Wrong input through the real doors: a clear error with a reason, nothing lost, the service goes on."""

from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.generator.v1.generator_service_pb2 import (
    AbortRunRequest,
    DeleteRunsRequest,
    GetRunRequest,
    ListRunsRequest,
    ListStagedFilesRequest,
    PreviewTableRequest,
    StartRunRequest,
    WatchBatchesRequest,
)
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.loader_service_pb2 import GetLoadRequest, ListLoadsRequest, StartLoadRequest
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest, ListQueriesRequest, RunQueryRequest
from dwsim.schema.v1.import_report_pb2 import Diagnostic
from dwsim.schema.v1.schema_service_pb2 import (
    DeleteExperimentRequest,
    GetExperimentRequest,
    ImportSpecRequest,
    ImportSqlRequest,
    ImportSqlResponse,
    ListExperimentsRequest,
)

from dwsim_wire.client import call, stream
from dwsim_wire.paging import encode_token
from tests.clients import Clients, refused
from tests.mesh.shop import ROWS, SHOP

C = grpc.StatusCode


async def import_sql(dwsim: Clients, name: str, sql: str, **facts: object) -> ImportSqlResponse:
    request = ImportSqlRequest(name=name, sql=sql, **facts)  # type: ignore[arg-type]  # facts of the request
    return await call(dwsim.schema.ImportSql, request)


async def test_sql_that_cannot_be_parsed_is_shown_with_line_and_column(dwsim: Clients, name: str) -> None:
    """Whoever wrote four hundred tables must find the one typo."""
    with refused(C.INVALID_ARGUMENT, "INVALID_SQL", "line 3"):
        await import_sql(dwsim, name, "-- a comment\n\nCREATE TABLE t (a INT,, b INT);")


@pytest.mark.parametrize("sql", ["", "   \n\t", "-- nothing but a comment", ";;;"])
async def test_an_empty_text_is_named_as_such(sql: str, dwsim: Clients, name: str) -> None:
    """An empty file is usually the wrong file."""
    with refused(C.INVALID_ARGUMENT, "EMPTY_DOCUMENT"):
        await import_sql(dwsim, name, sql)


async def test_a_dialect_that_cannot_be_imported_is_refused(dwsim: Clients, name: str) -> None:
    """Parsing with another dialect in silence would give wrong types."""
    with refused(C.INVALID_ARGUMENT, "UNKNOWN_DIALECT", "redshift"):
        await import_sql(dwsim, name, SHOP, dialect=SqlDialect.CLICKHOUSE)


async def test_values_that_the_contract_does_not_define_are_refused_by_every_service(dwsim: Clients, name: str) -> None:
    """A typo in a number must not become the default, nor a defect."""
    odd: Any = 99
    await import_sql(dwsim, name, SHOP)
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "target_warehouse", "REDSHIFT"):
        await import_sql(dwsim, f"{name}2", SHOP, target_warehouse=odd)
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "kind", "APPEND"):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, kind=odd))
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "mode"):
        await call(dwsim.loader.StartLoad, StartLoadRequest(experiment=name, mode=odd))
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "format"):
        async for _ in stream(dwsim.query.ExecuteQuery, ExecuteQueryRequest(experiment=name, sql="x", format=odd)):
            pass


async def test_fields_that_do_not_fit_each_other_are_refused(dwsim: Clients, name: str) -> None:
    """What would be ignored was meant."""
    await import_sql(dwsim, name, SHOP)
    for request in (
        StartRunRequest(experiment=name, base_run_id=-3),
        StartRunRequest(experiment=name, base_run_id=1),
        StartRunRequest(experiment=name, base_run_id=-3, kind=Run.APPEND),
    ):
        with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "base_run_id"):
            await call(dwsim.generator.StartRun, request)
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT", "experiment_id"):
        await call(dwsim.generator.DeleteRuns, DeleteRunsRequest(run_ids=[99_999], experiment_id="x"))


async def test_a_law_without_sense_is_refused_by_the_schema(dwsim: Clients, name: str) -> None:
    """The generator's first row would be too late."""
    rule = '{"zipf": {"exponent": 1, "ranks": -5}}'
    spec = '{"name": "%s", "tables": [{"name": "t", "columns": [{"name": "c", "data_type": "INT", "rule": %s}]}]}'
    with refused(C.INVALID_ARGUMENT, "INVALID_EXPERIMENT", "ranks"):
        await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=spec % (name, rule)))


async def test_a_dialect_misspelt_in_a_document_is_answered_with_the_nearest(dwsim: Clients, name: str) -> None:
    """Documents are written by hand."""
    spec = f'{{"name": "{name}", "dialect": "redshfit", "tables": []}}'
    with pytest.raises(Exception, match="redshfit") as caught:
        await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=spec))
    assert "redshift" in str(caught.value) + getattr(caught.value, "hint", "") + str(
        getattr(caught.value, "fields", "")
    )


async def test_a_second_experiment_of_a_name_is_refused(dwsim: Clients, name: str) -> None:
    """Overwriting an experiment in silence would orphan its data."""
    await import_sql(dwsim, name, SHOP)
    with refused(C.ALREADY_EXISTS, "EXPERIMENT_EXISTS", name):
        await import_sql(dwsim, name.upper(), SHOP)


async def test_an_unknown_experiment_is_said_to_be_unknown_by_every_service(dwsim: Clients, name: str) -> None:
    """The most frequent error of all must read the same everywhere."""
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT", name):
        await call(dwsim.schema.GetExperiment, GetExperimentRequest(name=name))
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT", name):
        await call(dwsim.schema.DeleteExperiment, DeleteExperimentRequest(name=name))
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT", name):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name))
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT", name):
        await call(dwsim.loader.StartLoad, StartLoadRequest(experiment=name))
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT", name):
        await call(dwsim.query.RunQuery, RunQueryRequest(experiment=name, sql="SELECT 1"))


@pytest.mark.parametrize(
    ("reason", "words", "sql"),
    [
        (
            "UNKNOWN_REFERENCED_TABLE",
            ["custmers", "customers"],
            "CREATE TABLE customers (id INT PRIMARY KEY); CREATE TABLE o (c INT REFERENCES custmers (id));",
        ),
        (
            "UNKNOWN_REFERENCED_COLUMN",
            ["idd"],
            "CREATE TABLE customers (id INT PRIMARY KEY); CREATE TABLE o (c INT REFERENCES customers (idd));",
        ),
        (
            "REFERENCE_NOT_UNIQUE",
            ["nick"],
            "CREATE TABLE customers (id INT PRIMARY KEY, nick INT);CREATE TABLE o (c INT REFERENCES customers (nick));",
        ),
    ],
)
async def test_a_foreign_key_that_cannot_hold_is_left_out_and_told(
    reason: str, words: list[str], sql: str, dwsim: Clients, name: str
) -> None:
    """Better here than after an hour of generation; and one bad key of a dump costs no table."""
    answer = await import_sql(dwsim, name, sql)
    assert [table.name for table in answer.experiment.tables] == ["customers", "o"]
    assert not answer.experiment.tables[1].columns[0].HasField("foreign_key")
    [told] = [diagnostic for diagnostic in answer.diagnostics if diagnostic.code == reason]
    assert (told.severity, told.line) == (Diagnostic.ERROR, 1)
    assert all(word in f"{told.message} {told.hint}" for word in words)
    assert "was left out" in answer.warnings[0]


async def test_keys_that_need_each_other_are_refused(dwsim: Clients, name: str) -> None:
    """No first row could ever be inserted."""
    sql = (
        "CREATE TABLE a (id INT PRIMARY KEY, b_id INT NOT NULL REFERENCES b (id));"
        "CREATE TABLE b (id INT PRIMARY KEY, a_id INT NOT NULL REFERENCES a (id));"
    )
    with refused(C.INVALID_ARGUMENT, "REQUIRED_CYCLE", "a", "b"):
        await import_sql(dwsim, name, sql)


@pytest.mark.parametrize("rows", [-1, 10**12 + 1])
async def test_absurd_row_counts_are_refused_at_both_doors(rows: int, dwsim: Clients, name: str) -> None:
    """A sign or a zero too many must not fill the disk."""
    with refused(C.INVALID_ARGUMENT, "INVALID_ROW_COUNT"):
        await import_sql(dwsim, name, SHOP, target_rows=rows)
    await import_sql(dwsim, name, SHOP)
    with refused(C.INVALID_ARGUMENT, "INVALID_ROW_COUNT", "orders"):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, rows={"orders": rows}))


async def test_more_rows_than_the_disk_holds_are_refused_with_the_estimate(dwsim: Clients, name: str) -> None:
    """10^12 rows may be previewed, not written."""
    await import_sql(dwsim, name, SHOP)
    with refused(C.RESOURCE_EXHAUSTED, "NOT_ENOUGH_SPACE"):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, rows={"customers": 10**12}))
    request = PreviewTableRequest(
        experiment=name, table="customers", offset=10**12 - 5, limit=5, rows={"customers": 10**12}
    )
    assert len((await call(dwsim.generator.PreviewTable, request)).rows) == 5


async def test_unknown_ids_are_not_found(dwsim: Clients) -> None:
    """A stale id in a script must not look like a defect."""
    with refused(C.NOT_FOUND, "UNKNOWN_RUN", "99999"):
        await call(dwsim.generator.GetRun, GetRunRequest(run_id=99_999))
    with refused(C.NOT_FOUND, "UNKNOWN_RUN"):
        await call(dwsim.generator.AbortRun, AbortRunRequest(run_id=-3))
    with refused(C.NOT_FOUND, "UNKNOWN_LOAD"):
        await call(dwsim.loader.GetLoad, GetLoadRequest(load_id=99_999))
    with refused(C.NOT_FOUND, "UNKNOWN_RUN"):
        await call(dwsim.loader.StartLoad, StartLoadRequest(run_id=99_999))


async def test_a_second_run_while_one_runs_names_the_first(dwsim: Clients, name: str) -> None:
    """Two runs of one experiment would race for its tables."""
    await import_sql(dwsim, name, SHOP, table_rows={**ROWS, "order_items": 3_000_000, "orders": 1_000_000})
    first = await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, batch_rows=1_000, auto_load=False))
    with refused(C.ABORTED, "RUN_ACTIVE", str(first.run_id)):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name))
    with refused(C.ABORTED, "EXPERIMENT_BUSY", str(first.run_id)):
        await call(dwsim.schema.DeleteExperiment, DeleteExperimentRequest(name=name))
    await call(dwsim.generator.AbortRun, AbortRunRequest(run_id=first.run_id))
    assert (await dwsim.run_ended(first.run_id)).state == Run.ABORTED
    with refused(C.ABORTED, "RUN_ENDED"):
        await call(dwsim.generator.AbortRun, AbortRunRequest(run_id=first.run_id))


async def test_a_table_that_is_not_there_is_answered_with_the_nearest(dwsim: Clients, name: str) -> None:
    """A typo costs one look, not a search."""
    await import_sql(dwsim, name, SHOP)
    with refused(C.NOT_FOUND, "UNKNOWN_TABLE", "ordrs", "orders"):
        await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, tables=["ordrs"]))
    with refused(C.NOT_FOUND, "UNKNOWN_TABLE", "ordrs", "orders"):
        await call(dwsim.generator.PreviewTable, PreviewTableRequest(experiment=name, table="ordrs"))


@pytest.mark.parametrize(
    ("code", "reason", "words", "sql"),
    [
        (C.NOT_FOUND, "UNKNOWN_TABLE", ["ordrs", "orders"], "SELECT * FROM ordrs"),
        (C.NOT_FOUND, "UNKNOWN_COLUMN", ["custmer_id", "customer_id"], "SELECT custmer_id FROM orders"),
        (C.INVALID_ARGUMENT, "INVALID_SQL", ["line 2"], "SELECT *\nFORM orders"),
        (C.INVALID_ARGUMENT, "EMPTY_STATEMENT", [], " -- nothing"),
        (C.INVALID_ARGUMENT, "SEVERAL_STATEMENTS", [], "SELECT 1; SELECT 2"),
        (C.PERMISSION_DENIED, "WRITE_REFUSED", [], "DELETE FROM orders"),
        (C.PERMISSION_DENIED, "WRITE_REFUSED", [], "DROP TABLE orders"),
        (C.PERMISSION_DENIED, "WRITE_REFUSED", [], "CREATE TABLE t AS SELECT * FROM orders"),
        (C.PERMISSION_DENIED, "WRITE_REFUSED", [], "INSERT INTO orders SELECT * FROM orders"),
    ],
)
async def test_a_query_that_cannot_run_says_why(
    code: C, reason: str, words: list[str], sql: str, dwsim: Clients, loaded: str
) -> None:
    """Queries are typed by people, most of the time wrongly at first."""
    with refused(code, reason, *words):
        await call(dwsim.query.RunQuery, RunQueryRequest(experiment=loaded, sql=sql))
    with refused(code, reason, *words):
        async for _ in stream(dwsim.query.ExecuteQuery, ExecuteQueryRequest(experiment=loaded, sql=sql)):
            pass
    assert await dwsim.rows(loaded, "SELECT COUNT(*) FROM orders") == [[ROWS["orders"]]]


async def test_an_output_path_that_cannot_be_written_is_refused_at_once(
    dwsim: Clients, name: str, tmp_path: Path
) -> None:
    """Not after the first table."""
    await import_sql(dwsim, name, SHOP)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file/below", Path("/proc/nowhere")):
        with refused(C.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE"):
            await call(dwsim.generator.StartRun, StartRunRequest(experiment=name, output_dir=str(path)))


async def test_nesting_without_end_is_refused_and_the_service_goes_on(dwsim: Clients, name: str, loaded: str) -> None:
    """A recursive parser dies of brackets if nobody counts them."""
    deep = "(" * 20_000 + "1" + ")" * 20_000
    with refused(C.RESOURCE_EXHAUSTED, "TOO_COMPLEX"):
        await import_sql(dwsim, name, f"CREATE TABLE t (a INT DEFAULT {deep});")
    with refused(C.RESOURCE_EXHAUSTED, "TOO_COMPLEX"):
        await call(dwsim.query.RunQuery, RunQueryRequest(experiment=loaded, sql=f"SELECT {deep}"))
    with refused(C.RESOURCE_EXHAUSTED, "TOO_COMPLEX"):
        await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec="[" * 100_000, name=name))
    assert await dwsim.rows(loaded, "SELECT 1") == [[1]]
    await import_sql(dwsim, name, SHOP)


async def test_a_message_over_the_limit_is_refused_and_the_service_goes_on(dwsim: Clients, name: str) -> None:
    """32 MiB is the limit of gateway and services alike."""
    with refused(C.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"):
        await import_sql(dwsim, name, SHOP + "-- " + "x" * (33 << 20))
    await import_sql(dwsim, name, SHOP)


async def test_clients_that_leave_mid_stream_cost_nothing(dwsim: Clients, loaded: str) -> None:
    """Browsers close tabs; watchers and queries must end with them."""
    for _ in range(20):
        watch = stream(dwsim.generator.WatchBatches, WatchBatchesRequest(follow=True))
        assert (await anext(watch)).event.sequence == 1
        await watch.aclose()
        sql = "SELECT * FROM order_items a CROSS JOIN orders b"
        rows = stream(dwsim.query.ExecuteQuery, ExecuteQueryRequest(experiment=loaded, sql=sql))
        assert (await anext(rows)).schema.columns
        await rows.aclose()
    assert await dwsim.rows(loaded, "SELECT COUNT(*) FROM orders") == [[ROWS["orders"]]]


async def test_cursors_of_elsewhere_are_refused(dwsim: Clients, loaded: str) -> None:
    """A consumer with the wrong cursor would miss events for ever."""
    first = await anext(stream(dwsim.generator.WatchBatches, WatchBatchesRequest()))
    for code, reason, request in [
        (C.OUT_OF_RANGE, "SEQUENCE_AHEAD", WatchBatchesRequest(log_id=first.event.log_id, after_sequence=10**9)),
        (C.INVALID_ARGUMENT, "INVALID_ARGUMENT", WatchBatchesRequest(after_sequence=1)),
        (C.FAILED_PRECONDITION, "LOG_REPLACED", WatchBatchesRequest(log_id="another", after_sequence=1)),
    ]:
        with refused(code, reason):
            async for _ in stream(dwsim.generator.WatchBatches, request):
                pass


async def test_a_page_token_of_another_rpc_is_refused(dwsim: Clients) -> None:
    """It would skip rows in silence."""
    with refused(C.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await call(dwsim.schema.ListExperiments, ListExperimentsRequest(page_token="nonsense"))


@pytest.mark.parametrize("position", ["x", 2**70, f"q:{2**70}", "1 2 x", f"1 2 {2**70}", "1 2"])
async def test_a_forged_page_token_is_refused_by_every_list(dwsim: Clients, position: int | str) -> None:
    """Nonsense inside a token is the client's mistake, not a defect of ours."""
    for rpc, request, filters in [
        (dwsim.schema.ListExperiments, ListExperimentsRequest(), ""),
        (dwsim.generator.ListRuns, ListRunsRequest(), ""),
        (dwsim.generator.ListStagedFiles, ListStagedFilesRequest(), "0 "),
        (dwsim.loader.ListLoads, ListLoadsRequest(), " 0"),
        (dwsim.query.ListQueries, ListQueriesRequest(), ""),
        (dwsim.query.RunQuery, RunQueryRequest(sql="SELECT 1"), ""),
    ]:
        name = type(request).__name__.removesuffix("Request")
        cast(Any, request).page_token = encode_token(name, position, filters)
        with refused(C.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
            await call(cast(Any, rpc), request)
