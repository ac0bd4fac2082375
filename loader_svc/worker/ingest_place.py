"""Places that ingests watch: which files are there, and what is in one."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.fault import Fault
from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.conforming import refuse_other_columns
from loader_svc.core.document import Table
from loader_svc.core.faults import FormatNotLoadable, IngestNotReadable
from loader_svc.core.ingests import HIDDEN, LookLimits, ReadFile, Sight, is_of_the_system, takes
from loader_svc.core.loads import Failure

Found: TypeAlias = tuple[Sight, str]
"""A file and its path below the place."""


def look(root: StagingRoot, pattern: str, limits: LookLimits) -> list[Sight]:
    """Files below a place that the pattern takes, by their URIs; a place that has too many is not looked through."""
    found = _in_bucket(root) if root.bucket else _in_directory(root.path)
    chosen = [sight for sight, path in _within(limits, root, found) if takes(pattern, path)]
    return sorted(chosen, key=lambda sight: sight.uri)


def refuse_system(root: StagingRoot) -> None:
    """Refuse a directory that is not for data."""
    if not root.bucket and is_of_the_system(str(root.path)):
        raise IngestNotReadable(
            f"{str(root.path)!r} is a directory of the system, or has the whole system below it",
            hint="watch a directory of data, or set DW_SIMULATOR_INGEST_SYSTEM_DIRECTORIES=true for the loader",
            metadata={"uri": root.uri},
        )


def _within(limits: LookLimits, root: StagingRoot, found: Iterable[Found | None]) -> Iterator[Found]:
    """What was found, without the marks of folders; those take time as well."""
    end, number = time.monotonic() + limits.seconds, 0
    for each in found:
        number += each is not None
        if number > limits.files or time.monotonic() > end:
            much = f"more than {limits.files} files" if number > limits.files else f"more than {limits.seconds:g} s"
            raise IngestNotReadable(
                f"a look at the place takes {much}",
                hint="watch a smaller directory, move files away that are loaded, or raise"
                " DW_SIMULATOR_INGEST_LOOK_FILES or DW_SIMULATOR_INGEST_LOOK_LIMIT_SECONDS",
                metadata={"uri": root.uri},
            )
        if each:
            yield each


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


def _in_bucket(root: StagingRoot) -> Iterator[Found]:
    for stored in open_bucket(root.bucket).list(root):
        path = stored.place.path.relative_to(root.path)
        yield Sight(stored.place.uri, stored.bytes, stored.time), str(path)


def _in_directory(folder: Path) -> Iterator[Found | None]:
    """Files at any depth, None for each folder, but for hidden ones; what goes meanwhile is not there."""
    if not folder.is_dir():
        raise IngestNotReadable(
            f"there is no directory {str(folder)!r}",
            hint="make it where the loader runs, or name another",
            metadata={"uri": StagingRoot(folder).uri},
        )
    for below, folders, names in os.walk(folder, onerror=_refuse_unreadable):  # rglob trips over what went
        yield None
        folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
        for path in (Path(below, name) for name in names):
            try:
                facts = path.stat() if path.is_file() else None
            except OSError:
                continue
            if facts:
                sight = Sight(StagingRoot(path).uri, facts.st_size, facts.st_mtime_ns // 1000)
                yield sight, str(path.relative_to(folder))


def _refuse_unreadable(error: OSError) -> None:
    """Say that a folder cannot be listed; one that went meanwhile is not there."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    raise IngestNotReadable(
        f"directory {error.filename!r} cannot be listed: {error.strerror}",
        hint="let the loader's user read it, or give it a name that begins with `_` or `.`",
        metadata={"uri": StagingRoot(Path(error.filename)).uri},
    ) from error


def _content(path: Path, sight: Sight) -> memoryview | None:
    """The bytes of a file; None where it was written or deleted meanwhile."""
    try:
        content = memoryview(path.read_bytes())
        facts = path.stat()
    except FileNotFoundError:
        return None
    return content if (facts.st_size, facts.st_mtime_ns // 1000) == (sight.bytes, sight.time) else None
