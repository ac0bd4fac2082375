"""Files of rejects: `<staging>/rejected/<experiment>/load-<id>/<table>/part-00000.parquet`, on a disk or in a bucket.

The rows as they were staged, and behind them `_reason`, `_message` and `_row`, the row's number in the run's table. A
name that the table has already gets underscores at its end; the three are found by their place. A file is whole and
durable once `write` returns; the same batch written again takes the same name.
"""

import contextlib
import errno
import io
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import DiskFull, StagingNotWritable
from loader_svc.core.loads import Batch, Load
from loader_svc.core.rejects import Refused, RejectFile

FACTS = ("_reason", "_message", "_row")
MARK = b"dwsim.rejects"
"""Key of the schema's metadata that tells such a file from a run's."""
LONGEST_FOLDER_BYTES = 200


class RejectFiles:
    """The folder of all rejects, below the root of staged files."""

    def __init__(self, staging: StagingRoot) -> None:
        self._root = staging.child("rejected")

    def write(self, load: Load, batch: Batch, rows: pa.Table, refused: Sequence[tuple[int, Refused]]) -> RejectFile:
        """Write the refused rows of a batch; each has its number."""
        content = _content(rows, refused)
        folder = self._root.child(load.experiment, f"load-{load.load_id}", _folder(batch.table))
        file = folder.child(f"part-{batch.index:05d}.parquet")
        if file.bucket:
            open_bucket(file.bucket).put(file, content)
        else:
            _write_durably(file.path, content)
        checksum = xxhash.xxh3_128_hexdigest(content)
        return RejectFile(batch.table, batch.index, file.uri, len(refused), len(content), checksum)


def delete(files: Sequence[RejectFile], give_up_seconds: float) -> None:
    """Delete files; those that are gone are no error."""
    for file in files:
        place = StagingRoot.parse(file.uri)
        if place.bucket:
            open_bucket(place.bucket).delete([place], give_up_seconds)
        else:
            place.path.unlink(missing_ok=True)
            for folder in place.path.parents[:3]:
                with contextlib.suppress(OSError):  # it has other files
                    folder.rmdir()


def without_facts(rows: pa.Table) -> pa.Table:
    """The rows of a file as they were staged, whether it is one of rejects or not."""
    if MARK not in (rows.schema.metadata or {}):
        return rows
    return rows.select(range(rows.num_columns - len(FACTS))).replace_schema_metadata(None)


def facts_of(rows: pa.Table) -> list[tuple[str, str, int]]:
    """Reason, message and number of each row of a file of rejects."""
    columns = [rows.column(rows.num_columns - place).to_pylist() for place in range(len(FACTS), 0, -1)]
    return list(zip(*columns, strict=True))


def _content(rows: pa.Table, refused: Sequence[tuple[int, Refused]]) -> memoryview:
    facts = {
        "_reason": pa.array([found.fault.reason for _, found in refused], pa.string()),
        "_message": pa.array([found.fault.message for _, found in refused], pa.string()),
        "_row": pa.array([number for number, _ in refused], pa.int64()),
    }
    kept = rows.take(pa.array([found.place for _, found in refused], pa.int64()))
    for name, values in facts.items():
        while name in kept.column_names:
            name += "_"
        kept = kept.append_column(name, values)
    sink = io.BytesIO()
    pq.write_table(kept.replace_schema_metadata({MARK: b"1"}), sink, compression="zstd")
    return sink.getbuffer()


def _folder(table: str) -> str:
    name = table.encode()
    if len(name) <= LONGEST_FOLDER_BYTES and not table.startswith("."):
        return table
    beginning = name[: LONGEST_FOLDER_BYTES // 2].decode(errors="ignore").lstrip(".")
    return f"{beginning}~{xxhash.xxh3_64_hexdigest(name)}"


def _write_durably(path: Path, content: memoryview) -> None:
    """Temporary name, sync, rename, sync of the directory."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> Exception:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull("no space is left for the file of rejects", hint="free some space, then retry the load")
    return StagingNotWritable(
        f"the file of rejects cannot be written: {error.strerror}",
        hint="let the loader write below the staging directory",
        metadata={"uri": StagingRoot(path).uri},
    )
