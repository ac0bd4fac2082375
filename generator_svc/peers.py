"""The door out: the schema service, asked for an experiment once per run or preview."""

import asyncio
from functools import lru_cache

from dwsim.schema.v1 import experiment_pb2, schema_service_pb2, schema_service_pb2_grpc
from google.protobuf import json_format

from dwsim_wire.client import call, open_channel
from generator_svc.core.run import PinnedExperiment


class SchemaPeer:
    """Reads experiments."""

    def __init__(self, address: str, *, max_message_bytes: int) -> None:
        self._channel = open_channel(address, max_message_bytes=max_message_bytes)
        self._stub = schema_service_pb2_grpc.SchemaServiceStub(self._channel)

    async def experiment(self, name: str) -> PinnedExperiment:
        """Newest revision of an experiment; the peer's own fault where there is none."""
        request = schema_service_pb2.GetExperimentRequest(name=name)
        answer = await call(self._stub.GetExperiment, request, peer="schema service")
        return await asyncio.to_thread(pin, answer.experiment)

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def pin(experiment: experiment_pb2.Experiment) -> PinnedExperiment:
    """Keep an experiment as its proto JSON, zero values written out."""
    return PinnedExperiment(
        experiment_id=experiment.id,
        name=experiment.name,
        revision=experiment.revision,
        document=_document(experiment.SerializeToString(deterministic=True)),
        deleting=experiment.state == experiment_pb2.Experiment.DELETING,
    )


@lru_cache(maxsize=16)
def _document(experiment: bytes) -> str:
    """Proto JSON of a message; half a second for 500 tables, so previews of one experiment share it."""
    message = experiment_pb2.Experiment.FromString(experiment)
    return json_format.MessageToJson(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, indent=None
    )
