"""Documents and DDL through REST: what was exported imports as the same experiment."""

import json

import jsonschema
import pytest

from tests.gateway.doors import Gateway
from tests.mesh.shop import SHOP

SHORT = """
schema:
  Customer:
    count: 20
    fields:
      customer_id: {type: serial, primary_key: true}
      plan: {type: categorical, values: [free, paid]}
  Invoice:
    count: 50
    fields:
      customer_id: {type: foreign_key, references: Customer.customer_id}
      amount: {type: numerical, range: [1, 900]}
"""
OUTPUT_ONLY = ("name", "id", "revision", "etag", "create_time", "update_time")


def import_sql(gateway: Gateway, name: str) -> dict[str, object]:
    made = gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": SHOP})
    assert made.status == 200, made.body
    return content(made.json["experiment"])


def content(document: dict[str, object]) -> dict[str, object]:
    """What a document says, without what the store adds."""
    return {key: value for key, value in document.items() if key not in OUTPUT_ONLY}


def export(gateway: Gateway, name: str, query: str) -> str:
    answer = gateway.rest("GET", f"/api/experiments/{name}/export?{query}")
    assert answer.status == 200, answer.body
    return str(answer.json["text"])


@pytest.mark.parametrize("to_format", ["JSON", "YAML"])
def test_an_exported_document_imports_as_the_same_experiment(gateway: Gateway, name: str, to_format: str) -> None:
    """Whoever keeps experiments in a repository loses nothing."""
    before = import_sql(gateway, name)
    text = export(gateway, name, f"format={to_format}")
    again = gateway.rest("POST", "/api/experiments/import-spec", {"spec": text, "name": f"{name}_2"})
    assert again.status == 200, again.body
    assert content(again.json["experiment"]) == before


@pytest.mark.parametrize(
    "dialect", ["REDSHIFT", "SNOWFLAKE", "POSTGRES", "SQLITE", "CLICKHOUSE", "DUCKDB", "DATABRICKS"]
)
def test_ddl_is_exported_in_every_dialect(gateway: Gateway, name: str, dialect: str) -> None:
    """The way from one warehouse to another; what a dialect does not have is named."""
    import_sql(gateway, name)
    answer = gateway.rest("GET", f"/api/experiments/{name}/export?format=DDL&dialect={dialect}")
    assert answer.json["text"].count("CREATE TABLE") == 4
    assert all(diagnostic["message"] for diagnostic in answer.json["diagnostics"])


def test_a_short_document_imports(gateway: Gateway, name: str) -> None:
    """YAML as people type it, in a string of JSON as curl sends it."""
    made = gateway.rest("POST", "/api/experiments/import-spec", {"spec": SHORT, "name": name})
    assert made.status == 200, made.body
    tables = {table["name"]: table for table in made.json["experiment"]["tables"]}
    assert tables["Invoice"]["target_rows"] == "50"
    assert tables["Invoice"]["columns"][0]["foreign_key"]["references_table"] == "Customer"


def test_every_error_of_a_document_has_a_place(gateway: Gateway) -> None:
    """All at once: a person mends a file in one go."""
    wrong = SHORT.replace("Customer.customer_id", "Customers.customer_id").replace("values", "valeus")
    refused = gateway.rest("POST", "/api/experiments/import-spec", {"spec": wrong, "name": "wrong"})
    assert refused.status == 400
    text = json.dumps(refused.json)
    assert "did you mean 'values'?" in text
    assert "schema.Invoice.fields.customer_id.references" in text


def test_the_json_schema_judges_documents_as_we_do(gateway: Gateway, name: str) -> None:
    """Editors load it from here."""
    published = gateway.rest("GET", "/api/schemas/experiment").json
    schema = published.get("schema", published)
    import_sql(gateway, name)
    jsonschema.validate(json.loads(export(gateway, name, "format=JSON")), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "x", "tabels": []}, schema)
