"""The store as the service holds it: one database, one room per subject."""

import sqlalchemy as sa

from schema_svc.store.experiments import Experiments
from schema_svc.store.listing import Listing
from schema_svc.store.progress import DeletionProgress


class Store:
    """Every method of its rooms is one transaction; call them off the event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.experiments = Experiments(engine)
        self.listing = Listing(engine)
        self.deletions = DeletionProgress(engine)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()
