"""What an ingest does not watch: the whole machine, a place that cannot be read, one that is too large."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from grpc import StatusCode as Code

from loader_svc.core.ingests import is_of_the_system
from tests.clients import refused
from tests.generator_svc.schema_peer import schema_peer
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.test_ingests import LOOK, create, until


@pytest.mark.parametrize(("path", "expected"), [("/", True), ("/etc/cron.d", True), ("/var", True), ("/data", False)])
def test_directories_of_the_system_are_told_from_those_of_data(path: str, expected: bool) -> None:
    """A walk over /proc never ends, and what is in /etc is nobody's table."""
    assert is_of_the_system(path) is expected


async def test_the_root_is_refused_unless_it_is_allowed(tmp_path: Path, generator: GeneratorStandIn) -> None:
    """One typing error must not make the loader read a whole machine every five seconds."""
    async with schema_peer(SHOP) as peer:
        async with running(tmp_path / "data", generator, schema_address=peer.address, **LOOK) as loader:
            for place in ("/", "/usr/../etc"):
                with refused(Code.FAILED_PRECONDITION, "INGEST_NOT_READABLE"):
                    await create(loader, place)
        allowed = {"ingest_system_directories": True, **LOOK}
        async with running(tmp_path / "data", generator, schema_address=peer.address, **allowed) as loader:
            assert (await create(loader, "/etc")).name == "feed"


async def test_a_place_that_has_too_many_files_is_said(tmp_path: Path, generator: GeneratorStandIn) -> None:
    """The limit is stated and can be raised; taking some of the files would look like taking all."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    async with (
        schema_peer(SHOP) as peer,
        running(tmp_path / "data", generator, schema_address=peer.address, ingest_look_files=3, **LOOK) as loader,
    ):
        await create(loader, inbox)
        for number in range(4):
            pq.write_table(orders(number, 1), inbox / f"{number}.parquet")
        ingest = await until(loader, lambda ingest: "more than 3 files" in ingest.failure.message)
        assert "DW_SIMULATOR_INGEST_LOOK_FILES" in ingest.failure.hint
        (inbox / "0.parquet").rename(tmp_path / "0.parquet")
        await until(loader, lambda ingest: ingest.files_loaded == 3)


async def test_folders_without_files_take_time_too(tmp_path: Path, generator: GeneratorStandIn) -> None:
    """A million empty folders would keep a look going for ever, as no file is found that the limit could stop."""
    (tmp_path / "inbox" / "empty").mkdir(parents=True)
    short = {"ingest_look_limit_seconds": 1e-9, **LOOK}
    async with (
        schema_peer(SHOP) as peer,
        running(tmp_path / "data", generator, schema_address=peer.address, **short) as loader,
    ):
        with refused(Code.FAILED_PRECONDITION, "INGEST_NOT_READABLE"):
            await create(loader, tmp_path / "inbox")


async def test_a_directory_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, generator: GeneratorStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would look for the rows of files that an ingest never saw."""
    closed = tmp_path / "inbox" / "closed"
    closed.mkdir(parents=True)
    scan = os.scandir

    def guarded(path: Any = ".") -> Any:  # tests may run as root, who reads every directory
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(closed))
        return scan(path)

    async with (
        schema_peer(SHOP) as peer,
        running(tmp_path / "data", generator, schema_address=peer.address, **LOOK) as loader,
    ):
        await create(loader, closed.parent)
        with monkeypatch.context() as patched:
            patched.setattr(os, "scandir", guarded)
            ingest = await until(loader, lambda ingest: "cannot be listed: Permission denied" in ingest.failure.message)
            assert (ingest.failure.reason, str(closed) in ingest.failure.message) == ("INGEST_NOT_READABLE", True)
        await until(loader, lambda ingest: not ingest.failure.reason)


async def test_a_place_that_hangs_holds_no_other_up(
    tmp_path: Path, generator: GeneratorStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file server that is away must stop neither the other ingests nor the rest of the loader."""
    hanging, inbox = tmp_path / "hanging", tmp_path / "inbox"
    hanging.mkdir()
    inbox.mkdir()
    scan, there, go_on = os.scandir, threading.Event(), threading.Event()

    def slow(path: Any = ".") -> Any:
        if Path(path) == hanging:
            there.set()
            go_on.wait(60)
        return scan(path)

    async with (
        schema_peer(SHOP) as peer,
        running(tmp_path / "data", generator, schema_address=peer.address, **LOOK) as loader,
    ):
        await create(loader, hanging, name="slow")
        await create(loader, inbox)
        with monkeypatch.context() as patched:
            patched.setattr(os, "scandir", slow)
            await asyncio.to_thread(there.wait, 60)
            pq.write_table(orders(0, 5), inbox / "a.parquet")
            await until(loader, lambda ingest: ingest.files_loaded == 1)
            go_on.set()
