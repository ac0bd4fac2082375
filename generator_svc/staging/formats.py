"""How files of each format are made and what their names end in."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import pyarrow as pa

from generator_svc.core.kernels.few_texts import plain_batch
from generator_svc.core.run import FileFormat
from generator_svc.staging import arrow_file, csv_rows, json_rows, parquet


class Encoding(NamedTuple):
    """One format; `encode` is told the batch and which columns hold JSON."""

    ending: str
    encode: Callable[[pa.RecordBatch, Collection[str]], pa.Buffer]


ENCODINGS: Mapping[FileFormat, Encoding] = {
    FileFormat.PARQUET: Encoding(".parquet", lambda batch, _: parquet.encode(batch)),
    FileFormat.CSV: Encoding(".csv", lambda batch, _: csv_rows.encode(plain_batch(batch))),
    FileFormat.JSON_LINES: Encoding(".jsonl", lambda batch, documents: json_rows.encode(plain_batch(batch), documents)),
    FileFormat.ARROW_IPC: Encoding(".arrow", lambda batch, _: arrow_file.encode(plain_batch(batch))),
}
ENDINGS = tuple(encoding.ending for encoding in ENCODINGS.values())
