"""Large texts: taken, or refused with the limit named; a service that reads one answers everybody else meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from bench.ddl_text import ddl_text
from dwsim_wire.client import call, open_channel
from dwsim_wire.errors import RemoteFault
from tests.processes import ServiceProcess, service_process
from tests.schema_svc.conftest import Start
from tests.schema_svc.requests import import_sql, refused

C = grpc.StatusCode
SECONDS = 240.0


def wide(columns: int, name: str = "t") -> str:
    """A table of so many columns."""
    return f"CREATE TABLE {name} (" + ",".join(f"c{n} INT" for n in range(columns)) + ");\n"


async def import_large(schema: SchemaServiceStub, sql: str, name: str = "large") -> pb.ImportSqlResponse:
    return await call(schema.ImportSql, pb.ImportSqlRequest(name=name, sql=sql), timeout=SECONDS)


@pytest.mark.slow
async def test_a_table_of_ten_thousand_columns_is_taken_and_one_more_is_not(schema: SchemaServiceStub) -> None:
    """The limit is ours, above that of every warehouse, and the error names it."""
    assert len((await import_large(schema, wide(10_000))).experiment.tables[0].columns) == 10_000
    with refused(C.INVALID_ARGUMENT, "INVALID_EXPERIMENT") as caught:
        await import_large(schema, wide(10_001), "wider")
    assert "at most 10000" in caught.value.message


@pytest.mark.slow
async def test_a_file_of_fifty_thousand_lines_is_accounted_for(schema: SchemaServiceStub) -> None:
    """Dumps have rows: each is skipped with a reason, none is lost."""
    sql = "CREATE TABLE t (id INT);\n" + "".join(f"INSERT INTO t VALUES ({n});\n" for n in range(49_999))
    answer = await import_large(schema, sql)
    assert len(answer.statements) == 50_000
    assert answer.statements[-1].line == 50_000


async def test_a_statement_beyond_the_limit_is_refused_with_the_limit(schema: SchemaServiceStub) -> None:
    """And costs nothing but itself: the table before it is imported."""
    comment = f"COMMENT ON TABLE t IS '{'x' * (5 << 20)}';"
    answer = await import_large(schema, SMALL + comment)
    assert [table.name for table in answer.experiment.tables] == ["t"]
    assert "longer than 5000000 characters" in answer.statements[1].note


SMALL = "CREATE TABLE t (id INT);\n"


async def test_an_experiment_larger_than_a_message_is_refused_before_it_is_stored(start: Start) -> None:
    """Stored, nobody could ever read it: neither the command line nor the generator."""
    sql = wide(4_500)
    async with start(max_message_bytes=1 << 20) as schema:
        with refused(C.RESOURCE_EXHAUSTED, "TOO_COMPLEX") as caught:
            await import_large(schema, sql)
        assert caught.value.metadata["limit"] == str(1 << 20)
        assert "at most 1 MiB" in caught.value.message
        with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT"):
            await call(schema.GetExperiment, pb.GetExperimentRequest(name="large"))


async def test_a_checked_text_is_not_parsed_again_to_be_stored(start: Start) -> None:
    """The command line checks, shows, then stores: it must not cost twice."""
    sql = ddl_text(120)
    async with start() as schema:
        request = pb.ImportSqlRequest(name="large", sql=sql, validate_only=True)
        checked = await call(schema.ImportSql, request)
        began = time.process_time()
        stored = await import_large(schema, sql)
        assert stored.experiment.tables == checked.experiment.tables
        assert (stored.warnings, stored.statements) == (checked.warnings, checked.statements)
        assert time.process_time() - began < 1.0
        assert stored.experiment.revision == 1


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service in a process of its own: what it does with its interpreter's lock is not this test's."""
    with service_process("schema", tmp_path / "data") as started:
        yield started


@pytest.fixture
async def alone(process: ServiceProcess) -> AsyncIterator[SchemaServiceStub]:
    async with open_channel(process.address()) as channel:
        yield SchemaServiceStub(channel)


async def lists(schema: SchemaServiceStub, until: asyncio.Task[object] | None, least: int) -> list[float]:
    """Seconds of ListExperiments, again and again."""
    taken: list[float] = []
    while len(taken) < least or (until is not None and not until.done()):
        began = time.perf_counter()
        await call(schema.ListExperiments, pb.ListExperimentsRequest())
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    return sorted(taken)


async def test_lists_are_answered_while_a_huge_text_is_imported(alone: SchemaServiceStub) -> None:
    """One colleague's hundreds of tables must not stop the others."""
    await import_sql(alone, "small")
    calm = await lists(alone, None, 100)
    importing = asyncio.create_task(import_large(alone, ddl_text(300)))
    busy = await lists(alone, importing, 100)
    assert len((await importing).experiment.tables) == 300
    p99 = busy[int(len(busy) * 0.99)]
    print(
        f"p99 of ListExperiments: {calm[98] * 1e3:.1f} ms calm, {p99 * 1e3:.1f} ms during the import, {len(busy)} calls"
    )
    assert p99 < max(0.25, 20 * calm[98])


@pytest.mark.slow
async def test_many_large_texts_at_once_are_bounded(alone: SchemaServiceStub) -> None:
    """Some are parsed, some wait, the rest are told to come again; small ones never notice."""
    sql = ddl_text(115)
    sent = [asyncio.create_task(import_large(alone, sql, f"large{n}")) for n in range(16)]
    await import_sql(alone, "small")
    ends = await asyncio.gather(*sent, return_exceptions=True)
    refusals = [end for end in ends if isinstance(end, RemoteFault)]
    assert {(end.code, end.reason) for end in refusals} == {(C.RESOURCE_EXHAUSTED, "TOO_MANY_TEXTS")}
    assert sum(isinstance(end, pb.ImportSqlResponse) for end in ends) >= 10
    assert (await import_large(alone, sql, "later")).experiment.revision == 1


@pytest.mark.slow
async def test_a_text_that_would_take_all_memory_is_refused(tmp_path: Path) -> None:
    """The parser's process has a limit; the service goes on."""
    environment = {"DW_SIMULATOR_SCHEMA_PARSE_MIB": "256"}
    with service_process("schema", tmp_path / "data", environment=environment) as started:
        async with open_channel(started.address()) as channel:
            schema = SchemaServiceStub(channel)
            with refused(C.RESOURCE_EXHAUSTED, "TOO_COMPLEX"):
                await import_large(schema, wide(150_000))
            await import_sql(schema, "small")
