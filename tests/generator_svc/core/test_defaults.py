"""Any table generates without a rule, and every value fits its column."""

import datetime as dt
import json
import re

import pytest

from generator_svc.core.rules import TextRule, TextUnit
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import AS_OF, DATE, INT, SMALLINT, TIMESTAMP, one_column, plan, text


@pytest.mark.parametrize("kind", list(TypeKind))
def test_every_type_has_a_default(kind: TypeKind) -> None:
    """Real DDL has types that no one thought of a rule for."""
    column = plan([one_column(LogicalType(kind, 9, 3, 8), None)], {"t": 500}).batch("t", 0, 500).column("c")
    assert column.null_count == 0
    assert len(column.unique()) >= 2


@pytest.mark.parametrize(("precision", "scale"), [(1, 0), (1, 1), (3, 2), (18, 0), (38, 37), (38, 0)])
def test_decimals_fit_their_digits(precision: int, scale: int) -> None:
    """At most 10,000, and never a digit more than the column has."""
    logical = LogicalType(TypeKind.DECIMAL, precision, scale)
    column = plan([one_column(logical, None)], {"t": 500}).batch("t", 0, 500).column("c")
    column.validate(full=True)
    assert max(column.to_pylist()) <= 10_000
    assert len(column.unique()) > 5


@pytest.mark.parametrize("length", [1, 2, 3, 5, 10, 40, 255])
@pytest.mark.parametrize("name", ["email", "name", "status", "description", "phone", "city", "c", "country_code"])
def test_text_fits_its_length(name: str, length: int) -> None:
    """A VARCHAR(5) never gets six characters, whatever its name promises."""
    table = TableSpec(
        "t", (ColumnSpec(name, text(length)), ColumnSpec("x", text(length), rule=TextRule(TextUnit.SENTENCES)))
    )
    batch = plan([table], {"t": 300}).batch("t", 0, 300)
    for column in batch.columns:
        assert all(0 < len(value) <= length for value in column.to_pylist())


def test_dates_lie_in_the_two_years_before_the_runs_day() -> None:
    """Relative to `as_of`, never to the day the test runs."""
    for logical in (DATE, TIMESTAMP):
        found = plan([one_column(logical, None)], {"t": 5_000}).batch("t", 0, 5_000).column("c").cast("date32")
        days = found.to_pylist()
        assert min(days) >= AS_OF - dt.timedelta(days=730)
        assert max(days) == AS_OF - dt.timedelta(days=1)


def test_an_integer_primary_key_counts_from_one_and_another_unique_integer_is_shuffled() -> None:
    """What users of warehouses expect of an identity column, and of an order number."""
    table = TableSpec("t", (ColumnSpec("id", INT), ColumnSpec("number", INT, is_unique=True)), primary_key=("id",))
    batch = plan([table], {"t": 1000}).batch("t", 0, 1000)
    assert batch["id"].to_pylist() == list(range(1, 1001))
    numbers = batch["number"].to_pylist()
    assert sorted(numbers) == list(range(1, 1001))
    assert numbers != sorted(numbers)


def test_integers_lie_between_zero_and_ten_thousand() -> None:
    """Small enough to read, large enough to look like data."""
    for logical in (SMALLINT, INT):
        found = plan([one_column(logical, None)], {"t": 50_000}).batch("t", 0, 50_000).column("c").to_numpy()
        assert found.min() == 0
        assert found.max() == 10_000


def test_json_is_an_object_and_a_point_is_a_point() -> None:
    """Loaders and queries parse these."""
    table = TableSpec(
        "t",
        tuple(
            ColumnSpec(kind.value, LogicalType(kind, length=3))
            for kind in (TypeKind.JSON, TypeKind.GEOGRAPHY, TypeKind.VECTOR, TypeKind.ARRAY)
        ),
    )
    batch = plan([table], {"t": 500}).batch("t", 0, 500)
    for value in batch["JSON"].to_pylist():
        assert set(json.loads(value)) == {"id", "score", "level"}
    assert all(len(json.loads(value)) == 3 for name in ("VECTOR", "ARRAY") for value in batch[name].to_pylist())
    for value in batch["GEOGRAPHY"].to_pylist():
        longitude, latitude = re.fullmatch(r"POINT\((-?\d+\.\d{4}) (-?\d+\.\d{4})\)", value).groups()  # type: ignore[union-attr]
        assert abs(float(longitude)) <= 180
        assert abs(float(latitude)) <= 90
