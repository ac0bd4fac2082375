"""Results that wait for their next page: a few megabytes, for a few minutes, the oldest go first."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from query_svc.core.translate import Translation
from query_svc.core.types import SqlType

KEPT_SECONDS = 600.0
LEAST_BYTES = 16_384
"""What a result takes beside its cells: a table of one row is not free, and clients ask for thousands of them."""


@dataclass(frozen=True)
class KeptResult:
    """A whole small result."""

    query_id: str
    translation: Translation
    columns: tuple[tuple[str, SqlType], ...]
    table: pa.Table
    truncated: bool
    first_row_ms: float
    total_ms: float
    translate_ms: float
    kept_at: float = field(default_factory=time.monotonic)

    @cached_property
    def nbytes(self) -> int:
        """Bytes that the result takes."""
        return LEAST_BYTES + int(self.table.nbytes)


class KeptResults:
    """Results by query id, within a budget of bytes."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._results: OrderedDict[str, KeptResult] = OrderedDict()
        self._taken = 0

    def keep(self, result: KeptResult) -> None:
        """Keep a result; older ones make room."""
        self._results[result.query_id] = result
        self._taken += result.nbytes
        self._forget()

    def get(self, query_id: str) -> KeptResult | None:
        """Result of a query, if it is still there."""
        self._forget()
        return self._results.get(query_id)

    def _forget(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        while self._results:
            first = next(iter(self._results.values()))
            if first.kept_at >= oldest and self._taken <= self._budget:
                return
            self._results.popitem(last=False)
            self._taken -= first.nbytes
