"""UNLOAD as a result: rows of a query become files, of which none is seen before all of them are whole."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.faults import FileExists, NotTranslatable, UnknownColumn, did_you_mean
from query_svc.core.texts import texts
from query_svc.core.transfers.places import S3Place
from query_svc.core.transfers.unload import Unload
from query_svc.core.translate import ResultColumn
from query_svc.core.types import INT64, STRING, SqlType
from query_svc.core.writes.assigning import refuse_twins
from query_svc.staging import Area
from query_svc.warehouses.reader import Reader, Result, Statement, Stop
from query_svc.worker.execution import Limits, measured, within
from query_svc.worker.files.unloaded import unloaded_file
from query_svc.worker.files.writer import Columns, FileWriter

MOST_PARTITIONS = 200
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
SLICE_BYTES = 256 << 10
SPARE_BYTES = 1 << 20


class UnloadReader:
    """A reader of one statement: an UNLOAD, whose query another reader runs."""

    def __init__(self, unload: Unload, reader: Reader, area: Area, limits: Limits) -> None:
        self._unload, self._reader, self._area, self._limits = unload, reader, area, limits

    def run(self, statement: Statement, stop: Stop) -> "Unloaded":
        """Run the query, write the files aside, publish them."""
        unload = self._unload
        self._area.refuse_elsewhere(unload.place, writes=True)
        if not unload.overwrite and (there := self._area.found(unload.place)):
            raise FileExists(
                f"{unload.place.uri} has files already, such as {there[0].place.uri}",
                hint="name another prefix, or say ALLOWOVERWRITE",
                metadata={"uri": unload.place.uri},
            )
        with self._area.spool() as spool:
            files = _Files(unload, spool)
            result = self._reader.run(statement, stop)
            try:
                self._write(files, result, measured(result, statement.longest_text), stop)
            finally:
                result.close()
            made = files.finish()
            stop.check()
            published = [(file.path, file.place) for file in made]
            if unload.manifest:
                published.append(_manifest(unload, made, spool))
            self._area.publish(published)
        return Unloaded(made)

    def _write(self, files: "_Files", result: Result, rows: Iterator[pa.RecordBatch], stop: Stop) -> None:
        files.begin(Columns(result.columns, result.schema))
        for batch in within(rows, self._limits, "filter more, or raise the limits: no file was written"):
            stop.check()
            files.write(batch)

    def explain(self, statement: Statement, stop: Stop) -> str:
        """Plan of the query."""
        return self._reader.explain(statement, stop)

    def close(self) -> None:
        """Nothing is kept."""


class _File:
    """A file in the making."""

    def __init__(self, path: Path, place: S3Place, writer: FileWriter) -> None:
        self.path, self.place, self.rows, self.bytes = path, place, 0, 0
        self._writer = writer
        self._sink: BinaryIO = path.open("wb")

    def write(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self._put(self._writer.write(batch))

    def finish(self) -> None:
        for piece in self._writer.finish():
            self._put(piece)
        self.close()

    def close(self) -> None:
        self._writer.close()
        self._sink.close()

    def _put(self, data: bytes) -> None:
        self.bytes += self._sink.write(data)


class _Files:
    """All files of an UNLOAD: one open for each partition, followed by another where it is full."""

    def __init__(self, unload: Unload, spool: Path) -> None:
        self._unload, self._spool = unload, spool
        self._open: dict[str, _File] = {}
        self._made: list[_File] = []
        self._counts: dict[str, int] = {}
        self._by: list[int] = []

    def begin(self, columns: Columns) -> None:
        """Learn the columns of the query."""
        if self._unload.format != "TEXT" and (self._unload.format != "CSV" or self._unload.header):
            refuse_twins([ResultColumn(name, kind) for name, kind in columns.columns])
        self._by = [_place_of(name, columns.names) for name in self._unload.partition]
        self._kept = [p for p in range(len(columns.names)) if self._unload.include or p not in self._by]
        if not self._kept:
            raise NotTranslatable("PARTITION BY all columns", hint="write INCLUDE, or select more columns")
        self._all = columns
        self._columns = Columns(
            tuple(columns.columns[place] for place in self._kept),
            pa.schema([columns.schema.field(place) for place in self._kept]),
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows to the files of their partitions."""
        for folder, rows in self._partitions(batch) if self._by else [("", batch)]:
            kept = pa.RecordBatch.from_arrays([rows.column(p) for p in self._kept], schema=self._columns.schema)
            step = max(1, kept.num_rows * SLICE_BYTES // max(kept.nbytes, 1))
            for first in range(0, kept.num_rows, step):
                self._write_to(folder, kept.slice(first, step))

    def finish(self) -> list[_File]:
        """End all files, at least one, unless there are partitions."""
        if not self._made and not self._by:
            self._start("")
        for file in self._open.values():
            file.finish()
        self._open.clear()
        return self._made

    def _write_to(self, folder: str, rows: pa.RecordBatch) -> None:
        file = self._open.get(folder) or self._start(folder)
        file.write(rows)
        if file.bytes >= self._unload.file_bytes - SPARE_BYTES:
            file.finish()
            del self._open[folder]

    def _start(self, folder: str) -> _File:
        number = self._counts.get(folder, 0)
        self._counts[folder] = number + 1
        if len(self._counts) > MOST_PARTITIONS:
            raise NotTranslatable(
                f"PARTITION BY with more than {MOST_PARTITIONS} partitions", hint="choose columns of fewer values"
            )
        key = self._unload.place.key
        ahead = f"{key}{'/' if key and not key.endswith('/') else ''}{folder}/" if folder else key
        place = S3Place.parse(self._unload.place.at(ahead + self._unload.file_name(number)).uri)
        writer = unloaded_file(self._unload, self._columns, MOST_PARTITIONS if self._by else 1)
        file = _File(self._spool / str(len(self._made)), place, writer)
        self._open[folder] = file
        self._made.append(file)
        return file

    def _partitions(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        folders = pc.binary_join_element_wise(*(self._values(batch, place) for place in self._by), "/")
        for folder in pc.unique(folders).to_pylist():
            yield folder, batch.filter(pc.equal(folders, folder))

    def _values(self, batch: pa.RecordBatch, place: int) -> pa.Array:
        name, kind = self._all.columns[place]
        coded = texts(batch.column(place), kind).fill_null(NO_VALUE).dictionary_encode()
        folders = [f"{quote(name, safe='')}={quote(value, safe=' ')}" for value in coded.dictionary.to_pylist()]
        return pa.array(folders, pa.string()).take(coded.indices)


class Unloaded:
    """A row for every file."""

    columns: tuple[tuple[str, SqlType], ...] = (("path", STRING), ("rows", INT64), ("bytes", INT64))
    schema = pa.schema([pa.field("path", pa.string()), pa.field("rows", pa.int64()), pa.field("bytes", pa.int64())])

    def __init__(self, files: list[_File]) -> None:
        self._rows = {
            "path": [file.place.uri for file in files],
            "rows": [file.rows for file in files],
            "bytes": [file.bytes for file in files],
        }

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the files."""
        yield pa.RecordBatch.from_pydict(self._rows, schema=self.schema)

    def close(self) -> None:
        """Nothing is held."""


def _place_of(name: str, names: list[str]) -> int:
    found = [place for place, known in enumerate(names) if known.lower() == name.lower()]
    if not found:
        raise UnknownColumn(
            f"the query has no column {name!r} to partition by",
            hint=did_you_mean(name, names),
            metadata={"column": name},
        )
    return found[0]


def _manifest(unload: Unload, files: list[_File], spool: Path) -> tuple[Path, S3Place]:
    """Write the manifest of the files, as COPY reads it."""
    entries = [{"url": file.place.uri, "meta": {"content_length": file.bytes}} for file in files]
    path = spool / "manifest"
    path.write_text(json.dumps({"entries": entries}, indent=2))
    return path, replace(unload.place, key=f"{unload.place.key}manifest")
