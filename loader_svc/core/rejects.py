"""Rows that a target refuses: found by halving, shown, counted. Pure: whether rows are taken is asked of a function."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dwsim_wire.fault import Fault
from loader_svc.core.faults import ConstraintViolated, SchemaMismatch, TooManyRejects, ValueOutOfRange
from loader_svc.core.loads import Batch

DATA_FAULTS = (ConstraintViolated, SchemaMismatch, ValueOutOfRange)
"""What rows can be at fault for; the same rows fail again."""
LONGEST_ROW = 300
SHOWN_ROWS = 3
Refusal = Callable[[int, int], Fault | None]
"""Why the target refuses so many rows from a place on; None where it takes them."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the target refuses, by its place in the batch."""

    place: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class RejectFile:
    """A durable file of rejects of one batch."""

    table: str
    index: int
    uri: str
    rows: int
    bytes: int
    checksum: str

    @property
    def batch(self) -> Batch:
        """The file as a batch that can be staged."""
        return Batch(self.table, self.index, 0, self.rows, self.uri, self.bytes, self.checksum)


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused row as it is listed; `row` is its number in the run's table."""

    load_id: int
    table: str
    batch_index: int
    row: int
    reason: str
    message: str
    uri: str
    values: str


def refused_rows(count: int, refusal: Refusal) -> Iterator[Refused]:
    """Find refused rows in their order by halving what is refused; k of n rows cost about 2 k log n questions.

    A batch that is refused even without its rows is refused whole: its columns are wrong, and no row is to blame.
    """
    if fault := refusal(0, 0):
        yield from (Refused(place, fault) for place in range(count))
        return
    parts = [(0, count)]
    while parts:
        first, size = parts.pop()
        fault = refusal(first, size) if size else None
        if fault and size == 1:
            yield Refused(first, fault)
        elif fault:
            half = size // 2
            parts += [(first + half, size - half), (first, half)]


def shown_row(values: Mapping[str, Any]) -> str:
    """A row as one line of JSON that an error can show."""
    text = json.dumps(values, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST_ROW else text[:LONGEST_ROW] + "…"


def name_row(fault: Fault, batch: Batch, number: int, values: Mapping[str, Any]) -> Fault:
    """Say which row of which batch a fault is about, and what can be done."""
    where = f"row {number} in batch {batch.index} of table {batch.table!r}"
    fault.message = f"{fault.message}; {where}: {shown_row(values)}"
    fault.hint = fault.hint or "widen the column and generate again, or start the load with on_error SKIP_ROW"
    fault.metadata |= {"table": batch.table, "batch": str(batch.index), "row": str(number)}
    return fault


def refuse_too_many(batch: Batch, most: int, lines: Sequence[str]) -> None:
    """End a load that has more rejects than it may have, with the first of them."""
    raise TooManyRejects(
        f"more than {most} rows were refused; of table {batch.table!r}: {'; '.join(lines[:SHOWN_ROWS])}",
        hint="raise max_errors, or mend the rows: ListRejects has those of the batches before",
        metadata={"table": batch.table, "batch": str(batch.index)},
    )
