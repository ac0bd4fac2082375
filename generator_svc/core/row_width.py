"""How wide rows are, by their types alone: decides batch sizes and estimates files. The same on every machine."""

from collections.abc import Iterable, Mapping

from generator_svc.core.rules import MixtureRule, Rule, TextRule, TextUnit
from generator_svc.core.run import FileFormat, RunOrder
from generator_svc.core.spec import ColumnSpec, TableSpec, TypeKind

BATCH_ROWS = 131_072
BATCH_BYTES = 64 << 20
FEWEST_BATCH_ROWS = 1024
TYPICAL_TEXT = 100
FILE_SHARES: Mapping[FileFormat, float] = {
    FileFormat.PARQUET: 0.4,
    FileFormat.CSV: 1.0,
    FileFormat.JSON_LINES: 2.0,
    FileFormat.ARROW_IPC: 0.6,
}
"""Bytes of a file by bytes in memory: typical for generated tables."""

UNIT_BYTES: Mapping[TextUnit, int] = {TextUnit.WORDS: 7, TextUnit.SENTENCES: 60, TextUnit.PARAGRAPHS: 300}
FIXED_WIDTHS: Mapping[TypeKind, int] = {
    TypeKind.BOOLEAN: 1,
    TypeKind.INT16: 2,
    TypeKind.INT32: 4,
    TypeKind.FLOAT32: 4,
    TypeKind.DATE: 4,
    TypeKind.DECIMAL: 16,
    TypeKind.UUID: 40,
    TypeKind.JSON: 64,
    TypeKind.GEOGRAPHY: 64,
    TypeKind.ARRAY: 64,
}


def batch_rows_for(table: TableSpec) -> int:
    """Rows of a batch where the client does not say: fewer where rows are wide."""
    return max(FEWEST_BATCH_ROWS, min(BATCH_ROWS, BATCH_BYTES // row_bytes(table)))


def file_bytes(tables: Iterable[TableSpec], order: RunOrder) -> int:
    """Estimate the files of a run."""
    widths = {table.name: row_bytes(table) for table in tables}
    return int(sum(run.rows * widths[run.name] for run in order.tables) * FILE_SHARES[order.format])


def row_bytes(table: TableSpec) -> int:
    """Estimate a row in memory."""
    return max(1, sum(_column_bytes(column) for column in table.columns))


def _column_bytes(column: ColumnSpec) -> int:
    kind, length = column.type.kind, column.type.length
    if kind in {TypeKind.STRING, TypeKind.BINARY}:
        typical = _text_bytes(column.rule)
        return 4 + min(typical, length or typical)
    return FIXED_WIDTHS.get(kind, 8)


def _text_bytes(rule: Rule | None) -> int:
    match rule:
        case TextRule():
            return max(TYPICAL_TEXT, rule.max_units * UNIT_BYTES[rule.unit])
        case MixtureRule():
            return max((_text_bytes(part.rule) for part in rule.parts), default=TYPICAL_TEXT)
        case _:
            return TYPICAL_TEXT
