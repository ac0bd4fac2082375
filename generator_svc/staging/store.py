"""Where files are kept: one small interface for a directory of this machine and a bucket of an S3 server."""

from collections.abc import Collection, Iterator
from typing import Protocol

from dwsim_wire.object_store import GiveUp, Stored, never
from dwsim_wire.staging import StagingRoot


class FileStore(Protocol):
    """Files by their places. Every method raises faults of `core.run_faults` or `dwsim_wire.object_store`."""

    def write(self, file: StagingRoot, data: memoryview, give_up: GiveUp = never) -> None:
        """Make a file, whole and durable or not at all."""

    def size(self, file: StagingRoot) -> int | None:
        """Bytes of a file; None where there is none."""

    def delete(self, file: StagingRoot) -> None:
        """Delete a file; one that is gone is no error."""

    def delete_all(self, files: Collection[StagingRoot], below: StagingRoot) -> int:
        """Delete files of the folder `below`; answers how many were there."""

    def found(self, below: StagingRoot) -> Iterator[Stored]:
        """Files below a folder, at any depth."""

    def make_folder(self, folder: StagingRoot) -> None:
        """Make a folder durable, and what is missing above it."""

    def drop_empty(self, folder: StagingRoot) -> None:
        """Remove a folder if nothing is in it."""

    def missing_folders(self, folder: StagingRoot) -> list[StagingRoot]:
        """The folder and those above it that are not there yet, the innermost first."""

    def sweep(self, folder: StagingRoot, *, deep: bool = False) -> None:
        """Remove what dead writers left in a folder, `deep` in those below it too."""

    def refuse_unwritable(self, folder: StagingRoot) -> None:
        """Refuse a folder that cannot be written."""

    def free_bytes(self, folder: StagingRoot) -> int | None:
        """Space that is free; None where nobody knows a limit."""
