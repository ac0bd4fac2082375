"""One shop generated and loaded while processes are killed; counts and hashes must come out exact."""

import hashlib
import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TypeAlias

from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.loader_service_pb2 import ListLoadsRequest
from dwsim.schema.v1.schema_service_pb2 import DeleteExperimentRequest, ImportSqlRequest

from dwsim_wire.client import call
from tests.clients import clients
from tests.faults.readers import SnowflakeServer
from tests.mesh.shop import PROMISES, ROWS, SHOP
from tests.postgres import Database
from tests.processes import Mesh, wait_for

SEED = 11
BATCH_ROWS = 250
PATIENCE = 240.0
"""Seconds that a load may take on a machine that is busy with others."""
MIDDLE = {"generator": ("runs", "RUNNING"), "loader": ("loads", "STAGING")}

DURING_RETRY = "loader.during_retry"

Contents = dict[str, str]
Server: TypeAlias = Database | SnowflakeServer


async def start(mesh: Mesh, name: str) -> int:
    """Import the shop and start a run of it; answers its id."""
    async with clients(mesh) as dwsim:
        await call(dwsim.schema.ImportSql, ImportSqlRequest(name=name, sql=SHOP, table_rows=ROWS))
        request = StartRunRequest(experiment=name, batch_rows=BATCH_ROWS, seed=SEED)
        return (await call(dwsim.generator.StartRun, request)).run_id


async def finish(mesh: Mesh, name: str, run_id: int) -> Contents:
    """Wait for run and load, check every promise, answer the hash of every table as generated and as loaded."""
    async with clients(mesh) as dwsim:
        run = await dwsim.run_ended(run_id)
        assert run.state == Run.COMPLETED, run.failure
        load = await dwsim.load_of(run_id)
        assert load.state == Load.COMPLETED, load.failure
        loads = (await call(dwsim.loader.ListLoads, ListLoadsRequest(run_id=run_id))).loads
        assert len(loads) == 1, "a run is loaded by itself once"
        for table, rows in ROWS.items():
            assert await dwsim.rows(name, f"SELECT COUNT(*) FROM {table}") == [[rows]]
        for promise, sql in PROMISES.items():
            assert await dwsim.rows(name, sql) == [[0]], promise
        hashes = {f"staged {table.name}": table.content_hash for table in run.tables}
        for table in ROWS:
            every_row = await dwsim.rows(name, f"SELECT * FROM {table}")
            text = "\n".join(sorted(json.dumps(row) for row in every_row))
            hashes[f"loaded {table}"] = hashlib.sha256(text.encode()).hexdigest()
        await call(dwsim.schema.DeleteExperiment, DeleteExperimentRequest(name=name), timeout=60)
    return hashes


def state_of(mesh: Mesh, service: str, run_id: int) -> str:
    """State of a run or its load, empty before it is there; read behind the back of a service that may be dead."""
    table, _ = MIDDLE[service]
    with closing(sqlite3.connect(f"file:{mesh.data_dir}/metadata/{service}.db?mode=ro", uri=True, timeout=30)) as db:
        row = db.execute(f"SELECT state FROM {table} WHERE run_id = ?", (run_id,)).fetchone()
    return str(row[0]) if row else ""


def load_state(mesh: Mesh, name: str) -> str:
    """State of the load of an experiment, read behind the back of the loader; empty while there is none."""
    with closing(sqlite3.connect(f"file:{mesh.data_dir}/metadata/loader.db?mode=ro", uri=True, timeout=30)) as db:
        row = db.execute("SELECT state FROM loads WHERE experiment = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


async def with_failpoint(mesh: Mesh, name: str, service: str, failpoint: str, count: int) -> Contents:
    """Run the shop with a service that kills itself the `count`-th time it reaches `failpoint`."""
    mesh.processes[service].stop()
    mesh.start(service, failpoints=f"{failpoint}=kill@{count}")
    run_id = await start(mesh, name)
    wait_for(mesh.processes[service].killed, f"{failpoint} to be reached {count} times", PATIENCE)
    mesh.start(service)
    return await finish(mesh, name, run_id)


async def with_random_kill(
    mesh: Mesh, name: str, service: str, chance: random.Random, seconds: float
) -> Contents | None:
    """Run the shop and kill a service at a random moment; None where the kill did not land mid-work."""
    run_id = await start(mesh, name)
    _, working = MIDDLE[service]
    wait_for(lambda: state_of(mesh, service, run_id) in {working, "COMPLETED"}, "work to begin")
    threading.Event().wait(chance.uniform(0, seconds))
    mesh.kill(service)
    landed = state_of(mesh, service, run_id) in {working, "APPLYING"}
    mesh.start(service)
    contents = await finish(mesh, name, run_id)
    return contents if landed else None


async def with_kill_during_retry(mesh: Mesh, name: str, server: Server | None) -> Contents | None:
    """Run the shop while the warehouse is in trouble, and kill the loader when it tries again; None if it never did."""
    mesh.processes["loader"].stop()
    mesh.start("loader", failpoints=f"{DURING_RETRY}=kill")
    loader = mesh.processes["loader"]
    run_id = await start(mesh, name)
    wait_for(lambda: load_state(mesh, name) not in {"", "PENDING"}, "the load to begin")
    with in_trouble(mesh, name, server):
        wait_for(lambda: loader.killed() or load_state(mesh, name) == "COMPLETED", "the loader to try again")
    landed = loader.killed()
    loader.stop()
    mesh.start("loader")
    contents = await finish(mesh, name, run_id)
    return contents if landed else None


@contextmanager
def in_trouble(mesh: Mesh, name: str, server: Server | None) -> Iterator[None]:
    """Take the warehouse away: its server dies, or another writer has the file."""
    if server is None:
        [file] = (mesh.data_dir / "warehouses/sqlite").glob(f"{name}_*.db")
        with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            yield
        return
    before = server.postmaster()
    server.crash()
    try:
        yield
    finally:
        server.recovered(before)


async def with_server_kill(
    mesh: Mesh, name: str, server: Server, chance: random.Random, seconds: float
) -> Contents | None:
    """Run the shop and kill the warehouse's server at a random moment; None where the kill did not land mid-work."""
    run_id = await start(mesh, name)
    wait_for(lambda: state_of(mesh, "loader", run_id) in {"STAGING", "APPLYING", "COMPLETED"}, "work to begin")
    threading.Event().wait(chance.uniform(0, seconds))
    before = server.postmaster()
    server.crash()
    landed = state_of(mesh, "loader", run_id) in {"STAGING", "APPLYING"}
    server.recovered(before)
    contents = await finish(mesh, name, run_id)
    return contents if landed else None
