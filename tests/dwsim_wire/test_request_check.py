"""Requests with values that the contract does not define are refused by every service, with the field."""

from typing import Any

import pytest
from dwsim.generator.v1.generator_service_pb2 import DeleteRunsRequest, StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest
from dwsim.schema.v1.experiment_pb2 import Column, Experiment, Table
from dwsim.schema.v1.schema_service_pb2 import CreateExperimentRequest, ExportExperimentRequest, ImportSqlRequest
from google.protobuf.message import Message

from dwsim_wire.fault import InvalidArgument
from dwsim_wire.request_check import check_request, refuse_undefined

ODD: Any = 77


def deep() -> CreateExperimentRequest:
    column = Column(name="c")
    column.logical_type.element.kind = ODD
    tables = [Table(name="s"), Table(name="t", columns=[Column(name="a"), column])]
    return CreateExperimentRequest(experiment=Experiment(tables=tables))


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (StartRunRequest(kind=ODD), "kind"),
        (ImportSqlRequest(target_warehouse=ODD), "target_warehouse"),
        (ExecuteQueryRequest(format=ODD), "format"),
        (ExportExperimentRequest(format=ODD), "format"),
        (DeleteRunsRequest(step=ODD), "step"),
        (deep(), "experiment.tables[1].columns[1].logical_type.element.kind"),
        (StartRunRequest(request_id="x" * 100_000), "request_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_undefined_value_is_named_with_its_field(request_: Message, path: str) -> None:
    """Protobuf keeps it in silence; a service would take it for its default."""
    with pytest.raises(InvalidArgument) as caught:
        refuse_undefined(request_)
    assert caught.value.fields[0].path == path


@pytest.mark.parametrize("request_", [StartRunRequest(kind=Run.APPEND, rows={"t": 5}), CreateExperimentRequest()])
async def test_what_the_contract_defines_passes(request_: Message) -> None:
    """Maps and unset fields too."""
    await check_request(request_)


async def test_a_large_request_is_checked_to_its_end() -> None:
    """Ten thousand tables are walked beside the event loop."""
    request = CreateExperimentRequest(experiment=Experiment(tables=[Table(name=f"table_{i}") for i in range(10_000)]))
    request.experiment.target_warehouse = ODD
    with pytest.raises(InvalidArgument, match="target_warehouse"):
        await check_request(request)
