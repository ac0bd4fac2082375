"""A directory as buckets: `s3://bucket/key` is `<root>/buckets/bucket/key`; symbolic links are not followed."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from dwsim_wire.object_store import StagingUnavailable, UnknownBucket
from query_svc.core.faults import FileNotFound
from query_svc.core.transfers.places import S3Place
from query_svc.staging.area import Found

BUCKETS = "buckets"
SPOOL = ".spool"
"""No bucket is called so: their names begin with a letter or a digit."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DirectoryArea:
    """Buckets below a directory; each is made when something is written into it."""

    def __init__(self, root: Path) -> None:
        self._root = root / BUCKETS

    def start(self) -> None:
        """Remove what a dead process left unfinished."""
        shutil.rmtree(self._root / SPOOL, ignore_errors=True)

    def refuse_elsewhere(self, place: S3Place, *, writes: bool) -> None:
        """Refuse what leads out of the bucket by a link."""
        del writes  # staged files of runs are not below the buckets
        self._inside(place.at(place.folder), place)

    def found(self, place: S3Place) -> list[Found]:
        """Files whose paths begin with a place's."""
        top = self._root / place.bucket
        made: list[Found] = []
        for folder, _, names in os.walk(top / place.folder):
            for name in names:
                path = Path(folder, name)
                key = path.relative_to(top).as_posix()
                if key.startswith(place.key) and path.is_file() and not path.is_symlink():
                    made.append(Found(place.at(key), path.stat().st_size))
        return sorted(made, key=lambda found: found.place.key)

    def open(self, place: S3Place) -> pa.NativeFile:
        """Open a file for reading."""
        path = self._inside(place, place)
        try:
            if path.is_file():
                return pa.OSFile(str(path), "rb")
        except OSError as error:
            raise _fault(error, place) from error
        raise FileNotFound(f"there is no file {place.uri}", hint="check the name", metadata={"uri": place.uri})

    @contextlib.contextmanager
    def spool(self) -> Iterator[Path]:
        """Directory beside the buckets, so that files are moved by their names alone."""
        with _named_faults(S3Place("", "")):
            (self._root / SPOOL).mkdir(parents=True, exist_ok=True)
            held = tempfile.TemporaryDirectory(dir=self._root / SPOOL, ignore_cleanup_errors=True)
        with held as path:
            yield Path(path)

    def publish(self, files: Sequence[tuple[Path, S3Place]]) -> None:
        """Sync the files, then give them their names."""
        for path, place in files:
            with _named_faults(place):
                _sync(path)
        for path, place in files:
            target = self._inside(place, place)
            with _named_faults(place):
                target.parent.mkdir(parents=True, exist_ok=True)
                self._inside(place, place)
                path.replace(target)
                _sync(target.parent)

    def _inside(self, place: S3Place, shown: S3Place) -> Path:
        top = self._root / place.bucket
        path = top / place.key
        with _named_faults(shown):
            if path.resolve() != self._root.resolve() / place.bucket / place.key:
                raise UnknownBucket(
                    f"{shown.uri} leads out of the staging area by a link",
                    hint="name another place",
                    metadata={"uri": shown.uri},
                )
        return path


@contextlib.contextmanager
def _named_faults(place: S3Place) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _fault(error, place) from error


def _fault(error: OSError, place: S3Place) -> StagingUnavailable:
    why = "there is no room left" if error.errno in _FULL else (os.strerror(error.errno or errno.EIO)).lower()
    return StagingUnavailable(
        f"the staging area's directory cannot be used for {place.uri if place.bucket else 'a file'}: {why}",
        hint="name another place, or look at the directory",
        metadata={"uri": place.uri},
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
