"""`dwsim.warehouse`: what a data engineer's first test does, against the real stack."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import dwsim
import psycopg2
import pytest
import snowflake.connector
import sqlalchemy as sa

from dwsim_cli import background
from tests.python_client.conftest import DDL, ROWS

SEED = 1


def test_a_driver_finds_the_filled_tables_by_their_bare_names(wh: dwsim.Warehouse) -> None:
    """The code under test has its own connection and knows nothing of experiments."""
    with psycopg2.connect(wh.connection_string) as db, db.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders JOIN customers USING (customer_id)")
        assert cursor.fetchone() == (100,)
    db.close()
    engine = sa.create_engine(wh.sqlalchemy_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM customers")) == 10
    engine.dispose()


def test_a_query_is_in_the_dialect_of_the_ddl_and_says_how_faithful_it_is(wh: dwsim.Warehouse) -> None:
    """Redshift's words run, and the answer says that they mean the same."""
    result = wh.query("SELECT DATEDIFF(day, MIN(ordered_at), MAX(ordered_at)) AS days, NVL(MIN(amount), 0) FROM orders")
    assert result.columns[0] == "days"
    assert result.verdict == "EXACT"
    assert result.scalar() > 0
    assert wh.rows == ROWS


def test_the_same_order_is_not_generated_again(wh: dwsim.Warehouse, home: Path) -> None:
    """A suite with a hundred tests pays once."""
    with dwsim.warehouse("redshift", DDL, rows=ROWS, seed=SEED, data_dir=home) as again:
        assert again.load.id == wh.load.id
        assert again.experiment.id == wh.experiment.id
        assert [run.id for run in again.client.runs.list(again.experiment.name)] == [wh.load.run_id]


def test_another_process_shares_the_stack_and_what_is_in_it(wh: dwsim.Warehouse, home: Path, tmp_path: Path) -> None:
    """Workers of pytest-xdist are processes."""
    script = f"""
import dwsim
with dwsim.warehouse("redshift", {DDL!r}, rows={ROWS!r}, seed={SEED}, data_dir={str(home)!r}) as wh:
    print(wh.address, wh.load.id)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == ([wh.address, str(wh.load.id)], "")


def test_a_script_that_leaves_rows_unread_ends(wh: dwsim.Warehouse, tmp_path: Path) -> None:
    """The interpreter takes a half-read result apart when the thread that could close it is gone."""
    script = f"""
import sys, dwsim
sql = "SELECT a.order_id FROM orders a, orders b, orders c, orders d"
rows = iter(dwsim.connect({wh.address!r}).query(sql, {wh.experiment.name!r}))
sys.modules["kept to the end"] = rows
print(len(next(rows)))
"""
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_the_seed_decides_the_cells_in_every_warehouse(wh: dwsim.Warehouse, home: Path) -> None:
    """One DDL, one seed: what SQLite has is what Redshift has; tables are there by their bare names."""
    with dwsim.warehouse("sqlite", DDL, rows=ROWS, seed=SEED, data_dir=home) as small:
        path = small.connection_string.removeprefix("sqlite:///")
        db = sqlite3.connect(path)
        assert db.execute("SELECT COUNT(*) FROM orders").fetchone() == (100,)
        db.close()
        sql = "SELECT order_id, customer_id, amount, ordered_at FROM orders ORDER BY order_id"
        assert small.query(sql).rows() == wh.query(sql).rows()


def test_postgres_takes_its_own_dialect(home: Path) -> None:
    """PostgreSQL's types and functions, on the server behind Redshift's stand-in."""
    ddl = "CREATE TABLE notes (note_id INT PRIMARY KEY, body TEXT NOT NULL, facts JSONB)"
    with dwsim.warehouse("postgres", ddl, rows={"notes": 5}, data_dir=home) as wh:
        assert wh.experiment.dialect == "POSTGRES"
        assert wh.query("SELECT COUNT(*) FILTER (WHERE note_id > 0) FROM notes").scalar() == 5


def test_a_fresh_one_is_nobody_elses_and_is_deleted(home: Path, wh: dwsim.Warehouse) -> None:
    """A test that writes must not write into another's tables."""
    with dwsim.warehouse("redshift", DDL, rows=ROWS, seed=SEED, fresh=True, data_dir=home) as own:
        with psycopg2.connect(own.connection_string) as db, db.cursor() as cursor:
            cursor.execute("DELETE FROM orders")
        db.close()
        assert own.query("SELECT COUNT(*) FROM orders").scalar() == 0
    assert wh.query("SELECT COUNT(*) FROM orders").scalar() == 100
    assert own.experiment.name not in {known.name for known in wh.client.experiments.list()}


def test_one_that_was_left_half_done_is_made_anew(home: Path, wh: dwsim.Warehouse) -> None:
    """A session that was killed while it filled must not leave an empty warehouse to the next."""
    with dwsim.warehouse("redshift", DDL, rows=ROWS, seed=SEED, data_dir=home, name="half", fresh=False) as whole:
        name = whole.experiment.name
    wh.client.experiments.delete(name, force=True)
    wh.client.experiments.create(name, ddl=DDL, dialect="redshift", warehouse="redshift")
    with dwsim.warehouse("redshift", DDL, rows=ROWS, seed=SEED, data_dir=home, name="half") as again:
        assert again.query("SELECT COUNT(*) FROM orders").scalar() == 100


def test_a_document_describes_it_too(home: Path, tmp_path: Path) -> None:
    """Rules for cells are in documents, not in DDL."""
    document = tmp_path / "levels.yaml"
    document.write_text(
        "name: levels\ndialect: REDSHIFT\ntables:\n- name: levels\n  target_rows: 7\n  columns:\n"
        "  - {name: level, data_type: INT, required: true, min_value: 3, max_value: 3}\n"
    )
    with dwsim.warehouse("sqlite", document, data_dir=home) as wh:
        assert wh.query("SELECT COUNT(*), MIN(level), MAX(level) FROM levels").rows() == [(7, 3, 3)]


@pytest.mark.parametrize(
    ("kind", "ddl", "words"),
    [
        ("oracle", DDL, "it is one of redshift, postgres, sqlite, snowflake"),
        ("redshift", "schema.sql", "pathlib.Path('schema.sql')"),
        ("redshift", Path("nowhere.sql"), "cannot be read"),
    ],
)
def test_what_cannot_be_a_warehouse_is_said_before_anything_starts(
    kind: str, ddl: str | Path, words: str, tmp_path: Path
) -> None:
    """A typing mistake must not cost a start of the stack."""
    with pytest.raises(dwsim.InvalidInput) as caught, dwsim.warehouse(kind, ddl, data_dir=tmp_path / "none"):
        pass
    assert words in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_a_ddl_that_cannot_be_read_says_where(home: Path, wh: dwsim.Warehouse) -> None:
    """The place in the user's own file."""
    bad = "CREATE TABLE x (\n  a INT,\n  b NOPE(3)\n)"
    with pytest.raises(dwsim.InvalidInput) as caught, dwsim.warehouse("redshift", bad, data_dir=home):
        pass
    assert (caught.value.reason, caught.value.line) == ("INVALID_SQL", 3)


@pytest.mark.slow
def test_snowflake_has_a_stack_of_its_own(tmp_path: Path) -> None:
    """Its names are upper case; the rows that are asked for need not be."""
    directory = tmp_path / "data"
    ddl = "CREATE TABLE orders (order_id NUMBER(18,0) PRIMARY KEY, amount NUMBER(10,2) NOT NULL, facts VARIANT)"
    try:
        with dwsim.warehouse("snowflake", ddl, rows={"orders": 20}, data_dir=directory) as wh:
            assert wh.query("SELECT IFF(COUNT(*) = 20, 'all', 'some') FROM orders").rows() == [("all",)]
            place = urlsplit(wh.connection_string)
            database, schema = place.path.strip("/").split("/")
            with snowflake.connector.connect(
                account="any",
                user=place.username,
                password=place.password,
                host=place.hostname,
                port=place.port,
                protocol="http",
                database=database,
                schema=schema,
            ) as connection:
                cursor = connection.cursor()
                cursor.execute("SELECT COUNT(*) FROM orders")
                assert cursor.fetchone() == (20,)
    finally:
        background.stop(directory)
