"""Files of COPY as rows of their table's types; a value that does not fit is refused with its file, line and column."""

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa

from query_svc.core.faults import InvalidFile
from query_svc.core.transfers.copy import Copy
from query_svc.worker.intake.delimited import delimited_rows, escaped_rows
from query_svc.worker.intake.documents import document_rows
from query_svc.worker.intake.parquet import parquet_rows
from query_svc.worker.intake.values import Misfit, Texts, converted

_TEXTS: Mapping[str, Callable[[pa.NativeFile, Copy], Iterator[Texts]]] = {
    "CSV": delimited_rows,
    "TEXT": delimited_rows,
    "JSON": document_rows,
}


def file_rows(source: pa.NativeFile, uri: str, copied: Copy) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file."""
    try:
        if copied.format == "PARQUET":
            yield from parquet_rows(source, uri, copied)
            return
        if copied.compression:
            source = pa.CompressedInputStream(source, copied.compression)
        read = escaped_rows if copied.escape else _TEXTS[copied.format]
        for texts in read(source, copied):
            yield converted(texts, copied)
    except Misfit as misfit:
        raise misfit.fault(uri) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        what = copied.compression or ("UTF-8" if copied.format != "PARQUET" else "")
        raise InvalidFile(
            f"{uri} cannot be read as {copied.format}" + (f" in {what}" if what else ""),
            hint="name the format and compression that it has",
            metadata={"uri": uri},
        ) from error
