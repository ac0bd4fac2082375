"""A real PostgreSQL for the referee."""

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]
