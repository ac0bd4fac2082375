"""CSV and delimited text, by pyarrow; delimited text with ESCAPE, which it does not tell from NULL, by ourselves."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from query_svc.core.transfers.copy import Copy
from query_svc.worker.intake.values import Misfit, Texts

BLOCK_BYTES = 4 << 20
ROWS = 10_000


def delimited_rows(source: pa.NativeFile, copied: Copy) -> Iterator[Texts]:
    """Yield rows of texts; NULL is what NULL AS says, and never between quotes."""
    wrong: list[csv.InvalidRow] = []

    def refuse(row: csv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    line = 1 + copied.skip
    try:
        for batch in _opened(source, copied, refuse):
            yield Texts(batch, partial(_line_of, batch, line))
            line = _line_of(batch, line, batch.num_rows)
    except pa.ArrowInvalid as error:
        if wrong:
            raise _miscounted(line, wrong[0], copied) from None
        if "Empty CSV file" not in str(error):
            raise


def _opened(source: pa.NativeFile, copied: Copy, refuse: Any) -> Iterator[pa.RecordBatch]:
    names = [column.name for column in copied.columns]
    quoted = copied.format == "CSV"
    return iter(
        csv.open_csv(
            source,
            read_options=csv.ReadOptions(
                column_names=names, skip_rows=copied.skip, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=csv.ParseOptions(
                delimiter=copied.delimiter,
                quote_char=copied.quote if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=copied.skip_blank,
                invalid_row_handler=refuse,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[copied.null_as, *([""] if copied.empty_null else [])],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    )


def _line_of(batch: pa.RecordBatch, first: int, row: int) -> int:
    """Line of a row, behind lines that end inside of values."""
    before = batch.slice(0, row)
    inside = sum(pc.sum(pc.count_substring(column, "\n")).as_py() or 0 for column in before.columns)
    return first + row + int(inside)


def _miscounted(line: int, row: csv.InvalidRow, copied: Copy) -> Misfit:
    have, want = row.actual_columns, row.expected_columns
    hint = f"the delimiter is {copied.delimiter!r}; name the columns that the files have behind the table"
    return Misfit(row.number or line, f"it has {have} values for {want} columns", hint=hint)


def escaped_rows(source: pa.NativeFile, copied: Copy) -> Iterator[Texts]:
    """Yield rows of texts in which a backslash takes the meaning from the character behind it."""
    text = bytes(source.read()).decode()
    field = re.compile(rf"((?:\\[\s\S]|[^\\\n{re.escape(copied.delimiter)}])*)([\n{re.escape(copied.delimiter)}]|\Z)")
    rows: list[list[str | None]] = []
    lines: list[int] = []
    at, line = 0, 1
    while at < len(text):
        began, row = line, []
        while True:
            found = field.match(text, at)
            if found is None:
                raise Misfit(began, "the file ends with a backslash")
            row.append(_unescaped(found[1], copied))
            at = found.end()
            line += found[0].count("\n")
            if found[2] != copied.delimiter:
                break
        if began > copied.skip and not (copied.skip_blank and row in ([""], [None])):
            if len(row) != len(copied.columns):
                raise Misfit(began, f"it has {len(row)} values for {len(copied.columns)} columns")
            rows.append(row)
            lines.append(began)
        if len(rows) >= ROWS or (at >= len(text) and rows):
            yield Texts(_batch(rows, copied), lines.__getitem__)
            rows, lines = [], []


def _unescaped(raw: str, copied: Copy) -> str | None:
    if raw == copied.null_as or (copied.empty_null and not raw):
        return None
    return re.sub(r"\\([\s\S])", r"\1", raw) if "\\" in raw else raw


def _batch(rows: list[list[str | None]], copied: Copy) -> pa.RecordBatch:
    arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, [column.name for column in copied.columns])
