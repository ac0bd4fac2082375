"""CSV and JSON Lines: texts of columns, quoted as the format wants them, joined to lines; no value is looked at alone.

CSV: RFC 4180 with "\\n", as psql writes it: quotes where they are needed, NULL is nothing, an empty text is "".
JSON Lines: decimals, moments, bytes and integers beyond 2^53 are text, as in JsonRows; JSON stays JSON.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.texts import distinct, texts
from query_svc.core.types import INTEGERS, Kind, SqlType
from query_svc.worker.files.writer import Columns, FileWriter

Join = Callable[[Sequence[pa.Array]], pa.Array]
Quote = Callable[[pa.Array, SqlType], pa.Array]
SAFE_INTEGER = 2**53
_BARE = frozenset({*INTEGERS, Kind.FLOAT32, Kind.FLOAT64, Kind.BOOLEAN, Kind.NULL})
_SPECIAL_IN_CSV = r'[",\r\n]|^$|^\s|\s$|^\\\.$'
_SPECIAL_IN_JSON = r'["\\\x00-\x1f]'


class LineWriter:
    """A file of one line by row, behind an optional header."""

    def __init__(self, header: str, columns: Columns, quote: Quote, join: Join) -> None:
        self._columns, self._quote, self._join = columns, quote, join
        self._header = header.encode()

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Write the lines of a batch."""
        kinds = (kind for _, kind in self._columns.columns)
        quoted = [self._quote(column, kind) for column, kind in zip(batch.columns, kinds, strict=True)]
        header, self._header = self._header, b""
        return header + _lines(self._join(quoted))

    def finish(self) -> Iterator[bytes]:
        """Write the header where there was no row."""
        yield self._header

    def close(self) -> None:
        """Nothing is held."""


def csv_lines(columns: Columns) -> FileWriter:
    """Open a CSV file."""
    header = ",".join(_quoted_in_csv(pa.array(columns.names, pa.string())).to_pylist()) + "\n"
    return LineWriter(header, columns, _csv_texts, _joined_by_commas)


def json_lines(columns: Columns) -> FileWriter:
    """Open a file of JSON Lines; columns of one name get a number behind."""
    keys = [json.dumps(name, ensure_ascii=False) + ":" for name in distinct(columns.names)]

    def join(quoted: Sequence[pa.Array]) -> pa.Array:
        parts: list[Any] = []
        for key, column in zip(keys, quoted, strict=True):
            parts += [f"{',' if parts else '{'}{key}", column]
        return pc.binary_join_element_wise(*parts, "}", "", null_handling="replace", null_replacement="null")

    return LineWriter("", columns, _json_texts, join)


def _lines(lines: pa.Array) -> bytes:
    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), "\n")
    return bytes(whole[0].as_buffer()) + b"\n"


def _joined_by_commas(quoted: Sequence[pa.Array]) -> pa.Array:
    return pc.binary_join_element_wise(*quoted, ",", null_handling="replace", null_replacement="")


def _csv_texts(column: pa.Array, kind: SqlType) -> pa.Array:
    plain = texts(column, kind)
    if kind.kind in _BARE or kind.is_decimal or kind.is_moment:
        return plain
    return _quoted_in_csv(plain)


def _quoted_in_csv(plain: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(plain, _SPECIAL_IN_CSV)
    if not pc.any(special).as_py():
        return plain
    return pc.if_else(special, between_quotes(pc.replace_substring(plain, '"', '""')), plain)


def _json_texts(column: pa.Array, kind: SqlType) -> pa.Array:
    plain = texts(column, kind)
    if kind.is_float:
        return _quoted_where(plain, pc.invert(pc.is_finite(column)))
    if kind.is_integer:
        beyond = pc.or_(pc.greater(column, SAFE_INTEGER), pc.less(column, -SAFE_INTEGER))
        return _quoted_where(plain, beyond) if kind.kind is Kind.INT64 else plain
    if kind.kind in _BARE:
        return plain
    if kind.kind is Kind.JSON:
        return pa.array([None if text is None else embedded(text) for text in plain.to_pylist()], pa.string())
    return json_strings(plain)


def _quoted_where(plain: pa.Array, mask: pa.Array) -> pa.Array:
    return pc.if_else(mask, between_quotes(plain), plain) if pc.any(mask).as_py() else plain


def json_strings(plain: pa.Array) -> pa.Array:
    """Quote texts; only those with special characters are looked at one by one."""
    special = pc.fill_null(pc.match_substring_regex(plain, _SPECIAL_IN_JSON), False)
    quoted = between_quotes(plain)
    if not pc.any(special).as_py():
        return quoted
    escaped = [json.dumps(text, ensure_ascii=False) for text in plain.filter(special).to_pylist()]
    return pc.replace_with_mask(quoted, special, pa.array(escaped, pa.string()))


def between_quotes(plain: pa.Array) -> pa.Array:
    """Texts between quotes, as they are."""
    return pc.binary_join_element_wise('"', plain, '"', "")


def embedded(text: str) -> str:
    """JSON as it is, on one line; a text that is none stays text."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return json.dumps(text, ensure_ascii=False)
    return text.replace("\n", " ").replace("\r", " ")


def _refuse(word: str) -> None:
    raise ValueError(word)
