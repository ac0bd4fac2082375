"""The memory: experiments, their immutable revisions, request ids, and how far deletions are.

A finished deletion leaves no row: its name is free again, its id never comes back.
"""

from schema_svc.store.experiments import Experiments, Request
from schema_svc.store.listing import Filters, Listing
from schema_svc.store.progress import DeletionProgress
from schema_svc.store.store import Store
from schema_svc.store.tables import MIGRATIONS

__all__ = ["MIGRATIONS", "DeletionProgress", "Experiments", "Filters", "Listing", "Request", "Store"]
