"""Every rule of a document, broken once: both doors name the path, the reason, and what would be right."""

import copy
import json
from typing import Any

import grpc
import pytest
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.experiment_pb2 import Experiment
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub
from google.protobuf import json_format

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault

SHOP: dict[str, Any] = {
    "name": "shop",
    "dialect": "REDSHIFT",
    "tables": [
        {
            "name": "customers",
            "target_rows": "100",
            "primary_key": ["id"],
            "columns": [
                {"name": "id", "data_type": "INT"},
                {"name": "email", "data_type": "VARCHAR(40)", "is_unique": True},
                {"name": "age", "data_type": "SMALLINT"},
                {"name": "score", "data_type": "FLOAT"},
                {"name": "born", "data_type": "DATE"},
                {"name": "flag", "data_type": "BOOLEAN"},
                {"name": "price", "data_type": "DECIMAL(4,2)"},
            ],
        },
        {
            "name": "orders",
            "target_rows": "300",
            "columns": [
                {"name": "customer_id", "data_type": "INT", "required": True,
                 "foreign_key": {"references_table": "customers", "references_column": "id"}},
                {"name": "line", "data_type": "SMALLINT", "required": True},
                {"name": "note", "data_type": "VARCHAR(8)"},
            ],
        },
    ],
}  # fmt: skip
ROWS: list[tuple[str, Any, str, str]] = [
    # what is set, to what, where the problem is (empty: there), its reason
    ("name", "1 2", "", "INVALID_NAME"),
    ("dialect", "SQLITE", "", "UNKNOWN_DIALECT"),
    ("tables", [], "", "INVALID_EXPERIMENT"),
    ("tables[0].name", "ORDERS", "tables[1].name", "NAME_COLLISION"),
    ("tables[0].name", "a/b", "", "INVALID_NAME"),
    ("tables[0].columns[1].name", "ID", "", "NAME_COLLISION"),
    ("tables[0].columns[1].name", "", "", "INVALID_NAME"),
    ("tables[0].columns[2].name", "_dwsim_x", "", "INVALID_NAME"),
    ("tables[1].columns", [], "", "INVALID_EXPERIMENT"),
    ("tables[0].target_rows", "-1", "", "INVALID_ROW_COUNT"),
    ("tables[0].target_rows", "1000000000001", "", "INVALID_ROW_COUNT"),
    ("tables[0].columns[2].data_type", "INTT", "", "INVALID_EXPERIMENT"),
    ("tables[0].columns[2].data_type", "HLLSKETCH", "", "INVALID_EXPERIMENT"),
    # references
    ("tables[1].columns[0].foreign_key.references_table", "custmers", "", "UNKNOWN_REFERENCED_TABLE"),
    ("tables[1].columns[0].foreign_key.references_column", "idd", "", "UNKNOWN_REFERENCED_COLUMN"),
    ("tables[1].columns[0].foreign_key.references_column", "age", "", "REFERENCE_NOT_UNIQUE"),
    ("tables[1].columns[0].foreign_key.references_column", "email", "tables[1].columns[0].foreign_key",
     "RULE_MISFIT"),
    ("tables[1].columns[0].foreign_key.nullable", True, "", "INVALID_EXPERIMENT"),
    ("tables[0].columns[2].foreign_key", {"references_table": "orders", "references_column": "line"},
     "tables[0].columns[2].foreign_key.references_column", "REFERENCE_NOT_UNIQUE"),
    ("tables[1].foreign_keys", [{"columns": ["line", "nope"], "references_table": "customers"}],
     "tables[1].foreign_keys[0].columns[1]", "INVALID_KEY"),
    ("tables[1].foreign_keys", [{"references_table": "customers"}], "tables[1].foreign_keys[0].columns", "INVALID_KEY"),
    ("tables[1].foreign_keys",
     [{"columns": ["line", "note"], "references_table": "customers", "references_columns": ["id"]}],
     "tables[1].foreign_keys[0].references_columns", "INVALID_KEY"),
    # keys
    ("tables[1].primary_key", ["nope"], "tables[1].primary_key[0]", "INVALID_KEY"),
    ("tables[1].unique_keys", [{"columns": []}], "tables[1].unique_keys[0].columns", "INVALID_KEY"),
    ("tables[1].composite_keys", [{"columns": []}], "tables[1].composite_keys[0].columns", "INVALID_KEY"),
    ("tables[1].composite_keys", [{"columns": ["line", "x"]}], "tables[1].composite_keys[0].columns[1]", "INVALID_KEY"),
    ("tables[1].composite_keys", [{"columns": ["line", "line"]}], "tables[1].composite_keys[0].columns", "INVALID_KEY"),
    # nulls, numbers, dates, lengths
    ("tables[0].columns[2].null_fraction", 1.5, "", "RULE_MISFIT"),
    ("tables[1].columns[1].null_fraction", 0.5, "", "RULE_MISFIT"),
    ("tables[0].columns[2].max_value", 40000, "", "RULE_MISFIT"),
    ("tables[0].columns[6].min_value", -100, "", "RULE_MISFIT"),
    ("tables[0].columns[4].min_value", 1, "", "RULE_MISFIT"),
    ("tables[0].columns[4].date_start", "2024-13-01", "", "RULE_MISFIT"),
    ("tables[0].columns[3].date_start", "2024-01-01", "", "RULE_MISFIT"),
    ("tables[0].columns[3].varchar_length", 9, "", "RULE_MISFIT"),
    ("tables[0].columns[1].varchar_length", 0, "", "RULE_MISFIT"),
    ("tables[0].columns[1].varchar_length", 41, "", "RULE_MISFIT"),
    ("tables[0].columns[2]", {"name": "age", "data_type": "INT", "min_value": 9, "max_value": 1},
     "tables[0].columns[2].min_value", "RULE_MISFIT"),
    ("tables[0].columns[2]", {"name": "age", "data_type": "INT", "min_value": 1.2, "max_value": 1.8},
     "tables[0].columns[2].min_value", "RULE_MISFIT"),
    ("tables[0].columns[4]", {"name": "d", "data_type": "DATE", "date_start": "2024-02-01", "date_end": "2024-01-01"},
     "tables[0].columns[4].date_start", "RULE_MISFIT"),
    # distributions
    ("tables[0].columns[3].distribution", {"type": "norml"}, "tables[0].columns[3].distribution.type",
     "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "normal", "parameters": {"stddev": -1}},
     "tables[0].columns[3].distribution.parameters.stddev", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "normal", "parameters": {"sigma": 1}},
     "tables[0].columns[3].distribution.parameters.sigma", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "exponential"},
     "tables[0].columns[3].distribution.parameters.mean", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "beta", "parameters": {"alpha": 0, "beta": 1}},
     "tables[0].columns[3].distribution.parameters.alpha", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "uniform", "parameters": {"min": 2, "max": 1}},
     "tables[0].columns[3].distribution.parameters.min", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[3].distribution", {"type": "poisson", "parameters": {"mean": 1e9}},
     "tables[0].columns[3].distribution.parameters.mean", "INVALID_DISTRIBUTION"),
    ("tables[0].columns[5].distribution", {"type": "normal"}, "tables[0].columns[5].distribution", "RULE_MISFIT"),
    # laws and time profiles
    ("tables[0].columns[3].rule", {"lognormal": {"sigma": 800}}, "tables[0].columns[3].rule.lognormal.sigma",
     "RULE_MISFIT"),
    ("tables[0].columns[3].rule", {"gamma": {"shape": 1e-9, "scale": 1}}, "tables[0].columns[3].rule.gamma.shape",
     "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"poisson": {"mean": 1e12}}, "tables[0].columns[2].rule.poisson.mean", "RULE_MISFIT"),
    ("tables[0].columns[3].rule", {"exponential": {"mean": 1, "bounds": {"max": "-1"}}},
     "tables[0].columns[3].rule.exponential.bounds.max", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"pareto": {"minimum": 50, "alpha": 1, "bounds": {"max": "9"}}},
     "tables[0].columns[2].rule.pareto.bounds.max", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"beta": {"alpha": 1, "beta": 1, "bounds": {"min": "9"}}},
     "tables[0].columns[2].rule.beta.bounds.min", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"beta": {"alpha": 1, "beta": 1, "bounds": {"max": "-9"}}},
     "tables[0].columns[2].rule.beta.bounds.max", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"beta": {"alpha": 1, "beta": 1}}, "tables[0].columns[4].rule.beta.bounds",
     "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"uniform": {"profile": {"weekday_weights": [1, 2]}}},
     "tables[0].columns[4].rule.uniform.profile.weekday_weights", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"uniform": {"profile": {"month_weights": [0] * 12}}},
     "tables[0].columns[4].rule.uniform.profile.month_weights", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"event_time": {"profile": {"hour_weights": [1] * 24}}},
     "tables[0].columns[4].rule.event_time.profile.hour_weights", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"event_time": {"profile": {"growth_per_year": -1}}},
     "tables[0].columns[4].rule.event_time.profile.growth_per_year", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"event_time": {"start": "2024-02-01", "end": "2024-01-01"}},
     "tables[0].columns[4].rule.event_time.start", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"uniform": {"profile": {"growth_per_year": 0.5}}},
     "tables[0].columns[2].rule.uniform.profile.growth_per_year", "RULE_MISFIT"),
    ("tables[0].columns[3]", {"name": "u", "data_type": "INT", "is_unique": True, "rule": {"poisson": {"mean": 9}}},
     "tables[0].columns[3].rule.poisson", "RULE_MISFIT"),
    # rules against types
    ("tables[0].columns[2].rule", {"boolean": {}}, "tables[0].columns[2].rule.boolean", "RULE_MISFIT"),
    ("tables[0].columns[5].rule", {"sequence": {}}, "tables[0].columns[5].rule.sequence", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"text": {}}, "tables[0].columns[4].rule.text", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"uniform": {"min": "9", "max": "1"}}, "tables[0].columns[2].rule.uniform.min",
     "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"uniform": {"max": "40000"}}, "tables[0].columns[2].rule.uniform.max",
     "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"uniform": {"min": "soon"}}, "tables[0].columns[4].rule.uniform.min", "RULE_MISFIT"),
    ("tables[0].columns[3].rule", {"normal": {"bounds": {"min": "2", "max": "1"}}},
     "tables[0].columns[3].rule.normal.bounds.min", "RULE_MISFIT"),
    ("tables[0].columns[6].rule", {"constant": {"value": "123.45"}}, "tables[0].columns[6].rule.constant.value",
     "RULE_MISFIT"),
    ("tables[1].columns[2].rule", {"constant": {"value": "too long a text"}},
     "tables[1].columns[2].rule.constant.value", "RULE_MISFIT"),
    ("tables[0].columns[5].rule", {"weighted_choice": {"choices": [{"value": "perhaps"}]}},
     "tables[0].columns[5].rule.weighted_choice.choices[0].value", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"weighted_choice": {"choices": [{"value": "1", "weight": 0}]}},
     "tables[0].columns[2].rule.weighted_choice.choices", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"mixture": {"parts": [{"weight": 1, "rule": {"text": {}}}]}},
     "tables[0].columns[2].rule.mixture.parts[0].rule.text", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"pattern": {"expression": "["}}, "tables[0].columns[1].rule.pattern.expression",
     "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"template": {"template": "{nme}"}}, "tables[0].columns[1].rule.template.template",
     "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"pattern": {"expression": "a(?=b)"}},
     "tables[0].columns[1].rule.pattern.expression", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"pattern": {"expression": "[[:alpha:]]"}},
     "tables[0].columns[1].rule.pattern.expression", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"pattern": {"expression": r"(a)\1"}},
     "tables[0].columns[1].rule.pattern.expression", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"pattern": {"expression": r"^[A-Z]{3}-\d{4}(?:x|[\]y])?$"}}, "", ""),
    ("tables[0].columns[2].rule", {"pattern": {"expression": "a"}}, "tables[0].columns[2].rule.pattern",
     "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"template": {"template": "{age:loud}"}},
     "tables[0].columns[1].rule.template.template", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"template": {"template": "{age"}},
     "tables[0].columns[1].rule.template.template", "RULE_MISFIT"),
    ("tables[0].columns[2].rule", {"hierarchy": {"level": 1, "roots": [{"value": "1"}]}},
     "tables[0].columns[2].rule.hierarchy.level", "RULE_MISFIT"),
    ("tables[0].columns[4].rule", {"faker": {"provider": "date_of_birth"}}, "", ""),
    ("tables[0].columns[1].rule", {"json": {"members": [{"name": "a"}, {"name": "a"}]}},
     "tables[0].columns[1].rule.json.members[1].name", "RULE_MISFIT"),
    ("tables[1].columns[2].rule", {"lookup": {"foreign_key": "line", "column": "email"}},
     "tables[1].columns[2].rule.lookup.foreign_key", "RULE_MISFIT"),
    ("tables[1].columns[2].rule", {"lookup": {"foreign_key": "customer_id", "column": "emial"}},
     "tables[1].columns[2].rule.lookup.column", "RULE_MISFIT"),
    ("tables[0].columns[1].rule", {"json": {"members": [{"name": "a", "data_type": "INTT"}]}},
     "tables[0].columns[1].rule.json.members[0].data_type", "RULE_MISFIT"),
    # domains
    ("tables[0].columns[5].is_unique", True, "", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[1].data_type", "CHAR(1)", "tables[0].columns[1].is_unique", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[2]", {"name": "age", "data_type": "INT", "is_unique": True, "min_value": 1, "max_value": 99},
     "tables[0].columns[2].is_unique", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[4]", {"name": "d", "data_type": "DATE", "is_unique": True, "date_start": "2024-01-01",
                              "date_end": "2024-01-31"}, "tables[0].columns[4].is_unique", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[1].rule", {"weighted_choice": {"choices": [{"value": "a"}, {"value": "b"}]}},
     "tables[0].columns[1].is_unique", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[1].rule", {"constant": {"value": "a"}}, "tables[0].columns[1].is_unique", "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[0].rule", {"permuted": {"min": 1, "max": 99}}, "tables[0].columns[0].is_unique",
     "DOMAIN_TOO_SMALL"),
    ("tables[0].columns[0].rule", {"sequence": {"start": 2147483600}}, "tables[0].columns[0].is_unique",
     "DOMAIN_TOO_SMALL"),
    ("tables[0].unique_keys", [{"columns": ["flag", "price"]}, {"columns": ["flag", "born"]}], "", ""),
    ("tables[0].columns[6].rule", {"uniform": {"min": "1.00", "max": "1.40"}}, "", ""),
    ("tables[0].unique_keys", [{"columns": ["flag"], "name": "uq"}], "tables[0].columns[5].is_unique",
     "DOMAIN_TOO_SMALL"),
    ("tables[1].columns[0].is_unique", True, "", "DOMAIN_TOO_SMALL"),
    ("tables[1]", {"name": "orders", "target_rows": "201", "composite_keys": [{"columns": ["customer_id", "line"]}],
                   "columns": [SHOP["tables"][1]["columns"][0], {"name": "line", "data_type": "BOOLEAN"}]},
     "tables[1].composite_keys[0].columns", "DOMAIN_TOO_SMALL"),
    # fan-outs
    ("tables[1].columns[0].foreign_key.parent_choice", {"fan_out": {"min": 3, "max": 2}},
     "tables[1].columns[0].foreign_key.parent_choice.fan_out.min", "IMPOSSIBLE_FAN_OUT"),
    ("tables[1].columns[0].foreign_key.parent_choice", {"fan_out": {"min": 1, "max": 2}},
     "tables[1].columns[0].foreign_key.parent_choice.fan_out.max", "IMPOSSIBLE_FAN_OUT"),
    ("tables[1].columns[0].foreign_key.parent_choice", {"fan_out": {"min": 4, "max": 9}},
     "tables[1].columns[0].foreign_key.parent_choice.fan_out.min", "IMPOSSIBLE_FAN_OUT"),
    ("tables[1].columns[0].foreign_key.parent_choice", {"tree": {}},
     "tables[1].columns[0].foreign_key.parent_choice.tree", "INVALID_EXPERIMENT"),
    ("tables[0].target_rows", "0", "tables[1].columns[0].foreign_key", "IMPOSSIBLE_FAN_OUT"),
    # Faker
    ("tables[0].columns[1].faker_rule", "internet.email", "", ""),
    ("tables[0].columns[1].faker_rule", "emial", "", "UNKNOWN_PROVIDER"),
    ("tables[0].columns[1].faker_rule", "fake.unique.email", "", "UNKNOWN_PROVIDER"),
    ("tables[0].columns[1].rule", {"faker": {"provider": "product_name", "locale": "de-DE"}}, "", ""),
    ("tables[0].columns[1].rule", {"faker": {"provider": "citty"}}, "tables[0].columns[1].rule.faker.provider",
     "UNKNOWN_PROVIDER"),
    ("tables[0].columns[1].rule", {"faker": {"provider": "city", "locale": "de_XX"}},
     "tables[0].columns[1].rule.faker.locale", "UNKNOWN_PROVIDER"),
    # checks, defaults, views, correlations
    ("tables[0].checks", ["age > 0", ""], "tables[0].checks[1]", "INVALID_EXPRESSION"),
    ("tables[0].checks", ["(age > 0"], "tables[0].checks[0]", "INVALID_EXPRESSION"),
    ("tables[0].checks", ["age > 0); DROP TABLE x; --"], "tables[0].checks[0]", "INVALID_EXPRESSION"),
    ("tables[0].columns[2].properties", {"default": "1; SELECT 2"}, "tables[0].columns[2].properties.default",
     "INVALID_EXPRESSION"),
    ("views", [{"name": "orders", "sql": "SELECT 1"}], "views[0].name", "NAME_COLLISION"),
    ("views", [{"name": "v", "sql": ""}], "views[0].sql", "INVALID_EXPRESSION"),
    ("tables[0].correlations", [{"columns": ["age", "nope"], "rank_correlations": [1, 0, 0, 1]}],
     "tables[0].correlations[0].columns[1]", "INVALID_KEY"),
    ("tables[0].correlations", [{"columns": ["age", "born"], "rank_correlations": [1, 0, 0, 1]}],
     "tables[0].correlations[0].columns[1]", "INVALID_CORRELATION"),
    ("tables[0].correlations", [{"columns": ["age", "score"], "rank_correlations": [1, 0]}],
     "tables[0].correlations[0].rank_correlations", "INVALID_CORRELATION"),
    ("tables[0].correlations", [{"columns": ["age", "score"], "rank_correlations": [1, 2, 2, 1]}],
     "tables[0].correlations[0].rank_correlations[1]", "INVALID_CORRELATION"),
    ("tables[0].correlations", [{"columns": ["age", "score"], "rank_correlations": [1, 0.5, 0.4, 1]}],
     "tables[0].correlations[0].rank_correlations[1]", "INVALID_CORRELATION"),
    ("tables[0].correlations",
     [{"columns": ["age", "score", "price"], "rank_correlations": [1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1]}],
     "tables[0].correlations[0].rank_correlations", "INVALID_CORRELATION"),
]  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The shop with one thing set."""
    document = copy.deepcopy(SHOP)
    here: Any = document
    *way, last = path.replace("[", ".[").split(".")
    for step in way:
        here = here[int(step[1:-1])] if step.startswith("[") else here.setdefault(step, {})
    here[int(last[1:-1]) if last.startswith("[") else last] = value
    return document


def message(document: dict[str, Any]) -> Experiment:
    """A document as both doors take it."""
    return json_format.Parse(json.dumps(document), Experiment())


async def test_the_shop_itself_is_valid(schema: SchemaServiceStub) -> None:
    """What is broken below is what was set, nothing else."""
    answer = await call(schema.ValidateExperiment, pb.ValidateExperimentRequest(experiment=message(SHOP)))
    assert answer.valid, answer.diagnostics


async def test_each_broken_rule_is_named_at_both_doors(schema: SchemaServiceStub) -> None:
    """One row per rule: path, reason, and words."""
    wrong = {}
    for path, value, place, reason in ROWS:
        document = message(changed(path, value))
        answer = await call(schema.ValidateExperiment, pb.ValidateExperimentRequest(experiment=document))
        found = {(diagnostic.path, diagnostic.code) for diagnostic in answer.diagnostics}
        expected = {(place or path, reason)} if reason else set()
        if answer.valid == bool(reason) or not expected <= found or not all(d.message for d in answer.diagnostics):
            wrong[path, str(value)] = found
        elif reason:
            with pytest.raises(RemoteFault) as caught:
                await call(schema.CreateExperiment, pb.CreateExperimentRequest(experiment=document))
            assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
            assert (place or path) in [field.path for field in caught.value.fields]
            assert len(found) > 1 or caught.value.reason == reason
    assert not wrong


async def test_a_cycle_of_required_keys_is_named(schema: SchemaServiceStub) -> None:
    """The names say where to cut."""
    column = {"name": "o", "data_type": "INT", "required": True}
    key = {"references_table": "orders", "references_column": "customer_id"}
    document = changed("tables[0].columns[2]", column | {"foreign_key": key})
    document["tables"][1]["columns"][0]["is_unique"] = True
    document["tables"][1]["target_rows"] = "100"
    answer = await call(schema.ValidateExperiment, pb.ValidateExperimentRequest(experiment=message(document)))
    told = {diagnostic.code: diagnostic.message for diagnostic in answer.diagnostics}
    assert "customers -> orders -> customers" in told["REQUIRED_CYCLE"]


async def test_an_import_gives_a_table_no_more_rows_than_its_key_has_values(schema: SchemaServiceStub) -> None:
    """A lookup table with CHAR(1) as key must not cost a file of 400 tables; rows that were asked for are refused."""
    sql = "CREATE TABLE kinds (code CHAR(1) PRIMARY KEY); CREATE TABLE t (code CHAR(1) UNIQUE REFERENCES kinds (code));"
    answer = await call(schema.ImportSql, pb.ImportSqlRequest(name="small", sql=sql, validate_only=True))
    assert [table.target_rows for table in answer.experiment.tables] == [36, 36]
    assert "must be unique, and there are no more than 36" in answer.warnings[0]
    with pytest.raises(RemoteFault) as caught:
        await call(schema.ImportSql, pb.ImportSqlRequest(name="small", sql=sql, table_rows={"kinds": 1000}))
    assert caught.value.reason == "DOMAIN_TOO_SMALL"


async def test_a_rule_that_does_not_fit_hides_no_problem_of_another_table(schema: SchemaServiceStub) -> None:
    """Who mends one thing should not be shown the next one only then."""
    document = changed("tables[0].columns[5].is_unique", True)
    document["tables"][1]["columns"].append({"name": "z", "data_type": "INT", "rule": {"uuid": {}}})
    answer = await call(schema.ValidateExperiment, pb.ValidateExperimentRequest(experiment=message(document)))
    assert {"DOMAIN_TOO_SMALL", "RULE_MISFIT"} <= {diagnostic.code for diagnostic in answer.diagnostics}
