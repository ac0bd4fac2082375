"""QueryService: requests in, messages out; the work is done by `query_svc.worker`."""

import asyncio
from collections.abc import AsyncIterator
from importlib import metadata
from typing import Any, TypeAlias, cast

import grpc
import pyarrow as pa
from dwsim.common.v1 import server_info_pb2
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import query_service_pb2_grpc, result_pb2, translation_pb2
from google.api import httpbody_pb2

from dwsim_wire import paging
from dwsim_wire.arrow import schema_to_bytes
from dwsim_wire.fault import Fault, InvalidArgument, InvalidPageToken
from query_svc.core.catalog import Place
from query_svc.core.dialects import DIALECTS, Dialect, dialect_of
from query_svc.core.faults import NotTranslatable, UnknownTable, did_you_mean
from query_svc.core.records import failure_of
from query_svc.core.rules.targets import native_dialect
from query_svc.core.translate import refused
from query_svc.service import exports, messages
from query_svc.service.chunks import encoded_chunk, serve_chunks
from query_svc.worker import Queries, Running
from query_svc.worker.asking import Ask
from query_svc.worker.execution import Limits
from query_svc.worker.exporting import file_pieces
from query_svc.worker.files import FORMATS, encoding_of
from query_svc.worker.kept import KeptResult

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
JSON_ROWS = 2_000
PAGE_ROWS = 1_000
MOST_PAGE_ROWS = 10_000
MOST_PAGE_BYTES = 8 << 20
CLIENT_HEADER = "x-client-id"


def add_to(server: grpc.aio.Server, queries: Queries) -> None:
    """Serve the rpcs of QueryService."""
    servicer = QueryServicer(queries)
    query_service_pb2_grpc.add_QueryServiceServicer_to_server(servicer, server)
    serve_chunks(server, servicer)


class QueryServicer(query_service_pb2_grpc.QueryServiceServicer):
    """The rpcs of QueryService."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def ExecuteQuery(  # type: ignore[override]  # its handler sends bytes as they are
        self, request: pb.ExecuteQueryRequest, context: Context
    ) -> AsyncIterator[pb.ExecuteQueryResponse | bytes]:
        """Stream a result: schema, chunks, summary; a chunk of Arrow is encoded already."""
        arrow = request.format == pb.ExecuteQueryRequest.ARROW
        async with self._queries.run(_ask(request, context, request.query_id), _limits(request.limits)) as opening:
            running, opened = opening
            execution = running.execution
            if execution is None:
                return
            cast(Any, context).add_done_callback(lambda _: execution.give_up())
            yield pb.ExecuteQueryResponse(schema=_schema(running, opened.columns, opened.schema if arrow else None))
            async for batch in execution.batches():
                for message in [encoded_chunk(batch)] if arrow else _json(batch, opened.columns):
                    yield message
            yield pb.ExecuteQueryResponse(summary=_summary(running))

    async def RunQuery(self, request: pb.RunQueryRequest, context: Context) -> pb.RunQueryResponse:
        """Answer a small result by pages."""
        size = paging.page_size(request.page_size, default=PAGE_ROWS, maximum=MOST_PAGE_ROWS)
        if position := paging.decode_token("RunQuery", request.page_token):
            query_id, _, offset = position.rpartition(":")
            first = paging.number_of("RunQuery", offset)
            kept = self._queries.kept.get(query_id)
            if kept is None:
                raise InvalidPageToken("the result is no longer kept", hint="run the query again")
            return _page(kept, first, size)
        result = await self._queries.collect(_ask(request, context), _limits(request.limits))
        page = _page(result, 0, size)
        if page.next_page_token:
            self._queries.kept.keep(result)
        return page

    async def CancelQuery(self, request: pb.CancelQueryRequest, _context: Context) -> pb.CancelQueryResponse:
        """End a running query."""
        record = await self._queries.cancel(request.query_id)
        return pb.CancelQueryResponse(query=messages.query_message(record))

    async def ListQueries(self, request: pb.ListQueriesRequest, _context: Context) -> pb.ListQueriesResponse:
        """List the history, newest first."""
        size = paging.page_size(request.page_size)
        before = paging.decode_number("ListQueries", request.page_token, request.experiment)
        records, following = await asyncio.to_thread(self._queries.history.page, request.experiment, before, size)
        token = paging.encode_token("ListQueries", following, request.experiment) if following else ""
        return pb.ListQueriesResponse(queries=[messages.query_message(r) for r in records], next_page_token=token)

    async def TranslateQuery(self, request: pb.TranslateQueryRequest, context: Context) -> pb.TranslateQueryResponse:
        """Show a statement's form on the warehouse; a refusal is an answer here."""
        ask, target = _ask(request, context), messages.dialect_name(request.target_dialect)
        if target == native_dialect(await self._warehouse(ask)):
            target = ""
        try:
            made = await self._queries.translation(ask, target)
        except NotTranslatable as fault:
            made = refused(ask.sql, *await self._ends(ask), fault, target)
        return pb.TranslateQueryResponse(translation=messages.translation_message(made))

    async def _warehouse(self, ask: Ask) -> str:
        """Warehouse that a statement would run on."""
        home = await self._queries.locator.locate(ask.experiment) if ask.experiment else None
        return home.warehouse if home else self._queries.translator.default_warehouse

    async def _ends(self, ask: Ask) -> tuple[Dialect, str]:
        """Dialect and warehouse of a statement that was refused."""
        home = await self._queries.locator.locate(ask.experiment) if ask.experiment else None
        name = ask.dialect or (home.dialect if home else "") or "redshift"
        return dialect_of(name), await self._warehouse(ask)

    async def ExplainQuery(self, request: pb.ExplainQueryRequest, context: Context) -> pb.ExplainQueryResponse:
        """Answer the warehouse's plan."""
        made, plan = await self._queries.explain(_ask(request, context))
        return pb.ExplainQueryResponse(plan=plan, translation=messages.translation_message(made))

    async def _place(self, request: pb.ListTablesRequest | pb.DescribeTableRequest, context: Context) -> Place:
        """An experiment, with the tables of a scratch where one is named."""
        home = await self._queries.locator.locate(request.experiment)
        if not request.scratch:
            return home
        return (await self._queries.scratches.beside(home, _owner(context), request.scratch)).catalogued

    async def ListTables(self, request: pb.ListTablesRequest, context: Context) -> pb.ListTablesResponse:
        """List an experiment's tables by name."""
        place = await self._place(request, context)
        tables = sorted(place.tables, key=lambda table: table.name)
        return pb.ListTablesResponse(tables=[messages.table_message(place, table) for table in tables])

    async def DescribeTable(self, request: pb.DescribeTableRequest, context: Context) -> pb.DescribeTableResponse:
        """Describe a table as the user's DDL declared it."""
        place = await self._place(request, context)
        table = place.table(request.table)
        if table is None:
            raise UnknownTable(
                f"experiment {place.experiment!r} has no table {request.table!r}",
                hint=did_you_mean(request.table, [t.name for t in place.tables], otherwise="it has no loaded tables"),
                metadata={"table": request.table},
            )
        return messages.described(place, table)

    async def ExportQuery(
        self, request: pb.ExportQueryRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """Stream a result as a file."""
        encoding = encoding_of(*exports.names_of(request))
        limits = exports.limits_of(_limits(request.limits), self._queries.ceiling)
        async with self._queries.run(_ask(request, context, request.query_id), limits) as (running, opened):
            execution = running.execution
            if execution is None:
                return
            cast(Any, context).add_done_callback(lambda _: execution.give_up())
            content_type = encoding.content_type
            try:
                async for piece in file_pieces(execution, opened, encoding):
                    if content_type:
                        await context.send_initial_metadata(
                            exports.headers(request.experiment, encoding, running.record)
                        )
                    yield httpbody_pb2.HttpBody(content_type=content_type, data=piece)
                    content_type = ""
            except Fault as fault:
                if not content_type:
                    yield exports.broken_off(fault)
                raise
            context.set_trailing_metadata(exports.trailers(_summary(running)))

    async def ListScratches(self, request: pb.ListScratchesRequest, context: Context) -> pb.ListScratchesResponse:
        """List the client's scratches by experiment and name."""
        size = paging.page_size(request.page_size)
        first = paging.decode_number("ListScratches", request.page_token, request.experiment) or 0
        found = await self._queries.scratches.listed(_owner(context), request.experiment)
        following = first + size
        more = following < len(found)
        token = paging.encode_token("ListScratches", following, request.experiment) if more else ""
        idle = self._queries.scratches.idle_seconds
        shown = [messages.scratch_message(scratch, idle) for scratch in found[first:following]]
        return pb.ListScratchesResponse(scratches=shown, next_page_token=token)

    async def DropScratch(self, request: pb.DropScratchRequest, context: Context) -> pb.DropScratchResponse:
        """Drop a scratch of the client."""
        desk = self._queries.scratches
        gone = await desk.drop(_owner(context), request.experiment, request.scratch)
        return pb.DropScratchResponse(scratch=messages.scratch_message(gone, desk.idle_seconds))

    async def GetServerInfo(self, _request: pb.GetServerInfoRequest, _context: Context) -> pb.GetServerInfoResponse:
        """Describe this server."""
        features = [
            *(f"warehouse.{kind.lower()}" for kind in self._queries.warehouses),
            "format.json",
            "format.arrow",
            *(f"export.{name.lower()}" for name in list(FORMATS)[1:]),
            *(f"dialect.{name}" for name in sorted(DIALECTS)),
        ]
        info = server_info_pb2.ServerInfo(service="query", version=metadata.version("dw-simulator"), features=features)
        return pb.GetServerInfoResponse(server=info)


def _ask(request: Any, context: Context, query_id: str = "") -> Ask:
    """Statement of any request that has one."""
    given = dict(context.invocation_metadata() or ())
    owner = str(given.get(CLIENT_HEADER) or "")
    return Ask(
        sql=request.sql,
        experiment=request.experiment,
        dialect=messages.dialect_name(request.dialect),
        query_id=query_id,
        client=owner or context.peer(),
        owner=owner,
        scratch=request.scratch,
        allow_writes=getattr(request, "allow_writes", False),
    )


def _owner(context: Context) -> str:
    """Whose scratches a call sees."""
    return str(dict(context.invocation_metadata() or ()).get(CLIENT_HEADER) or "")


def _limits(asked: pb.QueryLimits) -> Limits:
    for name in ("timeout_seconds", "max_rows", "max_bytes"):
        if not getattr(asked, name) >= 0:
            raise InvalidArgument(
                f"limits.{name} is {getattr(asked, name)}; it takes 0 (for the server's) or more",
                metadata={"field": f"limits.{name}"},
            )
    fail = asked.fail_when_exceeded
    return Limits(asked.timeout_seconds, asked.max_rows, asked.max_bytes, 0, 0, fail_rows=fail, fail_bytes=fail)


def _schema(running: Running, columns: Any, schema: pa.Schema | None) -> result_pb2.ResultSchema:
    translation = running.translation
    return result_pb2.ResultSchema(
        query_id=running.record.query_id,
        columns=messages.result_columns(columns),
        arrow_schema=schema_to_bytes(schema) if schema is not None else b"",
        translation=messages.translation_message(translation) if translation else None,
        warehouse=messages.warehouse_value(running.record.warehouse),
    )


def _json(batch: pa.RecordBatch, columns: Any) -> list[pb.ExecuteQueryResponse]:
    """JSON is wider than Arrow: cut a chunk into messages of few rows."""
    pieces = [batch.slice(first, JSON_ROWS) for first in range(0, batch.num_rows, JSON_ROWS)]
    return [
        pb.ExecuteQueryResponse(json=result_pb2.JsonRows(rows=messages.json_rows(piece, columns))) for piece in pieces
    ]


def _summary(running: Running) -> result_pb2.ResultSummary:
    execution = running.execution
    closed = execution.closed if execution else None
    fault = closed.fault if closed else None
    return result_pb2.ResultSummary(
        query_id=running.record.query_id,
        rows=execution.rows if execution else 0,
        bytes=execution.bytes if execution else 0,
        truncated=bool(closed and closed.truncated),
        translate_ms=running.translate_ms,
        first_row_ms=running.first_row_ms,
        total_ms=running.total_ms,
        verdict=translation_pb2.Translation.Verdict.Value(running.record.verdict or "VERDICT_UNSPECIFIED"),
        failure=messages.failure_message(failure_of(fault)) if fault else None,
        notes=running.translation.notes if running.translation else (),
        warehouse=messages.warehouse_value(running.record.warehouse),
    )


def _page(kept: KeptResult, offset: int, size: int) -> pb.RunQueryResponse:
    """One page of a kept result, shorter than asked where its rows are large."""
    per_row = max(kept.table.nbytes // max(kept.table.num_rows, 1), 1)
    rows = kept.table.slice(offset, max(1, min(size, MOST_PAGE_BYTES // per_row)))
    following = offset + rows.num_rows
    token = paging.encode_token("RunQuery", f"{kept.query_id}:{following}") if following < kept.table.num_rows else ""
    summary = result_pb2.ResultSummary(
        query_id=kept.query_id,
        rows=kept.table.num_rows,
        bytes=kept.table.nbytes,
        truncated=kept.truncated,
        translate_ms=kept.translate_ms,
        first_row_ms=kept.first_row_ms,
        total_ms=kept.total_ms,
        verdict=translation_pb2.Translation.Verdict.Value(kept.translation.verdict.value),
        notes=kept.translation.notes,
        warehouse=messages.warehouse_value(kept.translation.warehouse),
    )
    return pb.RunQueryResponse(
        query_id=kept.query_id,
        columns=messages.result_columns(kept.columns),
        rows=messages.json_rows(rows, kept.columns),
        next_page_token=token,
        translation=messages.translation_message(kept.translation),
        summary=summary,
    )
