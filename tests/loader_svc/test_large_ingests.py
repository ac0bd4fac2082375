"""Ingested files that are too large to be read at once: in pieces, each row once, with memory that stays."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.loader.v1.ingest_pb2 import IngestedFile as File

from dwsim_wire import failpoint
from dwsim_wire.client import call
from loader_svc.core.faults import WarehouseBusy
from tests.generator_svc.schema_peer import SchemaStandIn, schema_peer
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.test_ingests import LOOK, count, create, files, until

ROWS, GROUP_ROWS = 5_000, 500
SMALL = {"ingest_piece_bytes": 20_000, **LOOK}
"""A row group has some 10,000 bytes."""
WHOLE = [(ROWS, ROWS, 1, ROWS)]


@pytest.fixture
async def schema() -> AsyncIterator[SchemaStandIn]:
    async with schema_peer(SHOP) as peer:
        yield peer


def put_large(folder: Path, name: str = "large.parquet", group_rows: int = GROUP_ROWS) -> Path:
    """A file of several row groups."""
    folder.mkdir(exist_ok=True)
    pq.write_table(orders(0, ROWS), folder / f"_{name}", row_group_size=group_rows)
    return (folder / f"_{name}").rename(folder / name)


async def batches(loader: RunningLoader, load_id: int) -> list[Any]:
    answer = await call(loader.stub.ListLoadBatches, pb.ListLoadBatchesRequest(load_id=load_id, page_size=500))
    return list(answer.batches)


async def test_a_large_file_is_loaded_piece_by_piece(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece is a batch of its own in the ledger, so that a loader that is interrupted goes on with the next."""
    reached: list[str] = []

    def busy(name: str) -> None:
        reached.append(name)
        if name == "loader.after_stage" and reached.count(name) == 3:
            raise WarehouseBusy("somebody else writes")

    monkeypatch.setattr(failpoint, "reach", busy)
    put_large(tmp_path / "inbox")
    async with running(tmp_path / "data", generator, schema_address=schema.address, **SMALL) as loader:
        await create(loader, tmp_path / "inbox")
        ingest = await until(loader, lambda ingest: ingest.files_loaded == 1)
        assert (ingest.rows_loaded, count(loader)) == (ROWS, WHOLE)
        found = await batches(loader, 1)
        assert len(found) > 3
        assert sum(batch.rows for batch in found) == ROWS
        assert {batch.uri for batch in found} == {(tmp_path / "inbox/large.parquet").as_uri()}
        assert max(batch.bytes for batch in found) <= SMALL["ingest_piece_bytes"]


async def test_a_row_group_that_is_too_large_is_refused_with_the_way_out(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn
) -> None:
    """The others of the place are loaded, and nobody waits for this one."""
    put_large(tmp_path / "inbox", group_rows=ROWS)
    put_large(tmp_path / "inbox", "good.parquet")
    async with running(tmp_path / "data", generator, schema_address=schema.address, **SMALL) as loader:
        await create(loader, tmp_path / "inbox")
        await until(loader, lambda ingest: (ingest.files_loaded, ingest.files_refused) == (1, 1))
        [refused] = await files(loader, File.REFUSED)
        assert refused.failure.reason == "FORMAT_NOT_LOADABLE"
        assert "row group 0 of the file has" in refused.failure.message
        assert "DW_SIMULATOR_INGEST_PIECE_BYTES" in refused.failure.hint
        assert count(loader) == WHOLE


async def test_a_large_file_that_changes_before_its_load_is_refused(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pieces that were checked are the pieces that are loaded; nothing of the others stays."""
    path = put_large(tmp_path / "inbox")
    content, seen = bytearray(path.read_bytes()), path.stat()
    content[len(content) * 3 // 4] ^= 1

    def damage(name: str) -> None:
        """Only its content says that it changed: a look finds no news in it."""
        if name == "loader.after_stage":
            path.write_bytes(content)
            os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    monkeypatch.setattr(failpoint, "reach", damage)
    async with running(tmp_path / "data", generator, schema_address=schema.address, **SMALL) as loader:
        await create(loader, tmp_path / "inbox")
        await until(loader, lambda ingest: ingest.files_refused == 1)
        assert {file.failure.reason for file in await files(loader, File.REFUSED)} == {"STAGED_FILE_CHANGED"}
