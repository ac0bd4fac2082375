"""The compatibility schema: installed once, by whoever comes first, and only where it belongs."""

import threading
from typing import Any

import psycopg2
import pytest

from dwsim_wire.fault import NotYetAvailable
from query_svc.core.faults import ExecutionFailed, WarehouseUnavailable
from query_svc.warehouses.postgres import PostgresReader
from query_svc.warehouses.postgres_compatibility import VERSION, Server, fingerprint, install, statements
from query_svc.warehouses.reader import Statement, Stop
from tests.postgres import Database

NOTE = "SELECT obj_description('dw_redshift'::regnamespace, 'pg_namespace')"


CALL = "SELECT dw_redshift.strtol('ff', 16) AS n"


def answer(url: str, sql: str = CALL, reader: PostgresReader | None = None) -> list[dict[str, Any]]:
    """Rows of a statement in PostgreSQL's own SQL."""
    result = (reader or PostgresReader(url)).run(Statement(sql, (), {}), Stop(30))
    try:
        return [row for batch in result.batches() for row in batch.to_pylist()]
    finally:
        result.close()


def test_services_that_start_together_install_it_once(database: Database) -> None:
    """Two replicas and their threads must not trip over one another."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(answer(database.url))
        except Exception as error:  # whatever it is, the test says it
            answers.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[{"n": 255}]] * 6
    assert database.rows(NOTE) == [(f"DW Simulator {VERSION} {fingerprint()}",)]


def test_an_older_version_is_replaced_and_a_newer_one_is_kept(database: Database) -> None:
    """A service of yesterday must not take today's functions away."""
    answer(database.url)
    wrong = (
        "CREATE OR REPLACE FUNCTION dw_redshift.getdate() RETURNS timestamp LANGUAGE sql RETURN timestamp '2000-01-01'"
    )
    ask = "SELECT dw_redshift.getdate() > timestamp '2020-01-01' AS right"
    database.rows(wrong)
    database.rows(f"COMMENT ON SCHEMA dw_redshift IS 'DW Simulator {VERSION - 1} 0'")
    assert answer(database.url, ask) == [{"right": True}]
    database.rows(wrong)
    database.rows(f"COMMENT ON SCHEMA dw_redshift IS 'DW Simulator {VERSION + 1} 0'")
    assert answer(database.url, ask) == [{"right": False}]


def test_a_schema_that_somebody_dropped_is_installed_again(database: Database) -> None:
    """The stand-in's volume may be made anew under a running service, which says to send the statement again."""
    reader = PostgresReader(database.url)
    assert answer(database.url, reader=reader) == [{"n": 255}]
    database.rows("DROP SCHEMA dw_redshift CASCADE")
    with pytest.raises(ExecutionFailed, match="is not where it was"):
        answer(database.url, reader=reader)
    assert answer(database.url, reader=reader) == [{"n": 255}]


def test_a_login_that_may_not_install_is_told_what_it_needs(postgres: Database, database: Database) -> None:
    """A server of the user's own may be strict."""
    role = f"strict_{database.name}"
    database.rows(f"CREATE ROLE {role} LOGIN PASSWORD 'strict'")
    try:
        with pytest.raises(WarehouseUnavailable) as fault:
            answer(database.url.replace("dw_user:dw_pass", f"{role}:strict"))
        assert "dw_redshift" in fault.value.message
        assert "GRANT" in fault.value.hint
    finally:
        postgres.rows(f"DROP ROLE {role}")


def test_a_real_redshift_and_an_old_server_are_left_alone() -> None:
    """What is there is better than ours, or lacks what ours needs."""

    def run(sql: str) -> list[tuple[object, ...]]:
        raise AssertionError(sql)

    with pytest.raises(NotYetAvailable):
        install(run, Server(major=8, redshift=True, superuser=False))
    with pytest.raises(WarehouseUnavailable):
        install(run, Server(major=13, redshift=False, superuser=False))


def test_every_server_gets_the_functions_that_it_can_have(database: Database) -> None:
    """PostgreSQL 15 has no IS JSON."""
    connection = psycopg2.connect(database.url)
    with connection, connection.cursor() as cursor:
        for statement in statements(15, '"C"'):
            cursor.execute(statement)
        cursor.execute("SELECT dw_redshift.is_valid_json('{'), dw_redshift.is_valid_json('[1]')")
        assert cursor.fetchone() == (False, True)
    connection.close()
    assert sum("FUNCTION dw_redshift.is_valid_json(document" in s for s in statements(18, "x")) == 1


def test_a_sketch_counts_nearly(database: Database) -> None:
    """Sparse while it is small, dense beyond, which errs by half a percent, as Redshift's does."""
    sketch = "dw_redshift.hll_sketch(array_agg(DISTINCT dw_redshift.hll_cell(n::text, 1)))"
    for values, within in ((0, 0), (1, 0), (5_000, 0.001), (8_000, 0.02), (60_000, 0.02)):
        sql = f"SELECT dw_redshift.hll_cardinality({sketch}) AS n FROM generate_series(1, {values}) AS n"
        assert answer(database.url, sql)[0]["n"] == pytest.approx(values, rel=within)


def test_combined_sketches_are_the_sketch_of_all_values(database: Database) -> None:
    """Days that were counted apart make the month, whether sparse, dense or both."""
    cells = "array_agg(dw_redshift.hll_cell(n::text, 1))"
    for first, second in ((100, 200), (100, 7_000), (7_000, 8_000)):
        halves = (
            f"SELECT dw_redshift.hll_sketch({cells} FILTER (WHERE n <= {first})) AS a,"
            f" dw_redshift.hll_sketch({cells} FILTER (WHERE n >= 50)) AS b,"
            f" dw_redshift.hll_sketch({cells}) AS whole FROM generate_series(1, {second}) AS n"
        )
        sql = f"SELECT dw_redshift.hll_combined(ARRAY[a, NULL, b]) = whole AS same FROM ({halves}) AS made"
        assert answer(database.url, sql) == [{"same": True}], (first, second)


def test_what_is_no_sketch_is_refused(database: Database) -> None:
    """A count of something else would be a wrong answer."""
    for document in ("{}", "[1]", "null", '{"sparse": {"indices": 1, "values": []}}'):
        with pytest.raises(ExecutionFailed, match="no HyperLogLog sketch"):
            answer(database.url, f"SELECT dw_redshift.hll_cardinality('{document}'::jsonb) AS n")
