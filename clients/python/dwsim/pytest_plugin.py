"""The pytest plugin: `dwsim_warehouse` fills warehouses for tests; `--dwsim-keep` leaves their stack running.

    @pytest.fixture(scope="session")
    def shop(dwsim_warehouse):
        return dwsim_warehouse("redshift", Path("schema.sql"), rows={"orders": 1_000}, seed=1)

    def test_orders(shop):
        assert shop.query("SELECT COUNT(*) FROM orders").scalar() == 1_000

Workers of pytest-xdist share one stack and what is in it; each warehouse is filled once, whoever asks first.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from dwsim.warehouses import Warehouse


class WarehouseFactory(Protocol):
    """What the fixture `dwsim_warehouse` is."""

    def __call__(
        self,
        kind: str,
        ddl: str | Path | Mapping[str, Any],
        *,
        rows: Mapping[str, int] | None = None,
        seed: int = 42,
        as_of: str = "",
        dialect: str | None = None,
        name: str = "wh",
        fresh: bool = False,
    ) -> "Warehouse":
        """A filled warehouse, as `dwsim.warehouse` makes it, until the session ends."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("dwsim", "DW Simulator")
    group.addoption("--dwsim-keep", action="store_true", help="Leave the stack of `dwsim_warehouse` running.")
    group.addoption("--dwsim-data-dir", default=None, help="Directory of that stack; a cache of yours if not given.")


@pytest.fixture(scope="session")
def dwsim_warehouse(request: pytest.FixtureRequest) -> Iterator[WarehouseFactory]:
    """Fills warehouses that live until the session ends."""
    from dwsim.warehouses import warehouse  # what it imports is for sessions that use it

    keep, data_dir = request.config.getoption("dwsim_keep"), request.config.getoption("dwsim_data_dir")
    with ExitStack() as opened:

        def fill(kind: str, ddl: str | Path | Mapping[str, Any], **options: Any) -> "Warehouse":
            return opened.enter_context(warehouse(kind, ddl, keep=keep, data_dir=data_dir, **options))

        yield fill
