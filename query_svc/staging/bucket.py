"""The one bucket of the staging area, on an S3 server; staged files of runs are read there and never written."""

import contextlib
import mmap
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from dwsim_wire.object_store import Bucket, UnknownBucket, open_bucket
from dwsim_wire.staging import StagingRoot
from query_svc.core.faults import FileNotFound, WriteRefused
from query_svc.core.transfers.places import S3Place
from query_svc.staging.area import Found

RUNS = "generated"


class BucketArea:
    """The bucket that the staging root is in."""

    def __init__(self, root: StagingRoot, spool: Path) -> None:
        self._root, self._spool = root, spool

    def start(self) -> None:
        """Remove what a dead process left unfinished."""
        shutil.rmtree(self._spool, ignore_errors=True)

    def refuse_elsewhere(self, place: S3Place, *, writes: bool) -> None:
        """Refuse other buckets, and to write where runs have their files."""
        if place.bucket != self._root.bucket:
            raise UnknownBucket(
                f"s3://{place.bucket} is not the bucket of the staging area",
                hint=f"name a place in s3://{self._root.bucket}/",
                metadata={"uri": place.uri},
            )
        runs = f"{self._root.key}/" if self._root.key else f"{RUNS}/"
        if writes and f"{place.key}/".startswith(runs):
            raise WriteRefused(
                f"{place.uri} is where runs have their staged files",
                hint=f"name another place, such as s3://{place.bucket}/unload/",
            )

    def found(self, place: S3Place) -> list[Found]:
        """Objects whose keys begin with a place's."""
        listed = self._bucket.list(StagingRoot(Path("/", place.folder), place.bucket))
        found = [Found(place.at(stored.place.key), stored.bytes) for stored in listed]
        return sorted((f for f in found if f.place.key.startswith(place.key)), key=lambda f: f.place.key)

    def open(self, place: S3Place) -> pa.NativeFile:
        """Read an object whole."""
        content = self._bucket.get(_object(place))
        if content is None:
            raise FileNotFound(f"there is no file {place.uri}", hint="check the name", metadata={"uri": place.uri})
        return pa.BufferReader(pa.py_buffer(content))

    @contextlib.contextmanager
    def spool(self) -> Iterator[Path]:
        """Directory of the service's own."""
        self._spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._spool, ignore_cleanup_errors=True) as path:
            yield Path(path)

    def publish(self, files: Sequence[tuple[Path, S3Place]]) -> None:
        """Put the files one after the other; where one cannot be put, those before it that are new go away."""
        new = [place for _, place in files if self._bucket.size(_object(place)) is None]
        put: list[S3Place] = []
        try:
            for path, place in files:
                self._put(path, place)
                put.append(place)
        except BaseException:
            self._bucket.delete([_object(place) for place in put if place in new], seconds=0)
            raise

    def _put(self, path: Path, place: S3Place) -> None:
        if not path.stat().st_size:
            self._bucket.put(_object(place), memoryview(b""))
            return
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            view = memoryview(mapped)
            try:
                self._bucket.put(_object(place), view)
            finally:
                view.release()

    @property
    def _bucket(self) -> Bucket:
        return open_bucket(self._root.bucket)


def _object(place: S3Place) -> StagingRoot:
    return StagingRoot(Path("/", place.key), place.bucket)
