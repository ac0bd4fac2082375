"""Inference through the door: on unless it is switched off, seen in the answer and in what is stored."""

from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from tests.schema_svc.requests import import_sql

SQL = (
    "CREATE TABLE users (userid INT NOT NULL, email VARCHAR(80));"
    "CREATE TABLE orders (order_id INT, userid INT, ordered_at TIMESTAMP, shipped_at TIMESTAMP);"
)


def inferred(answer: pb.ImportSqlResponse | pb.GetExperimentResponse) -> dict[str, str]:
    """Kinds of the inferred rules by `table.column`."""
    return {
        f"{table.name}.{column.name}": str(column.rule.WhichOneof("kind"))
        for table in answer.experiment.tables
        for column in table.columns
        if column.inferred
    }


async def test_what_is_inferred_is_answered_and_stored(schema: SchemaServiceStub) -> None:
    """The user sees it, and edits it as any other rule."""
    answer = await import_sql(schema, "shop", SQL)
    assert inferred(answer) == {
        "users.userid": "sequence",
        "users.email": "faker",
        "orders.order_id": "sequence",
        "orders.shipped_at": "offset",
    }
    assert answer.experiment.tables[1].columns[1].foreign_key.references_table == "users"
    assert [d.code for d in answer.diagnostics] == ["FOREIGN_KEY_INFERRED", "RULES_INFERRED"]
    stored = await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))
    assert inferred(stored) == inferred(answer)
    edited = stored.experiment
    edited.tables[0].columns[1].rule.faker.provider = "company_email"
    edited.tables[0].columns[1].inferred = False
    await call(schema.UpdateExperiment, pb.UpdateExperimentRequest(name="shop", experiment=edited))
    changed = await call(schema.GetExperiment, pb.GetExperimentRequest(name="shop"))
    assert set(inferred(changed)) == set(inferred(answer)) - {"users.email"}


async def test_inference_is_switched_off_by_request(schema: SchemaServiceStub) -> None:
    """Rules and keys, each on its own; documents are taken as they are."""
    assert inferred(await import_sql(schema, "a", SQL, infer_rules=False)) == {}
    assert "users.email" in inferred(await import_sql(schema, "b", SQL, infer_rules=True, infer_foreign_keys=False))
    spec = '{"name": "c", "tables": [{"name": "t", "columns": [{"name": "email", "data_type": "VARCHAR(80)"}]}]}'
    assert not (await call(schema.ImportSpec, pb.ImportSpecRequest(spec=spec))).experiment.tables[0].columns[0].inferred


async def test_the_exported_ddl_has_nothing_that_was_inferred(schema: SchemaServiceStub) -> None:
    """It is the user's DDL: what was guessed once is guessed again."""
    answer = await import_sql(schema, "shop", SQL)
    request = pb.ExportExperimentRequest(name="shop", format=pb.ExportExperimentRequest.DDL)
    exported = await call(schema.ExportExperiment, request)
    assert "UNIQUE" not in exported.text
    assert "REFERENCES" not in exported.text
    again = await import_sql(schema, "again", exported.text)
    assert again.experiment.tables == answer.experiment.tables
