"""The JSON Schema (draft 2020-12) of the documents that are imported: made of the models, described by the contract.

Editors complete and check by it; what spans several places (references, cycles, domains) is `check`'s affair.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schema_svc.core import model, rules, short_form
from schema_svc.core.check_columns import LAWS
from schema_svc.core.field_texts import FIELD_TEXTS
from schema_svc.core.vocabulary import IMPORTED_DIALECTS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MESSAGES = {
    "Choice": "WeightedChoiceRule.Choice",
    "MixturePart": "MixtureRule.Part",
    "HierarchyNode": "HierarchyRule.Node",
    "JsonMember": "JsonRule.Member",
}
"""Messages that the contract calls by another name than its model."""
_READ_ONLY = {
    "Experiment": ("id", "revision", "etag", "state", "deleting_reason", "create_time", "update_time"),
    "Column": ("logical_type",),
}
_EXAMPLES: Mapping[tuple[str, str], list[Any]] = {
    ("Experiment", "name"): ["shop"],
    ("Experiment", "dialect"): [dialect.value for dialect in IMPORTED_DIALECTS],
    ("Table", "name"): ["customers"],
    ("Table", "target_rows"): [1000],
    ("Table", "primary_key"): [["customer_id"]],
    ("Table", "checks"): [["amount >= 0"]],
    ("Column", "name"): ["customer_id"],
    ("Column", "data_type"): ["INT", "FLOAT", "VARCHAR(100)", "DATE", "DECIMAL(12,2)", "TIMESTAMP", "BOOLEAN"],
    ("Column", "faker_rule"): ["email", "first_name"],
    ("Column", "date_start"): ["2024-01-01"],
    ("Column", "date_end"): ["2024-12-31"],
    ("Distribution", "type"): list(LAWS),
    ("Distribution", "parameters"): [{"mean": 50, "stddev": 10}],
    ("ColumnForeignKey", "references_table"): ["customers"],
    ("PatternRule", "expression"): [r"[A-Z]{3}-\d{4}"],
    ("FakerRule", "provider"): ["email", "first_name"],
}
_WHOLE_EXAMPLE = {
    "name": "shop",
    "tables": [
        {
            "name": "customers",
            "target_rows": 1000,
            "primary_key": ["customer_id"],
            "columns": [
                {"name": "customer_id", "data_type": "BIGINT"},
                {"name": "email", "data_type": "VARCHAR(120)", "is_unique": True, "faker_rule": "email"},
            ],
        }
    ],
}
_SHORT_EXAMPLE = {
    "name": "shop",
    "schema": {
        "Customer": {
            "count": 1000,
            "fields": {
                "customer_id": {"type": "serial", "primary_key": True},
                "first_name": {"type": "string", "generator": "faker.first_name", "pii": True},
                "age": {"type": "integer", "distribution": "gaussian 40 12", "range": [18, 90]},
            },
        },
        "Order": {
            "count": 5000,
            "fields": {
                "order_id": "serial",
                "customer_id": {"type": "foreign_key", "references": "Customer.customer_id"},
                "status": {"type": "categorical", "values": ["new", "paid"], "weights": [1, 9]},
            },
        },
    },
}


@lru_cache(maxsize=1)
def document_schema() -> dict[str, Any]:
    """The schema of both forms; one with `schema:` is of the short one. Do not change the answer."""
    _, made = models_json_schema(
        [(model.Experiment, "validation"), (short_form.ShortDocument, "validation")], by_alias=True
    )
    definitions: dict[str, Any] = made["$defs"]
    for name, definition in definitions.items():
        _describe(name, definition)
    for name in ("Experiment", "ShortDocument"):
        definitions[name]["properties"]["$schema"] = {"type": "string", "description": "Address of this schema"}
    for rule in _models(rules.Rule, model.ParentChoice):
        definitions[rule] |= {"maxProperties": 1}
    definitions["Rule"] |= {"minProperties": 1}
    definitions["ShortTable"]["properties"]["fields"]["additionalProperties"] = {
        "anyOf": [{"$ref": "#/$defs/ShortField"}, {"type": "string", "description": "Type of the column"}]
    }
    return {
        "$schema": DRAFT,
        "title": "DW Simulator experiment",
        "description": "An experiment: its tables in full, or in the short form below `schema`.",
        "type": "object",
        "if": {"required": ["schema"]},
        "then": {"$ref": "#/$defs/ShortDocument"},
        "else": {"$ref": "#/$defs/Experiment"},
        "examples": [_WHOLE_EXAMPLE, _SHORT_EXAMPLE],
        "$defs": definitions,
    }


def _models(*models: type[BaseModel]) -> Iterator[str]:
    yield from (each.__name__ for each in models)


def _describe(name: str, definition: dict[str, Any]) -> None:
    definition.pop("title", None)
    if "enum" in definition:
        _fold(definition, IMPORTED_DIALECTS if name == "Dialect" else definition["enum"])
        return
    texts = FIELD_TEXTS.get(_MESSAGES.get(name, name), {})
    if texts.get(""):
        definition["description"] = texts[""]
    for field, schema in definition.get("properties", {}).items():
        schema.pop("title", None)
        if schema.get("default", "") in ("", None, False, 0):
            schema.pop("default", None)
        if field in texts:
            schema["description"] = texts[field]
        if field in _READ_ONLY.get(name, ()):
            schema["readOnly"] = True
        if examples := _EXAMPLES.get((name, field)):
            schema["examples"] = examples


def _fold(definition: dict[str, Any], names: Iterable[str]) -> None:
    """Names are read without regard to case; completion offers capitals first, and not what means nothing."""
    said = [str(name) for name in names if not name.endswith("_UNSPECIFIED")]
    unsaid = [name for name in definition["enum"] if name.endswith("_UNSPECIFIED")]
    definition["enum"] = [*said, *(name.lower() for name in said), *unsaid]
