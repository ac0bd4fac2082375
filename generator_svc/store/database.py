"""Transactions of the generator's database: one at a time in this process, watchers woken after each that wrote."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dwsim_wire.database import is_corrupt, unusable
from generator_svc.core.run_faults import DiskFull


class Database:
    """An engine whose transactions begin IMMEDIATE; `changed` is called after each commit, from any thread."""

    def __init__(self, engine: sa.Engine, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Hold one consistent view."""
        with _named_faults(), self._turn, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Commit all or nothing, then wake the watchers."""
        with _named_faults(), self._turn, self._engine.begin() as connection:
            yield connection
        self._changed()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


@contextmanager
def _named_faults() -> Iterator[None]:
    """Name the fact behind a database's error."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        if is_corrupt(error.orig):
            raise unusable("generator", error.orig) from error
        if "disk is full" in str(error.orig):
            raise DiskFull("no space is left for the generator's database", hint="free space") from error
        raise
