"""How the columns of staged rows meet those of the table that they are appended to. Pure: tables in, a plan out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.tolerance import SchemaDrift

INTEGERS = ("INT16", "INT32", "INT64")


@dataclass(frozen=True, slots=True)
class Meeting:
    """An append: the target as it is after it, the columns that rows bring to it, and those that are new in it."""

    table: Table
    columns: tuple[Column, ...]
    added: tuple[Column, ...] = ()


def meet(staged: Table, target: Table, drift: SchemaDrift, *, widened: bool = False) -> Meeting:
    """Plan an append, or refuse it with the columns that differ.

    Columns of another type are refused whatever the drift, but for a target's that holds all staged values; `widened`
    says that the staged types are the target's own.
    """
    mine, theirs = ({c.name: c for c in table.columns} for table in (staged, target))
    if widened:
        return Meeting(staged, staged.columns)
    extra = tuple(replace(c, required=False) for c in staged.columns if c.name not in theirs)
    if drift is SchemaDrift.FAIL and mine.keys() ^ theirs.keys():
        raise _mismatch(staged, target, "or load with schema_drift ADD_COLUMNS or IGNORE_EXTRA")
    if any(_unmendable(mine, theirs)):
        raise _mismatch(staged, target, "such a difference cannot be mended by schema_drift")
    common = tuple(c for c in staged.columns if c.name in theirs)
    if drift is not SchemaDrift.ADD_COLUMNS:
        return Meeting(target, common)
    return Meeting(replace(target, columns=(*target.columns, *extra)), (*common, *extra), extra)


def _unmendable(mine: dict[str, Column], theirs: dict[str, Column]) -> Iterator[bool]:
    folded = {name.lower() for name in theirs}
    for name, column in mine.items():
        known = theirs.get(name)
        yield not _holds(known.logical_type, column.logical_type) if known else name.lower() in folded
    for name, column in theirs.items():
        yield column.required and name not in mine


def _holds(target: LogicalType, staged: LogicalType) -> bool:
    """Whether a target's column has room for every value of a staged one."""
    if target == staged:
        return True
    if staged.kind in INTEGERS and target.kind in INTEGERS:
        return INTEGERS.index(staged.kind) < INTEGERS.index(target.kind)
    if target.kind != staged.kind or target.fixed_length or staged.fixed_length:
        return False
    if staged.kind == "STRING":
        return not target.length or 0 < staged.length <= target.length
    whole = target.precision - target.scale >= staged.precision - staged.scale
    return staged.kind == "DECIMAL" and whole and target.scale == staged.scale


def _mismatch(staged: Table, target: Table, hint: str) -> SchemaMismatch:
    mine, theirs = ({c.name: c for c in table.columns} for table in (staged, target))
    lines = [f"{name} is new ({mine[name].data_type})" for name in mine.keys() - theirs.keys()]
    lines += [f"{name} is missing ({theirs[name].data_type})" for name in theirs.keys() - mine.keys()]
    lines += [
        f"{name} is {theirs[name].data_type} there and {mine[name].data_type} here"
        for name in mine.keys() & theirs.keys()
        if not _holds(theirs[name].logical_type, mine[name].logical_type)
    ]
    return SchemaMismatch(
        f"table {staged.name!r} cannot be appended to: {', '.join(sorted(lines))}",
        hint=f"load a full run with mode OVERWRITE, which replaces the columns too; {hint}",
        metadata={"table": staged.name},
    )
