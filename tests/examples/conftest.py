"""One running mesh for all examples."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.clients import Clients, clients
from tests.processes import Mesh, mesh


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("mesh")) as started:
        yield started


@pytest.fixture
async def dwsim(running: Mesh) -> AsyncIterator[Clients]:
    async with clients(running) as opened:
        yield opened
