"""One CREATE TABLE statement joins an experiment; what was there stays as it was."""

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.import_report_pb2 import StatementStatus
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from tests.schema_svc.requests import import_sql, refused

C = grpc.StatusCode
CUSTOMERS = "CREATE TABLE customers (customer_id BIGINT PRIMARY KEY, name VARCHAR(10));"


async def import_table(schema: SchemaServiceStub, sql: str, **more: object) -> pb.ImportTableResponse:
    """Import one table into the experiment `shop`."""
    request = pb.ImportTableRequest(name="shop", sql=sql, **more)  # type: ignore[arg-type]  # fields of the request
    return await call(schema.ImportTable, request)


async def test_a_table_joins_with_its_keys_and_rows(schema: SchemaServiceStub) -> None:
    """It references what is there, and the statements about it come along."""
    before = (await import_sql(schema, "shop", CUSTOMERS)).experiment
    sql = (
        "CREATE TABLE orders (region INT, no INT, customer_id BIGINT NOT NULL, PRIMARY KEY (region, no));\n"
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customers (customer_id);\n"
        "GRANT SELECT ON orders TO public;"
    )
    answer = await import_table(schema, sql, target_rows=7)
    after = answer.experiment
    assert (after.revision, after.id, list(after.tables[:1])) == (2, before.id, list(before.tables))
    orders = after.tables[1]
    assert (orders.name, orders.target_rows, list(orders.primary_key)) == ("orders", 7, ["_row_id"])
    keys = {column.name: column.foreign_key.references_table for column in orders.columns}
    assert keys["customer_id"] == "customers"
    outcomes = [status.outcome for status in answer.statements]
    assert outcomes == [StatementStatus.IMPORTED, StatementStatus.IMPORTED, StatementStatus.SKIPPED]
    assert list(answer.warnings) == list(orders.warnings)
    assert "composite primary key (region, no)" in answer.warnings[0]


async def test_keys_are_guessed_for_the_new_table_alone(schema: SchemaServiceStub) -> None:
    """Who refused a guess for an old table must not get it back."""
    old = CUSTOMERS + "CREATE TABLE visits (visit_id INT PRIMARY KEY, customer_id BIGINT, order_id BIGINT);"
    before = (await import_sql(schema, "shop", old, infer_foreign_keys=False)).experiment
    sql = "CREATE TABLE orders (order_id BIGINT PRIMARY KEY, customer_id BIGINT)"
    answer = await import_table(schema, sql)
    assert list(answer.experiment.tables[:2]) == list(before.tables)
    guessed = answer.experiment.tables[2].columns[1].foreign_key
    assert (guessed.references_table, guessed.inferred) == ("customers", True)
    assert [one.path for one in answer.diagnostics] == ["orders.customer_id"]
    refused_guess = await import_table(
        schema, sql.replace("orders", "offers"), refused_foreign_keys=["offers.customer_id"]
    )
    assert not refused_guess.experiment.tables[3].columns[1].HasField("foreign_key")


async def test_rules_are_guessed_for_the_new_table_alone(schema: SchemaServiceStub) -> None:
    """What is told is about the table that came, and who wants no guesses gets none."""
    old = "CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(60), city VARCHAR(40));"
    before = (await import_sql(schema, "shop", old, infer_rules=False)).experiment
    answer = await import_table(schema, "CREATE TABLE visits (id INT PRIMARY KEY, url VARCHAR(200))")
    assert list(answer.experiment.tables[:1]) == list(before.tables)
    assert answer.experiment.tables[1].columns[1].rule.faker.provider == "url"
    assert "of 1 columns in 1 tables" in answer.diagnostics[0].message
    plain = await import_table(schema, "CREATE TABLE pages (id INT PRIMARY KEY, url VARCHAR(200))", infer_rules=False)
    assert not plain.experiment.tables[2].columns[1].HasField("rule")
    assert not plain.diagnostics


@pytest.mark.parametrize(
    ("sql", "code", "reason"),
    [
        ("CREATE TABLE CUSTOMERS (id INT)", C.ALREADY_EXISTS, "TABLE_EXISTS"),
        ("CREATE TABLE a (id INT); CREATE TABLE b (id INT)", C.INVALID_ARGUMENT, "INVALID_SQL"),
        ("SELECT 1", C.INVALID_ARGUMENT, "INVALID_SQL"),
        ("-- nothing", C.INVALID_ARGUMENT, "EMPTY_DOCUMENT"),
    ],
)
async def test_what_cannot_join_changes_nothing(sql: str, code: C, reason: str, schema: SchemaServiceStub) -> None:
    """All or nothing, and the reason says which."""
    before = (await import_sql(schema, "shop", CUSTOMERS)).experiment
    with refused(code, reason):
        await import_table(schema, sql)
    assert (await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))).experiment == before


async def test_a_statement_in_another_dialect_is_refused(schema: SchemaServiceStub) -> None:
    """NUMBER is one type to Snowflake and none to Redshift: an experiment has one dialect."""
    await import_sql(schema, "shop", CUSTOMERS)
    with refused(C.INVALID_ARGUMENT, "INVALID_EXPERIMENT") as caught:
        await import_table(schema, "CREATE TABLE t (id NUMBER)", dialect=SqlDialect.SNOWFLAKE)
    assert caught.value.fields[0].path == "dialect"


async def test_an_unknown_experiment_gets_no_table(schema: SchemaServiceStub) -> None:
    """The nearest name is offered."""
    await import_sql(schema, "shop", CUSTOMERS)
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT") as caught:
        await call(schema.ImportTable, pb.ImportTableRequest(name="shp", sql=CUSTOMERS))
    assert caught.value.hint == "did you mean 'shop'?"
