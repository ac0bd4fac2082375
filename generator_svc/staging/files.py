"""Staged files: one file per batch, whole and durable before anybody hears of it, on a disk or in a bucket."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
import xxhash

from dwsim_wire.object_store import GiveUp, Stored, never, open_bucket
from dwsim_wire.staging import StagingRoot
from generator_svc.core.run import FileFormat
from generator_svc.core.run_faults import NotEnoughSpace, OutputNotWritable
from generator_svc.staging.bucket import BucketStore
from generator_svc.staging.directory import DirectoryStore
from generator_svc.staging.formats import ENCODINGS, ENDINGS
from generator_svc.staging.store import FileStore

MANIFEST = "manifest.json"
LONGEST_FOLDER_BYTES = 200


class Written(NamedTuple):
    """A durable file."""

    uri: str
    bytes: int
    checksum: str


class Cells(NamedTuple):
    """A batch and how it is written; `documents` are its columns that hold JSON."""

    batch: pa.RecordBatch
    format: FileFormat = FileFormat.PARQUET
    documents: Collection[str] = ()


def store_of(place: StagingRoot) -> FileStore:
    """Where the files of a place are kept."""
    return BucketStore(open_bucket(place.bucket)) if place.bucket else DirectoryStore()


def table_folder(table: str) -> str:
    """Folder of a table: its name, or where no file system takes that, its beginning and a hash of all of it."""
    name = table.encode()
    if len(name) <= LONGEST_FOLDER_BYTES and table != MANIFEST and not table.startswith("."):
        return table
    beginning = name[: LONGEST_FOLDER_BYTES // 2].decode(errors="ignore").lstrip(".")
    return f"{beginning}~{xxhash.xxh3_64_hexdigest(name)}"


def write_batch(run: StagingRoot, table: str, index: int, cells: Cells, give_up: GiveUp = never) -> Written:
    """Write one batch as `<run>/<folder of the table>/part-00000.parquet`, or with its format's ending.

    A bucket that is away is tried again until `give_up`.
    """
    encoding = ENCODINGS[cells.format]
    data = memoryview(encoding.encode(cells.batch, cells.documents))
    file = run.child(table_folder(table), f"part-{index:05d}{encoding.ending}")
    store_of(file).write(file, data, give_up)
    return Written(file.uri, len(data), xxhash.xxh3_128_hexdigest(data))


def write_manifest(run: StagingRoot, facts: Mapping[str, Any]) -> None:
    """Write what a completed run consists of."""
    store_of(run).write(run.child(MANIFEST), memoryview(json.dumps(facts, indent=2).encode()))


def prepare(run: StagingRoot, tables: Iterable[str]) -> None:
    """Make a run's folders durable and remove what a dead writer left in them."""
    store = store_of(run)
    store.sweep(run)
    for table in tables:
        folder = run.child(table_folder(table))
        store.make_folder(folder)
        store.sweep(folder)


def sweep(root: StagingRoot) -> None:
    """Remove files of dead writers below `root`."""
    store_of(root).sweep(root, deep=True)


def refuse_unusable(place: StagingRoot, tables: Iterable[str]) -> None:
    """Refuse a place that cannot be written or has the files of another run; make it if it is missing."""
    store = store_of(place)
    store.refuse_unwritable(place)
    taken = [name for name in tables if any(_is_batch(f.place) for f in store.found(place.child(table_folder(name))))]
    if taken or store.size(place.child(MANIFEST)) is not None:
        raise OutputNotWritable(
            f"the output directory has the files of another run{': ' + ', '.join(taken) if taken else ''}",
            hint="name an empty or new directory",
            metadata={"uri": place.uri},
        )


@contextmanager
def unless_refused(place: StagingRoot) -> Iterator[None]:
    """Remove the folders that the block makes for `place`, while they are empty, where it refuses."""
    store = store_of(place)
    missing = store.missing_folders(place)
    try:
        yield
    except Exception:
        for folder in missing:
            store.drop_empty(folder)
        raise


def refuse_too_large(root: StagingRoot, needed_bytes: int) -> None:
    """Refuse rows whose estimated bytes exceed the free space, where that is known."""
    free_bytes = store_of(root).free_bytes(root)
    if free_bytes is not None and needed_bytes > free_bytes:
        raise NotEnoughSpace(
            f"the rows need about {needed_bytes:,} bytes; {free_bytes:,} are free",
            hint="ask for fewer rows, or clean the staging area",
            metadata={"needed_bytes": str(needed_bytes), "free_bytes": str(free_bytes)},
        )


def has_file(uri: str, size: int) -> bool:
    """Whether a staged file is there with its size."""
    file = StagingRoot.parse(uri)
    return store_of(file).size(file) == size


def is_there(uri: str) -> bool:
    """Whether there is a file, whatever its size."""
    file = StagingRoot.parse(uri)
    return store_of(file).size(file) is not None


def delete_file(uri: str) -> None:
    """Remove a staged file; one that is gone is no error."""
    file = StagingRoot.parse(uri)
    store_of(file).delete(file)


def delete_run(run: StagingRoot, tables: Iterable[str], uris: Iterable[str]) -> int:
    """Remove a run's files, its manifest and the folders that this empties; answers the files of batches removed."""
    store = store_of(run)
    files = store.delete_all([StagingRoot.parse(uri) for uri in uris], run)
    store.delete(run.child(MANIFEST))
    for folder in (*(run.child(table_folder(table)) for table in tables), run):
        store.sweep(folder)
        store.drop_empty(folder)
    return files


def batch_files(root: StagingRoot) -> list[Stored]:
    """Files of batches below `root`."""
    place = root.resolved
    return [found for found in store_of(place).found(place) if _is_batch(found.place)]


def unknown_files(files: Iterable[Stored], known: Iterable[str]) -> Iterator[Stored]:
    """Those of some files that no run knows, whatever name it knows them by."""
    known_files = {StagingRoot.parse(uri).resolved for uri in known}
    return (found for found in files if found.place.resolved not in known_files)


def _is_batch(file: StagingRoot) -> bool:
    return file.path.name.startswith("part-") and file.path.name.endswith(ENDINGS)
