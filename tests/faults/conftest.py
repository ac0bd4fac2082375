"""A generator that has only a log, and every warehouse in turn."""

from tests.loader_svc.conftest import generator
from tests.loader_svc.warehouses.houses import house
from tests.postgres import postgres
from tests.snowflake import account, snowflake

__all__ = ["account", "generator", "house", "postgres", "snowflake"]
