"""Admission of change sets: how many rows a version inserts, updates and deletes, and what a run goes over."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dwsim_wire.fault import FieldProblem, InvalidArgument
from generator_svc.core.change_plan import ADDED_COLUMNS
from generator_svc.core.history import History
from generator_svc.core.keys import resolve_keys
from generator_svc.core.redraw import changing_columns
from generator_svc.core.run import Operation, Run, RunTable, Stretch
from generator_svc.core.segments import Segments, next_segments, total_rows
from generator_svc.core.spec import TableSpec
from generator_svc.core.versions import (
    ChangeOutput,
    ChangeSet,
    Shares,
    TableVersion,
    living_rows,
    next_version,
    share_of,
)

_WIDEST: Final = 16
_MOST: Final = {"inserts": 1000.0, "updates": 1.0, "deletes": 1.0}


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Shares of all tables, and of those that have their own; the form of the files."""

    output: ChangeOutput = ChangeOutput.CDC_FEED
    shares: Shares = field(default_factory=Shares)
    tables: Mapping[str, Shares] = field(default_factory=dict)

    def of(self, table: str) -> Shares:
        """Shares of a table."""
        return self.tables.get(table, self.shares)


def next_changes(
    request: ChangeRequest, tables: Sequence[TableSpec], rows: Mapping[str, int], chosen: Collection[str], base: Run
) -> tuple[ChangeSet, Segments]:
    """Counts of the version after `base`, and its segments; tables that are not chosen keep their rows."""
    _refuse_shares(request)
    _refuse_taken_names(request.output, tables)
    changing = changing_columns(resolve_keys(tables))
    before = base.order.changes.versions if base.order.changes else {}
    versions: dict[str, tuple[TableVersion, ...]] = {}
    added: dict[str, int] = {}
    for name, segments in base.order.segments.items():
        shares = request.of(name) if name in chosen else Shares(0, 0, 0)
        earlier = before.get(name, ())
        fresh = next_version(segments, earlier, shares)
        versions[name] = (*earlier, fresh if changing[name] else TableVersion(fresh.deaths))
        added[name] = rows.get(name, share_of(shares.inserts, sum(living_rows(segments, earlier))))
    changes = ChangeSet(request.output, versions)
    return changes, next_segments(base.order.segments, added, changes.version)


def change_table(name: str, history: History, changes: ChangeSet, batch_rows: int, *, chosen: bool) -> RunTable | None:
    """The rows that a change set goes over; None for a table that nothing happens to and nobody asked for."""
    counts = tuple(_counts(name, history, changes))
    if changes.output is ChangeOutput.CDC_FEED:
        if not counts and not chosen:
            return None
        pieces = [_stretch(*count, batch_rows) for count in counts]
        expected = sum(count[-1] for count in counts)
    elif not chosen:
        return None
    else:
        whole = history.rows_of(name)
        operation = Operation.HISTORY if changes.output is ChangeOutput.SCD2 else Operation.STATE
        pieces = [Stretch(operation, 0, whole, batch_rows)] if whole else []
        expected = _expected(name, history, changes)
    return RunTable(name, 0, expected, batch_rows, tuple(history.plan.segments[name]), stretches=tuple(pieces))


def _counts(name: str, history: History, changes: ChangeSet) -> Iterator[tuple[Operation, int, int, int]]:
    """Operation, first row, rows to go over and rows expected, of all operations that happen to a table."""
    fresh, now = history.plan.segments[name][-1], changes.versions[name][-1]
    before = changes.versions[name][-2].deaths if len(changes.versions[name]) > 1 else ()
    updates, deletes = sum(now.updates), sum(now.deaths) - sum(before)
    if fresh.rows:
        yield Operation.INSERT, fresh.first_row, fresh.rows, fresh.rows
    if fresh.first_row and (updates or history.lives.loose_keys(name)):
        yield Operation.UPDATE, 0, fresh.first_row, updates
    if fresh.first_row and name in history.lives.mortal:
        yield Operation.DELETE, 0, fresh.first_row, deletes


def _stretch(operation: Operation, first_row: int, rows: int, expected: int, batch_rows: int) -> Stretch:
    """A stretch whose batches have about `batch_rows` rows where changes are not too rare."""
    return Stretch(operation, first_row, rows, batch_rows * min(max(rows // max(expected, 1), 1), _WIDEST))


def _expected(name: str, history: History, changes: ChangeSet) -> int:
    if changes.output is ChangeOutput.SNAPSHOT:
        return sum(living_rows(history.plan.segments[name], changes.versions[name]))
    return total_rows(history.plan.segments[name]) + sum(sum(each.updates) for each in changes.versions[name])


def _refuse_shares(request: ChangeRequest) -> None:
    given = {"changes": request.shares} | {f"changes.tables[{name}]": each for name, each in request.tables.items()}
    for place, shares in given.items():
        for name, most in _MOST.items():
            share = getattr(shares, name)
            if not 0.0 <= share <= most:
                raise InvalidArgument(
                    f"{share:g} is no part of the rows for {name}",
                    hint=f"write a number between 0 and {most:g}, such as 0.05",
                    fields=[FieldProblem(f"{place}.{name[:-1]}_fraction", f"not between 0 and {most:g}")],
                )


def _refuse_taken_names(output: ChangeOutput, tables: Sequence[TableSpec]) -> None:
    added = {name.lower() for name in ADDED_COLUMNS[output]}
    for table in tables:
        for column in table.columns:
            if column.name.lower() in added:
                raise InvalidArgument(
                    f"{table.name}.{column.name} has the name of a column that {output.value} adds",
                    hint=f"{output.value} adds {', '.join(ADDED_COLUMNS[output])}: choose another output or rename it",
                    metadata={"table": table.name, "column": column.name},
                )
