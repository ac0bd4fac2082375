"""Places that ingests watch: which files are there, and what is in one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.fault import Fault
from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.conforming import refuse_other_columns
from loader_svc.core.document import Table
from loader_svc.core.faults import FormatNotLoadable, IngestNotReadable
from loader_svc.core.ingests import ReadFile, Sight, takes
from loader_svc.core.loads import Failure


def look(root: StagingRoot, pattern: str) -> list[Sight]:
    """Files below a place that the pattern takes, by their URIs."""
    found = _in_bucket(root) if root.bucket else _in_directory(root.path)
    chosen = ((sight, path) for sight, path in found if takes(pattern, path))
    return sorted((sight for sight, _ in chosen), key=lambda sight: sight.uri)


def read(sight: Sight, table: Table) -> ReadFile | None:
    """Read a file whole and see whether it fits the table; None where it is not any more what was seen."""
    place = StagingRoot.parse(sight.uri)
    try:
        content = open_bucket(place.bucket).get(place) if place.bucket else _content(place.path, sight)
    except OSError as error:
        return ReadFile(sight, failure=Failure("INGEST_NOT_READABLE", f"the file cannot be read: {error.strerror}"))
    if content is None or len(content) != sight.bytes:
        return None
    checksum = xxhash.xxh3_128_hexdigest(content)
    try:
        return ReadFile(sight, checksum, _rows(content, table))
    except Fault as fault:
        return ReadFile(sight, checksum, failure=Failure.of(fault))


def _rows(content: memoryview, table: Table) -> int:
    """Rows of a Parquet file that fits the table."""
    try:
        file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)))
        schema, rows = file.schema_arrow, int(file.metadata.num_rows)
    except (pa.ArrowException, ValueError, OSError):  # which of them is the damage's whim
        raise FormatNotLoadable(
            "the file is not a whole Parquet file",
            hint="write it under a name that begins with `_` or `.`, and rename it when it is whole",
        ) from None
    refuse_other_columns(table, schema)
    return rows


def _in_bucket(root: StagingRoot) -> Iterator[tuple[Sight, str]]:
    for stored in open_bucket(root.bucket).list(root):
        path = stored.place.path.relative_to(root.path)
        yield Sight(stored.place.uri, stored.bytes, stored.time), str(path)


def _in_directory(folder: Path) -> Iterator[tuple[Sight, str]]:
    """Files at any depth; those that go meanwhile, with their folders, are not there."""
    if not folder.is_dir():
        raise IngestNotReadable(
            f"there is no directory {str(folder)!r}",
            hint="make it where the loader runs, or name another",
            metadata={"uri": StagingRoot(folder).uri},
        )
    paths = (Path(below, name) for below, _, names in os.walk(folder) for name in names)  # rglob trips over what went
    for path in paths:
        try:
            facts = path.stat() if path.is_file() else None
        except OSError:
            continue
        if facts:
            yield Sight(StagingRoot(path).uri, facts.st_size, facts.st_mtime_ns // 1000), str(path.relative_to(folder))


def _content(path: Path, sight: Sight) -> memoryview | None:
    """The bytes of a file; None where it was written or deleted meanwhile."""
    try:
        content = memoryview(path.read_bytes())
        facts = path.stat()
    except FileNotFoundError:
        return None
    return content if (facts.st_size, facts.st_mtime_ns // 1000) == (sight.bytes, sight.time) else None
