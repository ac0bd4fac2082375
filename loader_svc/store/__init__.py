"""The memory of the loader: the cursor, runs and their batches, loads and their work, where tables are."""

from sqlalchemy.exc import OperationalError as StoreUnavailable

__all__ = ["StoreUnavailable"]
