"""One running mesh for all tests of this folder, and clients of it."""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.clients import Clients, clients
from tests.mesh.shop import load_shop
from tests.processes import Mesh, mesh


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    directory = tmp_path_factory.mktemp("mesh")
    (directory / "reference").mkdir()
    (directory / "reference" / "airports.csv").write_text("code,passengers\nFRA,60\nMUC,41\nHAM,13\n")
    with mesh(directory) as started:
        yield started


@pytest.fixture
async def dwsim(running: Mesh) -> AsyncIterator[Clients]:
    async with clients(running) as opened:
        yield opened


@pytest.fixture(scope="session")
def shops() -> dict[str, str]:
    """Names of the shops that are loaded already."""
    return {}


@pytest.fixture
async def loaded(dwsim: Clients, shops: dict[str, str]) -> str:
    """Name of a loaded shop that tests only read."""
    if "read only" not in shops:
        await load_shop(dwsim, "readonly")
        shops["read only"] = "readonly"
    return shops["read only"]


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"x{uuid.uuid4().hex[:10]}"
