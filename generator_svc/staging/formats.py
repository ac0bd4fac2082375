"""How files of each format are made and what their names end in."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import pyarrow as pa

from generator_svc.core.run import FileFormat
from generator_svc.staging import arrow_file, csv_rows, json_rows, parquet


class Encoding(NamedTuple):
    """One format; `encode` is told the batch and which columns hold JSON."""

    ending: str
    encode: Callable[[pa.RecordBatch, Collection[str]], pa.Buffer]


ENCODINGS: Mapping[FileFormat, Encoding] = {
    FileFormat.PARQUET: Encoding(".parquet", lambda batch, _: parquet.encode(batch)),
    FileFormat.CSV: Encoding(".csv", lambda batch, _: csv_rows.encode(batch)),
    FileFormat.JSON_LINES: Encoding(".jsonl", json_rows.encode),
    FileFormat.ARROW_IPC: Encoding(".arrow", lambda batch, _: arrow_file.encode(batch)),
}
ENDINGS = tuple(encoding.ending for encoding in ENCODINGS.values())
