"""What every warehouse's scratches promise: rows are written there and nowhere else, all of a statement or none.

No text of a user reaches a session that writes: what a statement reads is read by a `Reader`, and its rows are written
by statements of our own into the one place of the scratch.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa

from query_svc.core.catalog import Table
from query_svc.warehouses.reader import Stop


class Writing(Protocol):
    """A transaction in a scratch; rows of the tables are counted."""

    def drop(self, table: str) -> None:
        """Drop a table if it is there."""

    def make(self, table: Table) -> None:
        """Make a table."""

    def clear(self, table: Table) -> int:
        """Remove all rows; answer how many there were."""

    def append(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Append rows that have these columns."""

    def update(self, table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> int:
        """Change rows: an id, then the new values of these columns."""

    def remove(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        """Remove rows by their ids."""


class Scratches(Protocol):
    """Scratches on one kind of warehouse."""

    def namespace(self, scratch_id: str) -> str:
        """Name of a scratch's place in the warehouse."""

    def write(self, namespace: str, stop: Stop) -> AbstractContextManager[Writing]:
        """Open a transaction, in a place that is made where it is missing; it commits where the block ends well."""

    def remove(self, namespace: str) -> None:
        """Drop a scratch with all that is in it; nothing happens where it is not there."""
