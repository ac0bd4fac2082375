"""A real PostgreSQL for the tests of its writer, and every warehouse for the tests of all."""

from tests.loader_svc.warehouses.houses import house
from tests.loader_svc.warehouses.redshift_cluster import cluster
from tests.loader_svc.warehouses.targets import target, writer
from tests.postgres import database, postgres
from tests.snowflake import account, snowflake

__all__ = ["account", "cluster", "database", "house", "postgres", "snowflake", "target", "writer"]
