"""A schema peer with one shop, and a generator that asks it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn, schema_peer


@pytest.fixture
async def schema() -> AsyncIterator[SchemaStandIn]:
    async with schema_peer(shop()) as peer:
        yield peer


@pytest.fixture
async def running(tmp_path: Path, schema: SchemaStandIn) -> AsyncIterator[Generator]:
    async with generator(tmp_path / "data", schema.address, generator_threads=2) as started:
        yield started
