"""The short YAML form: what each word of it means in the whole document, and where its mistakes are."""

from typing import Any

import pytest

from schema_svc.core import faults
from schema_svc.core.document import import_spec
from schema_svc.core.export import export_json

SHOP = """
name: shop
schema:
  Customer:
    count: 1000
    fields:
      customer_id: {type: serial, primary_key: true}
      first_name: {type: string, generator: faker.first_name, pii: true, length: 40}
      email: {type: unique, generator: faker.email, required: true}
      segment: {type: categorical, values: [gold, no, 3], weights: [1, 2, 7]}
      age: {type: numerical, distribution: gaussian 40 12.5, range: [18, 90]}
      joined: {type: datetime, range: [2020-01-01, 2024-12-31]}
  Order:
    count: 5000
    unique: [[order_id, line]]
    comment: one row per line
    fields:
      order_id: INT
      line: SMALLINT
      customer: {type: foreign_key, references: Customer.customer_id, required: true}
      amount: {type: decimal, sql_type: "DECIMAL(10,2)", rule: {uniform: {min: 1.50, max: 99}}}
"""


def columns(text: str, table: int = 0) -> dict[str, dict[str, Any]]:
    """Columns of a table by name, as the document has them."""
    return {column["name"]: column for column in import_spec(text).document()["tables"][table]["columns"]}


def problems(text: str) -> dict[str, str]:
    """What is wrong with a text, by path."""
    with pytest.raises(faults.InvalidExperiment) as caught:
        import_spec(text)
    return dict(caught.value.fields)


def test_each_type_is_a_column_of_the_document() -> None:
    """Nothing of the short form is left unsaid in the whole one."""
    made = columns(SHOP)
    assert made["customer_id"]["rule"] == {"sequence": {"start": 1, "step": 1}}
    assert (made["customer_id"]["data_type"], made["customer_id"]["is_unique"]) == ("BIGINT", True)
    assert (made["first_name"]["faker_rule"], made["first_name"]["varchar_length"]) == ("faker.first_name", 40)
    assert made["first_name"]["properties"] == {"pii": "true"}
    assert (made["email"]["is_unique"], made["email"]["required"]) == (True, True)
    choices = made["segment"]["rule"]["weighted_choice"]["choices"]
    assert [(choice["value"], choice["weight"]) for choice in choices] == [("gold", 1), ("no", 2), ("3", 7)]
    assert made["age"]["distribution"] == {"type": "normal", "parameters": {"mean": 40, "stddev": 12.5}}
    assert (made["age"]["min_value"], made["age"]["max_value"]) == (18, 90)
    assert (made["joined"]["date_start"], made["joined"]["date_end"]) == ("2020-01-01", "2024-12-31")


def test_tables_have_rows_keys_and_references() -> None:
    """A foreign key takes the type of what it references."""
    customer, order = import_spec(SHOP).tables
    assert (customer.target_rows, order.target_rows) == (1000, 5000)
    assert customer.primary_key == ["customer_id"]
    assert order.unique_keys[0].columns == ["order_id", "line"]
    assert order.properties == {"comment": "one row per line"}
    key = order.columns[2].foreign_key
    assert key
    assert (order.columns[2].data_type, key.references_table, key.nullable) == ("BIGINT", "Customer", False)
    rule = order.columns[3].rule
    assert rule
    assert rule.uniform
    assert rule.uniform.min == "1.50"


def test_it_comes_back_as_a_whole_document() -> None:
    """The short form is a way in; an export says all."""
    experiment = import_spec(SHOP)
    assert import_spec(export_json(experiment)) == experiment


def test_mistakes_are_named_by_the_words_of_the_short_form() -> None:
    """Nobody looks for tables[1].columns[0] in a file that has none."""
    found = problems(
        """
name: shop
schema:
  A:
    count: -5
    fields:
      id: {type: serial, primary_key: true}
      kind: {type: categorical}
      when: {type: datetime, range: [2024-02-01, 2024-01-01]}
      n: {type: numerical, distribution: gausian 1 2}
      m: {type: numerical, distribution: gaussian a b}
      w: {type: categorical, values: [a, b], weights: [1]}
      t: {type: VARCHR}
      a: {type: string, genrator: faker.name}
      b: {type: foreign_key, references: B.id}
      c: {type: numerical, range: [1]}
"""
    )
    at = "schema.A.fields"
    assert set(found) == {
        "schema.A.count", f"{at}.kind.values", f"{at}.when.range", f"{at}.n.distribution", f"{at}.m.distribution",
        f"{at}.w.weights", f"{at}.t.type", f"{at}.a.genrator", f"{at}.b.references", f"{at}.c.range",
    }  # fmt: skip
    assert "did you mean 'gaussian'?" in found[f"{at}.n.distribution"]
    assert "did you mean 'generator'?" in found[f"{at}.a.genrator"]
    assert "did you mean VARCHAR?" in found[f"{at}.t.type"]
    assert found["schema.A.count"].endswith("(line 5, column 5)")


def test_a_document_has_one_form() -> None:
    """Which of the two would count is not guessed."""
    assert "not both" in problems("name: x\nschema: {}\ntables: []")["schema"]


@pytest.mark.parametrize(
    ("distribution", "law"),
    [
        ("gaussian 50 10", {"type": "normal", "parameters": {"mean": 50, "stddev": 10}}),
        ("gaussian(50, 10)", {"type": "normal", "parameters": {"mean": 50, "stddev": 10}}),
        ("exponential 3", {"type": "exponential", "parameters": {"mean": 3}}),
        ("beta 2 5", {"type": "beta", "parameters": {"alpha": 2, "beta": 5}}),
    ],
)
def test_distributions_are_a_name_and_numbers(distribution: str, law: dict[str, Any]) -> None:
    """In the order that textbooks have them."""
    text = f"name: x\nschema: {{A: {{fields: {{n: {{type: numerical, distribution: '{distribution}'}}}}}}}}"
    assert columns(text)["n"]["distribution"] == law
