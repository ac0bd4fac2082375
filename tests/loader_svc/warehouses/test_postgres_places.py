"""The schema that an experiment gets: its own name where that is free, and never somebody else's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr

from loader_svc.warehouses.postgres import PostgresWriter
from tests.loader_svc.staged_runs import orders
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.postgres import Database
from tests.processes import wait_for


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


@pytest.fixture
def colleague(database: Database) -> Iterator[PostgresWriter]:
    """A writer that logs in as somebody else."""
    login = f"colleague_{database.name}"
    database.rows(f"CREATE ROLE {login} LOGIN PASSWORD 'dw_pass'; GRANT CREATE ON DATABASE {database.name} TO {login}")
    try:
        yield PostgresWriter(SecretStr(database.url.replace("dw_user", login)))
    finally:
        database.rows(f"GRANT {login} TO CURRENT_USER")
        database.rows(f"DROP OWNED BY {login} CASCADE; DROP ROLE {login}")


def test_schemas_of_another_login_are_not_ours(
    writer: PostgresWriter, colleague: PostgresWriter, database: Database
) -> None:
    """A team's server: each loader sweeps and drops its own schemas, and may not even look into the others."""
    assert place_of(colleague, "theirs") == "theirs"
    assert place_of(writer, "ours") == "ours"
    assert (writer.namespaces(), colleague.namespaces()) == (
        [writer.namespace("ours", "5f0c")],
        [writer.namespace("theirs", "5f0c")],
    )
    assert writer.sweep(writer.namespace("theirs", "5f0c"), "loader-a", ()) == 0
    assert writer.drop(writer.namespace("theirs", "5f0c")) == 0
    assert database.rows("SELECT to_regnamespace('theirs')::text") == [("theirs",)]


def test_a_name_is_found_where_all_that_come_to_mind_are_taken(writer: PostgresWriter, database: Database) -> None:
    """Somebody may have restored a dump, whose comments were left behind."""
    namespace = writer.namespace("shop", "5f0c")
    database.rows(f"CREATE SCHEMA shop; CREATE SCHEMA {namespace}")
    assert place_of(writer, "shop") == f"{namespace}_2"


def test_a_drop_that_comes_twice_drops_once(writer: PostgresWriter, database: Database) -> None:
    """The delete saga asks again where an answer is late; the second finds nothing, nor somebody's new schema."""
    database.rows(f"ALTER DATABASE {database.name} SET default_transaction_isolation TO 'repeatable read'")
    place_of(writer, "shop")
    namespace = writer.namespace("shop", "5f0c")
    with closing(database.connect()) as reader, reader.cursor() as cursor, ThreadPoolExecutor(2) as pool:
        cursor.execute("SELECT 1 FROM shop.orders")
        drops = [pool.submit(writer.drop, namespace) for _ in range(2)]
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        wait_for(lambda: len(database.rows(waiting)) == 2, "both to wait")
        reader.rollback()
        assert sorted(drop.result(20) for drop in drops) == [0, 1]


def test_a_renamed_schema_is_still_the_experiments(writer: PostgresWriter, database: Database) -> None:
    """The mark goes with it; the name that is free again is not taken behind the user's back."""
    place_of(writer, "shop")
    database.rows("ALTER SCHEMA shop RENAME TO archive")
    assert place_of(writer, "shop") == "archive"
    assert database.rows("SELECT to_regnamespace('shop')") == [(None,)]
