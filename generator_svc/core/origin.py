"""What all tables of a plan share."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.primitives import Rows, derive_key

KeyCells = Callable[[str, Sequence[str], Rows], Sequence[pa.Array]]


@dataclass(frozen=True, slots=True)
class Origin:
    """What all tables of a plan share: seed, day, and the way to other tables' keys."""

    seed: int
    as_of: dt.date
    key_cells: KeyCells

    def key(self, purpose: str, table: str, *columns: str) -> np.uint64:
        """Key of one purpose of one column, or of the columns of one key."""
        return derive_key(purpose, ENGINE_VERSION, self.seed, table, *columns)
