"""A real PostgreSQL for the tests of its writer."""

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]
