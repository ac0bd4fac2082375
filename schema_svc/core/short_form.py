"""The short YAML form: `schema:`, tables by name, `count:`, `fields:` by name. It expands to the whole document."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import Field, field_validator, model_validator

from schema_svc.core.model import ParentChoice
from schema_svc.core.names import did_you_mean
from schema_svc.core.parts import Exact, Integer, Number, Part, Share, Whole
from schema_svc.core.places import steps
from schema_svc.core.problems import Problem
from schema_svc.core.rules import Rule
from schema_svc.core.vocabulary import Constraints, Dialect, WarehouseKind


class FieldType(NamedTuple):
    """What one short type means in the document."""

    data_type: str
    needs: str = ""
    """Key that a field of this type has."""
    unique: bool = False
    required: bool = False
    moments: bool = False
    """Its range is of dates or moments."""


FIELD_TYPES: Mapping[str, FieldType] = {
    "serial": FieldType("BIGINT", unique=True, required=True),
    "integer": FieldType("BIGINT"),
    "numerical": FieldType("FLOAT"),
    "decimal": FieldType("DECIMAL"),
    "categorical": FieldType("VARCHAR", needs="values"),
    "unique": FieldType("VARCHAR", unique=True),
    "string": FieldType("VARCHAR"),
    "text": FieldType("VARCHAR"),
    "boolean": FieldType("BOOLEAN"),
    "datetime": FieldType("TIMESTAMP", moments=True),
    "date": FieldType("DATE", moments=True),
    "uuid": FieldType("UUID"),
    "json": FieldType("JSON"),
    "foreign_key": FieldType("", needs="references"),
}

LAWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "gaussian": ("normal", ("mean", "stddev")),
    "normal": ("normal", ("mean", "stddev")),
    "uniform": ("uniform", ("min", "max")),
    "lognormal": ("lognormal", ("mu", "sigma")),
    "exponential": ("exponential", ("mean",)),
    "beta": ("beta", ("alpha", "beta")),
    "gamma": ("gamma", ("shape", "scale")),
    "poisson": ("poisson", ("mean",)),
    "zipf": ("zipf", ("exponent", "ranks")),
    "pareto": ("pareto", ("minimum", "alpha")),
}
"""Names of laws, the law of the document, and what the numbers behind the name are."""


class ShortField(Part):
    """One column in the short form; a text alone is its type."""

    type: str = Field(
        description="serial, integer, numerical, decimal, categorical, unique, string, boolean, datetime, date, uuid, "
        "json, foreign_key, or a SQL type such as VARCHAR(40)",
        examples=["serial", "categorical", "foreign_key"],
    )
    sql_type: str = Field("", description="SQL type, where it is not that of `type`")
    primary_key: bool = Field(False, description="The column is part of the table's primary key")
    unique: bool = Field(False, description="Values are distinct")
    required: bool = Field(False, description="NOT NULL")
    null_fraction: Share | None = Field(None, description="Share of NULLs, 0 to 1")
    pii: bool = Field(False, description="The column holds personal data; kept as a property")
    generator: str = Field("", description="Faker provider", examples=["faker.first_name", "faker.email"])
    distribution: str = Field(
        "",
        description="Law and its parameters, such as `gaussian 50 10` for mean 50 and standard deviation 10",
        examples=["gaussian 50 10", "uniform 1 6", "zipf 1.2"],
    )
    range: list[Exact] = Field(
        default_factory=list, min_length=2, max_length=2, description="Smallest and largest value, as [a, b]"
    )
    values: list[Exact] = Field(default_factory=list, description="Values of a categorical column")
    weights: list[Number] = Field(default_factory=list, description="Relative weights of `values`")
    length: Integer | None = Field(None, description="Longest text")
    references: str = Field("", description="Referenced column, as Table.column", examples=["Customer.customer_id"])
    parent_choice: ParentChoice | None = Field(None, description="How parents are chosen")
    rule: Rule | None = Field(None, description="How cells are made, as in the whole document")
    comment: str = Field("", description="What the column is about")

    @model_validator(mode="before")
    @classmethod
    def _type_alone(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @field_validator("type")
    @classmethod
    def _trim(cls, name: str) -> str:
        return name.strip()


class ShortTable(Part):
    """One table in the short form."""

    count: Whole | None = Field(None, description="Rows that a run makes; 1000 if not given")
    fields: dict[str, ShortField] = Field(description="Columns by name, in order")
    unique: list[list[str]] = Field(default_factory=list, description="Groups of columns whose tuples are unique")
    comment: str = Field("", description="What the table is about")


class ShortDocument(Part):
    """An experiment in the short form."""

    name: str = Field("", description="Name of the experiment")
    description: str = Field("", description="What the experiment is about")
    dialect: Dialect = Field(Dialect.NAME_UNSPECIFIED, description="Dialect of the SQL types")
    target_warehouse: WarehouseKind = Field(WarehouseKind.KIND_UNSPECIFIED, description="Warehouse that is loaded")
    constraints: Constraints = Field(Constraints.CONSTRAINTS_UNSPECIFIED, description="Whether keys are enforced")
    tables: dict[str, ShortTable] = Field(alias="schema", description="Tables by name, in order")


class Origins:
    """Where in the short form a path of the document comes from."""

    _FIELDS: Mapping[str, str] = {
        "data_type": "type",
        "min_value": "range",
        "max_value": "range",
        "date_start": "range",
        "date_end": "range",
        "faker_rule": "generator",
        "foreign_key": "references",
        "varchar_length": "length",
        "is_unique": "unique",
        "name": "",
    }

    def __init__(self, short: ShortDocument) -> None:
        self._tables = [(name, list(table.fields)) for name, table in short.tables.items()]

    def path(self, path: str) -> str:
        """`tables[0].columns[1].data_type` -> `schema.Customer.fields.email.type`."""
        place = steps(path)
        if len(place) < 2 or place[0] != "tables" or not isinstance(place[1], int):
            return "schema" if path == "tables" else path
        name, fields = self._tables[place[1]]
        rest = place[2:]
        if len(rest) < 2 or rest[0] != "columns" or not isinstance(rest[1], int):
            return _joined("schema", name, *(("count",) if rest[:1] == ("target_rows",) else ()))
        key = str(rest[2]) if len(rest) > 2 else ""
        return _joined("schema", name, "fields", fields[rest[1]], self._FIELDS.get(key, key))


def expand(short: ShortDocument) -> tuple[dict[str, Any], Origins, list[Problem]]:
    """Write a short document as a whole one; the problems are of the short form's own words."""
    problems: list[Problem] = []
    tables = [_table(name, table, short, problems) for name, table in short.tables.items()]
    whole = short.model_dump(mode="json", exclude={"tables"}, exclude_defaults=True) | {"tables": tables}
    return whole, Origins(short), problems


def _table(name: str, table: ShortTable, short: ShortDocument, problems: list[Problem]) -> dict[str, Any]:
    columns = [
        _column(field_name, field, short, _joined("schema", name, "fields", field_name), problems)
        for field_name, field in table.fields.items()
    ]
    return {
        "name": name,
        "target_rows": table.count,
        "columns": columns,
        "primary_key": [field_name for field_name, field in table.fields.items() if field.primary_key],
        "unique_keys": [{"columns": group} for group in table.unique],
        "properties": {"comment": table.comment} if table.comment else {},
    }


def _column(name: str, field: ShortField, short: ShortDocument, path: str, problems: list[Problem]) -> dict[str, Any]:
    meant = FIELD_TYPES.get(field.type.lower(), FieldType(field.type))
    if meant.needs and not getattr(field, meant.needs):
        problems.append(Problem(f"{path}.{meant.needs}", f"a field of type {field.type} needs {meant.needs}"))
    column: dict[str, Any] = {
        "name": name,
        "data_type": field.sql_type or meant.data_type or _referenced_type(field, short, ()),
        "required": field.required or meant.required,
        "is_unique": field.unique or meant.unique,
        "faker_rule": field.generator,
        "properties": dict(_properties(field)),
        "null_fraction": field.null_fraction,
        "varchar_length": field.length,
        "rule": field.rule.model_dump(by_alias=True, exclude_defaults=True) if field.rule else None,
    }
    column |= _bounds(field, meant)
    if field.references:
        column["foreign_key"] = _reference(field)
    if field.type.lower() == "serial" and not field.rule:
        column["rule"] = {"sequence": {"start": 1, "step": 1}}
    if field.values and not field.rule:
        column["rule"] = _choice(field, path, problems)
    if field.distribution:
        column["distribution"] = _distribution(field.distribution, f"{path}.distribution", problems)
    return column


def _properties(field: ShortField) -> Iterator[tuple[str, str]]:
    if field.pii:
        yield "pii", "true"
    if field.comment:
        yield "comment", field.comment


def _bounds(field: ShortField, meant: FieldType) -> dict[str, str]:
    names = ("date_start", "date_end") if meant.moments else ("min_value", "max_value")
    return dict(zip(names, field.range, strict=True)) if field.range else {}


def _reference(field: ShortField) -> dict[str, Any]:
    table, column = _split(field.references)
    choice = field.parent_choice.model_dump(exclude_defaults=True) if field.parent_choice else None
    return {
        "references_table": table,
        "references_column": column,
        "nullable": not (field.required or field.primary_key),
        "parent_choice": choice,
    }


def _referenced_type(field: ShortField, short: ShortDocument, seen: tuple[str, ...]) -> str:
    """SQL type of what a foreign key references; BIGINT where it is not to be found."""
    table_name, column_name = _split(field.references)
    table = short.tables.get(table_name)
    if table is None or field.references in seen:
        return "BIGINT"
    keys = [other for other in table.fields.values() if other.primary_key]
    parent = table.fields.get(column_name) or (keys[0] if len(keys) == 1 and not column_name else None)
    if parent is None:
        return "BIGINT"
    meant = FIELD_TYPES.get(parent.type.lower(), FieldType(parent.type))
    return parent.sql_type or meant.data_type or _referenced_type(parent, short, (*seen, field.references))


def _split(references: str) -> tuple[str, str]:
    table, _, column = references.rpartition(".") if "." in references else (references, "", "")
    return table.strip(), column.strip()


def _choice(field: ShortField, path: str, problems: list[Problem]) -> dict[str, Any]:
    weights = field.weights or [1.0] * len(field.values)
    if len(weights) != len(field.values):
        message = f"{len(weights)} weights for {len(field.values)} values"
        problems.append(Problem(f"{path}.weights", message, "give every value one weight"))
        weights = [1.0] * len(field.values)
    pairs = zip(field.values, weights, strict=True)
    return {"weighted_choice": {"choices": [{"value": value, "weight": weight} for value, weight in pairs]}}


def _distribution(text: str, path: str, problems: list[Problem]) -> dict[str, Any] | None:
    """`gaussian 50 10`, `gaussian(50, 10)`."""
    name, *numbers = text.replace("(", " ").replace(")", " ").replace(",", " ").split() or [""]
    if name.lower() not in LAWS:
        problems.append(Problem(path, f"{name!r} is not a distribution", did_you_mean(name, LAWS, "known are")))
        return None
    law, names = LAWS[name.lower()]
    if len(numbers) > len(names) or not all(map(_is_number, numbers)):
        shown = f"write {name.lower()} {' '.join(names)}, such as `gaussian 50 10`"
        problems.append(Problem(path, f"{text!r} has not the numbers of {name.lower()}", shown))
        return None
    return {"type": law, "parameters": dict(zip(names, map(float, numbers), strict=False))}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)
