"""Rules that make columns from others: refused where they are written, with their path."""

import json
from typing import Any

import pytest

from schema_svc.core.document import import_spec
from schema_svc.core.faults import InvalidExperiment
from schema_svc.core.model import Experiment


def shop(*rules: tuple[str, str, dict[str, Any]], **facts: Any) -> Experiment:
    """A table whose columns `name type` have rules."""
    reference = {"references_table": "stores", "references_column": "id"}
    columns: list[dict[str, Any]] = [
        {"name": "created_at", "data_type": "TIMESTAMP"},
        {"name": "units", "data_type": "INT"},
        {"name": "store_id", "data_type": "INT", "foreign_key": reference},
    ]
    columns += [{"name": name, "data_type": kind, "rule": rule} for name, kind, rule in rules]
    stores = [{"name": "id", "data_type": "INT", "is_unique": True}, {"name": "opened", "data_type": "DATE"}]
    tables = [{"name": "orders", "columns": columns, **facts}, {"name": "stores", "columns": stores}]
    return import_spec(json.dumps({"name": "shop", "tables": tables}))


def choice(condition: str, then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"conditional": {"condition": condition, "then": then, **more}}


def test_rules_between_columns_are_taken() -> None:
    """Expressions, choices with rules within, copies."""
    experiment = shop(
        ("double", "DECIMAL(12,2)", {"derived": {"expression": "round(units * 2.5, 2)"}}),
        ("opened", "DATE", {"lookup": {"foreign_key": "store_id", "column": "opened"}}),
        ("sent", "DATE", choice("units > 3", {"offset": {"column": "created_at", "min": 1, "max": 3}})),
        ("seen", "DATE", choice("units > 3", {"offset": {"column": "store_id.opened", "max": 3}})),
    )
    assert experiment.tables[0].columns[3].rule


@pytest.mark.parametrize(
    ("kind", "rule", "path", "words"),
    [
        ("INT", {"derived": {"expression": "unit + 1"}}, "derived.expression", "did you mean 'units'"),
        ("INT", {"derived": {"expression": "random()"}}, "derived.expression", "not allowed"),
        ("INT", {"derived": {"expression": ""}}, "derived.expression", "empty"),
        ("INT", {"derived": {"expression": "x + 1"}}, "derived", "x -> x"),
        ("INT", choice("count(*) > 1", {"constant": {"value": "1"}}), "conditional.condition", "not allowed"),
        ("INT", choice("units > 1", {"constant": {"value": "one"}}), "conditional.then.constant.value", "one"),
        ("INT", {"lookup": {"foreign_key": "store_id", "column": "opened"}}, "lookup.column", "DATE of stores.opened"),
        ("SMALLINT", {"lookup": {"foreign_key": "store_id", "column": "id"}}, "lookup.column", "INT of stores.id"),
        (
            "DATE",
            choice("units > 1", {"offset": {"column": "units"}}),
            "conditional.then.offset.column",
            "DATE cannot be INT",
        ),
        (
            "INT",
            choice("units > 1", {"constant": {"value": "1"}}, otherwise={"derived": {"expression": "now()"}}),
            "conditional.otherwise.derived.expression",
            "not allowed",
        ),
    ],
)
def test_what_no_generator_could_make_is_refused(kind: str, rule: dict[str, Any], path: str, words: str) -> None:
    """The generator would say so too, but long after the document was written."""
    with pytest.raises(InvalidExperiment) as caught:
        shop(("x", kind, rule))
    found = [field.message for field in caught.value.fields if field.path == f"tables[0].columns[3].rule.{path}"]
    assert any(words in message for message in found)


def test_a_circle_through_different_rules_is_named() -> None:
    """A sum of a copy of an expression is still a circle."""
    with pytest.raises(InvalidExperiment, match="a -> b -> c -> a"):
        shop(
            ("a", "INT", {"derived": {"expression": "b + 1"}}),
            ("b", "INT", {"offset": {"column": "c"}}),
            ("c", "INT", choice("a > 1", {"constant": {"value": "1"}})),
        )


@pytest.mark.parametrize("rule", [{"sequence": {}}, {"derived": {"expression": "units"}}])
def test_only_laws_of_numbers_are_correlated(rule: dict[str, Any]) -> None:
    """A sequence has no draw that could follow another one."""
    group = [{"columns": ["units", "x"], "rank_correlations": [1, 0.5, 0.5, 1]}]
    with pytest.raises(InvalidExperiment, match="no law") as caught:
        shop(("x", "INT", rule), correlations=group)
    assert caught.value.reason == "INVALID_CORRELATION"


def test_a_unique_column_is_not_made_from_others() -> None:
    """Two orders of one store have one opening day."""
    table = {
        "name": "t",
        "columns": [
            {"name": "a", "data_type": "INT"},
            {"name": "b", "data_type": "INT", "is_unique": True, "rule": {"derived": {"expression": "a + 1"}}},
        ],
    }
    with pytest.raises(InvalidExperiment, match="repeats values"):
        import_spec(json.dumps({"name": "shop", "tables": [table]}))
