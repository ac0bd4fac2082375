"""Appends of other columns than the target has."""

import pytest

from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.drift import meet
from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.tolerance import SchemaDrift


def table(**columns: str) -> Table:
    """A table; a type's parameters follow its kind, and `!` makes a column required."""
    return Table("orders", tuple(_column(name, text) for name, text in columns.items()))


def _column(name: str, text: str) -> Column:
    kind, *sizes = text.rstrip("!").split()
    numbers = [int(size) for size in sizes]
    precision, scale = numbers if kind == "DECIMAL" else (0, 0)
    logical = LogicalType(kind, precision, scale, length=0 if precision else sum(numbers))
    return Column(name, text, logical, text.endswith("!"))


def test_a_difference_is_said_column_by_column() -> None:
    """Whoever reads it must not diff two schemas by eye."""
    with pytest.raises(SchemaMismatch) as caught:
        meet(table(a="INT32", c="DATE", d="DATE"), table(a="STRING 10", b="DATE", d="DATE"), SchemaDrift.FAIL)
    assert caught.value.message.endswith("a is STRING 10 there and INT32 here, b is missing (DATE), c is new (DATE)")
    assert "ADD_COLUMNS" in caught.value.hint


def test_new_columns_are_added_or_left_out() -> None:
    """The target's own columns keep their order; a new one cannot be required, for old rows lack it."""
    staged, target = table(c="DATE!", a="INT32"), table(a="INT32", b="DATE")
    added = meet(staged, target, SchemaDrift.ADD_COLUMNS)
    assert [c.name for c in added.table.columns] == ["a", "b", "c"]
    assert ([c.name for c in added.columns], [c.required for c in added.added]) == (["a", "c"], [False])
    ignored = meet(staged, target, SchemaDrift.IGNORE_EXTRA)
    assert (ignored.table, [c.name for c in ignored.columns], ignored.added) == (target, ["a"], ())


@pytest.mark.parametrize("drift", list(SchemaDrift))
@pytest.mark.parametrize(
    ("staged", "target"),
    [
        (table(a="INT64"), table(a="INT32")),
        (table(a="STRING 20"), table(a="STRING 10")),
        (table(a="STRING"), table(a="STRING 10")),
        (table(a="DECIMAL 12 2"), table(a="DECIMAL 12 4")),
        (table(a="DATE"), table(a="STRING 10")),
        (table(a="DATE", b="DATE"), table(a="DATE", b="DATE", c="DATE!")),
        (table(Note="DATE"), table(note="DATE")),
    ],
    ids=["integer", "text", "any text", "scale", "kind", "required", "case"],
)
def test_what_the_target_cannot_hold_is_refused(staged: Table, target: Table, drift: SchemaDrift) -> None:
    """No drift makes a type fit, or a value for a column that must have one."""
    with pytest.raises(SchemaMismatch, match="cannot be appended to"):
        meet(staged, target, drift)


@pytest.mark.parametrize(
    ("staged", "target"),
    [
        (table(a="INT16"), table(a="INT64")),
        (table(a="STRING 10"), table(a="STRING 20")),
        (table(a="STRING 10"), table(a="STRING")),
        (table(a="DECIMAL 10 2"), table(a="DECIMAL 20 2")),
    ],
)
def test_a_target_that_was_widened_takes_what_it_took_before(staged: Table, target: Table) -> None:
    """Rejects are brought in by widening a column; the next append must not fail for it."""
    assert meet(staged, target, SchemaDrift.FAIL).table == target
