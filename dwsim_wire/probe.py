"""Asks a service for its health once: `python -m dwsim_wire.probe host:port`; exit code 0 where it serves."""

import sys

import grpc
from grpc_health.v1 import health_pb2

SECONDS = 3.0


def serves(address: str, *, timeout: float = SECONDS) -> bool:
    """Whether the server at `address` says SERVING within `timeout` seconds."""
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=timeout)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    sys.exit(0 if serves(sys.argv[1]) else 1)
