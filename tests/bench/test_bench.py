"""The benchmarks run, on tiny sizes; what they find is judged elsewhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS
from bench.measure import Figure, Target, compare, interleaved

ROOT = Path(__file__).parents[2]


MINUTES = {
    "stack",
    "demo",
    "query",
    "query-service",
    "gateway",
    "service",
    "load-service",
    "load-snowflake",
    "scaling",
    "tpch",
    "import",
    "load",
    "load-sqlite",
    "loops",
}
"""What takes long, or other tests start too; these are run by `make test-slow`."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in MINUTES else []) for name in BENCHMARKS]
)
def test_a_benchmark_runs_and_leaves_its_figures(name: str, tmp_path: Path) -> None:
    """One that is broken is found by the change that broke it, not on the day of a release."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--smoke", "--results", tmp_path, name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = tmp_path.glob("*.json")
    document = json.loads(file.read_text())
    assert {"machine", "versions", "effort", "figures"} <= set(document)
    assert document["figures"]
    for figure in document["figures"]:
        assert figure["ours"] > 0
        assert figure["met"] is None, "a tiny run judges nothing"
        if figure["reference"]:
            assert figure["ratio"] == pytest.approx(figure["ours"] / figure["reference"], rel=0.2)


async def test_rounds_take_the_sides_in_turn() -> None:
    """What slows the machine for a minute must hit both sides."""
    order = []

    async def ours() -> float:
        order.append("ours")
        return 1.0

    async def floor() -> float:
        order.append("floor")
        return 2.0

    samples = await interleaved(3, {"ours": ours, "floor": floor})
    assert order == ["floor", "ours", "ours", "floor", "floor", "ours"]
    assert compare("x", "s", samples, against="floor").ratio == 0.5


def test_a_figure_is_the_median_and_is_held_to_its_target() -> None:
    """One slow round is not the product."""
    figure = compare("x", "s", {"ours": [1.0, 9.0, 2.0], "floor": [1.0, 1.0, 5.0]}, against="floor")
    assert (figure.ours, figure.reference, figure.met) == (2.0, 1.0, None)
    assert Figure("x", "s", 2.0, 1.0, target=Target(most=1.8)).met is False
    assert Figure("x", "rows/s", 2.0, 1.0, target=Target(least=1.8)).met is True
    assert Figure("x", "s", 4.0, target=Target(most=5.0, of_ratio=False)).met is True
