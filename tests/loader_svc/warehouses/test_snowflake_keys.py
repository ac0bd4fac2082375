"""Foreign keys in Snowflake: declared after the tables have their names, again where one of them is replaced."""

from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest

from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_session import Session
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.snowflake import Database

INT = {"data_type": "INT", "logical_type": {"kind": "INT32"}}


def table(name: str, *references: str) -> dict[str, Any]:
    """A table whose columns refer to others by their first key."""
    return {
        "name": name,
        "primary_key": ["id"],
        "columns": [{"name": "id", "required": True, **INT}, *({"name": f"{other}_id", **INT} for other in references)],
        "foreign_keys": [
            {"columns": [f"{other}_id"], "references_table": other, "references_columns": ["id"]}
            for other in references
        ],
    }


FAMILY = {
    "name": "shop",
    "id": "5f0c",
    "dialect": "SNOWFLAKE",
    "tables": [table("staff", "staff", "store"), table("store", "staff"), table("gift", "absent")],
}
WITHOUT_PARENT = FAMILY | {"tables": [table("staff", "staff", "store")]}


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements about tables' keys and names, in their order."""
    sent: list[str] = []
    run = Session._run

    def recorded(session: Session, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        if "FOREIGN KEY" in sql or "RENAME" in sql:
            sent.append(sql)
        return run(session, sql, parameters)

    monkeypatch.setattr(Session, "_run", recorded)
    return sent


def load(writer: SnowflakeWriter, load_id: int, document: dict[str, Any]) -> None:
    """Load one row into every table of a document."""
    names = {found["name"]: [column["name"] for column in found["columns"]] for found in document["tables"]}
    with closing(writer.claim(order(writer, load_id, rows=dict.fromkeys(names, 1), document=document))) as staging:
        for name, columns in names.items():
            stage(staging, name, pa.table({column: pa.array([1], pa.int32()) for column in columns}))
        staging.prepare(go_on)
        staging.apply(go_on)


def test_references_of_tables_to_each_other_and_to_themselves_are_declared_after_all_have_their_names(
    account: Database, keys: list[str]
) -> None:
    """Snowflake wants the parent to be there; in a circle no order of creation would do."""
    writer = SnowflakeWriter(account.url)
    load(writer, 1, FAMILY)
    declared = [sql for sql in keys if " ADD " in sql]
    assert declared == [
        'ALTER TABLE "STAFF" ADD FOREIGN KEY ("STAFF_ID") REFERENCES "STAFF" ("ID")',
        'ALTER TABLE "STAFF" ADD FOREIGN KEY ("STORE_ID") REFERENCES "STORE" ("ID")',
        'ALTER TABLE "STORE" ADD FOREIGN KEY ("STAFF_ID") REFERENCES "STAFF" ("ID")',
    ]
    assert all("RENAME" in sql for sql in keys[:3]), "what comes first"
    keys.clear()
    load(writer, 2, FAMILY)
    assert not keys, "rows that are overwritten leave the keys as they are"
    assert account.rows("SELECT COUNT(*) FROM STAFF JOIN STORE ON STORE.ID = STORE_ID", "SHOP") == [(1,)]
    writer.drop(writer.namespace("shop", "5f0c"))
    assert account.table_names("SHOP") == set()


@pytest.mark.slow
def test_a_table_that_is_replaced_gets_the_references_of_others_again(account: Database, keys: list[str]) -> None:
    """They went with the table that they referred to."""
    writer = SnowflakeWriter(account.url)
    load(writer, 1, FAMILY)
    keys.clear()
    wider = table("store", "staff")
    wider["columns"].append({"name": "size", **INT})
    load(writer, 2, FAMILY | {"tables": [wider]})
    assert [sql for sql in keys if " ADD " in sql] == [
        'ALTER TABLE "STAFF" ADD FOREIGN KEY ("STORE_ID") REFERENCES "STORE" ("ID")',
        'ALTER TABLE "STORE" ADD FOREIGN KEY ("STAFF_ID") REFERENCES "STAFF" ("ID")',
    ]


@pytest.mark.slow
def test_a_key_that_the_server_refuses_does_not_undo_the_load(
    account: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are applied by then."""
    run = Session._run

    def refused(session: Session, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        return run(session, sql.replace("ADD FOREIGN KEY", "ADD FOREIGN KEYS"), parameters)

    monkeypatch.setattr(Session, "_run", refused)
    writer = SnowflakeWriter(account.url)
    load(writer, 1, WITHOUT_PARENT)
    assert account.rows("SELECT COUNT(*) FROM STAFF", "SHOP") == [(1,)]
