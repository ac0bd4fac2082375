"""Claims: what a table promises, as SQL over it. A claim knows no file and no connection.

Row claims are SQL that is true for the rows that break them; NULL breaks nothing. Statistical claims are a law and the
values to hold against it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from generator_svc.core.spec import ForeignKeySpec
from generator_svc.quality.report import CheckKind

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Join:
    """The column of the parent row of each row, as `alias`."""

    key: ForeignKeySpec
    column: str
    alias: str


@dataclass(frozen=True, slots=True)
class RowClaim:
    """Holds in every row; `broken` is SQL over the table's columns and the aliases of `joins`.

    `patterns` are the regular expressions in it, which DuckDB may find too large.
    """

    kind: CheckKind
    columns: tuple[str, ...]
    expected: str
    broken: str
    joins: tuple[Join, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """No two rows have the same values, NULL aside."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceClaim:
    """Every row's key is that of a parent, or NULL as a whole."""

    key: ForeignKeySpec


@dataclass(frozen=True, slots=True)
class FanOutClaim:
    """Every parent has `low` to `high` children (0: any); all together `rows`, unless that is None."""

    key: ForeignKeySpec
    low: int
    high: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class NullClaim:
    """Among the rows where `population` holds, a share is NULL."""

    column: str
    fraction: float
    population: str = "true"


@dataclass(frozen=True, slots=True)
class Law:
    """A law of numbers: `cdf`, rounded to multiples of `grain` (0: not), within [low, high].

    Values outside are not drawn, or with `clip` moved to the nearer limit.
    """

    cdf: Callable[[Numbers], Numbers]
    low: float
    high: float
    grain: float = 0.0
    clip: bool = False


@dataclass(frozen=True, slots=True)
class LawClaim:
    """The numbers `value` follow a law."""

    column: str
    value: str
    expected: str
    law: Law


@dataclass(frozen=True, slots=True)
class SharesClaim:
    """The texts `value` have these shares; they sum to 1."""

    column: str
    value: str
    shares: Mapping[str, float] = field(hash=False)


@dataclass(frozen=True, slots=True)
class CorrelationClaim:
    """Two columns have a rank correlation."""

    columns: tuple[str, str]
    values: tuple[str, str]
    rank_correlation: float


@dataclass(frozen=True, slots=True)
class NoClaim:
    """A promise that cannot be checked, and why."""

    kind: CheckKind
    columns: tuple[str, ...]
    expected: str
    why: str


Claim = (
    RowClaim | KeyClaim | ReferenceClaim | FanOutClaim | NullClaim | LawClaim | SharesClaim | CorrelationClaim | NoClaim
)
