"""One filled warehouse for all tests: `dwsim_warehouse` comes with DW Simulator's pytest plugin."""

from pathlib import Path

import pytest

SCHEMA = Path(__file__).parents[1] / "schema.sql"


@pytest.fixture(scope="session")
def shop(dwsim_warehouse):
    return dwsim_warehouse("redshift", SCHEMA, rows={"customers": 200, "orders": 2_000}, seed=1)
