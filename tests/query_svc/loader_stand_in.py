"""A loader that only locates tables, behind a real door."""

from collections.abc import Mapping

import grpc
from dwsim.common.v1.logical_type_pb2 import LogicalType
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.loader.v1 import loader_service_pb2_grpc
from dwsim.loader.v1.warehouse_status_pb2 import LocatedColumn, LocatedTable

from dwsim_wire.fault import Fault
from dwsim_wire.interceptor import CallInterceptor
from query_svc.core.faults import UnknownExperiment
from tests.query_svc.shop import SHOP, Col, Tab


class LoaderStandIn(loader_service_pb2_grpc.LoaderServiceServicer):
    """Answers LocateTables for the experiments that it was given."""

    def __init__(self) -> None:
        self.places: dict[str, pb.LocateTablesResponse] = {}
        self.asked = 0
        self.address = ""
        self._server: grpc.aio.Server | None = None

    async def LocateTables(self, request: pb.LocateTablesRequest, context: object) -> pb.LocateTablesResponse:
        self.asked += 1
        by_id = {place.experiment_id: place for place in self.places.values()}
        found = self.places.get(request.experiment.lower()) or by_id.get(request.experiment)
        if found is None:
            raise UnknownExperiment(f"nothing of {request.experiment} is loaded")
        return found

    async def start(self) -> None:
        codes: dict[type[Fault], grpc.StatusCode] = {UnknownExperiment: grpc.StatusCode.NOT_FOUND}
        self._server = grpc.aio.server(interceptors=[CallInterceptor(codes)])
        loader_service_pb2_grpc.add_LoaderServiceServicer_to_server(self, self._server)
        port = self._server.add_insecure_port(self.address or "127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        await self._server.start()

    async def stop(self) -> None:
        if self._server:
            await self._server.stop(0)
            self._server = None


def place(
    experiment: str,
    namespace: str,
    dialect: int = SqlDialect.REDSHIFT,
    warehouse: Warehouse.Kind.ValueType = Warehouse.SQLITE,
    tables: Mapping[str, Tab] = SHOP,
) -> pb.LocateTablesResponse:
    """A loaded shop, as the loader describes it."""
    return pb.LocateTablesResponse(
        experiment_id=f"id-{experiment}",
        experiment=experiment,
        warehouse=warehouse,
        namespace=namespace,
        dialect=SqlDialect.Name.ValueType(dialect),
        generation=1,
        tables=[
            LocatedTable(
                name=name,
                target=name,
                rows=len(table.rows),
                columns=[_column(column) for column in table.columns],
                primary_key=[table.columns[0].name],
                properties={"diststyle": "ALL", "schema_name": "sales"},
            )
            for name, table in tables.items()
        ],
    )


def _column(column: Col) -> LocatedColumn:
    logical = LogicalType(
        kind=LogicalType.Kind.Value(column.kind), precision=column.precision, scale=column.scale, length=column.length
    )
    return LocatedColumn(
        name=column.name, data_type=column.declared, logical_type=logical, required=column.name.endswith("_id")
    )
