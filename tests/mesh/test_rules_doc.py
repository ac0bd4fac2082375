"""The examples of docs/rules.md are documents that the services take, and the rows are as the page says."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from dwsim.generator.v1.generator_service_pb2 import PreviewTableRequest
from dwsim.schema.v1.experiment_pb2 import ParentChoice
from dwsim.schema.v1.rule_pb2 import Rule
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest, ImportSpecResponse
from google.protobuf import json_format

from dwsim_wire.client import call
from tests.clients import Clients

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLES = {
    yaml.safe_load(text)["name"]: text for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
}


async def preview(dwsim: Clients, name: str, example: str) -> dict[str, list[dict[str, Any]]]:
    """Import an example under a name of the test's own and preview each of its tables."""
    imported: ImportSpecResponse = await call(dwsim.schema.ImportSpec, ImportSpecRequest(spec=example, name=name))
    tables = {}
    for table in imported.experiment.tables:
        answer = await call(
            dwsim.generator.PreviewTable, PreviewTableRequest(experiment=name, table=table.name, limit=100)
        )
        columns = [column.name for column in answer.columns]
        rows = [json_format.MessageToDict(row) for row in answer.rows]
        tables[table.name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return tables


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_is_imported_and_has_rows(dwsim: Clients, name: str, example: str) -> None:
    """A page that shows what is refused teaches nothing."""
    tables = await preview(dwsim, name, EXAMPLES[example])
    assert tables
    assert all(rows for rows in tables.values())


async def test_a_copy_over_two_tables_is_the_regions_title(dwsim: Clients, name: str) -> None:
    """What is looked up is what a join would give."""
    tables = await preview(dwsim, name, EXAMPLES["lookup"])
    titles = {row["title"] for row in tables["regions"]}
    regions = {row["store_id"]: row["region"] for row in tables["stores"]}
    assert all(row["region"] == regions[row["store_id"]] for row in tables["sales"])
    assert {row["region"] for row in tables["sales"]} <= titles


async def test_an_expression_is_computed_from_the_row(dwsim: Clients, name: str) -> None:
    """To the cent."""
    rows = (await preview(dwsim, name, EXAMPLES["derived"]))["order_items"]
    assert {row["size"] for row in rows} == {"large", "small"}
    assert all(
        float(row["total"]) == pytest.approx(row["quantity"] * float(row["unit_price"]) * 1.19, abs=0.006)
        for row in rows
    )


def test_every_rule_has_an_example() -> None:
    """Whoever looks a rule up finds how it is written."""
    rules = {"json" if field.name == "json_object" else field.name for field in Rule.DESCRIPTOR.fields}
    choices = {field.name for field in ParentChoice.DESCRIPTOR.fields} - {"uniform"}
    written = {name for text in EXAMPLES.values() for name in re.findall(r"(\w+): *\{", text)}
    written |= {name for text in EXAMPLES.values() for name in re.findall(r"^ *(\w+):$", text, re.MULTILINE)}
    assert (rules | choices) - written == set()


async def test_keys_are_as_the_page_says(dwsim: Clients, name: str) -> None:
    """Distinct where they are keys; every child has a parent."""
    accounts = (await preview(dwsim, name, EXAMPLES["keys"]))["accounts"]
    assert [row["account_id"] for row in accounts[:3]] == [1000, 1010, 1020]
    for key in (["number"], ["token"], ["region", "branch"]):
        assert len({tuple(row[column] for column in key) for row in accounts}) == len(accounts)


async def test_children_are_as_their_choice_says(dwsim: Clients, name: str) -> None:
    """At most six lines, and a tree whose first rows have no manager."""
    tables = await preview(dwsim, name, EXAMPLES["parents"])
    customers = {row["customer_id"] for row in tables["customers"]}
    lines = Counter(row["customer_id"] for row in tables["orders"])
    assert set(lines) <= customers
    assert max(lines.values()) <= 6
    assert {row["customer_id"] for row in tables["visits"]} - {None} <= customers
    managers = [row["manager_id"] for row in tables["employees"]]
    assert managers[0] is None
    assert any(managers)
