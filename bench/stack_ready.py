"""How soon `dw-sim up` says that the mesh is ready: warm, on a data directory that was used before, against cold."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from dwsim_wire.settings import DEFAULT_PORTS

TARGET = Target(most=5.0, of_ratio=False)
PORTS = [flag for name in (*DEFAULT_PORTS, "gateway") for flag in (f"--{name}-port", "0")]


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Seconds from the command to its line of addresses."""
    numbers = count()
    if not effort.smoke:
        await _ready(effort, folder / "warm")

    async def warm() -> float:
        return await _ready(effort, folder / "warm")

    async def cold() -> float:
        return await _ready(effort, folder / f"cold{next(numbers)}")

    samples = await interleaved(effort.rounds, {"ours": warm, "cold": cold})
    yield compare("stack ready, warm", "s", samples, against="cold", target=TARGET)


async def _ready(effort: Effort, data_dir: Path) -> float:
    command = [sys.executable, "-m", "dwsim_cli.main", "--json", "up", "--quiet", "--data-dir", str(data_dir), *PORTS]
    with timed() as watch:
        process = await asyncio.create_subprocess_exec(*command, env=effort.environment, stdout=asyncio.subprocess.PIPE)
        assert process.stdout
        line = await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert json.loads(line)["addresses"]
    return watch.seconds
