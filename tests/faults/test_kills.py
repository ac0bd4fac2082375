"""Processes die at the worst moments; every count and every hash stays exact."""

import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from local_stack import snowflake
from tests.faults.chance import seeded
from tests.faults.readers import Reader, SnowflakeServer, polling, redshift_counts, snowflake_counts, sqlite_counts
from tests.faults.scenario import (
    DURING_RETRY,
    Contents,
    finish,
    start,
    with_failpoint,
    with_kill_during_retry,
    with_random_kill,
    with_server_kill,
)
from tests.mesh.shop import ROWS
from tests.postgres import Database, stand_in
from tests.processes import Mesh, mesh
from tests.snowflake import Database as Account
from tests.snowflake import emulator

NAMED = [
    ("generator", "generator.after_file"),
    ("loader", "loader.mid_stage"),
    ("generator", "generator.after_event"),
    ("loader", "loader.after_stage"),
    ("loader", "loader.before_apply"),
    ("loader", "loader.mid_apply"),
    ("loader", "loader.after_apply"),
]
ONCE = {"loader.before_apply", "loader.mid_apply", "loader.after_apply"}
STAGING = {"loader.mid_stage", "loader.after_stage"}
RETRY_TURNS = 5
pytestmark = pytest.mark.timeout(3000)


@dataclass(frozen=True)
class Running:
    """A mesh, how its warehouse is read behind its back, and the warehouse's server where it has one."""

    mesh: Mesh
    reader: Reader
    server: Database | SnowflakeServer | None = None
    stagings: int = 25
    """How often a load of the shop stages something, at least."""
    seconds: float = 0.6
    """How long it is at work, about."""
    kills: int = 200


@pytest.fixture(
    scope="module",
    params=["sqlite", *(pytest.param(name, marks=pytest.mark.slow) for name in ("redshift", "snowflake"))],
)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """In a directory of its own: pytest's are cleared by another run of the same user, which a long run outlives."""
    with tempfile.TemporaryDirectory(prefix="dwsim-faults-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        if request.param == "sqlite":
            started = stack.enter_context(mesh(folder))
            yield Running(started, Reader(partial(sqlite_counts, folder / "warehouses")))
            return
        if request.param == "snowflake":
            (folder / "warehouses").mkdir()
            killable = stack.enter_context(emulator(folder / "warehouses/snowflake"))
            account = Account(killable, snowflake.DATABASE)
            started = stack.enter_context(mesh(folder, DW_SIMULATOR_SNOWFLAKE_URL=account.url.get_secret_value()))
            reader = Reader(partial(snowflake_counts, account))
            yield Running(started, reader, SnowflakeServer(killable), stagings=len(ROWS), seconds=3.0, kills=50)
            return
        server = stack.enter_context(stand_in(folder / "warehouses/redshift"))
        started = stack.enter_context(mesh(folder, DW_SIMULATOR_REDSHIFT_URL=server.url))
        yield Running(started, Reader(partial(redshift_counts, server)), server)


async def kill_often(running: Running, kills: int) -> None:
    """Kill at every named failpoint in turn, and at random moments in between, until `kills` landed mid-work."""
    seed, chance = seeded()
    expected = await undisturbed(running.mesh)
    landed, runs = Counter[str](), 0
    reader = running.reader
    with polling(reader.look):
        while landed.total() < kills:
            name = f"killed{runs}"
            runs += 1
            killed, contents = await one_kill(running, name, runs, chance)
            if contents is not None:
                assert contents == expected, f"{name} differs (seed {seed})"
                landed[killed] += 1
            print(f"{name}: {killed} {'landed' if contents else 'came late'}; {landed.total()} of {kills}", flush=True)
            assert runs < 4 * kills, "hardly any kill lands mid-work: the scenario is too short"
    assert not reader.partial
    assert reader.looks > kills
    print(
        f"{landed.total()} kills landed mid-work in {runs} runs; {reader.looks} looks at the warehouse; {dict(landed)}"
    )


async def undisturbed(mesh: Mesh) -> Contents:
    """What the shop is made of when nobody dies."""
    return await finish(mesh, "calm", await start(mesh, "calm"))


async def one_kill(running: Running, name: str, turn: int, chance: random.Random) -> tuple[str, Contents | None]:
    """One run with one kill: named failpoints and random moments take turns, and the warehouse's server has its own.

    Answers what was killed, and where, with what is loaded then; None where the kill did not land mid-work.
    """
    mesh = running.mesh
    if turn % RETRY_TURNS == 0:
        return DURING_RETRY, await with_kill_during_retry(mesh, name, running.server)
    if running.server and turn % 3 == 0:
        return "server", await with_server_kill(mesh, name, running.server, chance, running.seconds)
    service, failpoint = NAMED[turn // 2 % len(NAMED)]
    if turn % 2:
        seconds = running.seconds if service == "loader" else 0.6
        return service, await with_random_kill(mesh, name, service, chance, seconds)
    most = 1 if failpoint in ONCE else running.stagings if failpoint in STAGING else 25
    return failpoint, await with_failpoint(mesh, name, service, failpoint, chance.randint(1, most))


async def test_some_kills_change_nothing(running: Running) -> None:
    """Exactly once means: whatever dies, whenever."""
    await kill_often(running, 2)


@pytest.mark.faults
async def test_many_kills_change_nothing(running: Running) -> None:
    """The rare interleavings need many tries."""
    await kill_often(running, running.kills)


def test_every_named_failpoint_is_in_the_code() -> None:
    """A failpoint that was renamed would never fire, and its test would wait for nothing."""
    root = Path(__file__).parents[2]
    text = "".join(p.read_text() for s in ("generator_svc", "loader_svc") for p in (root / s).rglob("*.py"))
    for name in (*(name for _, name in NAMED), DURING_RETRY):
        assert f'"{name}"' in text
