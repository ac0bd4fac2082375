"""Excel workbooks, by XlsxWriter: rows go to a temporary file, so that memory stays bounded, and are zipped at the end.

A cell has 15 digits, so longer integers and decimals are text; so are zoned moments, and days that Excel has none for.
Texts are never formulas.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from xlsxwriter import Workbook

from query_svc.core.faults import ResultTooLarge
from query_svc.core.texts import texts
from query_svc.core.types import Kind, SqlType
from query_svc.worker.files.writer import PIECE_BYTES, Columns

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767
MOST_NUMBER = 10**15
_FIRST_DAY = "1900-03-01"
"""Before it, Excel counts a day that never was."""
_FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.TIMESTAMP: "yyyy-mm-dd hh:mm:ss", Kind.TIME: "hh:mm:ss"}
Write = Callable[[int, int, Any], object]


class ExcelWriter:
    """A workbook of one sheet, its header frozen."""

    def __init__(self, columns: Columns) -> None:
        if len(columns.columns) > MOST_COLUMNS:
            raise _too_large(f"{len(columns.columns):,} columns", f"{MOST_COLUMNS:,} columns")
        self._folder = Path(tempfile.mkdtemp(prefix="dwsim-export-"))
        self._kinds = [kind for _, kind in columns.columns]
        options = {"constant_memory": True, "tmpdir": str(self._folder), "use_zip64": True}
        self._book = Workbook(str(self._folder / "book.xlsx"), options)
        self._sheet = self._book.add_worksheet("result")
        self._sheet.freeze_panes(1, 0)
        self._formats = {kind: self._book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
        bold = self._book.add_format({"bold": True})
        for place, name in enumerate(columns.names):
            self._sheet.write_string(0, place, name[:MOST_CHARACTERS], bold)
        self._row = 1

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Write rows to the sheet; no byte of the file is ready before the last row."""
        if self._row + batch.num_rows > MOST_ROWS:
            raise _too_large("more rows", f"{MOST_ROWS - 1:,} rows under its header")
        cells = [self._cells(column, kind) for column, kind in zip(batch.columns, self._kinds, strict=True)]
        for row in range(batch.num_rows):  # rows in order: what is behind is on disk already
            for place, (values, write) in enumerate(cells):
                if values[row] is not None:
                    write(self._row, place, values[row])
            self._row += 1
        return b""

    def finish(self) -> Iterator[bytes]:
        """Zip the workbook and yield it."""
        self._book.close()
        with (self._folder / "book.xlsx").open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Remove the temporary files."""
        if not self._book.fileclosed:
            self._sheet.row_data_fh.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _cells(self, column: pa.Array, kind: SqlType) -> tuple[list[Any], Write]:
        """Values of a column, and what writes one of them."""
        if kind.kind in self._formats:
            return _days(column, kind), self._moment(self._formats[kind.kind])
        if kind.is_number:
            return [_number(v, t) for v, t in zip(column.to_pylist(), texts(column, kind).to_pylist(), strict=True)], (
                self._number
            )
        if kind.kind is Kind.BOOLEAN:
            return column.to_pylist(), self._sheet.write_boolean
        return texts(column, kind).to_pylist(), self._text

    def _moment(self, shown: Any) -> Write:
        def write(row: int, place: int, value: Any) -> None:
            if isinstance(value, str):
                self._text(row, place, value)
            else:
                self._sheet.write_datetime(row, place, value, shown)

        return write

    def _number(self, row: int, place: int, value: Any) -> None:
        write = self._text if isinstance(value, str) else self._sheet.write_number
        write(row, place, value)

    def _text(self, row: int, place: int, value: str) -> None:
        if len(value) > MOST_CHARACTERS:
            raise _too_large(f"a text of {len(value):,} characters", f"{MOST_CHARACTERS:,} characters in a cell")
        self._sheet.write_string(row, place, value)


def _number(value: Any, text: str | None) -> Any:
    """Cell of a number: itself where a double holds all its digits, else its text."""
    if value is None or text is None:
        return None
    if isinstance(value, Decimal):
        return value if len(value.as_tuple().digits) <= 15 else text
    if isinstance(value, int):
        return value if abs(value) < MOST_NUMBER else text
    return value if text[-1].isdigit() else text


def _days(column: pa.Array, kind: SqlType) -> list[Any]:
    """Moments that Excel has, others as text."""
    if kind.kind is Kind.TIME:
        return list(column.to_pylist())
    return [_day(text) for text in texts(column, kind).to_pylist()]


def _day(text: str | None) -> datetime | str | None:
    if text is None or text[4:5] != "-" or not text[0].isdigit() or text < _FIRST_DAY:
        return text
    return datetime.fromisoformat(text)


def _too_large(what: str, most: str) -> ResultTooLarge:
    return ResultTooLarge(
        f"an Excel sheet has no room for {what}: it takes {most}",
        hint="select less, or export PARQUET or CSV",
        metadata={"limit": most},
    )
