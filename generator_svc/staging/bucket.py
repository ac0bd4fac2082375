"""Files in a bucket of an S3 server: a put is atomic and durable, and there are no folders to make or remove."""

from collections.abc import Collection, Iterator

from dwsim_wire.failpoint import reach
from dwsim_wire.object_store import Bucket, GiveUp, Stored, never
from dwsim_wire.staging import StagingRoot

PROBE = ".dw-simulator"
PROBE_SECONDS = 3.0
"""A client waits while its place is probed; a run under way has the longer patience of the settings."""


class BucketStore:
    """Staged files of a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def write(self, file: StagingRoot, data: memoryview, give_up: GiveUp = never) -> None:
        """Put the object; equal bytes put twice are one object."""
        reach("generator.put")
        self._bucket.put(file, data, give_up)

    def size(self, file: StagingRoot) -> int | None:
        """Bytes of an object; None where there is none."""
        return self._bucket.size(file)

    def delete(self, file: StagingRoot) -> None:
        """Delete an object; one that is gone is no error."""
        self._bucket.delete([file])

    def delete_all(self, files: Collection[StagingRoot], below: StagingRoot) -> int:
        """Delete objects, a thousand at once; answers how many were there."""
        there = {stored.place for stored in self._bucket.list(below)}
        some = [file for file in files if file in there]
        self._bucket.delete(some)
        return len(some)

    def found(self, below: StagingRoot) -> Iterator[Stored]:
        """Objects below a prefix."""
        return self._bucket.list(below)

    def make_folder(self, folder: StagingRoot) -> None:
        """Nothing: a folder is the beginning of its objects' keys."""

    def drop_empty(self, folder: StagingRoot) -> None:
        """Nothing: a folder ends with its last object."""

    def missing_folders(self, folder: StagingRoot) -> list[StagingRoot]:
        """None."""
        del folder
        return []

    def sweep(self, folder: StagingRoot, *, deep: bool = False) -> None:
        """Nothing: a put that was cut short left no object."""

    def refuse_unwritable(self, folder: StagingRoot) -> None:
        """Put an empty object and delete it, while the client waits."""
        probe = folder.child(PROBE)
        self._bucket.put(probe, memoryview(b""), seconds=PROBE_SECONDS)
        self._bucket.delete([probe], seconds=PROBE_SECONDS)

    def free_bytes(self, folder: StagingRoot) -> int | None:
        """Nobody knows."""
        del folder
        return None
