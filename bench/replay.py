"""Two servers of the same record batches, read from an Arrow file into memory before the first call.

`python -m bench.replay flight|query FILE …` logs its address. `flight` is Arrow Flight, the reference. `query` is the
query service itself (its door, its worker, its history), whose warehouse is the file: what is measured is the way from
a batch of a warehouse to the client, and nothing of the warehouse.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.flight as flight

from dwsim_wire.database import open_database
from dwsim_wire.entry import run_service
from dwsim_wire.memory import share_heaps
from dwsim_wire.server import Service
from query_svc.__main__ import HEAPS, MIGRATIONS
from query_svc.core.types import SqlType
from query_svc.peers import Loader
from query_svc.service.assembly import FULL_NAME
from query_svc.service.servicer import add_to
from query_svc.service.statuses import STATUS
from query_svc.settings import QuerySettings
from query_svc.staging import area_of
from query_svc.store import History
from query_svc.store.scratches import ScratchBook
from query_svc.warehouses.reader import Reader, Result, Statement, Stop
from query_svc.worker import Queries
from query_svc.worker.execution import Limits
from query_svc.worker.scratching import ScratchDesk

TIMES = 10
"""All batches are sent so often, one after the other."""


class FlightReplay(flight.FlightServerBase):  # type: ignore[misc]  # pyarrow is untyped
    """Arrow Flight over the batches."""

    def __init__(self, batches: list[pa.RecordBatch]) -> None:
        super().__init__("grpc://127.0.0.1:0")
        self._batches = batches

    def do_get(self, context: object, ticket: object) -> flight.RecordBatchStream:
        """Stream all batches, whatever the ticket."""
        del context, ticket
        return flight.RecordBatchStream(
            pa.RecordBatchReader.from_batches(self._batches[0].schema, TIMES * self._batches)
        )


@dataclass
class Replayed:
    """The batches as a statement's result."""

    columns: tuple[tuple[str, SqlType], ...]
    schema: pa.Schema
    held: list[pa.RecordBatch]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all batches."""
        yield from TIMES * self.held

    def close(self) -> None:
        """Keep the batches for the next statement."""


class MemoryReader(Reader):
    """A warehouse that answers every statement with the batches."""

    def __init__(self, batches: list[pa.RecordBatch]) -> None:
        self._batches = batches

    def run(self, statement: Statement, stop: Stop) -> Result:
        """Answer at once."""
        del stop
        return Replayed(statement.columns, self._batches[0].schema, self._batches)

    def explain(self, statement: Statement, stop: Stop) -> str:
        """There is nothing to explain."""
        del statement, stop
        return ""

    def close(self) -> None:
        """Keep the batches for the next statement."""


def read(path: Path) -> list[pa.RecordBatch]:
    """Batches of an Arrow file, in memory, cut as they were written."""
    with pa.ipc.open_stream(path.read_bytes()) as reader:
        return list(reader)


def serve_flight(batches: list[pa.RecordBatch]) -> None:
    """Say where, as a service's log does, and serve until the process is ended."""
    server = FlightReplay(batches)
    print(json.dumps({"address": f"127.0.0.1:{server.port}"}), flush=True)
    server.serve()


def serve_query(batches: list[pa.RecordBatch], flags: list[str]) -> int:
    """Serve until told to stop; `flags` are those of the query service."""

    async def build(settings: QuerySettings) -> Service:
        loader, reader = Loader(settings.loader_address), MemoryReader(batches)
        engine = open_database(settings, "query", MIGRATIONS)
        history = History(engine)
        ceiling = Limits(
            settings.query_timeout_seconds,
            settings.query_max_rows,
            settings.query_max_bytes,
            settings.max_message_bytes // 2,
            settings.query_stall_seconds,
        )
        queries = Queries(
            loader,
            {"SQLITE": reader, "REDSHIFT": reader},
            history,
            ceiling,
            scratches=ScratchDesk(ScratchBook(engine), {}, loader, settings.scratch_idle_seconds),
            area=area_of(settings.staging, settings.data_dir / "spool"),
            most=settings.max_queries,
            most_per_client=settings.max_queries_per_client,
            kept_bytes=settings.query_kept_bytes,
        )

        def register(server: grpc.aio.Server) -> None:
            add_to(server, queries)

        async def start() -> None:
            await asyncio.to_thread(history.start)

        async def drain() -> None:
            await queries.stop(settings.drain_seconds)

        async def stop() -> None:
            await loader.close()
            await asyncio.to_thread(history.close)

        return Service("query", FULL_NAME, register, STATUS, start, stop, drain)

    share_heaps(HEAPS)
    return run_service(QuerySettings, build, flags)


if __name__ == "__main__":
    kind, file, *rest = sys.argv[1:]
    if kind == "flight":
        serve_flight(read(Path(file)))
    else:
        sys.exit(serve_query(read(Path(file)), rest))
