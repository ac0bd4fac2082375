"""JSON objects and arrays made of rules: valid JSON whose members are those of their rules."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import (
    ArrayRule,
    ConstantRule,
    FakerRule,
    JsonMember,
    JsonRule,
    PatternRule,
    Rule,
    SequenceRule,
    TemplateRule,
    TextRule,
    TextUnit,
    UniformRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import INT, one_column, plan, text

JSON = LogicalType(TypeKind.JSON)
PROFILE = JsonRule(
    (
        JsonMember("id", "BIGINT", SequenceRule(5)),
        JsonMember("name", "VARCHAR(40)", FakerRule("name"), 0.25),
        JsonMember("odd \" \\ 'n", "TEXT", ConstantRule('a "b" \\ \n\t\x01 é')),
        JsonMember("price", "DECIMAL(8,2)", UniformRule("1", "9")),
        JsonMember("ratio", "DOUBLE", UniformRule("0", "1")),
        JsonMember("ok", "BOOLEAN"),
        JsonMember("day", "DATE"),
        JsonMember("tags", "ARRAY", ArrayRule("VARCHAR(6)", PatternRule("[a-z]{2,6}"), 0, 3)),
        JsonMember("inner", "JSON", JsonRule((JsonMember("text", "", TextRule(TextUnit.PARAGRAPHS)),))),
        JsonMember("none", "JSON", JsonRule(())),
    )
)


def refused(logical: LogicalType, rule: Rule, **facts: bool) -> Fault:
    with pytest.raises(Fault) as caught:
        plan([one_column(logical, rule, **facts)], {"t": 10})
    return caught.value


def test_objects_are_json_and_their_members_follow_their_rules() -> None:
    """A member that is NULL is left out."""
    values = plan([one_column(JSON, PROFILE)], {"t": 4_000}).batch("t", 0, 4_000).column(0).to_pylist()
    found = [json.loads(value) for value in values]
    for row, value in enumerate(found):
        assert value["id"] == 5 + row
        assert value["odd \" \\ 'n"] == 'a "b" \\ \n\t\x01 é'
        assert 1 <= value["price"] <= 9
        assert 0 <= value["ratio"] <= 1
        assert isinstance(value["ok"], bool)
        assert len(value["day"]) == 10
        assert len(value["tags"]) <= 3
        assert all(tag.isalpha() for tag in value["tags"])
        assert value["inner"]["text"]
        assert value["none"] == {}
    assert 800 < sum("name" not in value for value in found) < 1_200
    assert {len(value["tags"]) for value in found} == {0, 1, 2, 3}


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.integers(0, 999), min_size=1, max_size=10))
def test_any_rows_make_the_same_documents(rows: list[int]) -> None:
    """Resume and preview."""
    assert [WHOLE[row] for row in rows] == [MADE.batch("t", row, 1).to_pylist()[0] for row in rows]


MADE = plan(
    [
        TableSpec(
            "t",
            (ColumnSpec("c", JSON, rule=PROFILE), ColumnSpec("a", JSON, rule=ArrayRule("INT", SequenceRule(), 1, 4))),
        )
    ],
    {"t": 1_000},
)
WHOLE = MADE.batch("t", 0, 1_000).to_pylist()


def test_elements_of_arrays_are_cells_of_their_own() -> None:
    """No two elements are the same draw."""
    elements = [element for row in WHOLE for element in json.loads(row["a"])]
    assert len(set(elements)) == len(elements)


def test_a_vector_has_as_many_elements_as_its_type() -> None:
    """The loader would reject another length."""
    vector = LogicalType(TypeKind.VECTOR, length=7)
    values = (
        plan([one_column(vector, ArrayRule("FLOAT", UniformRule("0", "1")))], {"t": 50}).batch("t", 0, 50).column(0)
    )
    assert {len(json.loads(value)) for value in values.to_pylist()} == {7}


@pytest.mark.parametrize(
    ("logical", "rule", "fault", "what"),
    [
        (INT, PROFILE, ImpossibleRule, "INT32"),
        (text(50), PROFILE, ImpossibleRule, "column holds 50"),
        (JSON, JsonRule((JsonMember("a", "INT"), JsonMember("a", "INT"))), ImpossibleRule, "two members 'a'"),
        (JSON, JsonRule((JsonMember("a", "BLOB"),)), InvalidArgument, "BLOB"),
        (JSON, JsonRule((JsonMember("a", "INT", FakerRule("email")),)), ImpossibleRule, "INT32"),
        (JSON, JsonRule((JsonMember("a", "TEXT", TemplateRule("{b}")),)), ImpossibleRule, "other columns"),
        (JSON, ArrayRule("INT", None, 5, 2), ImpossibleRule, "5 to 2"),
        (JSON, ArrayRule("INT", None, 0, 20_000), ImpossibleRule, "20000"),
        (text(10), ArrayRule("TEXT"), ImpossibleRule, "any number of"),
    ],
)
def test_documents_that_cannot_be_are_refused(logical: LogicalType, rule: Rule, fault: type[Fault], what: str) -> None:
    """A document that is cut is no document."""
    found = refused(logical, rule)
    assert isinstance(found, fault)
    assert what in found.message


def test_documents_are_not_made_distinct() -> None:
    """Uniqueness is by bijection only."""
    assert isinstance(refused(JSON, PROFILE, is_unique=True), ImpossibleRule)
