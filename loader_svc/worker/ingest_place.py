"""Places that ingests watch: which files are there."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import IngestNotReadable
from loader_svc.core.ingests import HIDDEN, LookLimits, Sight, is_of_the_system, takes

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
