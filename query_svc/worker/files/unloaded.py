"""Files of UNLOAD, as Redshift writes them: delimited text, CSV, JSON Lines, Parquet."""

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.texts import texts
from query_svc.core.transfers.unload import Unload
from query_svc.core.types import Kind, SqlType
from query_svc.worker.files.arrow import GROUP_BYTES, ParquetWriter
from query_svc.worker.files.lines import LineWriter, between_quotes, embedded, json_strings
from query_svc.worker.files.writer import Columns, FileWriter, text_file

_BARE_IN_JSON = frozenset({Kind.BOOLEAN, Kind.NULL})
_SMALLEST_GROUP = 1 << 20


def unloaded_file(unload: Unload, columns: Columns, open_files: int = 1) -> FileWriter:
    """Open a file; the more are open at once, the less of each waits in memory."""
    if unload.format == "PARQUET":
        return ParquetWriter(columns, "snappy", group_bytes=max(GROUP_BYTES // open_files, _SMALLEST_GROUP))
    made = _LINES[unload.format](unload, columns)
    return text_file(made, unload.compression) if unload.compression else made


def _delimited(unload: Unload, columns: Columns) -> FileWriter:
    escape = partial(
        pc.replace_substring_regex, pattern=rf'([\\\r\n"\'{re.escape(unload.delimiter)}])', replacement=r"\\\1"
    )

    def write(column: pa.Array, kind: SqlType) -> pa.Array:
        plain = _texts(column, kind)
        return escape(plain) if unload.escape and _may_be_special(kind) else plain

    return LineWriter(_header(unload, columns, lambda names: names), columns, write, _joined(unload))


def _csv(unload: Unload, columns: Columns) -> FileWriter:
    special = rf'[{re.escape(unload.delimiter)}",\r\n]|^$|^\s|\s$' + (
        f"|^{re.escape(unload.null_as)}$" if unload.null_as else ""
    )

    def quoted(plain: pa.Array) -> pa.Array:
        marked = pc.match_substring_regex(plain, special)
        return pc.if_else(marked, between_quotes(pc.replace_substring(plain, '"', '""')), plain)

    def write(column: pa.Array, kind: SqlType) -> pa.Array:
        plain = _texts(column, kind)
        return (
            quoted(plain) if _may_be_special(kind) or unload.null_as or unload.delimiter in "+-.: 0123456789" else plain
        )

    return LineWriter(_header(unload, columns, quoted), columns, write, _joined(unload))


def _json(_unload: Unload, columns: Columns) -> FileWriter:
    keys = [json.dumps(name, ensure_ascii=False) + ":" for name in columns.names]

    def join(written: Sequence[pa.Array]) -> pa.Array:
        parts: list[Any] = []
        for key, column in zip(keys, written, strict=True):
            parts += [f"{',' if parts else '{'}{key}", column]
        return pc.binary_join_element_wise(*parts, "}", "", null_handling="replace", null_replacement="null")

    return LineWriter("", columns, _json_texts, join)


def _json_texts(column: pa.Array, kind: SqlType) -> pa.Array:
    """Numbers keep all their digits; what is no number is text."""
    if kind.kind in _BARE_IN_JSON or kind.is_integer or kind.is_decimal:
        return texts(column, kind)
    if kind.is_float:
        plain = texts(column, kind)
        return pc.if_else(pc.is_finite(column), plain, between_quotes(plain))
    if kind.kind is Kind.JSON:
        return pa.array([None if text is None else embedded(text) for text in column.to_pylist()], pa.string())
    return json_strings(_texts(column, kind))


def _texts(column: pa.Array, kind: SqlType) -> pa.Array:
    if kind.kind is Kind.BOOLEAN:
        return pc.if_else(column, "t", "f")
    if kind.kind is Kind.BINARY:
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    plain = texts(column, kind)
    return pc.replace_substring_regex(plain, r"\+00:00$", "+00") if kind.kind is Kind.TIMESTAMP_TZ else plain


def _may_be_special(kind: SqlType) -> bool:
    return not (kind.is_number or kind.is_moment or kind.kind in (Kind.BOOLEAN, Kind.NULL, Kind.BINARY, Kind.TIME))


def _header(unload: Unload, columns: Columns, write: Callable[[pa.Array], pa.Array]) -> str:
    names = write(pa.array(columns.names, pa.string())).to_pylist()
    return unload.delimiter.join(names) + "\n" if unload.header else ""


def _joined(unload: Unload) -> Callable[[Sequence[pa.Array]], pa.Array]:
    return lambda written: pc.binary_join_element_wise(
        *written, unload.delimiter, null_handling="replace", null_replacement=unload.null_as
    )


_LINES: dict[str, Callable[[Unload, Columns], FileWriter]] = {"TEXT": _delimited, "CSV": _csv, "JSON": _json}
