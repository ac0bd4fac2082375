"""Offset rules that no generator could keep are refused where they are written."""

import json
from typing import Any

import pytest

from schema_svc.core.document import import_spec
from schema_svc.core.faults import InvalidExperiment
from schema_svc.core.model import Experiment


def shop(*offsets: tuple[str, str, dict[str, Any]]) -> Experiment:
    """A table whose columns `name type` have offset rules."""
    columns: list[dict[str, Any]] = [
        {"name": "created_at", "data_type": "TIMESTAMP"},
        {"name": "units", "data_type": "INT"},
        {
            "name": "store_id",
            "data_type": "INT",
            "foreign_key": {"references_table": "stores", "references_column": "id"},
        },
    ]
    columns += [{"name": name, "data_type": kind, "rule": {"offset": rule}} for name, kind, rule in offsets]
    stores = [{"name": "id", "data_type": "INT", "is_unique": True}, {"name": "opened", "data_type": "DATE"}]
    tables = [{"name": "orders", "columns": columns}, {"name": "stores", "columns": stores}]
    return import_spec(json.dumps({"name": "shop", "tables": tables}))


def test_offsets_of_the_row_and_of_the_parent_are_taken() -> None:
    """Chains are fine as long as they end."""
    experiment = shop(
        ("shipped_on", "DATE", {"column": "created_at", "min": 1, "max": 14, "unit": "days"}),
        ("paid_at", "TIMESTAMP", {"column": "shipped_on", "max": 5}),
        ("seen_on", "DATE", {"column": "store_id.opened", "max": 5}),
        ("more", "DECIMAL(8,2)", {"column": "units", "min": -5}),
    )
    rule = experiment.tables[0].columns[3].rule
    assert rule
    assert rule.offset
    assert rule.offset.max == 14


@pytest.mark.parametrize(
    ("kind", "rule", "path", "words"),
    [
        ("DATE", {"column": "creatd_at"}, "column", "did you mean 'created_at'"),
        ("DATE", {"column": "store_id.open"}, "column", "did you mean 'opened'"),
        ("DATE", {"column": "store_id"}, "column", "foreign key"),
        ("DATE", {"column": "units"}, "column", "DATE cannot be INT plus an amount"),
        ("VARCHAR(9)", {"column": "units"}, "column", "cannot be INT"),
        ("DATE", {"column": "created_at", "min": 3, "max": 2}, "min", "above max"),
        ("INT", {"column": "units", "unit": "DAYS"}, "unit", "no days"),
        ("INT", {"column": "x"}, "column", "x -> x"),
    ],
)
def test_offsets_that_cannot_be_are_refused_with_their_path(
    kind: str, rule: dict[str, Any], path: str, words: str
) -> None:
    """The generator would say so too, but long after the document was written."""
    with pytest.raises(InvalidExperiment) as caught:
        shop(("x", kind, rule))
    found = [field.message for field in caught.value.fields if field.path == f"tables[0].columns[3].rule.offset.{path}"]
    assert any(words in message for message in found)


def test_a_circle_of_offsets_is_named_in_order() -> None:
    """Whoever closed it must find it."""
    with pytest.raises(InvalidExperiment, match="a -> b -> c -> a"):
        shop(("a", "INT", {"column": "b"}), ("b", "INT", {"column": "c"}), ("c", "INT", {"column": "a"}))
