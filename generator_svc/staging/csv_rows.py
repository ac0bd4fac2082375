r"""Batches as CSV (RFC 4180): a header line, lines that end in \n.

Free text is quoted always and nothing else ever: NULL is nothing between two commas, empty text is "".
"""

import pyarrow as pa
import pyarrow.compute as pc

from generator_svc.staging.cell_text import cell_text, is_text, joined

COMMA, LINE, QUOTE = (pa.scalar(letter, pa.large_string()) for letter in (",", "\n", '"'))
NOTHING = pa.scalar("", pa.large_string())


def encode(batch: pa.RecordBatch) -> pa.Buffer:
    """Encode `batch` as one CSV file in memory."""
    header = ",".join('"' + name.replace('"', '""') + '"' for name in batch.schema.names) + "\n"
    if not batch.num_rows:
        return pa.py_buffer(header.encode())
    parts: list[pa.Array | pa.Scalar] = []
    for column in batch.columns:
        parts += [COMMA, pc.fill_null(_written(column), NOTHING)]
    rows = pc.binary_join_element_wise(*parts[1:], LINE, NOTHING)
    return pa.py_buffer(b"".join((header.encode(), joined(rows))))


def _written(column: pa.Array) -> pa.Array:
    text = cell_text(column)
    if not is_text(column.type):
        return text
    return pc.binary_join_element_wise(QUOTE, pc.replace_substring(text, '"', '""'), QUOTE, NOTHING)
