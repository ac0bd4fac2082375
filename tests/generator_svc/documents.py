"""Experiment documents as the schema service gives them: normalised, with parsed types."""

from pathlib import Path
from typing import Any

from dwsim.schema.v1.experiment_pb2 import Experiment
from google.protobuf import json_format

from generator_svc.staging.references import ReferenceFiles

Document = dict[str, Any]

NO_FILES = ReferenceFiles(Path()).read
"""Reads the files of documents that have no reference rule."""

TYPES: dict[str, Document] = {
    "BIGINT": {"kind": "INT64"},
    "INTEGER": {"kind": "INT32"},
    "BOOLEAN": {"kind": "BOOLEAN"},
    "DATE": {"kind": "DATE"},
    "TIMESTAMP": {"kind": "TIMESTAMP"},
    "DECIMAL(12,2)": {"kind": "DECIMAL", "precision": 12, "scale": 2},
    "VARCHAR(20)": {"kind": "STRING", "length": 20},
    "VARCHAR(80)": {"kind": "STRING", "length": 80},
    "VARCHAR(4000)": {"kind": "STRING", "length": 4000},
}


def column(name: str, data_type: str, **facts: Any) -> Document:
    """One column."""
    return {"name": name, "data_type": data_type, "logical_type": TYPES[data_type], **facts}


def refers(table: str, name: str, *, nullable: bool = False) -> Document:
    """A foreign key of one column."""
    return {"references_table": table, "references_column": name, "nullable": nullable}


def shop(**rows: int) -> Document:
    """Customers, their orders, the orders' items."""
    counts = {"customers": 300, "orders": 1500, "order_items": 4000} | rows
    customers = [
        column("customer_id", "BIGINT", required=True),
        column("email", "VARCHAR(80)", required=True, is_unique=True, faker_rule="email"),
        column("balance", "DECIMAL(12,2)", min_value=0, max_value=500),
        column("vip", "BOOLEAN", null_fraction=0.25),
        column("joined", "DATE", date_start="2024-01-01", date_end="2024-12-31"),
    ]
    choices = [{"value": "new", "weight": 3}, {"value": "paid"}, {"value": "sent"}]
    orders = [
        column("order_id", "BIGINT", required=True),
        column("customer_id", "BIGINT", required=True, foreign_key=refers("customers", "customer_id")),
        column("status", "VARCHAR(20)", required=True, rule={"weighted_choice": {"choices": choices}}),
        column("created_at", "TIMESTAMP", required=True),
    ]
    items = [
        column("order_id", "BIGINT", required=True, foreign_key=refers("orders", "order_id")),
        column("line_no", "INTEGER", required=True),
        column("quantity", "INTEGER", min_value=1, max_value=9),
    ]
    return {
        "name": "shop",
        "id": "e1",
        "revision": 1,
        "tables": [
            {
                "name": "order_items",
                "columns": items,
                "composite_keys": [{"columns": ["order_id", "line_no"]}],
                "target_rows": counts["order_items"],
            },
            {
                "name": "orders",
                "columns": orders,
                "primary_key": ["order_id"],
                "target_rows": counts["orders"],
            },
            {
                "name": "customers",
                "columns": customers,
                "primary_key": ["customer_id"],
                "target_rows": counts["customers"],
            },
        ],
    }


def message(document: Document) -> Experiment:
    """The document as the contract's message."""
    return json_format.ParseDict(document, Experiment())
