"""What is Snowflake's own: no DDL in a transaction, tables that change their columns, servers and sessions that end."""

import signal
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import SecretStr

from loader_svc.core.faults import ConstraintViolated, WarehouseBusy, WarehouseUnavailable
from loader_svc.core.loads import Mode
from loader_svc.warehouses import snowflake as adapter
from loader_svc.warehouses import snowflake_tables
from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_catalog import Arrival
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_tables import arrive
from loader_svc.warehouses.snowflake_url import Account
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.warehouses.orders import ENFORCED, go_on, load, load_both, order, stage
from tests.snowflake import Database, Emulator, emulator

NOTE = {"name": "note", "data_type": "SUPER", "logical_type": {"kind": "JSON"}}
WIDER = SHOP | {"tables": [{**table, "columns": [*table["columns"], NOTE]} for table in SHOP["tables"]]}
DDL = ("ALTER", "CREATE", "DROP", "TRUNCATE", "COMMENT", "GRANT", "USE")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """First words of every statement that is sent."""
    sent: list[str] = []
    run = Session._run

    def recorded(session: Session, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        sent.append(" ".join(sql.split()))
        return run(session, sql, parameters)

    monkeypatch.setattr(Session, "_run", recorded)
    return sent


def test_no_ddl_is_sent_inside_of_a_transaction(account: Database, statements: list[str]) -> None:
    """DDL commits by itself in Snowflake, and the emulator hides it: half a load would be applied."""
    writer = SnowflakeWriter(account.url)
    load(writer, 1, 10)
    load(writer, 2, 10)
    load_wider(writer, 3)
    inside = False
    for sql in statements:
        assert not (inside and sql.startswith(DDL)), sql
        inside = sql == "BEGIN" or (inside and sql not in {"COMMIT", "ROLLBACK"})
    assert [sql.split("(")[0].strip() for sql in statements if sql.startswith("INSERT OVERWRITE")] == [
        'INSERT OVERWRITE INTO "ORDERS"'
    ]
    copies = [sql for sql in statements if sql.startswith("COPY INTO")]
    assert all("TYPE = PARQUET" in sql and "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE" in sql for sql in copies)
    assert len(copies) == 4, "documents are tried first"


def load_wider(writer: SnowflakeWriter, load_id: int) -> None:
    """Load orders with one more column, of documents."""
    with closing(writer.claim(order(writer, load_id, rows={"orders": 5}, document=WIDER))) as staging:
        stage(staging, "orders", orders(0, 5).append_column("note", pa.array(['{"a": 1}'] * 5)))
        staging.prepare(go_on)
        staging.apply(go_on)


@pytest.mark.slow
def test_a_table_gets_other_columns_after_the_commit_and_whoever_comes_next_sees_to_it(
    account: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader may die between the commit and the new name: the load is applied, so the table must come."""
    writer = SnowflakeWriter(account.url)
    load(writer, 1, 10)
    with monkeypatch.context() as dying:
        dying.setattr(adapter, "finish", lambda _session: None)
        staging = writer.claim(order(writer, 2, rows={"orders": 5}, document=WIDER))
        stage(staging, "orders", orders(0, 5).append_column("note", pa.array(['{"a": 1}'] * 5)))
        dying.setattr(snowflake_tables, "drop_staging", lambda _session, _uid: None)
        staging.apply(go_on)
        staging.close()
    assert account.rows("SELECT COUNT(*) FROM ORDERS", "SHOP") == [(10,)]
    with closing(writer.claim(order(writer, 2, rows={"orders": 5}, document=WIDER))) as again:
        assert again.applied
        assert again.applied.inserted == {"orders": 5}
        assert again.applied.deleted == {"orders": 10}
    assert account.rows("SELECT COUNT(*), SUM(NOTE:a::INT) FROM ORDERS", "SHOP") == [(5, 5)]
    assert account.table_names("SHOP") == {"orders"}


def test_a_real_account_replaces_a_table_by_a_clone_at_once() -> None:
    """Between a drop and a rename a reader would find no table; the emulator has nothing better, Snowflake has."""

    class Recording(Session):
        def __init__(self) -> None:
            super().__init__(Account.parse("snowflake://u:p@org-account/db"))
            self.sent: list[str] = []

        def run(self, sql: str, parameters: object = ()) -> list[tuple[object, ...]]:
            self.sent.append(sql)
            return [("MADE",)]

    session = Recording()
    arrive(session, Arrival("MADE", "ORDERS", replaces=True))
    assert session.sent[1:] == ['CREATE OR REPLACE TABLE "ORDERS" CLONE "MADE"']


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """Its stages are gone with it; rows, ledger and epochs are not. The next try goes on."""
    with emulator(tmp_path / "state") as server:
        writer = SnowflakeWriter(Database(server, "KILLED").url)
        with closing(writer.claim(order(writer, rows={"orders": 60}))) as staging:
            stage(staging, "orders", orders(0, 30), 0)
            server.end(signal.SIGKILL)
            with pytest.raises(WarehouseBusy):
                stage(staging, "orders", orders(30, 30), 1)
            server.start()
            assert staging.staged() == {("orders", 0)}
            for _ in range(2):
                stage(staging, "orders", orders(30, 30), 1)
            staging.prepare(go_on)
            staging.apply(go_on)
        server.end()
        server.start()
        found = Database(server, "KILLED").rows("SELECT COUNT(*), COUNT(DISTINCT ORDER_ID) FROM ORDERS", "SHOP")
        assert found == [(60, 60)]


def test_a_session_that_holds_locks_is_ended_by_whoever_takes_its_load_over(account: Database) -> None:
    """A loader that was killed in a transaction cannot roll it back: its locks would keep its successor out."""
    writer = SnowflakeWriter(account.url)
    with closing(writer.claim(order(writer, rows={"orders": 30}))) as killed:
        session = killed._session
        session.run("BEGIN")
        session.run("UPDATE _DWSIM_LOAD SET TOUCHED = NULL")
        with closing(writer.claim(order(writer, rows={"orders": 30}))) as successor:
            stage(successor, "orders", orders(0, 30))
            successor.apply(go_on)
    assert account.rows("SELECT COUNT(*) FROM ORDERS", "SHOP") == [(30,)]


@pytest.mark.slow
def test_sweeping_drops_what_dead_loads_left_and_nothing_else(account: Database) -> None:
    """Another loader's load may be under way."""
    writer = SnowflakeWriter(account.url)
    load(writer, 1, 10)
    for load_id, loader in ((2, "loader-a"), (3, "loader-b")):
        claimed = writer.claim(order(writer, load_id, rows={"orders": 5}, loader_id=loader))
        stage(claimed, "orders", orders(0, 5))
        claimed.close()
    place = writer.namespace("shop", "5f0c")
    assert writer.sweep(place, "loader-a", ()) == 1
    assert account.table_names("SHOP") == {"orders", "_dwsim_00000003_0"}
    assert writer.drop(place) == 1
    assert writer.namespaces() == []
    assert account.rows("SELECT COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = 'SHOP'") == [(0,)]


@pytest.mark.slow
def test_enforced_references_are_checked_and_informational_ones_are_not(account: Database) -> None:
    """Snowflake takes orphans; who asks for enforced keys does not want them."""
    writer = SnowflakeWriter(account.url)
    load_both(writer, 1, 10, 30)
    with closing(writer.claim(order(writer, 2, rows={"customers": 0, "orders": 30}, document=ENFORCED))) as staging:
        stage(staging, "orders", orders(0, 30))
        staging.prepare(go_on)
        with pytest.raises(ConstraintViolated, match="rows of 'orders' have no parent"):
            staging.apply(go_on)
        staging.discard()
    with closing(writer.claim(order(writer, 2, rows={"orders": 30}, document=ENFORCED, mode=Mode.APPEND))) as staging:
        stage(staging, "orders", orders(0, 30))
        with pytest.raises(ConstraintViolated, match="UNIQUE constraint of order_id"):
            staging.apply(go_on)
        staging.discard()
    assert account.rows("SELECT COUNT(*) FROM ORDERS", "SHOP") == [(30,)]


@pytest.mark.slow
def test_a_server_that_is_away_is_said_without_its_secrets(snowflake: Emulator) -> None:
    """The address and the password are in the URL alone."""
    url = f"snowflake://eve:s3cret@127.0.0.1:{snowflake.port}/db"
    assert SnowflakeWriter(SecretStr(url)).status().reachable
    away = SnowflakeWriter(SecretStr("snowflake://eve:s3cret@127.0.0.1:1/db")).status()
    assert not away.reachable
    assert away.stand_in
    assert away.problem == "the warehouse cannot be reached"
    with pytest.raises((WarehouseBusy, WarehouseUnavailable)) as refused:
        SnowflakeWriter(SecretStr("snowflake://eve:s3cret@127.0.0.1:1/db")).namespaces()
    assert "s3cret" not in str(refused.value)
