"""What changed between two documents, in words and in parts."""

from collections.abc import Mapping

from schema_svc.core.compare import Change, ChangeKind, compare, summarise

COLUMN = {"name": "a", "data_type": "INT"}


def document(*tables: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"name": "shop", "tables": list(tables), **more}


def table(name: str, *columns: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"name": name, "columns": list(columns) or [COLUMN], **more}


def test_equal_documents_have_no_difference() -> None:
    """An update that changes nothing makes no revision, and a diff of it is empty."""
    assert list(compare(document(table("t")), document(table("t")))) == []
    assert summarise(document(), document()).count == 0


def test_tables_columns_and_fields_are_told_apart() -> None:
    """A reviewer reads what happened, not two documents."""
    before = document(table("a"), table("b", COLUMN, {"name": "x", "data_type": "INT"}), description="old")
    after = document(
        table("b", COLUMN | {"required": True}, {"name": "y", "data_type": "INT"}, target_rows=5), table("c")
    )
    assert list(compare(before, after)) == [
        Change(ChangeKind.CHANGED, field="description", before="old"),
        Change(ChangeKind.CHANGED, "b", field="target_rows", after="5"),
        Change(ChangeKind.CHANGED, "b", "a", "required", "", "true"),
        Change(ChangeKind.ADDED, "b", "y"),
        Change(ChangeKind.REMOVED, "b", "x"),
        Change(ChangeKind.ADDED, "c"),
        Change(ChangeKind.REMOVED, "a"),
    ]


def test_order_and_views_count_too() -> None:
    """Columns in another order are another table to `INSERT INTO t VALUES`."""
    x = {"name": "x", "data_type": "INT"}
    before = document(table("a", COLUMN, x), table("b"), views=[{"name": "v", "sql": "SELECT 1"}])
    after = document(table("b"), table("a", x, COLUMN), views=[{"name": "w", "sql": "SELECT 1"}])
    fields = [change.field for change in compare(before, after)]
    assert fields == ["view w", "view v", "order of columns", "order of tables"]


def test_what_follows_from_the_type_is_not_told_twice() -> None:
    """One edit is one difference."""
    before = document(table("t", COLUMN | {"logical_type": {"kind": "INT32"}}))
    after = document(table("t", COLUMN | {"data_type": "BIGINT", "logical_type": {"kind": "INT64"}}))
    assert [change.field for change in compare(before, after)] == ["data_type"]


def test_a_summary_is_one_line_however_much_changed() -> None:
    """It stands in a list of revisions."""
    many = [table(f"t{n}") for n in range(100)]
    assert summarise(None, document(*many)).summary == "created with 100 tables, 100 columns"
    grown = summarise(document(table("old")), document(*many, description="d"))
    assert grown.summary == "100 tables added (t0, t1, t2 and 97 more), 1 table removed (old), changed description"
    assert grown.count == 102


def test_long_values_are_cut() -> None:
    """A view of a thousand lines is not shown in a diff."""
    (change,) = compare(document(), document(description="x" * 1000))
    assert (len(change.after), change.after[-1]) == (200, "…")
