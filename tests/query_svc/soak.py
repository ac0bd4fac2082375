"""Clients of every kind at one query service behind a gateway: short and long queries, all formats, many that leave."""

import asyncio
import contextlib
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from tests.gateway.doors import Gateway

POINT = "SELECT name FROM customers WHERE customer_id = 2"
REPORT = (
    "SELECT status, COUNT(*) AS n, SUM(total) AS total, MEDIAN(total) FROM orders JOIN customers USING (customer_id)"
    " GROUP BY 1 ORDER BY n DESC, 1"
)
_CROSS = ", ".join(f"orders {name}" for name in "abcdef")
MANY = (
    f"SELECT a.order_id AS a, b.order_id AS b, o.total, o.ordered_at, buyer.name FROM {_CROSS},"
    " orders o LEFT JOIN customers buyer ON buyer.customer_id = o.customer_id"
)
ROWS = 5**7
LONG = f"SELECT COUNT(*) FROM {_CROSS}, {', '.join(f'orders {name}' for name in 'ghijklm')}"
SECONDS = 240.0
Visit = Callable[["Visitor"], Awaitable[None]]


@dataclass
class Tally:
    """What the clients did, and the errors that nobody asked for."""

    visits: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


@dataclass
class Visitor:
    """One client: its own stub, gateway and luck."""

    stub: QueryServiceStub
    gateway: Gateway
    luck: random.Random

    async def point(self) -> None:
        answer = await call(self.stub.RunQuery, pb.RunQueryRequest(experiment="shop", sql=POINT), timeout=SECONDS)
        assert [list(row) for row in answer.rows] == [["Émile"]]

    async def report(self) -> None:
        answer = await call(self.stub.RunQuery, pb.RunQueryRequest(experiment="shop", sql=REPORT), timeout=SECONDS)
        assert len(answer.rows) == 4

    async def translation(self) -> None:
        await call(self.stub.TranslateQuery, pb.TranslateQueryRequest(experiment="shop", sql=REPORT), timeout=SECONDS)

    async def whole(self) -> None:
        """A result of many rows, in JSON or Arrow, to its end."""
        formats = (pb.ExecuteQueryRequest.JSON, pb.ExecuteQueryRequest.ARROW)
        request = pb.ExecuteQueryRequest(experiment="shop", sql=MANY, format=self.luck.choice(formats))
        last = None
        async for message in stream(self.stub.ExecuteQuery, request, timeout=SECONDS):
            last = message
        assert last is not None
        assert last.summary.rows == ROWS

    async def leaver(self) -> None:
        """A client that leaves in the middle of a result."""
        request = pb.ExecuteQueryRequest(experiment="shop", sql=MANY, format=pb.ExecuteQueryRequest.ARROW)
        messages = stream(self.stub.ExecuteQuery, request, timeout=SECONDS)
        for _ in range(self.luck.randint(1, 2)):
            await anext(messages)
        await messages.aclose()

    async def impatient(self) -> None:
        """A client that leaves before the first row."""
        request = pb.RunQueryRequest(experiment="shop", sql=LONG)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.luck.random() * 0.3):
                await call(self.stub.RunQuery, request, timeout=SECONDS)

    async def cancelled(self) -> None:
        """A query that is cancelled from elsewhere."""
        request = pb.ExecuteQueryRequest(experiment="shop", sql=LONG, query_id=uuid.uuid4().hex)
        running = asyncio.create_task(anext(stream(self.stub.ExecuteQuery, request, timeout=SECONDS)))
        reasons = await self._cancel(request.query_id, running)
        assert reasons == {"CANCELLED_BY_USER"}, reasons

    async def _cancel(self, query_id: str, running: "asyncio.Task[Any]") -> set[str]:
        while not running.done():
            with contextlib.suppress(RemoteFault):
                await call(self.stub.CancelQuery, pb.CancelQueryRequest(query_id=query_id), timeout=SECONDS)
            await asyncio.wait([running], timeout=0.05)
        fault = running.exception()
        return {fault.reason} if isinstance(fault, RemoteFault) else {str(fault)}

    async def too_long(self) -> None:
        """A query that ends at its own limit."""
        limits = pb.QueryLimits(timeout_seconds=0.2)
        await self._refused(pb.RunQueryRequest(experiment="shop", sql=LONG, limits=limits), "STATEMENT_TIMEOUT")

    async def wrong(self) -> None:
        """A query that has a mistake."""
        await self._refused(pb.RunQueryRequest(experiment="shop", sql="SELECT nam FROM customers"), "UNKNOWN_COLUMN")

    async def _refused(self, request: pb.RunQueryRequest, reason: str) -> None:
        try:
            await call(self.stub.RunQuery, request, timeout=SECONDS)
        except RemoteFault as fault:
            if fault.reason == reason:
                return
            raise
        raise AssertionError(f"no {reason}")

    async def rest(self) -> None:
        """A page over REST."""
        answer = await self._posted("query", {"sql": REPORT})
        assert answer == 200, answer

    async def download(self) -> None:
        """A file over REST, to its end."""
        kind = self.luck.choice(["CSV", "JSON_LINES", "PARQUET", "ARROW", "ARROW_FILE"])
        assert await self._posted("query/export", {"sql": MANY, "format": kind}) == 200

    async def broken_download(self) -> None:
        """A file over REST whose reader leaves."""
        await self._posted("query/export", {"sql": MANY, "format": "CSV"}, self.luck.randint(0, 100_000))

    async def _posted(self, path: str, body: Mapping[str, str], most: int = -1) -> int:
        def post() -> int:
            opened = self.gateway.opened("POST", f"/api/experiments/shop/{path}", dict(body), timeout=SECONDS)
            with opened as response:
                response.read() if most < 0 else response.read(most)
                return response.status

        return await asyncio.to_thread(post)


KINDS: Mapping[str, Visit] = {
    visit.__name__: visit
    for visit in (
        *(Visitor.point, Visitor.report, Visitor.translation, Visitor.whole, Visitor.leaver, Visitor.impatient),
        *(Visitor.cancelled, Visitor.too_long, Visitor.wrong, Visitor.rest, Visitor.download, Visitor.broken_download),
    )
}


async def soak(visitors: list[Visitor], seconds: float) -> Tally:
    """Let all clients do this and that for so long; whoever is at work then finishes."""
    tally = Tally()
    end = asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(_visits(visitor, end, tally) for visitor in visitors))
    return tally


async def _visits(visitor: Visitor, end: float, tally: Tally) -> None:
    kinds = list(KINDS)
    visitor.luck.shuffle(kinds)
    while asyncio.get_running_loop().time() < end:
        kind = kinds[tally.visits.total() % len(kinds)]
        tally.visits[kind] += 1
        try:
            await KINDS[kind](visitor)
        except (RemoteFault, AssertionError, OSError) as error:
            tally.errors[f"{kind}: {type(error).__name__} {error}"] += 1
