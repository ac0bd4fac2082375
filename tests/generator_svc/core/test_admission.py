"""Admission decides what a run makes, from the request and the document alone."""

from dataclasses import replace

import pytest

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.admission import RunRequest, admit, count_rows
from generator_svc.core.row_width import BATCH_ROWS, batch_rows_for, file_bytes, row_bytes
from generator_svc.core.rules import MixturePart, MixtureRule, Rule, TextRule, TextUnit
from generator_svc.core.run import Batch, FileFormat, RunTable
from generator_svc.core.run_faults import FormatNotLoadable, InvalidRowCount
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.documents import NO_FILES, Document, shop


def derived(fewest: int, most: int) -> Document:
    """A shop whose orders follow their customers."""
    document = shop()
    orders = document["tables"][1]
    orders["columns"][1]["foreign_key"]["parent_choice"] = {
        "fan_out": {"min": fewest, "max": most, "derive_rows": True}
    }
    return document


def test_derived_rows_follow_the_parent_unless_asked_for() -> None:
    """(min + max) / 2 children a parent, whatever the parent's count is this time."""
    assert count_rows(derived(1, 6), {})["orders"] == 300 * 7 // 2
    assert count_rows(derived(1, 6), {"customers": 10})["orders"] == 35
    assert count_rows(derived(1, 6), {"orders": 12})["orders"] == 12
    with pytest.raises(InvalidRowCount):
        count_rows(derived(1, 10**9), {"customers": 10**6})


def test_rows_that_derive_from_each_other_are_refused() -> None:
    """Two tables that wait for each other's count would recurse for ever."""
    document = derived(1, 1)
    document["tables"][2]["foreign_keys"] = [
        {
            "columns": ["customer_id"],
            "references_table": "orders",
            "references_columns": ["order_id"],
            "parent_choice": {"fan_out": {"min": 1, "max": 1, "derive_rows": True}},
        }
    ]
    with pytest.raises(InvalidArgument, match="derive from each other"):
        count_rows(document, {})


def test_tables_come_in_the_order_of_their_dependencies() -> None:
    """Parents are staged first, so that whoever loads as batches come may check keys."""
    order = admit(RunRequest(tables=("order_items", "customers")), shop(), NO_FILES).order
    assert [table.name for table in order.tables] == ["customers", "order_items"]
    assert set(order.segments) == {"customers", "orders", "order_items"}, "parents are pinned though not made"
    assert order.segments["orders"][0].parent_rows == {"customers": 300}


def test_batches_cover_a_table_exactly() -> None:
    """Boundaries are pinned by numbers alone: a resume cuts the same way."""
    table = RunTable("t", first_row=50, rows=25, batch_rows=10)
    assert list(table.cut()) == [Batch("t", 0, 50, 10), Batch("t", 1, 60, 10), Batch("t", 2, 70, 5)]
    assert list(RunTable("t", 0, 0, 10).cut()) == []
    assert RunTable("t", 0, 20, 10).batches == 2


def wide(columns: int, rule: Rule | None = None, length: int = 0) -> TableSpec:
    """A table of text columns."""
    kind = LogicalType(TypeKind.STRING, length=length)
    return TableSpec("t", tuple(ColumnSpec(f"c{number}", kind, rule=rule) for number in range(columns)))


def test_wide_rows_make_short_batches() -> None:
    """Memory is bounded by threads x batch: a batch is bounded in bytes, not only in rows."""
    assert batch_rows_for(wide(1)) == BATCH_ROWS
    assert 1024 <= batch_rows_for(wide(200)) < BATCH_ROWS / 20
    assert batch_rows_for(wide(5000)) == 1024
    assert row_bytes(wide(1, TextRule(TextUnit.PARAGRAPHS, max_units=10))) > 2000
    mixed = MixtureRule((MixturePart(1, TextRule(TextUnit.PARAGRAPHS, max_units=10)), MixturePart(9, TextRule())))
    assert row_bytes(wide(1, mixed)) > 2000
    assert row_bytes(wide(1, length=8)) == 12
    assert batch_rows_for(TableSpec("t", ())) == BATCH_ROWS


def test_the_estimate_of_files_grows_with_the_rows_made() -> None:
    """An append is charged for its own rows only; text takes more than Parquet."""
    order = admit(RunRequest(), shop(), NO_FILES).order
    small, large = RunTable("t", 0, 1000, 10), RunTable("t", 10**9, 100_000, 10)
    charged = [file_bytes([wide(2)], replace(order, tables=(table,))) for table in (small, large)]
    assert charged[1] == 100 * charged[0] > 0
    text = replace(order, tables=(small,), format=FileFormat.JSON_LINES)
    assert file_bytes([wide(2)], text) > charged[0]


@pytest.mark.parametrize("form", FileFormat)
def test_a_run_is_loaded_where_the_loader_reads_its_files(form: FileFormat) -> None:
    """Who asks for CSV wants files; who asks for a load of them hears now that it cannot be."""
    loadable = form is FileFormat.PARQUET
    assert admit(RunRequest(format=form), shop(), NO_FILES).order.auto_load is loadable
    assert admit(RunRequest(format=form, auto_load=False), shop(), NO_FILES).order.auto_load is False
    if loadable:
        assert admit(RunRequest(format=form, auto_load=True), shop(), NO_FILES).order.auto_load
    else:
        with pytest.raises(FormatNotLoadable, match=form):
            admit(RunRequest(format=form, auto_load=True), shop(), NO_FILES)
