"""A schema service that answers GetExperiment from documents: the generator's peer, at the other end of a real wire."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1 import schema_service_pb2_grpc

from dwsim_wire.fault import Fault
from dwsim_wire.interceptor import CallInterceptor
from tests.generator_svc.documents import Document, message


class UnknownExperiment(Fault):
    """No experiment has this name."""

    reason = "UNKNOWN_EXPERIMENT"


class SchemaStandIn(schema_service_pb2_grpc.SchemaServiceServicer):
    """Experiments by name; a test changes them as it goes."""

    def __init__(self, *documents: Document) -> None:
        self.documents = {document["name"]: document for document in documents}
        self.address = ""

    async def GetExperiment(self, request: pb.GetExperimentRequest, context: Any) -> pb.GetExperimentResponse:
        if request.name not in self.documents:
            raise UnknownExperiment(f"no experiment is called {request.name!r}")
        return pb.GetExperimentResponse(experiment=message(self.documents[request.name]))


@contextlib.asynccontextmanager
async def schema_peer(*documents: Document) -> AsyncIterator[SchemaStandIn]:
    """Serve documents on a free port."""
    peer = SchemaStandIn(*documents)  # type: ignore[abstract]  # one rpc is all the generator calls
    server = grpc.aio.server(interceptors=[CallInterceptor({UnknownExperiment: grpc.StatusCode.NOT_FOUND})])
    schema_service_pb2_grpc.add_SchemaServiceServicer_to_server(peer, server)
    peer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield peer
    finally:
        await server.stop(None)
