"""Files of other writers, in the types of a table."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from loader_svc.core.conforming import arrow_type, conform
from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange

DAY = dt.datetime(2026, 1, 2, 3, 4, 5)


def table(kind: str, **facts: int) -> Table:
    return Table("t", (Column("c", kind, LogicalType(kind, **facts)),))  # type: ignore[arg-type]  # sizes are integers


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (pa.array([1, None], pa.int64()), table("INT16")),
        (pa.array([1, None], pa.int8()), table("DECIMAL", precision=10, scale=2)),
        (pa.array([1, None], pa.int64()), table("DECIMAL", precision=10, scale=2)),
        (pa.array([2**64 - 1, None], pa.uint64()), table("DECIMAL", precision=38, scale=4)),
        (pa.array([Decimal("1.50"), None], pa.decimal128(20, 4)), table("DECIMAL", precision=10, scale=2)),
        (pa.array([DAY, None], pa.timestamp("ns")), table("TIMESTAMP")),
        (pa.array([DAY, None], pa.timestamp("ms", "UTC")), table("TIMESTAMP_TZ")),
        (pa.array(["a", None], pa.large_string()), table("STRING", length=4)),
        (pa.array(["a", None]).dictionary_encode(), table("STRING", length=4)),
        (pa.array([1.5, None], pa.float64()), table("FLOAT32")),
        (pa.array([DAY.date(), None], pa.date64()), table("DATE")),
        (pa.array([1, None], pa.uint8()).dictionary_encode(), table("INT32")),
        (pa.array([2, None], pa.int64()), table("FLOAT64")),
        (pa.array([b"ab", None], pa.binary(2)), table("BINARY")),
        (pa.array([b"ab", None], pa.large_binary()), table("BINARY")),
        (pa.array([DAY.time(), None], pa.time32("s")), table("TIME")),
        (pa.nulls(2), table("STRING", length=4)),
        (pa.nulls(2), table("BOOLEAN")),
        (pa.nulls(2), table("DATE")),
        (pa.nulls(2), table("TIMESTAMP_TZ")),
    ],
    ids=str,
)
def test_what_fits_is_cast(given: pa.Array, wanted: Table) -> None:
    """Values stay what they are, whatever the writer called their type."""
    [column] = conform(pa.table({"c": given}), wanted).columns
    assert column.type == arrow_type(wanted.columns[0].logical_type)
    assert column.to_pylist() == given.to_pylist()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (pa.array(["1"]), table("INT32")),
        (pa.array([1]), table("STRING", length=4)),
        (pa.array([1.0]), table("INT32")),
        (pa.array([[1]]), table("INT32")),
        (pa.array([True]), table("DATE")),
        (pa.array([5]), table("BOOLEAN")),
        (pa.array([0.5]), table("BOOLEAN")),
        (pa.array([True]), table("INT32")),
        (pa.array([True]), table("FLOAT64")),
        (pa.array([20240101], pa.int32()), table("DATE")),
        (pa.array([20240101]), table("TIMESTAMP")),
        (pa.array([1], pa.int32()), table("TIME")),
        (pa.array([DAY]), table("INT64")),
        (pa.array([DAY]), table("TIME")),
        (pa.array([DAY.date()]), table("INT32")),
        (pa.array([dt.timedelta(1)]), table("INT64")),
        (pa.array([b"1"], pa.large_binary()), table("INT32")),
        (pa.array([1]).dictionary_encode(), table("BOOLEAN")),
    ],
    ids=str,
)
def test_what_nobody_meant_is_refused_by_its_type(given: pa.Array, wanted: Table) -> None:
    """Arrow would read numbers from text, cut fractions off, and make days and truth of numbers."""
    with pytest.raises(SchemaMismatch, match="c is "):
        conform(pa.table({"c": given}), wanted)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (pa.array([2**40]), table("INT32")),
        (pa.array([Decimal("1.555")]), table("DECIMAL", precision=10, scale=2)),
        (pa.array([Decimal(12345)], pa.decimal128(5, 0)), table("DECIMAL", precision=4, scale=0)),
        (pa.array([10**8]), table("DECIMAL", precision=10, scale=2)),
        (pa.array([1.0, 1e300]), table("FLOAT32")),
        (pa.array([DAY]), table("DATE")),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_by_its_column(given: pa.Array, wanted: Table) -> None:
    """A digit less would be another value."""
    with pytest.raises(ValueOutOfRange, match="'c'"):
        conform(pa.table({"c": given}), wanted)


def test_columns_are_found_by_name_and_all_of_them() -> None:
    """Every difference is named at once."""
    wide = Table("t", tuple(Column(name, "INT32", LogicalType("INT32")) for name in "ab"))
    assert conform(pa.table({"b": [2], "a": [1]}), wide).to_pydict() == {"a": [1], "b": [2]}
    with pytest.raises(SchemaMismatch, match="a is missing, x is not in the table"):
        conform(pa.table({"b": [1], "x": [2]}), wide)
