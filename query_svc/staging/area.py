"""What every staging area does with its buckets."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from query_svc.core.transfers.places import S3Place


class Found(NamedTuple):
    """A file that is there."""

    place: S3Place
    bytes: int


class Area(Protocol):
    """Buckets of files; only whole files are seen."""

    def start(self) -> None:
        """Remove what a dead process left unfinished."""

    def refuse_elsewhere(self, place: S3Place, *, writes: bool) -> None:
        """Refuse a place that is not the area's, or not the users' to write."""

    def found(self, place: S3Place) -> list[Found]:
        """Files whose keys begin with a place's, by key."""

    def open(self, place: S3Place) -> pa.NativeFile:
        """Open a file for reading."""

    def spool(self) -> AbstractContextManager[Path]:
        """Directory for files in the making; it goes with the block."""

    def publish(self, files: Sequence[tuple[Path, S3Place]]) -> None:
        """Make or replace files by those of the spool, in this order."""
