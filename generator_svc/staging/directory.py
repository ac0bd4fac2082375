"""Files in directories of this machine.

A file is written under a temporary name in its own directory, synced, renamed, and its directory synced. What a dead
writer left has a temporary name: `sweep` removes it.
"""

import errno
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dwsim_wire.failpoint import reach
from dwsim_wire.object_store import GiveUp, Stored, never
from dwsim_wire.staging import StagingRoot
from generator_svc.core.run_faults import DiskFull, OutputNotWritable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
TEMPORARY = ".tmp"
_OURS = re.compile(r"\.(part-\d+\.\w+|manifest\.json|probe)\.\d+\.tmp")


class DirectoryStore:
    """Staged files of a disk."""

    def write(self, file: StagingRoot, data: memoryview, give_up: GiveUp = never) -> None:
        """Make a file: temporary name, sync, rename, sync of the directory."""
        del give_up  # a disk answers at once
        with _named_faults(file):
            _write_durably(file.path, data)

    def size(self, file: StagingRoot) -> int | None:
        """Bytes of a file; None where there is none."""
        try:
            return file.path.stat().st_size
        except OSError:
            return None

    def delete(self, file: StagingRoot) -> None:
        """Delete a file; one that is gone is no error."""
        with _named_faults(file):
            file.path.unlink(missing_ok=True)

    def delete_all(self, files: Collection[StagingRoot], below: StagingRoot) -> int:
        """Delete files; answers how many were there."""
        del below
        count = 0
        for file in files:
            with _named_faults(file):
                count += file.path.exists()
            self.delete(file)
        return count

    def found(self, below: StagingRoot) -> Iterator[Stored]:
        """Files below a directory; one that goes away meanwhile is not there."""
        for path in below.path.rglob("*"):
            with suppress(FileNotFoundError):
                facts = path.stat()
                if path.is_file():
                    yield Stored(StagingRoot(path), facts.st_size, facts.st_mtime_ns // 1000)

    def make_folder(self, folder: StagingRoot) -> None:
        """Make a directory durable, and what is missing above it."""
        with _named_faults(folder):
            _make_directories(folder.path)

    def drop_empty(self, folder: StagingRoot) -> None:
        """Remove a directory if nothing is in it."""
        with suppress(OSError, ValueError):
            folder.path.rmdir()

    def missing_folders(self, folder: StagingRoot) -> list[StagingRoot]:
        """The directory and those above it that are not there yet, the innermost first."""
        with _named_faults(folder):
            return [StagingRoot(path) for path in (folder.path, *folder.path.parents) if not path.exists()]

    def sweep(self, folder: StagingRoot, *, deep: bool = False) -> None:
        """Remove files of dead writers; others may have hidden files here too."""
        with _named_faults(folder):
            find = folder.path.rglob if deep else folder.path.glob
            for path in find(f".*{TEMPORARY}"):
                if _OURS.fullmatch(path.name):
                    path.unlink(missing_ok=True)

    def refuse_unwritable(self, folder: StagingRoot) -> None:
        """Make the directory and write an empty file into it."""
        with _named_faults(folder):
            _make_directories(folder.path)
            probe = folder.path / f".probe.{os.getpid()}{TEMPORARY}"
            probe.touch()
            probe.unlink(missing_ok=True)  # two requests may try the same directory at once

    def free_bytes(self, folder: StagingRoot) -> int | None:
        """Space that is free on the disk."""
        with _named_faults(folder):
            return shutil.disk_usage(_existing(folder.path)).free


def _write_durably(path: Path, data: memoryview) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb", buffering=0) as file:
            if path.name.startswith("part-"):
                reach("generator.write")
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
