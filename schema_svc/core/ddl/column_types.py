"""The type of a column: its words in the text, domains and enumerations of the text, serial types."""

from collections.abc import Mapping

from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import VALUE, Check, NamedType, TableDraft
from schema_svc.core.model import Column
from schema_svc.core.names import identifier
from schema_svc.core.rules import Rule, SequenceRule
from schema_svc.core.type_names import SERIAL_NAMES
from schema_svc.core.types import UnreadableType, may_be_defined_elsewhere, read_type

_SECOND_WORDS = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "CHAR": ("VARYING",),
    "NCHAR": ("VARYING",),
    "BINARY": ("VARYING",),
    "BIT": ("VARYING",),
    "NATIONAL": ("CHARACTER", "CHAR"),
}
_ZONES = (("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE"), ("WITH", "LOCAL", "TIME", "ZONE"))
_STANDS_FOR_TEXT = "VARCHAR"
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


def read_column_type(cursor: Cursor, column: Column, table: TableDraft, types: Mapping[str, NamedType]) -> None:
    """Read a type into `column`; what a domain demands goes to `table`."""
    begin, offset = cursor.at, cursor.offset
    name, at = _skip_type(cursor)
    column.source_type = cursor.raw(begin)
    if known := types.get(name):
        _apply(known, column, table, cursor, offset)
    bare = column.source_type if known else cursor.raw(at).replace('"', "")
    try:
        column.data_type = read_type(bare, cursor.dialect).data_type
    except UnreadableType as problem:
        if known or not may_be_defined_elsewhere(name, cursor.dialect):
            raise UnreadableSql(f"column {column.name!r}: {problem.message}", offset, problem.hint) from None
        column.data_type = read_type(_STANDS_FOR_TEXT, cursor.dialect).data_type
        table.warnings.append(
            f"Column '{column.name}' of table '{table.name}': the text does not define type {column.source_type}; "
            f"it is read as {column.data_type}."
        )
    if column.source_type.upper() in SERIAL_NAMES:
        column.rule, column.required = Rule(sequence=SequenceRule(start=1, step=1)), True


def _apply(known: NamedType, column: Column, table: TableDraft, cursor: Cursor, offset: int) -> None:
    if not known.source_type:
        raise UnreadableSql(
            f"column {column.name!r}: {column.source_type} is a type of several fields",
            offset,
            "write a column for each of its fields",
        )
    column.source_type = known.source_type
    column.required = column.required or known.required
    if known.default:
        column.properties["default"] = known.default
    if known.condition:
        name = identifier(column.name, cursor.dialect)
        table.keys.checks.append(Check(known.condition.replace(VALUE, name)))


def _skip_type(cursor: Cursor) -> tuple[str, int]:
    """Go over a type; answer its name as one of the text's own types is called, and the number of its token."""
    at, name = cursor.at, cursor.name("a type")
    while cursor.accept("."):
        at, name = cursor.at, cursor.name("a type")
    first = name.upper()
    second = cursor.accept_any(*_SECOND_WORDS.get(first, ()))
    if second in {"CHARACTER", "CHAR"}:
        cursor.accept("VARYING")
    if first == "INTERVAL":
        _skip_units(cursor)
    if cursor.word() == "(":
        cursor.skip()
    if first in {"TIME", "TIMESTAMP"}:
        _skip_zone(cursor)
    cursor.accept("ARRAY")
    while cursor.word() == "[":
        cursor.skip()
    return name, at


def _skip_zone(cursor: Cursor) -> None:
    if any(cursor.accept(*words) for words in _ZONES) and cursor.word() == "(":
        cursor.skip()


def _skip_units(cursor: Cursor) -> None:
    """`YEAR TO MONTH`, `DAY (2) TO SECOND (3)`."""
    while cursor.accept_any(*_UNITS):
        if cursor.word() == "(":
            cursor.skip()
        if not cursor.accept("TO"):
            return
