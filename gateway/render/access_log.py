"""Log lines of the services' form: JSON, with the request id under which the services log the same call."""

from gateway.render.types import Config, extension

ENVOY_LOG = {
    "time": "%Y-%m-%dT%T.%e+00:00",
    "level": "%l",
    "logger": "envoy.%n",
    "message": "%j",
}
_CALL = {
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3f+00:00)%",
    "level": "INFO",
    "logger": "gateway.access",
    "message": "call",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "rpc": "%REQ(:PATH)%",
    "status": "%RESPONSE_CODE%",
    "grpc": "%RESP(GRPC-STATUS)%%TRAILER(GRPC-STATUS)%",
    "flags": "%RESPONSE_FLAGS%",
    "detail": "%RESPONSE_CODE_DETAILS%",
    "ms": "%DURATION%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "upstream": "%UPSTREAM_CLUSTER%",
    "sent": "%BYTES_SENT%",
    "peer": "%DOWNSTREAM_REMOTE_ADDRESS%",
}


def access_log() -> Config:
    """One line a call on standard output; `/healthz` says nothing, it is asked all the time."""
    return extension(
        "envoy.access_loggers.stdout",
        "extensions.access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": _CALL, "omit_empty_values": True},
    ) | {"filter": {"not_health_check_filter": {}}}
