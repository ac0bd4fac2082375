"""The life of experiments through the door: made, read, listed, changed, exported; wrong input refused."""

import json

import grpc
import pytest
from dwsim.common.v1.logical_type_pb2 import LogicalType
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.experiment_pb2 import Column, Experiment, Table
from dwsim.schema.v1.import_report_pb2 import StatementStatus
from dwsim.schema.v1.rule_pb2 import FakerRule, NormalRule, Rule, UuidRule
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub
from google.protobuf import json_format

from dwsim_wire.client import call
from tests.golden.ddl_goldens import TEXTS
from tests.schema_svc.conftest import Start
from tests.schema_svc.requests import SQL, import_sql, pages, refused

C = grpc.StatusCode


async def get(schema: SchemaServiceStub, name: str, revision: int = 0) -> Experiment:
    return (await call(schema.GetExperiment, pb.GetExperimentRequest(name=name, revision=revision))).experiment


def small(name: str, **table: object) -> Experiment:
    """A document of one table."""
    columns = [Column(name="id", data_type="INT", is_unique=True), Column(name="note", data_type="VARCHAR(20)")]
    return Experiment(name=name, tables=[Table(name="t", columns=columns, **table)])  # type: ignore[arg-type]  # fields of the table


async def test_an_imported_text_is_an_experiment_by_name_and_by_id(schema: SchemaServiceStub) -> None:
    """Names are for people, ids for what must outlive a rename."""
    answer = await import_sql(schema, "Shop")
    stored = answer.experiment
    assert (stored.revision, stored.state, len(stored.id)) == (1, Experiment.ACTIVE, 32)
    assert stored.create_time.seconds > 0
    assert stored.tables[0].columns[1].logical_type == LogicalType(kind=LogicalType.STRING, length=10)
    assert await get(schema, "shop") == await get(schema, stored.id) == stored
    assert [status.outcome for status in answer.statements] == [StatementStatus.IMPORTED]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
async def test_golden_texts_pass_the_door_whole(path: object, schema: SchemaServiceStub) -> None:
    """What core knows must fit the contract's messages."""
    sql = path.read_text()  # type: ignore[attr-defined]  # a path
    dialect = SqlDialect.SNOWFLAKE if "snowflake" in str(path) else SqlDialect.REDSHIFT
    answer = await import_sql(schema, "golden", sql, dialect=dialect)
    assert await get(schema, "golden") == answer.experiment
    assert answer.warnings == [text for table in answer.experiment.tables for text in table.warnings]


async def test_a_document_keeps_its_rules_and_shorthand(schema: SchemaServiceStub) -> None:
    """Rules are the generator's; nothing of them may get lost here."""
    rules = [Rule(uuid=UuidRule()), Rule(normal=NormalRule(mean=0, stddev=0)), Rule(faker=FakerRule(provider="email"))]
    columns = [Column(name=f"c{n}", data_type="VARCHAR(40)", rule=rule) for n, rule in enumerate(rules)]
    columns.append(Column(name="zero", data_type="INT", min_value=0, max_value=0, null_fraction=0))
    document = Experiment(name="rules", tables=[Table(name="t", columns=columns, target_rows=0)])
    stored = (await call(schema.CreateExperiment, pb.CreateExperimentRequest(experiment=document))).experiment
    table = stored.tables[0]
    assert [column.rule for column in table.columns[:3]] == rules
    assert (table.target_rows, table.columns[3].HasField("min_value")) == (0, True)


async def test_the_answered_json_is_a_document_that_can_be_sent_again(schema: SchemaServiceStub) -> None:
    """One format for every door: zero values printed, output-only fields ignored."""
    stored = (await import_sql(schema, "shop")).experiment
    text = json_format.MessageToJson(
        stored, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    request = pb.ImportSpecRequest(spec=text, name="again")
    again = (await call(schema.ImportSpec, request)).experiment
    assert again.tables == stored.tables
    assert again.id != stored.id


async def test_validate_only_stores_nothing(schema: SchemaServiceStub) -> None:
    """The CLI shows what it would store."""
    answer = await import_sql(schema, "shop", validate_only=True)
    assert (answer.experiment.id, answer.experiment.tables[0].name) == ("", "t")
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT"):
        await get(schema, "shop")


async def test_names_are_taken_without_regard_to_case(schema: SchemaServiceStub) -> None:
    """Warehouses fold names; two experiments must not meet there."""
    await import_sql(schema, "Shop")
    with refused(C.ALREADY_EXISTS, "EXPERIMENT_EXISTS"):
        await import_sql(schema, "SHOP")
    with refused(C.INVALID_ARGUMENT, "INVALID_NAME"):
        await import_sql(schema, "my shop")


async def test_the_same_request_id_answers_the_same_experiment(schema: SchemaServiceStub) -> None:
    """A client that lost the answer sends again."""
    first = await import_sql(schema, "shop", request_id="r1")
    assert await import_sql(schema, "shop", request_id="r1") == first
    with refused(C.ALREADY_EXISTS, "REQUEST_ID_REUSED"):
        await import_sql(schema, "shop", SQL + SQL.replace("t", "u", 1), request_id="r1")
    create = pb.CreateExperimentRequest(experiment=small("made"), request_id="r2")
    assert await call(schema.CreateExperiment, create) == await call(schema.CreateExperiment, create)
    spec = pb.ImportSpecRequest(spec=json.dumps(SPEC), request_id="r3")
    assert await call(schema.ImportSpec, spec) == await call(schema.ImportSpec, spec)


SPEC = {"name": "spec", "tables": [{"name": "t", "columns": [{"name": "a", "data_type": "INT"}]}]}


async def test_lists_page_newest_first_without_gaps(schema: SchemaServiceStub) -> None:
    """A page is a key range: experiments made or deleted meanwhile shift nothing."""
    for number in range(7):
        await import_sql(schema, f"e{number}")
    found = [page async for page in pages(schema, 3)]
    assert [[summary.name for summary in page.experiments] for page in found] == [
        ["e6", "e5", "e4"],
        ["e3", "e2", "e1"],
        ["e0"],
    ]
    summary = found[0].experiments[0]
    assert (summary.table_count, summary.column_count, summary.target_rows) == (1, 2, 1000)
    with refused(C.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await call(schema.ListExperiments, pb.ListExperimentsRequest(page_token="bm9uc2Vuc2U"))


async def test_an_update_makes_a_revision_and_leaves_the_old_ones(schema: SchemaServiceStub) -> None:
    """Runs pin revisions."""
    first = (await import_sql(schema, "shop")).experiment
    changed = Experiment()
    changed.CopyFrom(first)
    changed.tables[0].target_rows = 5
    update = pb.UpdateExperimentRequest(name="shop", experiment=changed)
    second = (await call(schema.UpdateExperiment, update)).experiment
    assert (second.revision, second.id, second.tables[0].target_rows) == (2, first.id, 5)
    assert second.etag != first.etag
    assert await get(schema, "shop", 1) == first
    with refused(C.ABORTED, "ETAG_MISMATCH"):
        await call(schema.UpdateExperiment, update)
    with refused(C.NOT_FOUND, "UNKNOWN_REVISION"):
        await get(schema, "shop", 9)
    other = pb.UpdateExperimentRequest(name="shop", experiment=small("other"))
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await call(schema.UpdateExperiment, other)


async def test_validation_says_every_problem_and_stores_nothing(schema: SchemaServiceStub) -> None:
    """Editors ask on every key stroke."""
    request = pb.ValidateExperimentRequest(experiment=small("shop", target_rows=-1, primary_key=["idd"]))
    answer = await call(schema.ValidateExperiment, request)
    assert not answer.valid
    assert [d.path for d in answer.diagnostics] == ["tables[0].target_rows", "tables[0].primary_key[0]"]
    good = await call(schema.ValidateExperiment, pb.ValidateExperimentRequest(experiment=small("shop")))
    assert good.valid
    assert good.experiment.tables[0].columns[0].logical_type.kind == LogicalType.INT32
    with refused(C.INVALID_ARGUMENT, "INVALID_ARGUMENT"):
        await call(schema.ValidateExperiment, pb.ValidateExperimentRequest())
    with refused(C.NOT_FOUND, "UNKNOWN_EXPERIMENT"):
        await get(schema, "shop")


async def test_broken_rules_travel_as_field_violations(schema: SchemaServiceStub) -> None:
    """A form shows each error at its field."""
    with refused(C.INVALID_ARGUMENT, "INVALID_EXPERIMENT") as caught:
        request = pb.CreateExperimentRequest(experiment=small("shop", target_rows=-1, primary_key=["idd"]))
        await call(schema.CreateExperiment, request)
    assert [problem.path for problem in caught.value.fields] == ["tables[0].target_rows", "tables[0].primary_key[0]"]


@pytest.mark.parametrize("kind", ["JSON", "YAML", "DDL"])
async def test_every_export_imports_again(kind: str, schema: SchemaServiceStub) -> None:
    """A way out that is no way in is a trap."""
    stored = (await import_sql(schema, "shop")).experiment
    form = pb.ExportExperimentRequest.Format.Value(kind)
    text = (await call(schema.ExportExperiment, pb.ExportExperimentRequest(name="shop", format=form))).text
    if kind == "DDL":
        again = (await import_sql(schema, "again", text)).experiment
    else:
        again = (await call(schema.ImportSpec, pb.ImportSpecRequest(spec=text, name="again"))).experiment
    assert again.tables == stored.tables


async def test_the_server_describes_itself(schema: SchemaServiceStub) -> None:
    """Clients ask before they offer a dialect."""
    server = (await call(schema.GetServerInfo, pb.GetServerInfoRequest())).server
    assert server.service == "schema"
    assert "dialect.snowflake" in server.features


async def test_a_large_text_is_imported_in_another_process_while_small_calls_go_on(schema: SchemaServiceStub) -> None:
    """A 400-table file must not stop everybody else."""
    columns = ", ".join(f"c{number} VARCHAR(20)" for number in range(12))
    sql = "".join(f"CREATE TABLE t{number} (id BIGINT PRIMARY KEY, {columns});\n" for number in range(400))
    answer = await import_sql(schema, "large", sql)
    assert len(answer.experiment.tables) == 400
    with refused(C.INVALID_ARGUMENT, "INVALID_ROW_COUNT"):
        await import_sql(schema, "broken", sql, target_rows=-1)


async def test_parsing_that_takes_too_long_is_ended_and_the_service_goes_on(start: Start) -> None:
    """Somebody will send the text that takes for ever."""
    sql = "".join(f"CREATE TABLE t{number} (id BIGINT PRIMARY KEY, a INT, b INT);\n" for number in range(2_000))
    async with start(schema_parse_seconds=0.01) as schema:
        with refused(C.DEADLINE_EXCEEDED, "PARSE_TIMEOUT"):
            await import_sql(schema, "slow", sql)
        await import_sql(schema, "quick")


async def test_experiments_survive_a_restart(start: Start) -> None:
    """State is in the data directory, nowhere else."""
    async with start() as schema:
        stored = (await import_sql(schema, "shop")).experiment
    async with start() as schema:
        assert await get(schema, "shop") == stored
