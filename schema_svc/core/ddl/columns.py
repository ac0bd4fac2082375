"""Column definitions: name, type, and the clauses behind them, those of the warehouses included."""

from collections.abc import Callable
from dataclasses import dataclass

from schema_svc.core.ddl.constraints import read_check, read_reference, set_primary_key, skip_states
from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.model import Column, KeyColumns
from schema_svc.core.names import identifier
from schema_svc.core.rules import Rule, SequenceRule
from schema_svc.core.type_names import SERIAL_NAMES
from schema_svc.core.types import UnreadableType, read_type

_SECOND_WORDS = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "CHAR": ("VARYING",),
    "NCHAR": ("VARYING",),
    "BINARY": ("VARYING",),
    "NATIONAL": ("CHARACTER", "CHAR"),
}
_ZONES = (("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE"), ("WITH", "LOCAL", "TIME", "ZONE"))
_INTERVALS = (("YEAR", "TO", "MONTH"), ("DAY", "TO", "SECOND"))


@dataclass
class ColumnSite:
    """A column that is being read, and where it goes."""

    column: Column
    table: TableDraft
    constraint: str = ""


def read_column(cursor: Cursor, table: TableDraft) -> None:
    """Read one column definition into `table`."""
    name = cursor.name("a column's name")
    column = Column(name=name)
    _read_type(cursor, column)
    table.columns.append(column)
    site = ColumnSite(column, table)
    while not cursor.ended:
        _read_clause(cursor, site)


def _read_clause(cursor: Cursor, site: ColumnSite) -> None:
    site.constraint = cursor.name("a constraint's name") if cursor.accept("CONSTRAINT") else ""
    clause = _CLAUSES.get(cursor.word())
    if clause is None:
        raise cursor.problem(
            f"{cursor.shown()} is not understood in column {site.column.name!r}",
            "a comma may be missing before it",
        )
    clause(cursor, site)
    skip_states(cursor)


def _read_type(cursor: Cursor, column: Column) -> None:
    begin, offset = cursor.at, cursor.offset
    if not cursor.word() or cursor.word() in _CLAUSES:
        raise cursor.problem(f"column {column.name!r} has no type", "write a type such as INT or VARCHAR(100)")
    _skip_type(cursor)
    column.source_type = cursor.raw(begin)
    try:
        column.data_type = read_type(column.source_type, cursor.dialect).data_type
    except UnreadableType as problem:
        raise UnreadableSql(f"column {column.name!r}: {problem.message}", offset, problem.hint) from None
    if column.source_type.upper() in SERIAL_NAMES:
        column.rule, column.required = Rule(sequence=SequenceRule(start=1, step=1)), True


def _skip_type(cursor: Cursor) -> None:
    first = cursor.take().word
    second = cursor.accept_any(*_SECOND_WORDS.get(first, ()))
    if second in {"CHARACTER", "CHAR"}:
        cursor.accept("VARYING")
    if first == "INTERVAL":
        _accept_one(cursor, _INTERVALS)
    if cursor.word() == "(":
        cursor.skip()
    if first in {"TIME", "TIMESTAMP"}:
        _accept_one(cursor, _ZONES)
    while cursor.word() == "[":
        cursor.skip()


def _accept_one(cursor: Cursor, choices: tuple[tuple[str, ...], ...]) -> None:
    any(cursor.accept(*words) for words in choices)


def _not_null(cursor: Cursor, site: ColumnSite) -> None:
    cursor.expect("NOT", "NULL")
    site.column.required = True


def _null(cursor: Cursor, _site: ColumnSite) -> None:
    cursor.take()


def _default(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    begin = cursor.at
    while not cursor.ended and not _clause_begins(cursor, begin):
        cursor.skip()
    if cursor.at == begin:
        raise cursor.problem(f"column {site.column.name!r}: DEFAULT has no value")
    site.column.properties["default"] = cursor.raw(begin)


def _clause_begins(cursor: Cursor, begin: int) -> bool:
    """True at the clause behind a default value; NULL and such words are values where they come first."""
    if cursor.at == begin:
        return False
    if cursor.word() == "NOT":
        return cursor.word(1) == "NULL"
    return cursor.word() in _CLAUSES or cursor.word() == "CONSTRAINT"


def _primary(cursor: Cursor, site: ColumnSite) -> None:
    offset = cursor.offset
    cursor.expect("PRIMARY", "KEY")
    set_primary_key(site.table.keys, [site.column.name], offset, site.constraint)


def _unique(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    cursor.accept("KEY")
    site.table.keys.unique_keys.append(KeyColumns(columns=[site.column.name], name=site.constraint))


def _references(cursor: Cursor, site: ColumnSite) -> None:
    cursor.accept("FOREIGN", "KEY")
    site.table.keys.references.append(read_reference(cursor, [site.column.name], site.constraint))


def _check(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.table.keys.checks.append(read_check(cursor))


def _identity(cursor: Cursor, site: ColumnSite) -> None:
    """IDENTITY(1,1), AUTOINCREMENT START 1 INCREMENT 1, IDENTITY START WITH = 1 …"""
    begin = cursor.at
    cursor.take()
    _identity_counts(cursor, site)
    site.column.properties["identity"] = cursor.raw(begin)


def _identity_counts(cursor: Cursor, site: ColumnSite) -> None:
    start = step = 1
    if cursor.word() == "(":
        inside = cursor.group()
        if inside.word() not in {"START", "INCREMENT"} and not inside.ended:
            start = _integer(inside)
            step = _integer(inside) if inside.accept(",") else 1
        else:
            start, step = _started(inside)
    else:
        start, step = _started(cursor)
    if step == 0:
        raise cursor.problem(f"column {site.column.name!r}: an identity's step is never 0")
    site.column.rule = Rule(sequence=SequenceRule(start=start, step=step))
    site.column.required = True


def _started(cursor: Cursor) -> tuple[int, int]:
    counts = {"START": 1, "INCREMENT": 1}
    while word := cursor.accept_any("START", "INCREMENT", "ORDER", "NOORDER"):
        if word in counts:
            cursor.accept_any("WITH", "BY")
            cursor.accept("=")
            counts[word] = _integer(cursor)
    return counts["START"], counts["INCREMENT"]


def _integer(cursor: Cursor) -> int:
    sign = -1 if cursor.accept("-") else 1
    token = cursor.take()
    if not token.text.isdecimal() or len(token.text) > len("9223372036854775807") - 1:
        raise UnreadableSql(f"an integer is expected, not {token.text[:40]!r}", token.start)
    return sign * int(token.text)


def _generated(cursor: Cursor, site: ColumnSite) -> None:
    """GENERATED … AS IDENTITY[(…)], GENERATED ALWAYS AS (expression)."""
    begin = cursor.at
    cursor.take()
    if not cursor.accept("ALWAYS"):
        cursor.expect("BY", "DEFAULT")
        cursor.accept("ON", "NULL")
    cursor.expect("AS")
    if cursor.accept("IDENTITY"):
        _identity_counts(cursor, site)
        site.column.properties["identity"] = cursor.raw(begin)
    else:
        _expression(cursor, site, begin)


def _computed(cursor: Cursor, site: ColumnSite) -> None:
    begin = cursor.at
    cursor.take()
    _expression(cursor, site, begin)


def _expression(cursor: Cursor, site: ColumnSite, begin: int) -> None:
    cursor.group()
    cursor.accept_any("STORED", "VIRTUAL")
    site.column.properties["computed"] = cursor.raw(begin)
    site.table.warnings.append(
        f"Column '{site.table.name}.{site.column.name}' is computed in the DDL; it is generated as an ordinary column."
    )


def _distkey(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.table.properties["distkey"] = identifier(site.column.name, cursor.dialect)


def _sortkey(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    name, before = identifier(site.column.name, cursor.dialect), site.table.properties.get("sortkey")
    site.table.properties["sortkey"] = f"{before}, {name}" if before else name


def _encode(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.column.properties["encode"] = cursor.name("an encoding").lower()


def _collate(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.column.properties["collate"] = cursor.take().text.strip("'\"")


def _comment(cursor: Cursor, site: ColumnSite) -> None:
    cursor.take()
    site.column.properties["comment"] = cursor.string("a comment's text")


def _policy(cursor: Cursor, site: ColumnSite) -> None:
    """[WITH] MASKING POLICY p [USING (…)], [WITH] PROJECTION POLICY p, [WITH] TAG (…)."""
    begin = cursor.at
    cursor.accept("WITH")
    if cursor.accept("TAG"):
        cursor.group()
        site.column.properties["tag"] = cursor.raw(begin)
        return
    kind = cursor.accept_any("MASKING", "PROJECTION")
    if not kind:
        raise cursor.problem(f"{cursor.shown()} is not understood in column {site.column.name!r}")
    cursor.expect("POLICY")
    cursor.qualified_name()
    if cursor.accept("USING"):
        cursor.group()
    site.column.properties[f"{kind.lower()}_policy"] = cursor.raw(begin)


_CLAUSES: dict[str, Callable[[Cursor, ColumnSite], None]] = {
    "NOT": _not_null,
    "NULL": _null,
    "DEFAULT": _default,
    "PRIMARY": _primary,
    "UNIQUE": _unique,
    "REFERENCES": _references,
    "FOREIGN": _references,
    "CHECK": _check,
    "IDENTITY": _identity,
    "AUTOINCREMENT": _identity,
    "GENERATED": _generated,
    "AS": _computed,
    "DISTKEY": _distkey,
    "SORTKEY": _sortkey,
    "ENCODE": _encode,
    "COLLATE": _collate,
    "COMMENT": _comment,
    "WITH": _policy,
    "MASKING": _policy,
    "PROJECTION": _policy,
    "TAG": _policy,
}
