"""Files of a result: one table of formats, each written batch by batch in bounded memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from dwsim_wire.fault import InvalidArgument
from query_svc.worker.files.arrow import ArrowWriter, ParquetWriter
from query_svc.worker.files.excel import ExcelWriter
from query_svc.worker.files.lines import csv_lines, json_lines
from query_svc.worker.files.writer import Columns, FileWriter, Open, text_file

DEFAULT, NONE, GZIP, ZSTD = "COMPRESSION_UNSPECIFIED", "NONE", "GZIP", "ZSTD"


@dataclass(frozen=True)
class Encoding:
    """A format in one of its compressions."""

    suffix: str
    content_type: str
    start: Open


_Encodings = Mapping[str, Encoding]


def _texts(suffix: str, content_type: str, lines: Open) -> _Encodings:
    plain = Encoding(suffix, content_type, lines)
    return {
        DEFAULT: plain,
        NONE: plain,
        GZIP: Encoding(f"{suffix}.gz", "application/gzip", lambda columns: text_file(lines(columns), "gzip")),
        ZSTD: Encoding(f"{suffix}.zst", "application/zstd", lambda columns: text_file(lines(columns), "zstd")),
    }


def _parquet(codec: str) -> Encoding:
    return Encoding(".parquet", "application/vnd.apache.parquet", lambda columns: ParquetWriter(columns, codec))


def _arrow(*, stream: bool) -> _Encodings:
    suffix, kind = (".arrows", "stream") if stream else (".arrow", "file")

    def encoding(codec: str | None) -> Encoding:
        content_type = f"application/vnd.apache.arrow.{kind}"
        return Encoding(suffix, content_type, lambda columns: ArrowWriter(columns, codec, stream=stream))

    return {DEFAULT: encoding(None), NONE: encoding(None), ZSTD: encoding("zstd")}


_EXCEL = Encoding(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ExcelWriter)
_CSV = _texts(".csv", "text/csv; charset=utf-8", csv_lines)
FORMATS: Mapping[str, _Encodings] = {
    "FORMAT_UNSPECIFIED": _CSV,
    "CSV": _CSV,
    "JSON_LINES": _texts(".jsonl", "application/x-ndjson", json_lines),
    "PARQUET": {DEFAULT: _parquet("zstd"), NONE: _parquet("none"), GZIP: _parquet("gzip"), ZSTD: _parquet("zstd")},
    "ARROW": _arrow(stream=True),
    "ARROW_FILE": _arrow(stream=False),
    "EXCEL": {DEFAULT: _EXCEL, NONE: _EXCEL},
}


def encoding_of(name: str, compression: str) -> Encoding:
    """Format of this name in this compression."""
    encodings = FORMATS.get(name)
    if encodings is None:
        known = ", ".join(list(FORMATS)[1:])
        raise InvalidArgument(
            f"there is no file format {name}", hint=f"it writes {known}", metadata={"field": "format"}
        )
    if (found := encodings.get(compression)) is not None:
        return found
    raise InvalidArgument(
        f"{name} has no compression {compression}",
        hint=f"it has {', '.join(list(encodings)[1:])}",
        metadata={"field": "compression"},
    )


__all__ = ["FORMATS", "Columns", "Encoding", "FileWriter", "encoding_of"]
