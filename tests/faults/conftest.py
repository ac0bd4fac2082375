"""A generator that has only a log, and every warehouse in turn."""

from tests.loader_svc.conftest import generator
from tests.loader_svc.warehouses.houses import house
from tests.postgres import postgres

__all__ = ["generator", "house", "postgres"]
