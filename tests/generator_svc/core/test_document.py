"""The experiment document, as users write it, becomes what the cell engine takes."""

from typing import Any

import pytest

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.document import read_derived_rows, read_tables, read_target_rows
from generator_svc.core.rule_document import read_rule
from generator_svc.core.rules import (
    Bounds,
    BoundsMode,
    Choice,
    ConditionalRule,
    ConstantRule,
    FakerRule,
    JsonMember,
    JsonRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    OffsetRule,
    OffsetUnit,
    PermutedRule,
    Rule,
    SequenceRule,
    TextRule,
    TextUnit,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import ColumnSpec, FanOut, ForeignKeySpec, TableSpec, Tree, UniformParents, ZipfParents
from tests.generator_svc.documents import column, refers, shop


def one_table(*columns: dict[str, Any], **facts: Any) -> TableSpec:
    """The only table of a document."""
    (table,) = read_tables({"tables": [{"name": "t", "columns": list(columns), **facts}]})
    return table


def one_column(data_type: str, **facts: Any) -> ColumnSpec:
    """The only column of a table."""
    return one_table(column("c", data_type, **facts)).columns[0]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"min_value": 1, "max_value": 9.5}, UniformRule("1", "9.5")),
        ({"min_value": 0}, UniformRule("0", "")),
        ({"max_value": 1e22}, UniformRule("", "10000000000000000000000")),
        ({"distribution": {"type": "uniform", "parameters": {"min": 2}}, "max_value": 7}, UniformRule("2", "7")),
        (
            {"distribution": {"type": "Normal", "parameters": {"mean": 5, "stddev": 2}}, "min_value": 0.5},
            NormalRule(5, 2, Bounds(min="0.5")),
        ),
        ({"distribution": {"type": "zipf", "parameters": {"exponent": 1.5}}, "max_value": 100}, ZipfRule(1.5, 100)),
        ({"faker_rule": "random_int", "min_value": 3}, FakerRule("random_int")),
        ({"rule": {"constant": {"value": "4"}}, "min_value": 3}, ConstantRule("4")),
        ({"rule": {}, "faker_rule": "", "distribution": None}, None),
    ],
)
def test_simple_fields_are_shorthand_for_rules(facts: dict[str, Any], rule: Rule | None) -> None:
    """The four-field form of a column is what most users write."""
    assert one_column("DECIMAL(12,2)", **facts).rule == rule


def test_bounds_of_dates_are_days() -> None:
    """Dates take their own shorthand, and numbers do not take it."""
    assert one_column("DATE", date_start="2024-01-01").rule == UniformRule("2024-01-01", "")
    assert one_column("TIMESTAMP", date_end="2024-01-01T10:00:00").rule == UniformRule("", "2024-01-01T10:00:00")
    assert one_column("INTEGER", date_start="2024-01-01").rule is None


def test_bounds_of_unique_integers_keep_them_distinct() -> None:
    """A uniform draw repeats values; a unique column must not."""
    assert one_column("INTEGER", is_unique=True, min_value=5, max_value=10).rule == PermutedRule(5, 10)
    primary = one_table(column("c", "INTEGER", min_value=1000), primary_key=["c"])
    assert primary.columns[0].rule == SequenceRule(start=1000)


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"sequence": {"start": "5"}}, SequenceRule(5, 1)),
        ({"permuted": {"max": "12"}}, PermutedRule(1, 12)),
        ({"uuid": {}}, UuidRule()),
        ({"text": {"unit": "UNIT_UNSPECIFIED", "min_units": 2, "max_units": 0}}, TextRule(TextUnit.WORDS, 2, 0)),
        ({"text": {"unit": "sentences"}}, TextRule(TextUnit.SENTENCES)),
        (
            {"normal": {"mean": 1, "stddev": 0.0, "bounds": {"max": "3", "mode": "CLIP", "decimals": 0}}},
            NormalRule(1, 0, Bounds(max="3", mode=BoundsMode.CLIP, decimals=0)),
        ),
        (
            {"weighted_choice": {"choices": [{"value": "a", "weight": 2}, {"value": "b"}]}},
            WeightedChoiceRule((Choice("a", 2), Choice("b", 1))),
        ),
        (
            {"mixture": {"parts": [{"weight": 1, "rule": {"uuid": {}}}]}},
            MixtureRule((MixturePart(1, UuidRule()),)),
        ),
        (
            {"conditional": {"condition": "a > 1", "then": {"constant": {"value": "x"}}}},
            ConditionalRule("a > 1", ConstantRule("x")),
        ),
        (
            {"json": {"members": [{"name": "a", "data_type": "INT", "rule": {"uuid": {}}}]}},
            JsonRule((JsonMember("a", "INT", UuidRule()),)),
        ),
        ({"offset": {"column": "c", "min": "1", "unit": "DAYS"}}, OffsetRule("c", 1, 0, OffsetUnit.DAYS)),
        ({"faker": {"provider": "email", "arguments": {"safe": "true"}}}, FakerRule("email", "", {"safe": "true"})),
        ({}, None),
    ],
)
def test_rules_are_read_as_the_contract_writes_them(document: dict[str, Any], rule: Rule | None) -> None:
    """A client in any language reaches every rule through its stubs."""
    assert read_rule(document) == rule


def test_an_unknown_rule_or_distribution_is_named() -> None:
    """A misspelt rule must not fall back to a default in silence."""
    with pytest.raises(InvalidArgument, match="'unifrom'"):
        read_rule({"unifrom": {}})
    with pytest.raises(InvalidArgument, match="'cauchy'"):
        one_column("INTEGER", distribution={"type": "cauchy"})


def test_foreign_keys_of_columns_and_of_tables_become_one_list() -> None:
    """The table's list says more than the column's own key, so it wins."""
    choice = {"fan_out": {"min": "1", "max": "7", "law": "SKEWED"}}
    parent = {"name": "p", "columns": [column("id", "BIGINT", required=True)], "primary_key": ["id"]}
    child = {
        "name": "c",
        "columns": [
            column("p_id", "BIGINT", foreign_key=refers("p", "id", nullable=True)),
            column("q_id", "BIGINT", foreign_key={"references_table": "p", "nullable": True}),
            column("r_id", "BIGINT", required=True, foreign_key=refers("p", "id", nullable=True)),
        ],
        "foreign_keys": [{"columns": ["p_id"], "references_table": "p", "parent_choice": choice}],
    }
    keys = read_tables({"tables": [parent, child]})[1].foreign_keys
    assert keys == (
        ForeignKeySpec(("p_id",), "p", ("id",), False, FanOut(1, 7, True)),
        ForeignKeySpec(("q_id",), "p", ("id",), True, UniformParents()),
        ForeignKeySpec(("r_id",), "p", ("id",), False, UniformParents()),
    )


@pytest.mark.parametrize(
    ("choice", "read"),
    [
        ({}, UniformParents()),
        ({"uniform": {}}, UniformParents()),
        ({"zipf": {"exponent": 0.0}}, ZipfParents(1.1)),
        ({"zipf": {"exponent": 2}}, ZipfParents(2)),
        ({"tree": {"levels": 0}}, Tree(4)),
        ({"tree": {"levels": 6}}, Tree(6)),
    ],
)
def test_a_parent_choice_left_open_takes_the_contract_s_default(choice: dict[str, Any], read: object) -> None:
    """Zero is what proto3 sends for "not given"."""
    key = {"columns": ["c"], "references_table": "t", "references_columns": ["c"], "parent_choice": choice}
    assert one_table(column("c", "BIGINT"), foreign_keys=[key]).foreign_keys[0].choice == read


def test_text_without_a_length_takes_varchar_length() -> None:
    """`VARCHAR` with `varchar_length: 40` is the JSON format's way to say VARCHAR(40)."""
    document = {"name": "c", "data_type": "VARCHAR", "logical_type": {"kind": "STRING"}, "varchar_length": 40}
    assert one_table(document).columns[0].type.length == 40


def test_rows_are_counted_and_derived() -> None:
    """`derive_rows` makes a child's size follow its parent's, so only the parent's is ever changed."""
    document = shop(customers=10)
    document["tables"][1]["columns"][1]["foreign_key"]["parent_choice"] = {
        "fan_out": {"min": "1", "max": "6", "derive_rows": True}
    }
    assert read_target_rows(document)["customers"] == 10
    assert read_derived_rows(document)["orders"].numerator == 7
    assert read_target_rows({"tables": [{"name": "t", "columns": []}]}) == {"t": 1000}
