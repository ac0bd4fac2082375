"""What all tables of a plan share."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.lives import Lives
from generator_svc.core.primitives import Rows, derive_key
from generator_svc.core.redraw import Redraw
from generator_svc.core.sheet import Cells
from generator_svc.core.spec import TableSpec

OtherCells = Callable[[str, Sequence[str], Rows], Sequence[Cells]]


@dataclass(frozen=True, slots=True)
class Origin:
    """What all tables of a plan share: seed, day, tables, and the way to any of their cells.

    `lives` are those of the rows of change sets; `redraw` draws anew what an update may change.
    """

    seed: int
    as_of: dt.date
    tables: Mapping[str, TableSpec]
    cells: OtherCells
    lives: Lives | None = None
    redraw: Redraw | None = None

    def key_cells(self, table: str, columns: Sequence[str], rows: Rows) -> Sequence[pa.Array]:
        """Key columns of other rows, which are never null."""
        return [each.values for each in self.cells(table, columns, rows)]

    def key(self, purpose: str, table: str, *columns: str) -> np.uint64:
        """Key of one purpose of one column, or of the columns of one key."""
        key = derive_key(purpose, ENGINE_VERSION, self.seed, table, *columns)
        return self.redraw.key(key, purpose, table, columns) if self.redraw else key
