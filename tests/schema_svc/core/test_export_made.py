"""Exports of experiments that hypothesis made: what comes back is what went out."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema_svc.core.check import prepare
from schema_svc.core.document import import_spec
from schema_svc.core.export import export_ddl, export_json, export_yaml
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Column, Experiment, Table
from schema_svc.core.vocabulary import IMPORTED_DIALECTS, Dialect
from tests.schema_svc.core.made_experiments import experiments

made = st.sampled_from(IMPORTED_DIALECTS).flatmap(experiments)


def said(experiment: Experiment) -> Any:
    """What DDL says of an experiment, without the words that it says it with and without what is guessed."""
    data = experiment.model_dump(mode="json", include={"name", "dialect", "tables", "views"})
    for table in data["tables"]:
        for key in ("target_rows", "warnings"):
            table.pop(key)
        for column in table["columns"]:
            kept = ("name", "required", "is_unique", "foreign_key", "logical_type", "properties")
            for key in column.keys() - set(kept):
                column.pop(key)
    return data


@settings(max_examples=25, deadline=None)
@given(experiment=made)
def test_documents_give_an_equal_experiment_back(experiment: Experiment) -> None:
    """A document can be taken out, edited, and put in again."""
    assert import_spec(export_json(experiment)) == experiment
    assert import_spec(export_yaml(experiment)) == experiment


@pytest.mark.parametrize(
    "text",
    ["1e5", "no", "0123", "1_000", "~", "=", "<<", "12:30:00", "2024-01-01", ".5", "+1", "true", " a ", "# x", "- a",
     "null", "0x1F", "a: b", "1.", "*a", "!x", "%", "@", "`", "'", '"', "{", "y", ".inf", "\\u0000", "é\u2028x", "|"],
)  # fmt: skip
def test_a_text_stays_a_text_in_both_formats(text: str) -> None:
    """What looks like a number, a date or a mark of the language must not become one."""
    column = Column(name="a", data_type="VARCHAR(20)", properties={"comment": text})
    experiment = prepare(Experiment(name="x", description=text, tables=[Table(name="t", columns=[column])]))
    assert import_spec(export_json(experiment)) == experiment
    assert import_spec(export_yaml(experiment)) == experiment


@pytest.mark.parametrize("dialect", IMPORTED_DIALECTS)
def test_ddl_gives_an_equal_experiment_back(dialect: Dialect) -> None:
    """Types, keys, names and properties survive the way out and in."""

    @settings(max_examples=20, deadline=None)
    @given(experiment=experiments(dialect))
    def comes_back(experiment: Experiment) -> None:
        text, _ = export_ddl(experiment, Dialect.NAME_UNSPECIFIED)
        again = import_sql(SqlImport("made", text, dialect, target_rows=1, infer_foreign_keys=False)).experiment
        assert said(again) == said(experiment), text
        assert export_ddl(again, dialect)[0] == text

    comes_back()


@settings(max_examples=25, deadline=None)
@given(experiment=made, dialect=st.sampled_from(IMPORTED_DIALECTS))
def test_another_dialect_has_the_same_tables_and_says_where_a_type_is_another(
    experiment: Experiment, dialect: Dialect
) -> None:
    """A type that changes without a word is a defect that shows in production."""
    text, diagnostics = export_ddl(experiment, dialect)
    again = import_sql(SqlImport("made", text, dialect, target_rows=1, infer_foreign_keys=False)).experiment
    told = {diagnostic.path for diagnostic in diagnostics}
    for t, (before, after) in enumerate(zip(experiment.tables, again.tables, strict=True)):
        assert before.name.casefold() == after.name.casefold()
        for c, (left, right) in enumerate(zip(before.columns, after.columns, strict=True)):
            assert left.name.casefold() == right.name.casefold()
            assert (left.required, left.is_unique) == (right.required, right.is_unique)
            same = left.logical_type == right.logical_type
            assert same or f"tables[{t}].columns[{c}].data_type" in told, (left, right)
            for name in left.properties.keys() - right.properties.keys():
                assert f"tables[{t}].columns[{c}].properties.{name}" in told, (name, text)
        for name in before.properties.keys() - after.properties.keys():
            assert f"tables[{t}].properties.{name}" in told, (name, text)
