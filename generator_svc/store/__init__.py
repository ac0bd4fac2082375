"""What the generator remembers: runs, batches, the event log. SQLAlchemy Core; every method is one transaction."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from generator_svc.store.batches import BatchStore, FilePlace
from generator_svc.store.database import Database
from generator_svc.store.event_log import EventLog
from generator_svc.store.runs import RequestKey, RunStore, aborted

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = ["MIGRATIONS", "BatchStore", "FilePlace", "RequestKey", "Store", "aborted"]


class Store:
    """The rooms of the memory; `changed` is called after each commit, from any thread."""

    def __init__(self, engine: sa.Engine, changed: Callable[[], None]) -> None:
        self._database = Database(engine, changed)
        self.runs = RunStore(self._database)
        self.batches = BatchStore(self._database)
        self.log = EventLog(self._database)

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()
