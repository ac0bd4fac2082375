"""How a figure is measured: medians of interleaved rounds, so that a busy minute hits both sides."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

Side = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Effort:
    """How much is done."""

    rounds: int = 5
    rows: int = 1 << 20
    calls: int = 2000
    demo_factor: float = 1.0
    smoke: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the commands: compiled kernels of this process help those of a smoke run alone."""
        return {name: value for name, value in os.environ.items() if self.smoke or name != "NUMBA_CACHE_DIR"}


SMOKE = Effort(rounds=1, rows=1 << 12, calls=20, demo_factor=0.001, smoke=True)


@dataclass(frozen=True)
class Target:
    """What is promised of a figure's ratio, or of our own side alone."""

    least: float | None = None
    most: float | None = None
    of_ratio: bool = True

    def __str__(self) -> str:
        bound = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return bound if self.of_ratio else f"{bound} (ours)"


@dataclass(frozen=True)
class Figure:
    """Medians of both sides; `reference` is None where there is nothing to compare with."""

    name: str
    unit: str
    ours: float
    reference: float | None = None
    against: str = ""
    target: Target | None = None
    samples: Mapping[str, list[float]] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Our side over the reference."""
        return self.ours / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        value = self.ratio if self.target.of_ratio else self.ours
        least, most = self.target.least, self.target.most
        return value is not None and (least is None or value >= least) and (most is None or value <= most)


Benchmark = Callable[[Effort, Path], AsyncIterator[Figure]]


async def interleaved(rounds: int, sides: Mapping[str, Side]) -> dict[str, list[float]]:
    """Samples of every side; each round takes all of them, every other round in reverse."""
    samples: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name in sorted(sides, reverse=bool(turn % 2)):
            samples[name].append(await sides[name]())
    return samples


def compare(
    name: str, unit: str, samples: Mapping[str, list[float]], *, against: str, target: Target | None = None
) -> Figure:
    """Make a figure of the samples of `ours` and of the side named `against`."""
    both = {"ours": samples["ours"], against: samples[against]}
    return Figure(name, unit, median(both["ours"]), median(both[against]), against, target, both)


class Stopwatch:
    """Seconds of a block."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Time a block."""
    watch, begin = Stopwatch(), time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - begin
