"""Statements that take long to read: apart from the others, within their timeout, cancellable, and refused in time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import grpc
import psutil
import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.query_pb2 import Query

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery

PATIENCE = 60.0
LARGE = f"SELECT COUNT(*) FROM orders WHERE order_id IN ({', '.join(map(str, range(12_000)))})"
MANY_WORDS = f"SELECT COUNT(*) FROM orders WHERE order_id IN ({', '.join(map(str, range(2_500)))})"


async def reader_process() -> psutil.Process:
    """The process that reads a statement, as soon as it is there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for child in psutil.Process().children():
                with contextlib.suppress(psutil.NoSuchProcess):  # it ended meanwhile
                    if "spawn_main" in " ".join(child.cmdline()):
                        return child
            await asyncio.sleep(0.001)


async def faulted(answer: Awaitable[object]) -> RemoteFault:
    """The fault that an answer is."""
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(RemoteFault) as raised:
            await answer
        return raised.value


@pytest.mark.parametrize("sql", [LARGE, MANY_WORDS], ids=["long", "many words"])
async def test_a_reader_that_is_killed_before_it_reads_ends_its_statement(query: RunningQuery, sql: str) -> None:
    """The kernel kills when memory is short; a statement that waited for ever would hold its thread for ever."""
    waiting = asyncio.create_task(query.rows(sql))
    (await reader_process()).kill()
    fault = await faulted(waiting)
    assert (fault.code, fault.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "EXECUTION_FAILED")
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_the_statements_timeout_holds_while_it_is_read(query: RunningQuery) -> None:
    """A client that gives a second gets its answer in a second, whatever the statement is busy with."""
    waiting = asyncio.create_task(query.rows(LARGE, limits=pb.QueryLimits(timeout_seconds=0.7)))
    (await reader_process()).suspend()
    assert (await faulted(waiting)).reason == "STATEMENT_TIMEOUT"


async def test_a_statement_is_cancelled_while_it_is_read(query: RunningQuery) -> None:
    """CancelQuery must reach the reader, too."""
    waiting = asyncio.create_task(query.execute(LARGE, query_id="long"))
    reader = await reader_process()
    reader.suspend()
    answer = await call(query.stub.CancelQuery, pb.CancelQueryRequest(query_id="long"))
    assert answer.query.state == Query.CANCELLED
    assert (await faulted(waiting)).reason == "CANCELLED_BY_USER"
    assert not reader.is_running()


async def test_a_client_that_leaves_ends_the_reading(query: RunningQuery) -> None:
    """Nobody waits for the answer any more."""
    waiting = asyncio.create_task(query.rows(LARGE))
    reader = await reader_process()
    reader.suspend()
    waiting.cancel()
    async with asyncio.timeout(PATIENCE):
        while True:
            if not reader.is_running():
                return
            await asyncio.sleep(0.01)


async def test_large_statements_name_other_experiments_too(query: RunningQuery) -> None:
    """How a statement is read must not change what it means."""
    assert await query.rows(LARGE.replace("orders", "shop.orders"), experiment="") == [[5]]


def doubled(times: int) -> str:
    aliases = ", ".join(f"a{n} + a{n} AS a{n + 1}" for n in range(times))
    return f"SELECT order_id AS a0, {aliases} FROM orders"


def nested(before: str, inner: str, after: str) -> Callable[[int], str]:
    return lambda times: f"SELECT {before * times}{inner}{after * times} FROM orders"


GROWING: dict[str, Callable[[int], str]] = {
    "aliases": doubled,
    "aliases in WHERE": lambda n: f"{doubled(n)} WHERE a{n} + a{n} = 1",
    "stars": lambda n: f"SELECT {', '.join(['*'] * (3 * n * n))} FROM orders",
    "quotients": lambda n: f"SELECT 1000{' / order_id' * n} FROM orders",
    "divisors": nested("1 / (", "total", ")"),
    "remainders": lambda n: f"SELECT 1000{' % order_id' * n} FROM orders",
    "rounding": nested("CAST(CAST(", "total", " AS DECIMAL(18,3)) AS DECIMAL(18,2))"),
    "quarters": nested("DATE_TRUNC('quarter', ", "ordered_at", ")"),
    "months": nested("DATEADD(day, DATEDIFF(month, ", "ordered_at", ", '2024-01-01'), '2024-01-01')"),
    "choices": nested("DECODE(", "order_id", ", 1, 2, 3, 4)"),
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
async def test_a_short_statement_never_takes_the_service_down(query: RunningQuery, grow: Callable[[int], str]) -> None:
    """What is written twice at each of 30 levels would be a thousand million times the statement."""
    began = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(faulted(query.run(grow(30))))
    assert await query.rows("SELECT 1") == [[1]]
    fault = await waiting
    assert (fault.code, fault.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_COMPLEX"), fault.message
    assert asyncio.get_running_loop().time() - began < PATIENCE / 2
    assert await query.run(grow(4))


async def test_aliases_are_used_again_as_often_as_people_do(query: RunningQuery) -> None:
    """A report of sixty measures, each made of the ones before, is ordinary."""
    measures = ", ".join(f"m{n} + {n} AS m{n + 1}" for n in range(60))
    [first, *_] = await query.rows(f"SELECT order_id AS m0, {measures} FROM orders ORDER BY order_id")
    assert first[-1] == 1 + sum(range(60))
