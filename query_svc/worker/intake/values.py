"""Texts of files as values of columns, as COPY reads them; what cannot be read is named by its row."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.catalog import Column
from query_svc.core.faults import InvalidFile
from query_svc.core.transfers.copy import Copy
from query_svc.core.types import Kind, SqlType
from query_svc.core.values import (
    read_boolean,
    read_date,
    read_decimal,
    read_float,
    read_integer,
    read_time,
    read_timestamp,
)
from query_svc.warehouses.arrow_columns import arrow_type

_BITS = {Kind.INT16: 15, Kind.INT32: 31, Kind.INT64: 63}
_SHOWN = 40
Read = Callable[[str], Any]


class Misfit(Exception):
    """A row, by its number or line in the file, does not fit; a fault as soon as its file is known."""

    def __init__(self, row: int, why: str, *, column: str = "", hint: str = "", unit: str = "line") -> None:
        super().__init__(why)
        self.row, self.why, self.column, self.hint, self.unit = row, why, column, hint, unit

    def fault(self, uri: str) -> InvalidFile:
        """The fault, with the file."""
        column = f", column {self.column!r}" if self.column else ""
        return InvalidFile(
            f"{uri}, {self.unit} {self.row}{column}: {self.why}; no row was loaded",
            hint=self.hint or "mend the file, or the types of the table",
            metadata={"uri": uri, self.unit: str(self.row)} | ({"column": self.column} if self.column else {}),
        )


@dataclass(frozen=True)
class Texts:
    """Rows as texts; `line_of` tells a row's line in the file."""

    rows: pa.RecordBatch
    line_of: Callable[[int], int]


def converted(texts: Texts, copied: Copy) -> pa.RecordBatch:
    """Rows in the types of their columns."""
    arrays = []
    for column, plain in zip(copied.columns, texts.rows.columns, strict=True):
        try:
            arrays.append(checked(_values(plain, column.type, copied), column))
        except Misfit as misfit:
            misfit.row, misfit.column = texts.line_of(misfit.row), column.name
            raise
    return pa.RecordBatch.from_arrays(arrays, [column.name for column in copied.columns])


def checked(values: pa.Array, column: Column) -> pa.Array:
    """Refuse NULL where a column takes none, and texts that are too long for it, in bytes."""
    if column.required and values.null_count:
        raise Misfit(_first(pc.is_null(values)), "the value is NULL, and the column is NOT NULL", column=column.name)
    kind = column.type
    if kind.kind is Kind.STRING and kind.length and pa.types.is_string(values.type):
        sizes = pc.binary_length(values)
        long = pc.fill_null(pc.greater(sizes, kind.length), False)
        if pc.any(long).as_py():
            row = _first(long)
            raise Misfit(row, f"the text has {sizes[row]} bytes, {column.declared} holds {kind.length}")
    return values


def _values(plain: pa.Array, kind: SqlType, copied: Copy) -> pa.Array:
    if kind.kind is Kind.STRING:
        return _as_text(plain, copied)
    trimmed = pc.utf8_trim_whitespace(plain)
    trimmed = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    if kind.kind in _CAST:
        try:
            return trimmed.cast(arrow_type(kind))
        except pa.ArrowException:
            pass  # other ways to write it, or the row that is wrong
    read, form = _reader(kind, copied)
    coded = trimmed.dictionary_encode()
    values = [_read(text, read, kind, trimmed) for text in coded.dictionary.to_pylist()]
    return pa.array(values, form).take(coded.indices).cast(arrow_type(kind))


_CAST = frozenset({*_BITS, Kind.FLOAT32, Kind.FLOAT64, Kind.DATE, Kind.TIMESTAMP})


def _as_text(plain: pa.Array, copied: Copy) -> pa.Array:
    if copied.trim:
        plain = pc.utf8_rtrim(plain, " ")
    if copied.blanks_null:
        plain = pc.if_else(pc.match_substring_regex(plain, r"^\s+$"), None, plain)
    return plain


def _read(text: str, read: Read, kind: SqlType, rows: pa.Array) -> Any:
    try:
        return read(text)
    except (ValueError, ArithmeticError, RecursionError):
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise Misfit(_first(pc.equal(rows, text)), f"{shown!r} is no {kind}") from None


def _reader(kind: SqlType, copied: Copy) -> tuple[Read, pa.DataType]:
    """How a text is read, and as what."""
    if kind.is_decimal:
        return _decimal(kind, ROUND_HALF_UP if copied.rounds else ROUND_DOWN), arrow_type(kind)
    if kind.kind in _BITS:
        return _integer(_BITS[kind.kind]), pa.int64()
    return _READERS.get(kind.kind, (str, pa.string()))


def _integer(bits: int) -> Read:
    def read(text: str) -> int:
        value = read_integer(text)
        if not -(2**bits) <= value < 2**bits:
            raise ValueError(text)
        return value

    return read


def _decimal(kind: SqlType, rounding: str) -> Read:
    """COPY cuts digits beyond the scale, unless it is told to round."""
    context, places = Context(prec=76, rounding=rounding), Decimal(1).scaleb(-kind.scale)

    def read(text: str) -> Decimal:
        value = context.quantize(read_decimal(text), places)
        if value.adjusted() >= kind.precision - kind.scale and value:
            raise ValueError(text)
        return value

    return read


def _json(text: str) -> str:
    json.loads(text, parse_constant=_refuse)
    return text


def _refuse(word: str) -> None:
    raise ValueError(word)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(read_timestamp(text))


_READERS: dict[Kind, tuple[Read, pa.DataType]] = {
    Kind.BOOLEAN: (lambda text: bool(read_boolean(text)), pa.bool_()),
    Kind.FLOAT32: (read_float, pa.float64()),
    Kind.FLOAT64: (read_float, pa.float64()),
    Kind.BINARY: (bytes.fromhex, pa.binary()),
    Kind.JSON: (_json, pa.string()),
    Kind.DATE: (lambda text: date.fromisoformat(read_date(text)), pa.date32()),
    Kind.TIME: (lambda text: time.fromisoformat(read_time(text)), pa.time64("us")),
    Kind.TIMESTAMP: (_moment, pa.timestamp("us")),
    Kind.TIMESTAMP_TZ: (_moment, pa.timestamp("us")),
}


def _first(mask: pa.Array) -> int:
    return int(pc.index(mask, True).as_py())
