"""Where the tables are: the loader's answer, kept so that a loader that is down does not stop queries."""

import logging
import time

import grpc
from dwsim.common.v1 import logical_type_pb2, sql_dialect_pb2, warehouse_pb2
from dwsim.loader.v1 import loader_service_pb2, loader_service_pb2_grpc, warehouse_status_pb2

from dwsim_wire.client import call, open_channel
from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Unavailable
from query_svc.core.catalog import Column, Place, Table
from query_svc.core.faults import UnknownExperiment, did_you_mean
from query_svc.core.types import Kind, SqlType

log = logging.getLogger("dwsim.query.peers")

TIMEOUT_SECONDS = 5.0
KEPT_SECONDS = 1.0
"""How long the loader is waited for where an earlier answer is kept."""
REST_SECONDS = 2.0
"""After the loader was away, kept answers serve for this long before it is asked again."""


class Loader:
    """The loader as the query service sees it: it locates experiments."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._stub = loader_service_pb2_grpc.LoaderServiceStub(self._channel)
        self._kept: dict[str, Place] = {}
        self._asked_again = 0.0

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    async def locate(self, experiment: str) -> Place:
        """Find an experiment by name or id; the newest answer that there is."""
        kept = self._kept.get(experiment.lower())
        if kept is not None and time.monotonic() < self._asked_again:
            return kept
        request = loader_service_pb2.LocateTablesRequest(experiment=experiment)
        try:
            timeout = KEPT_SECONDS if kept else TIMEOUT_SECONDS
            answer = await call(self._stub.LocateTables, request, timeout=timeout, peer="loader")
        except (Unavailable, RemoteFault) as fault:
            return self._without_answer(experiment, kept, fault)
        place = read_place(answer)
        self._kept[experiment.lower()] = place
        return place

    def _without_answer(self, experiment: str, kept: Place | None, fault: Unavailable | RemoteFault) -> Place:
        code = fault.code if isinstance(fault, RemoteFault) else grpc.StatusCode.UNAVAILABLE
        if code is grpc.StatusCode.NOT_FOUND:
            self._kept.pop(experiment.lower(), None)
            raise UnknownExperiment(
                f"nothing of an experiment {experiment!r} is loaded",
                hint=did_you_mean(
                    experiment,
                    sorted({place.experiment for place in self._kept.values()}),
                    otherwise=f"load it first: `dw-sim experiment load {experiment}`",
                ),
                metadata={"experiment": experiment},
            )
        if kept is None or code not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            raise fault
        self._asked_again = time.monotonic() + REST_SECONDS
        log.warning("loader away", extra={"facts": {"experiment": experiment, "generation": kept.generation}})
        return kept


def read_place(answer: loader_service_pb2.LocateTablesResponse) -> Place:
    """Read the loader's answer."""
    return Place(
        experiment_id=answer.experiment_id,
        experiment=answer.experiment,
        warehouse=warehouse_pb2.Warehouse.Kind.Name(answer.warehouse),
        namespace=answer.namespace,
        dialect=_dialect(answer.dialect),
        tables=tuple(_table(table) for table in answer.tables),
        generation=answer.generation,
    )


def _dialect(value: int) -> str:
    name = sql_dialect_pb2.SqlDialect.Name.Name(sql_dialect_pb2.SqlDialect.Name.ValueType(value))
    return "" if name == "NAME_UNSPECIFIED" else name.lower()


def _table(table: warehouse_status_pb2.LocatedTable) -> Table:
    return Table(
        name=table.name,
        target=table.target or table.name,
        columns=tuple(_column(column) for column in table.columns),
        rows=table.rows,
        primary_key=tuple(table.primary_key),
        properties=dict(table.properties),
    )


def _column(column: warehouse_status_pb2.LocatedColumn) -> Column:
    return Column(
        name=column.name,
        declared=column.data_type,
        type=_type(column.logical_type),
        required=column.required,
        target=column.target,
        properties=dict(column.properties),
    )


def _type(logical: logical_type_pb2.LogicalType) -> SqlType:
    name = logical_type_pb2.LogicalType.Kind.Name(logical.kind)
    kind = Kind.STRING if name == "KIND_UNSPECIFIED" else Kind[name]
    return SqlType(kind, logical.precision, logical.scale, logical.length, logical.fixed_length)
