"""The schema that an experiment gets: its own name where that is free, and never somebody else's."""

from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import pytest

from loader_svc.warehouses.postgres import PostgresWriter
from tests.loader_svc.staged_runs import orders
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.postgres import Database


def place_of(writer: PostgresWriter, experiment: str, experiment_id: str = "5f0c") -> str:
    """Load five orders of an experiment; answer where they are."""
    made = order(writer, rows={"orders": 5})
    made = replace(
        made,
        experiment=experiment,
        experiment_id=experiment_id,
        namespace=writer.namespace(experiment, experiment_id),
        uid=uuid4().hex,
    )
    with closing(writer.claim(made)) as staging:
        stage(staging, "orders", orders(0, 5))
        return staging.apply(go_on).place


def test_tools_find_the_tables_under_the_experiments_name(writer: PostgresWriter, database: Database) -> None:
    """`psql -c "SELECT … FROM my_shop.orders"` needs no look into a catalog."""
    assert place_of(writer, "My-Shop") == "my_shop"
    assert database.rows("SELECT count(*) FROM my_shop.orders") == [(5,)]
    assert place_of(writer, "My-Shop") == "my_shop"


def test_a_schema_of_somebody_else_is_left_alone(writer: PostgresWriter, database: Database) -> None:
    """The server may be a team's: what was there before stays as it is, and is not dropped with the experiment."""
    database.rows("CREATE SCHEMA shop; CREATE TABLE shop.orders AS SELECT 1 AS mine")
    namespace = writer.namespace("shop", "5f0c")
    assert place_of(writer, "shop") == namespace != "shop"
    assert writer.drop(namespace) == 1
    assert database.rows("SELECT mine FROM shop.orders") == [(1,)]


def test_experiments_of_one_name_do_not_share_a_schema(writer: PostgresWriter, database: Database) -> None:
    """Two simulators on one server, or `my-shop` beside `my_shop`."""
    first, second = place_of(writer, "my-shop", "aaaa"), place_of(writer, "my_shop", "bbbb")
    assert (first, second) == ("my_shop", writer.namespace("my_shop", "bbbb"))
    assert writer.drop(writer.namespace("my-shop", "aaaa")) == 1
    assert place_of(writer, "my_shop", "bbbb") == second
    assert database.rows("SELECT to_regnamespace('my_shop')") == [(None,)]


@pytest.mark.parametrize("name", ["public", "pg_catalog", "pg_shop", "information_schema", "dw_redshift"])
def test_names_of_the_server_are_never_taken(writer: PostgresWriter, name: str) -> None:
    """PostgreSQL refuses `pg_…`, and dropping `public` would hurt."""
    assert place_of(writer, name).removeprefix("_") == writer.namespace(name, "5f0c")
