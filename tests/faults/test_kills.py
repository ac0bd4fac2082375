"""Processes die at the worst moments; every count and every hash stays exact."""

import random
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scenario import Contents, Reader, finish, start, with_failpoint, with_random_kill
from tests.processes import Mesh, mesh

NAMED = [
    ("generator", "generator.after_file"),
    ("generator", "generator.after_event"),
    ("loader", "loader.mid_stage"),
    ("loader", "loader.after_stage"),
    ("loader", "loader.before_apply"),
    ("loader", "loader.mid_apply"),
    ("loader", "loader.after_apply"),
]
ONCE = {"loader.before_apply", "loader.mid_apply", "loader.after_apply"}
pytestmark = pytest.mark.timeout(3000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("faults")) as started:
        yield started


async def kill_often(mesh: Mesh, kills: int) -> None:
    """Kill at every named failpoint in turn, and at random moments in between, until `kills` landed mid-work."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    expected = await undisturbed(mesh)
    landed = runs = 0
    reader = Reader(mesh.data_dir / "warehouses")
    with reader.polling():
        while landed < kills:
            name = f"killed{runs}"
            runs += 1
            contents = await one_kill(mesh, name, runs, chance)
            if contents is not None:
                assert contents == expected, f"{name} differs (seed {seed})"
                landed += 1
            assert runs < 4 * kills, "hardly any kill lands mid-work: the scenario is too short"
    assert not reader.partial
    assert reader.looks > kills
    print(f"{landed} kills landed mid-work in {runs} runs; {reader.looks} looks at the warehouse")


async def undisturbed(mesh: Mesh) -> Contents:
    """What the shop is made of when nobody dies."""
    return await finish(mesh, "calm", await start(mesh, "calm"))


async def one_kill(mesh: Mesh, name: str, turn: int, chance: random.Random) -> Contents | None:
    """One run with one kill: named failpoints and random moments take turns."""
    service, failpoint = NAMED[turn // 2 % len(NAMED)]
    if turn % 2:
        return await with_random_kill(mesh, name, service, chance)
    count = 1 if failpoint in ONCE else chance.randint(1, 25)
    return await with_failpoint(mesh, name, service, failpoint, count)


async def test_twenty_kills_change_nothing(running: Mesh) -> None:
    """Exactly once means: whatever dies, whenever."""
    await kill_often(running, 20)


@pytest.mark.faults
async def test_two_hundred_kills_change_nothing(running: Mesh) -> None:
    """The rare interleavings need many tries."""
    await kill_often(running, 200)


def test_every_named_failpoint_is_in_the_code() -> None:
    """A failpoint that was renamed would never fire, and its test would wait for nothing."""
    root = Path(__file__).parents[2]
    text = "".join(p.read_text() for s in ("generator_svc", "loader_svc") for p in (root / s).rglob("*.py"))
    for _, name in NAMED:
        assert f'"{name}"' in text
