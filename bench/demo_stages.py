"""Seconds of every stage of `dw-sim demo`, as it tells them itself; kernels are compiled before the first round."""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from bench.measure import Effort, Figure

WARM_UP_FACTOR = 0.001


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """One figure per stage; there is nothing to compare them with."""
    if not effort.smoke:
        await _stages(effort, folder, WARM_UP_FACTOR)
    samples: dict[str, list[float]] = defaultdict(list)
    for _ in range(effort.rounds):
        for stage, seconds in (await _stages(effort, folder, effort.demo_factor)).items():
            samples[stage].append(seconds)
    for stage, taken in samples.items():
        yield Figure(f"demo x {effort.demo_factor:g}: {stage}", "s", median(taken), samples={"ours": taken})


async def _stages(effort: Effort, folder: Path, factor: float) -> dict[str, float]:
    command = [sys.executable, "-m", "dwsim_cli.main", "--json", "demo", "--rows", str(factor)]
    process = await asyncio.create_subprocess_exec(
        *command, "--data-dir", str(folder / "state"), env=effort.environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    stages: dict[str, float] = {}
    for line in map(json.loads, output.splitlines()):
        name = f"query {line['what'].split(':')[0]}" if line["stage"] == "query" else line["stage"]
        stages[name] = line["seconds"]
    return stages
