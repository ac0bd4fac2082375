"""The published JSON Schema: what it takes is what is imported, and it says what each field is about."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schema_svc.core.document import import_spec
from schema_svc.core.export import export_json
from schema_svc.core.importing import import_sql
from schema_svc.core.json_schema import DRAFT, document_schema
from schema_svc.core.model import Experiment
from schema_svc.core.spec_text import SpecFormat, SpecText
from schema_svc.core.vocabulary import IMPORTED_DIALECTS
from tests.golden import document_schema_goldens
from tests.golden.ddl_goldens import TEXTS, order_of
from tests.schema_svc.core.made_experiments import experiments
from tests.schema_svc.core.test_short_form import SHOP

EXAMPLES = Path("examples")
DOCUMENTS = sorted(
    path for path in EXAMPLES.rglob("*") if path.suffix in {".json", ".yaml"} and path.name != "package.json"
)
JUDGE = Draft202012Validator(document_schema())


def problems(document: Any) -> list[str]:
    """What the schema says of a document."""
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in JUDGE.iter_errors(document)]


def test_it_is_a_schema_of_its_draft() -> None:
    """Editors refuse others."""
    Draft202012Validator.check_schema(document_schema())
    assert document_schema()["$schema"] == DRAFT


def test_the_committed_file_is_the_one_that_is_served() -> None:
    """Editors without a running stack read it; `make golden` writes it."""
    assert document_schema_goldens.PATH.read_text() == document_schema_goldens.text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_keeps_it(path: Path) -> None:
    """What people copy from must be right."""
    assert problems(SpecText(path.read_text(), SpecFormat.FROM_TEXT).data) == []
    import_spec(path.read_text())


def test_the_documentation_shows_what_works() -> None:
    """The first block of the page is a document."""
    text = Path("docs/documents.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert problems(SpecText(text, SpecFormat.YAML).data) == []
    assert [table.target_rows for table in import_spec(text).tables] == [1000, 5000]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_import_keeps_it_once_exported(path: Path) -> None:
    """An export is a document like others."""
    assert problems(json.loads(export_json(import_sql(order_of(path)).experiment))) == []


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(IMPORTED_DIALECTS).flatmap(experiments))
def test_every_made_experiment_keeps_it(experiment: Experiment) -> None:
    """Whatever the document has."""
    assert problems(json.loads(export_json(experiment))) == []


def test_its_own_examples_are_imported() -> None:
    """Both forms."""
    for example in document_schema()["examples"]:
        assert problems(example) == []
        import_spec(json.dumps(example))


def test_the_short_form_is_told_by_its_key() -> None:
    """With `$schema` at its head, as editors write it."""
    document = SpecText(SHOP, SpecFormat.YAML).data
    assert problems({"$schema": "x", **document, "description": "d"}) == []
    document["schema"]["Customer"]["rows"] = 1
    assert problems(document)


@pytest.mark.parametrize(
    "table",
    [
        {"nam": "t"},
        {"name": "t", "columns": {}},
        {"name": "t", "columns": [{"name": "a", "data_type": 5}]},
        {"name": "t", "columns": [{"name": "a", "rule": {"sequence": {}, "uniform": {}}}]},
        {"name": "t", "columns": [{"name": "a", "rule": {}}]},
        {"name": "t", "columns": [{"name": "a", "rule": {"beta": {"alpha": 0, "beta": 1}}}]},
        {"name": "t", "target_rows": "many"},
    ],
)
def test_what_an_import_refuses_it_refuses(table: dict[str, Any]) -> None:
    """The editor says it first."""
    assert problems({"name": "x", "tables": [table]})


def test_every_field_is_described() -> None:
    """A completion without words is half of one."""
    silent = [
        f"{name}.{field}"
        for name, definition in document_schema()["$defs"].items()
        for field, schema in definition.get("properties", {}).items()
        if not schema.get("description")
    ]
    assert silent == []


def test_names_are_read_in_both_cases() -> None:
    """`dialect: redshift` is what people write."""
    for dialect in ("redshift", "SNOWFLAKE"):
        assert problems({"name": "x", "dialect": dialect, "tables": []}) == []
    assert problems({"name": "x", "dialect": "oracle", "tables": []})


def references(schema: Any) -> Iterator[str]:
    """Every `$ref` within."""
    if isinstance(schema, dict):
        yield from ([schema["$ref"]] if isinstance(schema.get("$ref"), str) else [])
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def test_it_stands_alone() -> None:
    """One file, no other to fetch."""
    known = document_schema()["$defs"]
    assert {reference.removeprefix("#/$defs/") for reference in references(document_schema())} <= set(known)
