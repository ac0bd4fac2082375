"""Staged files: one Parquet file per batch, whole and durable before anybody hears of it.

A file is written under a temporary name in its own directory, synced, renamed, and its directory synced. What a dead
writer left has a temporary name: `sweep` removes it.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import xxhash

from dwsim_wire.failpoint import reach
from dwsim_wire.staging import StagingRoot
from generator_svc.core.run_faults import DiskFull, NotEnoughSpace, OutputNotWritable
from generator_svc.staging.parquet import encode

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
MANIFEST = "manifest.json"
LONGEST_FOLDER_BYTES = 200
TEMPORARY = ".tmp"


class Written(NamedTuple):
    """A durable file."""

    uri: str
    bytes: int
    checksum: str


def table_folder(table: str) -> str:
    """Folder of a table: its name, or where no file system takes that, its beginning and a hash of all of it."""
    name = table.encode()
    if len(name) <= LONGEST_FOLDER_BYTES and table != MANIFEST and not table.startswith("."):
        return table
    beginning = name[: LONGEST_FOLDER_BYTES // 2].decode(errors="ignore").lstrip(".")
    return f"{beginning}~{xxhash.xxh3_64_hexdigest(name)}"


def write_batch(run: StagingRoot, table: str, index: int, batch: pa.RecordBatch) -> Written:
    """Write one batch as `<run>/<folder of the table>/part-00000.parquet`."""
    data = memoryview(encode(batch))
    file = run.child(table_folder(table), f"part-{index:05d}.parquet")
    with _named_faults(file):
        _write_durably(file.path, data, lambda: reach("generator.write"))
    return Written(file.uri, len(data), xxhash.xxh3_128_hexdigest(data))


def write_manifest(run: StagingRoot, facts: Mapping[str, Any]) -> None:
    """Write what a completed run consists of."""
    file = run.child(MANIFEST)
    with _named_faults(file):
        _write_durably(file.path, memoryview(json.dumps(facts, indent=2).encode()))


def prepare(run: StagingRoot, tables: Iterable[str]) -> None:
    """Make a run's directories durable and remove what a dead writer left in them."""
    with _named_faults(run):
        for table in tables:
            _make_directories(run.child(table_folder(table)).path)
        sweep(run)


def sweep(root: StagingRoot) -> None:
    """Remove files of dead writers below `root`."""
    for path in root.path.rglob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def refuse_unusable(directory: StagingRoot, tables: Iterable[str]) -> None:
    """Refuse an output directory that cannot be written or has the files of another run; make it if it is missing."""
    with _named_faults(directory):
        _make_directories(directory.path)
        probe = directory.path / f".probe.{os.getpid()}{TEMPORARY}"
        probe.touch()
        probe.unlink()
        taken = [name for name in tables if any(directory.child(table_folder(name)).path.glob("*.parquet"))]
    if taken or directory.child(MANIFEST).path.exists():
        raise OutputNotWritable(
            f"the output directory has the files of another run{': ' + ', '.join(taken) if taken else ''}",
            hint="name an empty or new directory",
            metadata={"uri": directory.uri},
        )


@contextmanager
def unless_refused(directory: StagingRoot) -> Iterator[None]:
    """Remove the directories that the block makes for `directory`, while they are empty, where it refuses."""
    with _named_faults(directory):
        missing = [path for path in (directory.path, *directory.path.parents) if not path.exists()]
    try:
        yield
    except Exception:
        for path in missing:
            with suppress(OSError, ValueError):
                path.rmdir()
        raise


def refuse_too_large(root: StagingRoot, needed_bytes: int) -> None:
    """Refuse rows whose estimated bytes exceed the free space."""
    with _named_faults(root):
        free_bytes = shutil.disk_usage(_existing(root.path)).free
    if needed_bytes > free_bytes:
        raise NotEnoughSpace(
            f"the rows need about {needed_bytes:,} bytes; {free_bytes:,} are free",
            hint="ask for fewer rows, or clean the staging area",
            metadata={"needed_bytes": str(needed_bytes), "free_bytes": str(free_bytes)},
        )


def has_file(uri: str, size: int) -> bool:
    """Whether a staged file is there with its size."""
    try:
        return StagingRoot.parse(uri).path.stat().st_size == size
    except OSError:
        return False


def delete_file(uri: str) -> None:
    """Remove a staged file; one that is gone is no error."""
    with _named_faults(StagingRoot.parse(uri)):
        StagingRoot.parse(uri).path.unlink(missing_ok=True)


def delete_run(run: StagingRoot, tables: Iterable[str], uris: Iterable[str]) -> int:
    """Remove a run's files, its manifest and the directories that this empties; answers the files removed."""
    files = 0
    for uri in uris:
        files += StagingRoot.parse(uri).path.exists()
        delete_file(uri)
    if run.path.exists():
        delete_file(run.child(MANIFEST).uri)
        sweep(run)
    for directory in (*(run.child(table_folder(table)) for table in tables), run):
        with suppress(OSError):
            directory.path.rmdir()
    return files


def stray_files(root: StagingRoot, known: Iterable[str]) -> Iterator[Path]:
    """Files of batches below `root` that no run knows, whatever name it knows them by."""
    known_files = {StagingRoot.parse(uri).resolved for uri in known}
    for path in root.resolved.path.rglob("part-*.parquet"):
        if StagingRoot(path).resolved not in known_files:
            yield path


def _write_durably(path: Path, data: memoryview, before: Callable[[], None] = lambda: None) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb", buffering=0) as file:
            before()
            _write_all(file.fileno(), data)
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _make_directories(path: Path) -> None:
    """Make `path` and what is missing above it, each name durable."""
    if path.is_dir():
        return
    _make_directories(path.parent)
    path.mkdir(exist_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


@contextmanager
def _named_faults(place: StagingRoot) -> Iterator[None]:
    """Name the fact behind an operating system's error."""
    facts = {"uri": place.uri}
    try:
        yield
    except ValueError as error:
        raise OutputNotWritable(
            "the place for staged files is not a path", hint="name a directory that can be written", metadata=facts
        ) from error
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(
                "no space is left for staged files", hint="free space, or name another directory", metadata=facts
            ) from error
        raise OutputNotWritable(
            f"the place for staged files cannot be used: {os.strerror(error.errno or 0)}",
            hint="name a directory that can be written",
            metadata=facts,
        ) from error
