"""Tables made, written as files, perhaps altered, and checked: the checker without a service around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from generator_svc.core.plan import Plan, first_segments, next_segments
from generator_svc.core.spec import Segment, TableSpec
from generator_svc.quality import Checker, CheckResult, Report, StagedTable, Subject
from generator_svc.staging.parquet import encode
from tests.generator_svc.core.catalog import AS_OF, SEED

Alter = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class Made:
    """A plan, and the segments of each table; the last ones are those of the run that is checked."""

    tables: Sequence[TableSpec]
    segments: Mapping[str, tuple[Segment, ...]]
    plan: Plan
    seed: int

    def segment(self, table: str, number: int) -> pa.Table:
        """Rows of one segment."""
        segment = self.segments[table][number]
        batch = self.plan.batch(table, segment.first_row, segment.rows) if segment.rows else None
        schema = self.plan.schema(table)
        return pa.Table.from_batches([batch] if batch else [], schema=schema)


def made(tables: Sequence[TableSpec], rows: Mapping[str, int], *appends: Mapping[str, int], seed: int = SEED) -> Made:
    """Plan of a first run and the appends after it."""
    segments = first_segments(tables, rows)
    for added in appends:
        segments = next_segments(segments, added)
    return Made(tables, segments, Plan(tables, segments, seed, AS_OF), seed)


def check(what: Made, folder: Path, alter: Mapping[str, Alter] | None = None, only: Sequence[str] = ()) -> Report:
    """Write every segment as files and check the last one; `only` leaves other tables away.

    `alter` changes tables, and then only those are checked.
    """
    staged, rows = {}, {}
    for table in what.tables:
        name = table.name
        files = [_written(what, folder, name, number, alter or {}) for number in range(len(what.segments[name]))]
        own = [file for file in files[-1:] if file]
        there = not only or name in only
        staged[name] = StagedTable(own, [file for file in files[:-1] if file]) if there else StagedTable(complete=False)
        if there and (not alter or name in alter):
            rows[name] = what.segments[name][-1].rows
    return Checker(Subject(what.tables, what.segments, what.seed, AS_OF.isoformat(), rows, staged)).report()


def failed(report: Report) -> list[CheckResult]:
    """Checks that failed."""
    return [check for check in report.checks if not check.passed]


def _written(what: Made, folder: Path, name: str, number: int, alter: Mapping[str, Alter]) -> Path | None:
    rows = what.segment(name, number)
    if number == len(what.segments[name]) - 1 and name in alter:
        rows = alter[name](rows)
    if not len(rows):
        return None
    file = folder / f"{name}-{number}.parquet"
    if name in alter:
        pq.write_table(rows, file)
    else:
        file.write_bytes(encode(rows.combine_chunks().to_batches()[0]))
    return file
