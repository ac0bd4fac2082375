"""One embedded stack for all tests of this folder, started as a user's first `dwsim.warehouse` does."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import dwsim
import pytest

from dwsim_cli import background

DDL = """
CREATE TABLE customers (
    customer_id BIGINT PRIMARY KEY,
    email VARCHAR(80) NOT NULL
);
CREATE TABLE orders (
    order_id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id),
    amount DECIMAL(10, 2) NOT NULL,
    ordered_at TIMESTAMP NOT NULL,
    payload SUPER
) SORTKEY (ordered_at);
"""
ROWS = {"customers": 10, "orders": 100}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has them all, so that the stack is started once."""
    for item in items:
        if item.path.parent == Path(__file__).parent and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("python client"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Data directory of the stack."""
    directory = tmp_path_factory.mktemp("embedded") / "redshift"
    yield directory
    background.stop(directory)


@pytest.fixture(scope="session")
def wh(home: Path) -> Iterator[dwsim.Warehouse]:
    """A filled Redshift that tests only read."""
    with dwsim.warehouse("redshift", DDL, rows=ROWS, seed=1, data_dir=home) as filled:
        yield filled


@pytest.fixture
async def client(wh: dwsim.Warehouse) -> AsyncIterator[dwsim.AsyncClient]:
    """The asynchronous client of the same stack."""
    async with dwsim.connect_async(wh.address) as opened:
        yield opened
