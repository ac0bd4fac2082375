"""JSON and YAML documents: every broken rule at once, with its path and what would be right."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from schema_svc.core import faults
from schema_svc.core.document import SpecFormat, import_spec
from schema_svc.core.faults import EmptyDocument
from schema_svc.core.model import Experiment

TABLE = '{"name": "t", "columns": [{"name": "a", "data_type": "INT"}]}'
BILLION_LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)


def document(*columns: dict[str, Any], **table: Any) -> str:
    """A document of one table `t`."""
    return json.dumps({"name": "shop", "tables": [{"name": "t", "columns": list(columns), **table}]})


def problems(text: str) -> dict[str, str]:
    """What is wrong with a text, by path."""
    with pytest.raises(Fault) as caught:
        import_spec(text)
    return dict(caught.value.fields)


def test_the_simple_format_is_accepted_as_it_is() -> None:
    """The four simple types, with shorthand for rules, kept as the user wrote them."""
    experiment = import_spec(
        document(
            {"name": "id", "data_type": "INT", "is_unique": True, "required": True},
            {"name": "name", "data_type": "VARCHAR", "varchar_length": 40, "faker_rule": "name"},
            {"name": "score", "data_type": "FLOAT", "min_value": 0, "max_value": 1,
             "distribution": {"type": "Beta", "parameters": {"alpha": 2, "beta": 5}}},
            {"name": "day", "data_type": "DATE", "date_start": "2024-01-01", "date_end": "2024-12-31"},
            target_rows=10,
        )
    )  # fmt: skip
    columns = experiment.tables[0].columns
    assert [c.data_type for c in columns] == ["INT", "VARCHAR", "FLOAT", "DATE"]
    assert columns[1].logical_type
    assert columns[1].logical_type.length == 40
    assert (columns[2].min_value, columns[2].distribution and columns[2].distribution.type) == (0, "beta")


def test_a_document_pins_the_content_of_its_reference_file() -> None:
    """Whoever shares a document with its file wants the same rows of both, or a refusal."""
    rule = {"reference": {"uri": "airports.csv", "column": "code", "content_hash": "0" * 32}}
    column = import_spec(document({"name": "a", "data_type": "CHAR(3)", "rule": rule})).tables[0].columns[0]
    assert column.rule
    assert column.rule.reference
    assert column.rule.reference.content_hash == "0" * 32


def test_yaml_and_json_are_told_apart_and_say_the_same() -> None:
    """One door for files of either kind; dates need no quotes in YAML."""
    text = """
    name: shop
    dialect: Snowflake
    tables:
      - name: t
        columns:
          - {name: d, data_type: DATE, date_start: 2024-01-01}
          - name: n
            data_type: decimal(10,2)
            rule: {uniform: {min: 1.5, max: 20}}
    """
    experiment = import_spec(text)
    assert import_spec(json.dumps(experiment.document())) == experiment
    rule = experiment.tables[0].columns[1].rule
    assert rule
    assert rule.uniform
    assert (rule.uniform.min, rule.uniform.max) == ("1.5", "20")


def test_all_broken_rules_are_said_at_once_each_with_its_path() -> None:
    """Nobody wants to fix a file one error at a time."""
    found = problems(
        document(
            {"name": "a", "data_type": "INTT"},
            {"name": "b", "data_type": "INT", "null_fraction": 1.5, "min_value": 9, "max_value": 1},
            {"name": "B", "data_type": "DATE", "date_start": "2024-13-01"},
            {"name": "c", "data_type": "INT", "foreign_key": {"references_table": "tt"}},
            {"name": "d", "data_type": "VARCHAR", "distribution": {"type": "norml"}},
            composite_keys=[{"columns": []}, {"columns": ["a", "zz"]}],
            target_rows=-1,
        )
    )
    assert set(found) == {
        "tables[0].columns[0].data_type",
        "tables[0].columns[1].null_fraction",
        "tables[0].columns[1].min_value",
        "tables[0].columns[2].name",
        "tables[0].columns[2].date_start",
        "tables[0].columns[3].foreign_key.references_table",
        "tables[0].columns[4].distribution.type",
        "tables[0].composite_keys[0].columns",
        "tables[0].composite_keys[1].columns[1]",
        "tables[0].target_rows",
    }
    assert "did you mean 't'?" in found["tables[0].columns[3].foreign_key.references_table"]
    assert "did you mean 'normal'?" in found["tables[0].columns[4].distribution.type"]


def test_unknown_keys_are_answered_with_the_nearest() -> None:
    """A key that is dropped in silence is a rule that is not followed."""
    found = problems(
        document(
            {"name": "a", "data_type": "INT", "requird": True, "rule": {"mixture": {"parts": [{"wieght": 1}]}}},
            colums=[],
        )
    )
    assert "did you mean 'required'?" in found["tables[0].columns[0].requird"]
    assert "did you mean 'columns'?" in found["tables[0].colums"]
    assert "did you mean 'weight'?" in found["tables[0].columns[0].rule.mixture.parts[0].wieght"]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (faults.EmptyDocument, "  \n"),
        (faults.InvalidDocument, '{"name": '),
        (faults.InvalidDocument, "name: a\n  tables: b"),
        (faults.InvalidDocument, "- a list"),
        (faults.InvalidDocument, '{"name": "a", "name": "b"}'),
        (faults.InvalidDocument, "name: a\nname: b"),
        (faults.InvalidDocument, '{"name": "a", "description": "\\ud800"}'),
        (faults.InvalidDocument, "name: a\n? [x]\n: y"),
        (faults.InvalidExperiment, "name: a\n1: 2\ntrue: no\n.5: ~"),
        (faults.InvalidNameInside, f'{{"name": "1 2", "tables": [{TABLE}]}}'),
        (faults.InvalidExperiment, '{"name": "a", "tables": []}'),
        (faults.UnknownDialect, f'{{"name": "a", "dialect": "oracle", "tables": [{TABLE}]}}'),
        (faults.TooComplex, "[" * 50_000),
        (faults.TooComplex, '{"a":' * 2_000 + "1" + "}" * 2_000),
        (faults.TooComplex, "a: &a [*a]"),
        (faults.TooComplex, BILLION_LAUGHS),
    ],
)  # fmt: skip
def test_a_text_that_is_no_document_is_named_for_what_it_is(fault: type[Fault], text: str) -> None:
    """Malformed, empty, deep and explosive texts are four different things."""
    with pytest.raises(fault) as caught:
        import_spec(text)
    assert type(caught.value) is fault


PIECES = st.sampled_from(
    ["name: a", "tables:", "columns:", "- ", "  ", "\n", ": ", "{", "}", "[", "]", ",", '"', "'", "&a ", "*a ", "<<: ",
     "!!int ", "!!python/object:os.system ", "!!binary ", "!!set ", "? ", "|", ">", "%YAML 9", "---", "...", "#", "\t",
     "1e999", "0x", "1:2:3", ".nan", "null", "\x07", "\\ud800", "data_type: INT", "name: b", "2024-01-01", "é", "=",
     "~"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_text_crashes_the_reader(text: str) -> None:
    """People paste anything."""
    with contextlib.suppress(Fault):
        import_spec(text)


def test_a_forced_format_is_not_guessed() -> None:
    """Whoever says JSON wants JSON's errors."""
    with pytest.raises(faults.InvalidDocument, match="JSON"):
        import_spec("name: a", SpecFormat.JSON)


def test_a_group_of_keys_is_an_object_with_columns() -> None:
    """Lists in place of objects are a common slip: the words are not those of a library, and each is said once."""
    column = {"name": "a", "data_type": "INT"}
    slip = problems(document(column, composite_keys=[["a"]]))
    assert slip["tables[0].composite_keys[0]"].startswith("this is not an object: write an object")
    with pytest.raises(Fault) as caught:
        import_spec(document(column, composite_keys=[{"columns": []}]))
    assert [path for path, _ in caught.value.fields] == ["tables[0].composite_keys[0].columns"]


def table(name: str, *columns: dict[str, Any]) -> dict[str, Any]:
    """A table of a document."""
    return {"name": name, "columns": [{"name": "id", "data_type": "INT", "is_unique": True}, *columns]}


def reference(name: str, parent: str, column: str = "id", **more: Any) -> dict[str, Any]:
    """A column with a foreign key."""
    key = {"references_table": parent, "references_column": column, **more}
    return {"name": name, "data_type": "INT", "foreign_key": key}


def refused(*tables: dict[str, Any]) -> Fault:
    """The fault of a document."""
    with pytest.raises(Fault) as caught:
        import_spec(json.dumps({"name": "shop", "tables": list(tables)}))
    return caught.value


def test_a_broken_foreign_key_is_named_by_what_is_missing() -> None:
    """Programs switch on the reason; people read the path."""
    assert isinstance(refused(table("a", reference("x", "b"))), faults.UnknownReferencedTable)
    assert isinstance(refused(table("a"), table("b", reference("x", "a", "idd"))), faults.UnknownReferencedColumn)
    plain = {"name": "n", "data_type": "INT"}
    fault = refused(table("a", plain), table("b", reference("x", "a", "n")))
    assert isinstance(fault, faults.ReferenceNotUnique)
    assert fault.fields[0].path == "tables[1].columns[1].foreign_key.references_column"
    text = {"name": "s", "data_type": "VARCHAR", "foreign_key": {"references_table": "a", "references_column": "id"}}
    assert "INT" in refused(table("a"), table("b", text)).message


def test_a_cycle_of_required_keys_is_named_in_order() -> None:
    """No first row could exist; the names say where to cut."""
    chain = [table("a", reference("x", "b")), table("b", reference("x", "c")), table("c", reference("x", "a"))]
    fault = refused(*chain)
    assert isinstance(fault, faults.RequiredCycle)
    assert fault.metadata["cycle"] == "a -> b -> c -> a"


def test_a_nullable_key_opens_a_cycle_and_a_table_may_reference_itself() -> None:
    """Managers are employees."""
    tables = [
        table("a", reference("x", "b", nullable=True)),
        table("b", reference("x", "a"), reference("boss", "b")),
    ]
    experiment = import_spec(json.dumps({"name": "shop", "tables": tables}))
    assert isinstance(experiment, Experiment)


def test_a_foreign_key_that_names_no_column_takes_the_primary_key() -> None:
    """The one column that a reference can mean."""
    parent = {"name": "p", "columns": [{"name": "k", "data_type": "INT"}], "primary_key": ["k"]}
    experiment = import_spec(json.dumps({"name": "shop", "tables": [parent, table("c", reference("x", "p", ""))]}))
    key = experiment.tables[1].columns[1].foreign_key
    assert key
    assert key.references_column == "k"
    assert experiment.tables[0].columns[0].is_unique


@pytest.mark.parametrize("rows", [-1, 10**12 + 1])
def test_absurd_row_counts_are_refused(rows: int) -> None:
    """A sign or a zero too many must not fill the disk."""
    with pytest.raises(faults.InvalidRowCount):
        import_spec(document({"name": "a", "data_type": "INT"}, target_rows=rows))


@pytest.mark.parametrize(
    ("data_type", "rule", "field"),
    [
        ("SMALLINT", {"sequence": {"start": -40000}}, "sequence.start"),
        ("INT", {"permuted": {"min": -(2**31) - 1, "max": 10}}, "permuted.min"),
        ("INT", {"permuted": {"min": 1, "max": 2**31}}, "permuted.max"),
        ("DECIMAL(3,1)", {"sequence": {"start": 100}}, "sequence.start"),
    ],
)
def test_numbers_of_a_rule_lie_within_the_type(data_type: str, rule: dict[str, Any], field: str) -> None:
    """What no run could make is better refused before the first run."""
    found = problems(document({"name": "c", "data_type": data_type, "rule": rule}))
    assert list(found) == [f"tables[0].columns[0].rule.{field}"]


def test_numbers_at_the_ends_of_a_type_are_accepted() -> None:
    """The refusal must not take a value that fits."""
    ends = [("SMALLINT", -(2**15), 2**15 - 1), ("BIGINT", -(2**63), 2**63 - 1), ("DECIMAL(3,1)", -99, 99)]
    for data_type, low, high in ends:
        import_spec(document({"name": "c", "data_type": data_type, "rule": {"permuted": {"min": low, "max": high}}}))


@pytest.mark.parametrize("spec_format", [SpecFormat.FROM_TEXT, SpecFormat.JSON, SpecFormat.YAML])
def test_a_byte_order_mark_before_a_document_is_no_text(spec_format: SpecFormat) -> None:
    """Editors on Windows write one."""
    spec = '\ufeff{"name": "x", "tables": [{"name": "t", "columns": [{"name": "a", "data_type": "INT"}]}]}'
    assert import_spec(spec, spec_format).name == "x"
    with pytest.raises(EmptyDocument):
        import_spec("\ufeff \n", spec_format)
