"""The client without await. All work is done by the asynchronous one, in a thread of its own."""

from pathlib import Path
from types import TracebackType

import pyarrow as pa

from dwsim.blocking import Driven, blocking, facing, iterating, loop_thread
from dwsim.client import AsyncClient
from dwsim.experiments import AsyncExperiments
from dwsim.loads import AsyncLoads
from dwsim.places import find_gateway
from dwsim.query.v1.result_pb2 import ResultSummary
from dwsim.results import AsyncResult
from dwsim.runs import AsyncRuns
from dwsim.values import Translation


class Experiments(Driven[AsyncExperiments]):
    """What tables look like, by name."""

    create = blocking(AsyncExperiments.create)
    get = blocking(AsyncExperiments.get)
    list = blocking(AsyncExperiments.list)
    delete = blocking(AsyncExperiments.delete)
    export = blocking(AsyncExperiments.export)


class Runs(Driven[AsyncRuns]):
    """Generations of rows, by number."""

    start = blocking(AsyncRuns.start)
    get = blocking(AsyncRuns.get)
    list = blocking(AsyncRuns.list)
    follow = iterating(AsyncRuns.follow)
    wait = blocking(AsyncRuns.wait)
    abort = blocking(AsyncRuns.abort)


class Loads(Driven[AsyncLoads]):
    """Loads of runs, by number."""

    start = blocking(AsyncLoads.start)
    get = blocking(AsyncLoads.get)
    list = blocking(AsyncLoads.list)
    of_run = blocking(AsyncLoads.of_run)
    follow = iterating(AsyncLoads.follow)
    wait = blocking(AsyncLoads.wait)
    abort = blocking(AsyncLoads.abort)
    retry = blocking(AsyncLoads.retry)


class Result(Driven[AsyncResult]):
    """The answer to a query. Its schema and translation are there at once, its rows come, its summary comes last."""

    batches = iterating(AsyncResult.batches)
    to_arrow = blocking(AsyncResult.to_arrow)
    to_pandas = blocking(AsyncResult.to_pandas)
    to_polars = blocking(AsyncResult.to_polars)
    to_pylist = blocking(AsyncResult.to_pylist)
    rows = blocking(AsyncResult.rows)
    scalar = blocking(AsyncResult.scalar)
    close = blocking(AsyncResult.close)
    __iter__ = iterating(AsyncResult.__aiter__)

    def __enter__(self) -> "Result":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rows."""
        return self._behind.schema

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self._behind.columns

    @property
    def query_id(self) -> str:
        """Id of the query, to cancel it by and to find it in the history."""
        return self._behind.query_id

    @property
    def warehouse(self) -> str:
        """Kind of the warehouse that answers."""
        return self._behind.warehouse

    @property
    def translation(self) -> Translation:
        """The statement, its form on the warehouse, and how faithful that is."""
        return self._behind.translation

    @property
    def verdict(self) -> str:
        """EXACT, or APPROXIMATE where the answer may differ from the real warehouse's as `notes` say."""
        return self._behind.verdict

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the answer is not EXACT."""
        return self._behind.notes

    @property
    def truncated(self) -> bool:
        """Whether a limit of the call cut the rows; false until the last one was read."""
        return self._behind.truncated

    @property
    def summary(self) -> ResultSummary | None:
        """Counts and times; None until the last row was read."""
        return self._behind.summary


class Client(Driven[AsyncClient]):
    """The services behind one gateway; `with` closes the connection, as `close` does."""

    def __init__(self, address: str) -> None:
        super().__init__(AsyncClient(address), loop_thread())
        self.address = address
        self.experiments, self.runs, self.loads = self._loop.run(self._parts())

    generate = blocking(AsyncClient.generate)
    export = blocking(AsyncClient.export)
    translate = blocking(AsyncClient.translate)
    explain = blocking(AsyncClient.explain)
    cancel = blocking(AsyncClient.cancel)
    history = blocking(AsyncClient.history)
    tables = blocking(AsyncClient.tables)
    describe = blocking(AsyncClient.describe)
    locate = blocking(AsyncClient.locate)
    engine_version = blocking(AsyncClient.engine_version)
    close = blocking(AsyncClient.close)
    query = facing(AsyncClient.query, Result)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    async def _parts(self) -> tuple[Experiments, Runs, Loads]:
        """What belongs to the loop is made in the loop."""
        behind, loop = self._behind, self._loop
        return Experiments(behind.experiments, loop), Runs(behind.runs, loop), Loads(behind.loads, loop)


def connect(address: str = "", *, data_dir: str | Path | None = None) -> Client:
    """A client of the gateway at `address`, or of the stack that runs on `data_dir`, or of the usual one."""
    return Client(find_gateway(address, data_dir))
