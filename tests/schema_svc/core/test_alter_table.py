"""ALTER TABLE: what it changes, all or nothing, and what it says of the rest."""

import time

from schema_svc.core.ddl.reading import read_ddl
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect, Outcome, Severity


def _imported(sql: str, dialect: Dialect = Dialect.REDSHIFT) -> Experiment:
    return import_sql(SqlImport("shop", sql, dialect)).experiment


def test_an_alter_table_applies_whole_or_not_at_all() -> None:
    """Half a change would be neither the old table nor the new one."""
    reading = read_ddl(
        "CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN b INT, DROP COLUMN missing; ALTER TABLE t ADD COLUMN c INT, "
        "ALTER COLUMN a TYPE BIGINT, RENAME COLUMN a TO first",
        Dialect.REDSHIFT,
    )
    assert [status.outcome for status in reading.statements] == [Outcome.IMPORTED, Outcome.REFUSED, Outcome.IMPORTED]
    assert [(c.name, c.data_type) for c in reading.drafts.tables[0].columns] == [("first", "BIGINT"), ("c", "INT")]


def test_what_was_said_of_a_key_goes_and_changes_with_it() -> None:
    """A key that was dropped leaves no words behind; one whose column has another name keeps its own."""
    table = _imported(
        "CREATE TABLE t (a INT, b INT, CONSTRAINT u UNIQUE (b) NOT ENFORCED, PRIMARY KEY (a) NOT ENFORCED RELY);"
        "ALTER TABLE t DROP PRIMARY KEY; ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t ADD PRIMARY KEY (c);",
        Dialect.SNOWFLAKE,
    ).tables[0]
    assert table.properties == {"unique_key_state(C)": "NOT ENFORCED"}


def test_a_key_that_cannot_hold_of_a_renamed_table_is_left_out_and_told() -> None:
    """Its CREATE TABLE has another name, so its line is not known; the account must not fail for that."""
    sql = "CREATE TABLE a (a INT); CREATE TABLE t (a INT REFERENCES u (a)); ALTER TABLE t RENAME TO u"
    made = import_sql(SqlImport("shop", sql))
    assert [table.name for table in made.experiment.tables] == ["a", "u"]
    assert [(told.severity, told.line) for told in made.diagnostics if told.severity == Severity.ERROR] == [
        (Severity.ERROR, 0)
    ]


def test_the_parts_of_an_alter_table_that_change_nothing_are_noted() -> None:
    """A reader of the account should not take an owner for imported."""
    sql = "CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN b INT, OWNER TO alice, ALTER COLUMN a SET STATISTICS 5"
    last = read_ddl(sql, Dialect.POSTGRES).statements[-1]
    assert last.outcome is Outcome.IMPORTED
    assert last.note == "OWNER TO alice; ALTER COLUMN a SET STATISTICS 5: changes nothing that an experiment has"


def test_a_dropped_column_that_a_text_may_name_is_told() -> None:
    """CLUSTER BY is kept as it was written."""
    made = _imported("CREATE TABLE t (a INT, b INT) CLUSTER BY (a); ALTER TABLE t DROP COLUMN a", Dialect.SNOWFLAKE)
    assert made.tables[0].warnings == ["Column 'T.A' was dropped; CLUSTER BY may still name it."]


def test_a_thousand_columns_are_added_one_by_one_in_no_time() -> None:
    """Copying every column for each further one takes ten seconds for two thousand."""
    added = "".join(f"ALTER TABLE t ADD COLUMN c{number} VARCHAR(20) NOT NULL;" for number in range(1000))
    begin = time.process_time()
    reading = read_ddl(f"CREATE TABLE t (a INT);{added}", Dialect.REDSHIFT)
    assert len(reading.drafts.tables[0].columns) == 1001
    assert time.process_time() - begin < 5


def test_a_table_keeps_its_columns_where_an_alter_table_fails() -> None:
    """The failed statement changed a copy of the column."""
    reading = read_ddl(
        "CREATE TABLE t (a INT); ALTER TABLE t ALTER COLUMN a TYPE BIGINT, DROP COLUMN b", Dialect.REDSHIFT
    )
    assert reading.drafts.tables[0].columns[0].data_type == "INT"
