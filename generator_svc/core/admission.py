"""Admission: what a request asks for and what an experiment has -> everything that a run makes, pinned.

Nothing here depends on the machine or the day: equal requests on equal experiments give equal runs.
"""

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dwsim_wire.fault import FieldProblem, InvalidArgument
from generator_svc.core.change_admission import ChangeRequest, change_table, next_changes
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.document import DerivedRows, Document, read_derived_rows, read_tables, read_target_rows
from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.plan import Plan
from generator_svc.core.references import ReadFile, with_references
from generator_svc.core.row_width import batch_rows_for
from generator_svc.core.run import LOADABLE, FileFormat, LoadOptions, Retention, Run, RunKind, RunOrder, RunTable
from generator_svc.core.run_faults import EngineVersionChanged, FormatNotLoadable, InvalidRowCount, UnknownTable
from generator_svc.core.segments import first_segments, next_segments, total_rows
from generator_svc.core.spec import Segment, TableSpec

DEFAULT_SEED = 42
DEFAULT_AS_OF = "2026-01-01"
MOST_ROWS = 10**12
MOST_BATCH_ROWS = 4_194_304


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a client asks for; `seed` None and `as_of` "" are the defaults, or the base run's where one is continued.

    `auto_load` None loads what the loader can read.
    """

    kind: RunKind = RunKind.FULL
    tables: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None
    as_of: str = ""
    batch_rows: int = 0
    auto_load: bool | None = None
    format: FileFormat = FileFormat.PARQUET
    changes: ChangeRequest = field(default_factory=ChangeRequest)
    retention: Retention = Retention.KEEP
    load_options: LoadOptions = field(default_factory=LoadOptions)
    expire_days: int = 0


@dataclass(frozen=True, slots=True)
class Admitted:
    """An accepted request: the pinned order and the plan that makes its cells, `changes` those of a change set."""

    order: RunOrder
    plan: Plan
    tables: tuple[TableSpec, ...]
    changes: ChangePlan | None = None

    @property
    def maker(self) -> Plan | ChangePlan:
        """What makes the batches of the run."""
        return self.changes or self.plan


def admit(request: RunRequest, document: Document, read: ReadFile, base: Run | None = None) -> Admitted:
    """Accept a full run of `document`, or what continues `base`, which was made of the same document.

    `read` reads the files of reference rules.
    """
    tables = with_references(read_tables(document), read)
    known = [table.name for table in tables]
    named = _known_tables(request.tables, known)
    _known_tables(request.rows, known)
    _known_tables(request.changes.tables, known)
    seed, as_of = _pinned(request, base)
    if base and request.kind is RunKind.CHANGE_SET:
        return _admit_changes(request, tables, named or known, base)
    if base is None:
        chosen = named or known
        segments = first_segments(tables, count_rows(document, request.rows))
    else:
        chosen = named or list(request.rows) or known
        segments = next_segments(base.order.segments, _added_rows(document, request, chosen))
    _refuse_absurd({name: total_rows(items) for name, items in segments.items()})
    plan = Plan(tables, segments, seed, dt.date.fromisoformat(as_of))
    ordered = [table for name in plan.order for table in tables if table.name == name and name in chosen]
    sizes = {table.name: request.batch_rows or batch_rows_for(table) for table in ordered}
    order = RunOrder(
        kind=request.kind,
        seed=seed,
        as_of=as_of,
        engine_version=ENGINE_VERSION,
        batch_rows=request.batch_rows or max(sizes.values(), default=0),
        segments=segments,
        tables=tuple(_run_table(name, segments[name], size, base) for name, size in sizes.items()),
        auto_load=_auto_load(request),
        base_run_id=base.run_id if base else 0,
        format=request.format,
        retention=request.retention,
        load_options=request.load_options,
        expire_days=request.expire_days,
    )
    return Admitted(order, plan, tables)


def _admit_changes(request: RunRequest, tables: tuple[TableSpec, ...], chosen: Sequence[str], base: Run) -> Admitted:
    """Accept the change set after `base`; deletes may bring in tables that nobody named."""
    _refuse_absurd(request.rows)
    _refuse_others(request, chosen)
    changes, segments = next_changes(request.changes, tables, request.rows, chosen, base)
    _refuse_absurd({name: total_rows(items) for name, items in segments.items()})
    seed, as_of = base.order.seed, base.order.as_of
    plan = Plan(tables, segments, seed, dt.date.fromisoformat(as_of), changes.versions)
    made = ChangePlan(plan, changes)
    sizes = {table.name: request.batch_rows or batch_rows_for(table) for table in tables}
    found = [change_table(name, made.history, changes, sizes[name], chosen=name in chosen) for name in plan.order]
    run_tables = tuple(table for table in found if table)
    order = RunOrder(
        kind=request.kind,
        seed=seed,
        as_of=as_of,
        engine_version=ENGINE_VERSION,
        batch_rows=request.batch_rows or max((table.batch_rows for table in run_tables), default=0),
        segments=segments,
        tables=run_tables,
        auto_load=_auto_load(request),
        format=request.format,
        retention=request.retention,
        load_options=request.load_options,
        expire_days=request.expire_days,
        base_run_id=base.run_id,
        changes=changes,
    )
    return Admitted(order, plan, tables, made)


def count_rows(document: Document, overrides: Mapping[str, int]) -> dict[str, int]:
    """Rows of every table of a full run; tables whose rows derive from a parent's follow it."""
    _known_tables(overrides, read_target_rows(document))
    _refuse_absurd(overrides)
    rows = read_target_rows(document) | dict(overrides)
    derived = {name: rule for name, rule in read_derived_rows(document).items() if name not in overrides}
    for name in derived:
        rows[name] = _derive(name, rows, derived, ())
    _refuse_absurd(rows)
    return rows


def parse_day(text: str) -> dt.date:
    """Read the day that relative rules resolve against."""
    try:
        return dt.date.fromisoformat(text or DEFAULT_AS_OF)
    except ValueError:
        raise InvalidArgument(
            f"as_of {text!r} is not a day",
            hint=f"write it as {DEFAULT_AS_OF}",
            fields=[FieldProblem("as_of", "not a day in ISO 8601")],
        ) from None


def known_table(name: str, known: Iterable[str]) -> str:
    """Check a table's name; the refusal says what was probably meant."""
    known = list(known)
    if name in known:
        return name
    folded = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    meant = f"did you mean {folded[near[0]]!r}? " if near else ""
    raise UnknownTable(
        f"the experiment has no table {name!r}",
        hint=f"{meant}it has {', '.join(known)}",
        metadata={"table": name},
    )


def _auto_load(request: RunRequest) -> bool:
    loadable = request.format in LOADABLE
    if request.auto_load and not loadable:
        raise FormatNotLoadable(
            f"the loader does not read {request.format} files",
            hint="leave auto_load out to get the files alone, or choose PARQUET",
            metadata={"format": request.format},
            fields=[FieldProblem("auto_load", f"not with format {request.format}")],
        )
    return loadable if request.auto_load is None else request.auto_load


def _derive(name: str, rows: Mapping[str, int], derived: Mapping[str, DerivedRows], path: tuple[str, ...]) -> int:
    if name not in derived:
        return rows[name]
    if name in path:
        raise InvalidArgument(f"the rows of {' -> '.join((*path, name))} derive from each other")
    rule = derived[name]
    return _derive(rule.parent_table, rows, derived, (*path, name)) * rule.numerator // 2


def _known_tables(names: Iterable[str], known: Iterable[str]) -> list[str]:
    known = list(known)
    return [known_table(name, known) for name in names]


def _refuse_absurd(rows: Mapping[str, int]) -> None:
    for table, count in rows.items():
        if not 0 <= count <= MOST_ROWS:
            raise InvalidRowCount(
                f"table {table!r} cannot have {count:,} rows",
                hint=f"a table has 0 to {MOST_ROWS:,} rows",
                metadata={"table": table},
                fields=[FieldProblem(f"rows[{table}]", f"not between 0 and {MOST_ROWS}")],
            )


def _pinned(request: RunRequest, base: Run | None) -> tuple[int, str]:
    """Seed and day of the run; an append has those of its base."""
    if not 0 <= request.batch_rows <= MOST_BATCH_ROWS:
        raise InvalidArgument(
            f"batch_rows is {request.batch_rows}; it takes 0 (for a size that fits the tables) to {MOST_BATCH_ROWS}",
            fields=[FieldProblem("batch_rows", "outside its domain")],
        )
    as_of = parse_day(request.as_of).isoformat()
    if base is None:
        return DEFAULT_SEED if request.seed is None else request.seed, as_of
    _refuse_other_cells(request, base)
    return base.order.seed, base.order.as_of


def _refuse_other_cells(request: RunRequest, base: Run) -> None:
    if base.order.changes and request.kind is RunKind.APPEND:
        raise InvalidArgument(
            f"run {base.run_id} is a change set, which an append cannot continue: its rows would have no version",
            hint="start a CHANGE_SET with inserts, or append to a run before the first change set by base_run_id",
            fields=[FieldProblem("base_run_id", "a change set")],
        )
    if base.order.engine_version != ENGINE_VERSION:
        raise EngineVersionChanged(
            f"run {base.run_id} was made by engine version {base.order.engine_version}; this is {ENGINE_VERSION}",
            hint="start a FULL run",
            metadata={"engine_version": base.order.engine_version},
        )
    if request.seed not in {None, base.order.seed} or request.as_of not in {"", base.order.as_of}:
        raise InvalidArgument(
            f"seed and day stay those of run {base.run_id}: {base.order.seed} and {base.order.as_of}",
            hint="leave seed and as_of out",
        )


def _added_rows(document: Document, request: RunRequest, chosen: Sequence[str]) -> dict[str, int]:
    """Rows that an append adds to the chosen tables: those asked for, else their target rows."""
    _refuse_absurd(request.rows)
    _refuse_others(request, chosen)
    target = read_target_rows(document)
    return {name: request.rows.get(name, target[name]) for name in chosen}


def _refuse_others(request: RunRequest, chosen: Sequence[str]) -> None:
    """Refuse rows and changes of tables that the run leaves as they are."""
    for name, given in (("rows", request.rows), ("changes.tables", request.changes.tables)):
        if others := [table for table in given if table not in chosen]:
            raise InvalidArgument(
                f"{name} has table {others[0]!r}, which is not among the tables of the run",
                fields=[FieldProblem(f"{name}[{others[0]}]", "not among `tables`")],
            )


def _run_table(name: str, segments: tuple[Segment, ...], batch_rows: int, base: Run | None) -> RunTable:
    """The rows of a table that are not in `base`."""
    before = total_rows(base.order.segments[name]) if base else 0
    return RunTable(name, before, total_rows(segments) - before, batch_rows, segments)
