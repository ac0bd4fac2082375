"""AsyncClient: every service behind one address. `sync.Client` is the same without await."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypedDict

from dwsim.arguments import checked
from dwsim.door import Door
from dwsim.experiments import AsyncExperiments
from dwsim.exports import write_export
from dwsim.generator.v1.generator_service_pb2 import GetServerInfoRequest
from dwsim.loader.v1.loader_service_pb2 import LocateTablesRequest, LocateTablesResponse
from dwsim.loads import AsyncLoads
from dwsim.paging import collect
from dwsim.places import find_gateway
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.catalog_pb2 import CatalogTable
from dwsim.query.v1.query_pb2 import Query
from dwsim.query.v1.result_pb2 import ResultSummary
from dwsim.results import AsyncResult
from dwsim.runs import AsyncRuns
from dwsim.values import Load, Run, Translation
from dwsim.words import dialect_number


@dataclass(frozen=True)
class Filled:
    """A run and the load of it, both ended well."""

    run: Run
    load: Load


class QueryOptions(TypedDict, total=False):
    """What a query may be told; `AsyncClient.query` says what each does."""

    dialect: str | None
    timeout: float
    max_rows: int
    max_bytes: int
    fail_when_exceeded: bool | None
    allow_writes: bool
    query_id: str


class AsyncClient:
    """The services behind one gateway; `async with` closes the connection, as `close` does."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    @cached_property
    def door(self) -> Door:
        """Stubs of the services, for what this client has no words for."""
        return Door(self.address)

    @cached_property
    def experiments(self) -> AsyncExperiments:
        """What tables look like."""
        return AsyncExperiments(self.door)

    @cached_property
    def runs(self) -> AsyncRuns:
        """Generations of rows."""
        return AsyncRuns(self.door)

    @cached_property
    def loads(self) -> AsyncLoads:
        """Loads into a warehouse."""
        return AsyncLoads(self.door)

    @checked
    async def generate(
        self,
        experiment: str,
        *,
        rows: Mapping[str, int] | None = None,
        seed: int | None = None,
        tables: Sequence[str] = (),
        as_of: str = "",
        kind: str | None = None,
        timeout: float | None = None,
        request_id: str = "",
    ) -> Filled:
        """Generate an experiment's rows, load them, and wait for both; `timeout` is in seconds, for each of them."""
        started = await self.runs.start(
            experiment, rows=rows, seed=seed, tables=tables, as_of=as_of, kind=kind, load=True, request_id=request_id
        )
        run = await self.runs.wait(started.id, timeout=timeout)
        load = await self.loads.of_run(run.id)
        return Filled(run, await self.loads.wait(load.id, timeout=timeout))

    @checked
    async def query(
        self,
        sql: str,
        experiment: str = "",
        *,
        dialect: str | None = None,
        timeout: float = 0,
        max_rows: int = 0,
        max_bytes: int = 0,
        fail_when_exceeded: bool | None = None,
        allow_writes: bool = False,
        query_id: str = "",
    ) -> AsyncResult:
        """Run one statement; answers when the warehouse has begun to.

        The dialect is the experiment's unless named. `timeout` is in seconds; it and the limits are capped by the
        server's own. Rows beyond a limit of the call are left out (see `truncated`) unless `fail_when_exceeded`; rows
        beyond the server's own limit, where the call has none, are LimitExceeded unless `fail_when_exceeded` is false.
        """
        strict = not (max_rows or max_bytes) if fail_when_exceeded is None else fail_when_exceeded
        request = pb.ExecuteQueryRequest(
            experiment=experiment,
            sql=sql,
            dialect=dialect_number(dialect),
            format=pb.ExecuteQueryRequest.ARROW,
            limits=pb.QueryLimits(
                timeout_seconds=timeout, max_rows=max_rows, max_bytes=max_bytes, fail_when_exceeded=strict
            ),
            allow_writes=allow_writes,
            query_id=query_id,
        )
        return await AsyncResult.open(self.door, request)

    @checked
    async def export(
        self, sql: str, path: str | Path, experiment: str = "", *, dialect: str | None = None, timeout: float = 0
    ) -> ResultSummary:
        """Write a file: `.parquet`, `.csv`, `.jsonl`, `.arrow`, `.arrows`, `.xlsx`; then `.gz`, `.zst`."""
        request = pb.ExportQueryRequest(
            experiment=experiment,
            sql=sql,
            dialect=dialect_number(dialect),
            limits=pb.QueryLimits(timeout_seconds=timeout),
        )
        return await write_export(self.door, request, Path(path))

    @checked
    async def translate(
        self, sql: str, experiment: str = "", *, dialect: str | None = None, to: str | None = None
    ) -> Translation:
        """The form of a statement that the warehouse gets, or that of another dialect; nothing runs."""
        request = pb.TranslateQueryRequest(
            experiment=experiment, sql=sql, dialect=dialect_number(dialect), target_dialect=dialect_number(to)
        )
        return Translation.of((await self.door.call(self.door.query.TranslateQuery, request)).translation)

    @checked
    async def explain(self, sql: str, experiment: str, *, dialect: str | None = None) -> str:
        """The warehouse's plan."""
        request = pb.ExplainQueryRequest(experiment=experiment, sql=sql, dialect=dialect_number(dialect))
        return (await self.door.call(self.door.query.ExplainQuery, request)).plan

    @checked
    async def cancel(self, query_id: str) -> None:
        """Stop a running query, in the warehouse too."""
        await self.door.call(self.door.query.CancelQuery, pb.CancelQueryRequest(query_id=query_id))

    @checked
    async def history(self, experiment: str = "", *, limit: int | None = 50) -> list[Query]:
        """Queries that were run, newest first, with their states, verdicts, counts and times."""

        async def page(size: int, token: str) -> pb.ListQueriesResponse:
            request = pb.ListQueriesRequest(experiment=experiment, page_size=size, page_token=token)
            return await self.door.call(self.door.query.ListQueries, request)

        return await collect(page, lambda answer: answer.queries, limit)

    @checked
    async def tables(self, experiment: str) -> list[CatalogTable]:
        """Loaded tables of an experiment, by name."""
        request = pb.ListTablesRequest(experiment=experiment)
        return list((await self.door.call(self.door.query.ListTables, request)).tables)

    @checked
    async def describe(self, experiment: str, table: str) -> pb.DescribeTableResponse:
        """A table as the user's DDL declared it."""
        request = pb.DescribeTableRequest(experiment=experiment, table=table)
        return await self.door.call(self.door.query.DescribeTable, request)

    @checked
    async def locate(self, experiment: str) -> LocateTablesResponse:
        """Where an experiment's tables are in the warehouse."""
        return await self.door.call(self.door.loader.LocateTables, LocateTablesRequest(experiment=experiment))

    async def engine_version(self) -> str:
        """Version of the engine that makes cells: another one makes others."""
        info = await self.door.call(self.door.generator.GetServerInfo, GetServerInfoRequest())
        return info.server.engine_version

    async def close(self) -> None:
        """Close the connection."""
        if opened := self.__dict__.pop("door", None):
            await opened.close()
        for part in ("experiments", "runs", "loads"):
            self.__dict__.pop(part, None)


def connect_async(address: str = "", *, data_dir: str | Path | None = None) -> AsyncClient:
    """A client of the gateway at `address`, or of the stack that runs on `data_dir`, or of the usual one."""
    return AsyncClient(find_gateway(address, data_dir))
