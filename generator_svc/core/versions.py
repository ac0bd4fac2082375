"""Versions of a table: how many rows of each segment have died and are updated. Version 0 has all its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from generator_svc.core.spec import Segment


class ChangeOutput(StrEnum):
    """What a change set stages, named as `dwsim.generator.v1.ChangeSpec.Output` names it."""

    CDC_FEED = "CDC_FEED"
    SCD2 = "SCD2"
    SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the living rows of a table that a version inserts, updates and deletes."""

    inserts: float = 0.05
    updates: float = 0.1
    deletes: float = 0.02


@dataclass(frozen=True, slots=True)
class TableVersion:
    """Rows of each segment that have died up to a version, and that it updates; later segments have none."""

    deaths: tuple[int, ...] = ()
    updates: tuple[int, ...] = ()


Versions = Mapping[str, tuple[TableVersion, ...]]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What a change set is: the form of its files, and all versions of every table up to its own."""

    output: ChangeOutput
    versions: Versions

    @property
    def version(self) -> int:
        """Version that the change set leads to."""
        return max((len(versions) for versions in self.versions.values()), default=0)


def living_rows(segments: Sequence[Segment], versions: Sequence[TableVersion]) -> list[int]:
    """Rows of each segment that no version has deleted itself."""
    deaths = versions[-1].deaths if versions else ()
    dead = [*deaths, *([0] * (len(segments) - len(deaths)))]
    return [segment.rows - count for segment, count in zip(segments, dead, strict=True)]


def next_version(segments: Sequence[Segment], versions: Sequence[TableVersion], shares: Shares) -> TableVersion:
    """Deletes and updates of the version after `versions`, exact in sum, spread evenly over the segments."""
    living = living_rows(segments, versions)
    deletes = spread(share_of(shares.deletes, sum(living)), living)
    left = [before - count for before, count in zip(living, deletes, strict=True)]
    updates = spread(share_of(shares.updates, sum(left)), left)
    deaths = [segment.rows - count for segment, count in zip(segments, left, strict=True)]
    return TableVersion(tuple(deaths), tuple(updates))


def share_of(share: float, rows: int) -> int:
    """Share of some rows, rounded half up."""
    return int(Fraction(share) * rows + Fraction(1, 2))


def spread(total: int, sizes: Sequence[int]) -> list[int]:
    """Split `total` in proportion to sizes that are at least as many together."""
    whole, before, taken, parts = max(sum(sizes), 1), 0, 0, []
    for size in sizes:
        before += size
        upto = total * before // whole
        parts.append(upto - taken)
        taken = upto
    return parts
