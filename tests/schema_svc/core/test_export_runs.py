"""Exported DDL runs: on SQLite, PostgreSQL and ClickHouse themselves; for the others sqlglot reads it."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from schema_svc.core.ddl.scan import Text
from schema_svc.core.export import export_ddl
from schema_svc.core.importing import import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import IMPORTED_DIALECTS, Dialect
from schema_svc.core.write_ddl.grammar import GRAMMARS
from tests.golden.ddl_goldens import TEXTS, order_of
from tests.postgres import Database, database, postgres
from tests.schema_svc.core.made_experiments import experiments

__all__ = ["database", "postgres"]

made = st.sampled_from(IMPORTED_DIALECTS).flatmap(experiments)
few = settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def statements(text: str, dialect: Dialect) -> Iterator[str]:
    """The statements of an exported text."""
    scanned = Text(text, Dialect.SNOWFLAKE if GRAMMARS[dialect].backslashes else Dialect.POSTGRES)
    return (text[statement.start : statement.end] for statement in scanned.statements())


def golden_experiments() -> list[Experiment]:
    """What the golden texts become."""
    return [import_sql(order_of(path)).experiment for path in TEXTS]


def test_sqlite_runs_it() -> None:
    """Keys and checks are real there."""

    @few
    @given(experiment=made)
    def runs(experiment: Experiment) -> None:
        text, _ = export_ddl(experiment, Dialect.SQLITE)
        with sqlite3.connect(":memory:") as connection:
            connection.executescript(text)
            known = {name.lower() for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            assert {table.name.lower() for table in experiment.tables} <= known
        connection.close()

    runs()
    for experiment in golden_experiments():
        connection = sqlite3.connect(":memory:")
        connection.executescript(export_ddl(experiment, Dialect.SQLITE)[0])
        connection.close()


def test_postgres_runs_it(database: Database) -> None:
    """The stand-in's own server; everything is rolled back."""
    connection = database.connect()

    def run(experiment: Experiment) -> None:
        text, _ = export_ddl(experiment, Dialect.POSTGRES)
        connection.rollback()
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA made; SET LOCAL search_path TO made")
            cursor.execute(text)

    few(given(experiment=made)(run))()
    for experiment in golden_experiments():
        if experiment.dialect is not Dialect.POSTGRES:  # its own text asks for extensions and tablespaces again
            run(experiment)
    connection.close()


def test_clickhouse_runs_it() -> None:
    """Engine, order and Nullable are what ClickHouse takes."""
    texts: list[list[str]] = []

    @few
    @given(experiment=made)
    def collect(experiment: Experiment) -> None:
        texts.append(list(statements(export_ddl(experiment, Dialect.CLICKHOUSE)[0], Dialect.CLICKHOUSE)))

    collect()
    texts += [
        list(statements(export_ddl(experiment, Dialect.CLICKHOUSE)[0], Dialect.CLICKHOUSE))
        for experiment in golden_experiments()
    ]
    script = "tests.schema_svc.core.clickhouse_runner"
    done = subprocess.run(
        [sys.executable, "-m", script], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("dialect", [Dialect.DUCKDB, Dialect.DATABRICKS, Dialect.SNOWFLAKE, Dialect.REDSHIFT])
def test_sqlglot_reads_it(dialect: Dialect) -> None:
    """Where no engine is at hand, a parser of that dialect is the judge."""

    @few
    @given(experiment=made.filter(lambda experiment: experiment.dialect is not dialect))
    def reads(experiment: Experiment) -> None:
        text, _ = export_ddl(experiment, dialect)
        assume("\\" not in text)  # sqlglot takes Redshift's for an escape
        for statement in statements(text, dialect):
            sqlglot.parse_one(statement, read=GRAMMARS[dialect].sqlglot)

    reads()
