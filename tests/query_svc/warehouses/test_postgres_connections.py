"""Connections that serve one statement after another: the same one, clean, alive, and never two at once."""

import time
from collections.abc import Callable, Iterator

import pytest

from query_svc.core.faults import CancelledByUser
from query_svc.warehouses.postgres import PostgresReader
from query_svc.warehouses.reader import Statement, Stop
from tests.postgres import Database
from tests.query_svc.warehouses.postgres_shop import NAMESPACE

PATIENCE = 60.0
PID = "SELECT pg_backend_pid()"
LEFT = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def reader(shop: Database) -> Iterator[PostgresReader]:
    made = PostgresReader(shop.url, idle_seconds=PATIENCE)
    yield made
    made.close()


def answer(reader: PostgresReader, sql: str) -> object:
    """Value that a statement gives."""
    result = reader.run(Statement(sql, (), {NAMESPACE: NAMESPACE}), Stop(PATIENCE))
    try:
        (batch,) = result.batches()
        return batch.column(0)[0].as_py()
    finally:
        result.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_statements_that_follow_one_another_share_a_connection(reader: PostgresReader) -> None:
    """A connection takes longer to make than a point query to answer."""
    assert len({answer(reader, PID) for _ in range(5)}) == 1
    assert "Result" in reader.explain(Statement("SELECT 1", (), {}), Stop(PATIENCE))
    assert len({answer(reader, PID) for _ in range(2)}) == 1


def test_statements_at_the_same_time_have_connections_of_their_own(reader: PostgresReader) -> None:
    """A connection runs one statement."""
    stop = Stop(PATIENCE)
    first = reader.run(Statement("SELECT pg_backend_pid() FROM generate_series(1, 1000000)", (), {}), stop)
    try:
        batch = next(iter(first.batches()))
        assert answer(reader, PID) != batch.column(0)[0].as_py()
    finally:
        stop.end(CancelledByUser("enough"))
        first.close()


@pytest.mark.parametrize(
    ("change", "look", "expected"),
    [
        ("set_config('search_path', 'pg_catalog', false)", "current_setting('search_path')", f'"{NAMESPACE}"'),
        ("set_config('statement_timeout', '1h', false)", "current_setting('statement_timeout')", "61min"),
        ("set_config('dwsim.mine', 'secret', false)", "coalesce(current_setting('dwsim.mine', true), '')", ""),
        ("pg_advisory_lock(77)::text", "count(*)::text FROM pg_locks WHERE locktype = 'advisory'", "0"),
    ],
)
def test_nothing_of_a_statement_reaches_the_next(reader: PostgresReader, change: str, look: str, expected: str) -> None:
    """Who comes next is somebody else."""
    pid = answer(reader, PID)
    answer(reader, f"SELECT {change}")
    assert str(answer(reader, f"SELECT {look}")).startswith(expected.replace("61min", "61min"))
    assert answer(reader, PID) == pid


def test_a_connection_that_the_server_ended_is_replaced(reader: PostgresReader, shop: Database) -> None:
    """A server that was started again must not fail the next statement."""
    pid = answer(reader, PID)
    shop.rows(LEFT.replace("pid", "pg_terminate_backend(pid)", 1))
    wait_for(lambda: not shop.rows(LEFT))
    assert answer(reader, PID) != pid


def test_the_connection_of_a_cancelled_statement_is_not_used_again(reader: PostgresReader, shop: Database) -> None:
    """A cancellation that arrives late would end somebody else's statement."""
    stop = Stop(PATIENCE)
    result = reader.run(Statement("SELECT pg_backend_pid() FROM generate_series(1, 10000000)", (), {}), stop)
    pid = next(iter(result.batches())).column(0)[0].as_py()
    stop.end(CancelledByUser("enough"))
    result.close()
    assert answer(reader, PID) != pid
    wait_for(lambda: (pid,) not in shop.rows(LEFT))


def test_idle_connections_are_closed_after_a_while_and_at_the_end(shop: Database) -> None:
    """Sessions that nobody needs keep others from connecting."""
    for reader in (PostgresReader(shop.url, idle_seconds=0.2), PostgresReader(shop.url)):
        assert answer(reader, PID) is not None
        if reader.idle_seconds > 1:
            assert shop.rows(LEFT)
            reader.close()
        wait_for(lambda: not shop.rows(LEFT))
        reader.close()
