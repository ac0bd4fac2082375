"""Tables of a load in a schema: made, filled by COPY, checked, brought into the target, dropped."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dwsim_wire.fault import Fault
from dwsim_wire.object_store import never
from loader_svc.core.document import Column, Table
from loader_svc.core.drift import Meeting, meet
from loader_svc.core.duplicates import Key, KeyDuplicates, doubtful_keys, duplicates_sql, read_duplicates
from loader_svc.core.faults import ConstraintViolated, StagedFileChanged, ValueOutOfRange
from loader_svc.core.lineage import brings_rows
from loader_svc.core.loads import LoadedTable, LoadOrder, Mode, OrderTable
from loader_svc.core.naming import quoted
from loader_svc.warehouses.snowflake_catalog import Arrival
from loader_svc.warehouses.snowflake_faults import UnexpectedError
from loader_svc.warehouses.snowflake_names import (
    columns_sql,
    external_stage,
    identifier,
    made_table,
    prefix,
    stage,
    staging_table,
    trial_table,
    with_targets,
)
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_types import declared_type, is_parsed, staged_type, value_sql
from loader_svc.warehouses.writer import Stop

FORMAT = "FILE_FORMAT = (TYPE = PARQUET BINARY_AS_TEXT = FALSE USE_LOGICAL_TYPE = TRUE)"
BY_NAME = "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
OPTIONS = f"{BY_NAME} PURGE = TRUE"
IN_PLACE = f"{FORMAT[:-1]} USE_VECTORIZED_SCANNER = TRUE) {BY_NAME}"
"""Of files that stay where they are."""
LOADED = "LOADED"
SIZES = """SELECT COLUMN_NAME, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_MAXIMUM_LENGTH
    FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"""
TABLES = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ?"


def create_staging(session: Session, order: LoadOrder, place: int, item: OrderTable) -> None:
    """Make the private table that the load's rows are copied to; without documents it may become the target."""
    name = quoted(staging_table(order.uid, place))
    columns = ", ".join(f"{quoted(c.target)} {staged_type(item.table.name, c)}" for c in item.table.columns)
    for column in item.table.columns:
        declared_type(item.table.name, column)  # refuses what cannot be loaded, before a row is
    session.run(f"CREATE TABLE IF NOT EXISTS {name} ({columns}{_keys_sql(item.table)})")


def _keys_sql(table: Table) -> str:
    """Informational keys: the optimizer may use them, nobody checks them."""
    known = {column.name for column in table.columns}
    primary = [f", PRIMARY KEY ({columns_sql(table.primary_key)})"] if table.primary_key else []
    unique = [f", UNIQUE ({columns_sql(key)})" for key in table.unique_keys if known.issuperset(key)]
    return "".join((*primary, *unique))


def create_trial(session: Session, order: LoadOrder, place: int, item: OrderTable) -> str:
    """Make the table empty in which rows are tried; answer its name."""
    name = trial_table(order.uid, place)
    columns = ", ".join(f"{quoted(c.target)} {staged_type(item.table.name, c)}" for c in item.table.columns)
    session.run(f"CREATE OR REPLACE TABLE {quoted(name)} ({columns})")
    return name


def has_checks(order: LoadOrder, item: OrderTable) -> bool:
    """Whether rows can be refused after COPY took them."""
    return order.enforced or any(map(is_parsed, item.table.columns))


def copy(session: Session, into: str, folder: str, rows: Sequence[int], stop: Stop = never) -> None:
    """Copy all files of a folder of a stage into a table; they have so many rows each."""
    _copy(session, f"COPY INTO {quoted(into)} FROM @{folder} {FORMAT} {OPTIONS}", rows, stop)


def copy_in_place(session: Session, into: str, source: str, rows: Sequence[int], stop: Stop) -> None:
    """Copy files that stay where they are into a table; they have so many rows each."""
    _copy(session, f"COPY INTO {quoted(into)} FROM {source} {IN_PLACE}", rows, stop)


def _copy(session: Session, sql: str, rows: Sequence[int], stop: Stop) -> None:
    answer = session.run_until(sql, stop)
    found = [int(file[3]) for file in answer if LOADED in file]
    if sorted(found) != sorted(rows):
        raise StagedFileChanged(
            f"{sum(found)} rows of {len(found)} files were copied, not {sum(rows)} of {len(rows)}",
            hint="retry the load",
        )


def check_documents(session: Session, name: str, item: OrderTable) -> None:
    """Refuse text that is no JSON in columns of documents."""
    for column in filter(is_parsed, item.table.columns):
        value = quoted(column.target)
        bad = f"SELECT COUNT(*) FROM {quoted(name)} WHERE {value} IS NOT NULL AND TRY_PARSE_JSON({value}) IS NULL"  # noqa: S608
        if session.run(bad)[0][0]:
            raise ValueOutOfRange(
                f"column {column.name!r}: a text is not of its column's type", metadata={"column": column.name}
            )


def check_required(session: Session, name: str, table: Table) -> None:
    """Refuse missing values, which Snowflake itself would take in a staging table."""
    required = dict.fromkeys((*(c.name for c in table.columns if c.required), *table.primary_key))
    for column in required:
        sql = f"SELECT COUNT(*) FROM {quoted(name)} WHERE {columns_sql([column])} IS NULL"  # noqa: S608
        _refuse(session.run(sql)[0][0], "NOT NULL", column)


def check_keys(session: Session, name: str, table: Table) -> None:
    """Refuse missing values and duplicate keys, which Snowflake itself would take."""
    check_required(session, name, table)
    for key in filter(None, (table.primary_key, *table.unique_keys)):
        given = " AND ".join(f"{columns_sql([column])} IS NOT NULL" for column in key)
        groups = f"SELECT 1 AS n FROM {quoted(name)} WHERE {given} GROUP BY {columns_sql(key)} HAVING COUNT(*) > 1"  # noqa: S608
        _refuse(session.run(f"SELECT COUNT(*) FROM ({groups}) d")[0][0], "UNIQUE", ", ".join(key))  # noqa: S608


def duplicates(
    session: Session, name: str, table: Table, distinct: Collection[Key], stop: Stop
) -> tuple[KeyDuplicates, ...]:
    """Repeated keys among the rows of a table."""
    found = []
    for key in doubtful_keys(table, distinct):
        columns = [quoted(identifier(column)) for column in key]
        found.append(read_duplicates(key, session.run_until(duplicates_sql(quoted(name), columns), stop)))
    return tuple(filter(None, found))


def _refuse(count: int, kind: str, columns: str) -> None:
    if count:
        raise ConstraintViolated(
            f"rows break a {kind} constraint of {columns}",
            hint="constraints: informational loads them as they are",
            metadata={"constraint": f"{kind} ({columns})"},
        )


def check_references(session: Session, item: OrderTable, names: Mapping[str, str]) -> None:
    """Refuse rows without parents; `names` says where the rows of each table are now."""
    for key in item.table.foreign_keys:
        if key.references_table not in names or not key.references_columns:
            continue
        pairs = list(zip(key.columns, key.references_columns, strict=True))
        match = " AND ".join(f"p.{columns_sql([theirs])} = c.{columns_sql([mine])}" for mine, theirs in pairs)
        given = " AND ".join(f"c.{columns_sql([mine])} IS NOT NULL" for mine, _ in pairs)
        orphans = (
            f"FROM {quoted(names[item.table.name])} c WHERE {given} AND NOT EXISTS"  # noqa: S608
            f" (SELECT 1 FROM {quoted(names[key.references_table])} p WHERE {match})"
        )
        if count := session.run(f"SELECT COUNT(*) {orphans}")[0][0]:
            values = ", ".join(f"c.{columns_sql([mine])}" for mine in key.columns)
            [sample] = session.run(f"SELECT {values} {orphans} LIMIT 1")
            shown = ", ".join(f"{mine}={value}" for mine, value in zip(key.columns, sample, strict=True))
            constraint = f"{item.table.name}({', '.join(key.columns)}) -> {key.references_table}"
            raise ConstraintViolated(
                f"{count} rows of {item.table.name!r} have no parent, such as {shown}: {constraint}",
                hint="load the parent table too, or use constraints: informational",
                metadata={"table": item.table.name, "constraint": constraint},
            )


@dataclass(frozen=True)
class Step:
    """How one staged table is brought in: skipped, inserted into `into`, or made a table that arrives."""

    item: OrderTable
    staging: str
    known: LoadedTable | None
    into: str = ""
    overwrite: bool = False
    arrival: Arrival | None = None
    meeting: Meeting | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that the rows bring."""
        return self.meeting.columns if self.meeting else self.item.table.columns

    @property
    def rows_are_in(self) -> str:
        """Table that has the rows inside of the transaction."""
        return self.arrival.made if self.arrival else self.into


def plan(order: LoadOrder, before: Mapping[str, LoadedTable]) -> Iterator[Step]:
    """Decide for every table; refuse an append that does not continue what is there."""
    for place, item in enumerate(order.tables):
        known, staging = before.get(item.table.name), staging_table(order.uid, place)
        runs = known.runs if known else ()
        appends = order.mode is Mode.APPEND
        if appends and not brings_rows(order.run, item.table.name, item.base_runs, runs):
            yield Step(item, staging, known)
        elif known and appends:
            meeting = meet(item.table, with_targets(known.table), order.drift, widened=order.replays)
            yield Step(replace(item, table=meeting.table), staging, known, known.target, meeting=meeting)
        elif known and _same_shape(item, known):
            yield Step(item, staging, known, known.target, overwrite=True)
        else:
            made = made_table(order.uid, place) if any(map(is_parsed, item.table.columns)) else ""
            arrival = Arrival(made or staging, identifier(item.target), replaces=known is not None)
            yield Step(item, staging, known, made, arrival=arrival)


def _same_shape(item: OrderTable, known: LoadedTable) -> bool:
    theirs = with_targets(known.table)
    return known.target == identifier(item.target) and {c.target: c.logical_type for c in item.table.columns} == {
        c.target: c.logical_type for c in theirs.columns
    }


def make(session: Session, steps: Sequence[Step]) -> None:
    """Make the tables that documents are parsed into, and new columns; DDL, so before the transaction."""
    for step in steps:
        for column in step.meeting.added if step.meeting else ():
            declared = declared_type(step.item.table.name, column)
            session.run(f"ALTER TABLE {quoted(step.into)} ADD COLUMN IF NOT EXISTS {quoted(column.target)} {declared}")
        if step.arrival and step.into:
            table = step.item.table
            columns = ", ".join(f"{quoted(c.target)} {declared_type(table.name, c)}" for c in table.columns)
            session.run(f"CREATE OR REPLACE TABLE {quoted(step.into)} ({columns}{_keys_sql(table)})")


def insert(session: Session, step: Step) -> None:
    """Bring staged rows into a table, in place of its own ones if `overwrite` says so."""
    columns = ", ".join(quoted(column.target) for column in step.columns)
    values = ", ".join(value_sql(column) for column in step.columns)
    verb = "INSERT OVERWRITE INTO" if step.overwrite else "INSERT INTO"
    session.run(f"{verb} {quoted(step.into)} ({columns}) SELECT {values} FROM {quoted(step.staging)}")  # noqa: S608


def arrive(session: Session, arrival: Arrival) -> None:
    """Give a complete table the target's name; where it has it already there is nothing to do."""
    if arrival.made not in names(session, arrival.made):
        return
    made, target = quoted(arrival.made), quoted(arrival.target)
    if arrival.replaces and not session.stand_in:
        session.run(f"CREATE OR REPLACE TABLE {target} CLONE {made}")  # at once: whoever reads finds one or the other
        return
    if arrival.replaces:  # the emulator replaces no table by a clone
        session.run(f"DROP TABLE IF EXISTS {target}")
    session.run(f"ALTER TABLE {made} RENAME TO {target}")


def widened(session: Session, order: LoadOrder) -> LoadOrder:
    """Let texts and decimals be as long as their columns in the target are now, which somebody may have changed."""
    return replace(order, tables=tuple(_as_in_target(session, item) for item in order.tables))


def _as_in_target(session: Session, item: OrderTable) -> OrderTable:
    found = {name: sizes for name, *sizes in session.run(SIZES, (session.schema, identifier(item.target)))}
    columns = tuple(_sized(c, *found[c.target]) if c.target in found else c for c in item.table.columns)
    return replace(item, table=replace(item.table, columns=columns))


def _sized(column: Column, precision: int | None, scale: int | None, length: int | None) -> Column:
    kind, logical = column.logical_type.kind, column.logical_type
    if kind == "DECIMAL" and precision:
        logical = replace(logical, precision=int(precision), scale=int(scale or 0))
    if kind == "STRING" and length:
        logical = replace(logical, length=int(length))
    if logical == column.logical_type:
        return column
    wider = replace(column, logical_type=logical)
    return replace(wider, data_type=declared_type("", wider))


def names(session: Session, beginning: str = "") -> set[str]:
    """Tables of the schema."""
    found = session.run(f"{TABLES} AND STARTSWITH(TABLE_NAME, ?)", (session.schema, beginning))
    return {str(name) for (name,) in found}


def create_stage(session: Session, uid: str) -> None:
    """Make the stage of a load's files, again where a server forgot it."""
    session.run(f"CREATE STAGE IF NOT EXISTS {stage(uid)}")


def drop_staging(session: Session, uid: str) -> None:
    """Drop everything that was made for a load."""
    for name in sorted(names(session, prefix(uid))):
        session.run(f"DROP TABLE IF EXISTS {quoted(name)}")
    with contextlib.suppress(
        Fault, UnexpectedError
    ):  # the emulator drops no stage; a stage without files costs nothing
        session.run(f"DROP STAGE IF EXISTS {stage(uid)}")
        session.run(f"DROP STAGE IF EXISTS {external_stage(uid)}")
