"""The one door: HTTP/1.1 and HTTP/2 on one port, and the filters that every call passes.

Places kept for what is not built yet, in the order that works: TLS is the listener's `transport_socket`; after CORS
come authentication and rate limits, before gRPC-web and the transcoder, so that a refusal has the form of the call; the
web client is another folder beside the API's pages.
"""

from gateway.contract import contracts
from gateway.inputs import Inputs
from gateway.render.access_log import access_log
from gateway.render.answers import answers_filter
from gateway.render.clusters import socket_address
from gateway.render.docs import LARGEST_FILE
from gateway.render.local_replies import local_replies
from gateway.render.routes import BUFFER, virtual_host
from gateway.render.transcoder import TRANSCODER, transcoder
from gateway.render.types import Config, extension, seconds, typed

HEALTH_PATH = "/healthz"
_FILTERS = "extensions.filters.http"


def listener(inputs: Inputs) -> Config:
    """Listen, and buffer no more than one message of the largest size."""
    manager = extension(
        "envoy.filters.network.http_connection_manager",
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        **_connections(inputs),
        access_log=[access_log()],
        local_reply_config=local_replies(),
        http_filters=_filters(inputs),
        route_config={
            "name": "routes",
            "validate_clusters": False,
            "max_direct_response_body_size_bytes": LARGEST_FILE,
            "virtual_hosts": [virtual_host(inputs)],
        },
    )
    return {
        "name": "gateway",
        "address": socket_address(inputs.listen),
        "enable_reuse_port": False,  # two gateways must not share a port without knowing
        "per_connection_buffer_limit_bytes": inputs.limits.message_bytes,
        "filter_chains": [{"filters": [manager]}],
    }


def _connections(inputs: Inputs) -> Config:
    keepalive = {"interval": seconds(30), "timeout": seconds(10)}
    return {
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "http2_protocol_options": {"connection_keepalive": keepalive, "allow_connect": False},
        "common_http_protocol_options": {"idle_timeout": seconds(inputs.limits.idle_seconds)},
        "stream_idle_timeout": seconds(inputs.limits.idle_seconds),
        "request_headers_timeout": seconds(30),
        "drain_timeout": seconds(1),
        "use_remote_address": True,
        "normalize_path": True,
        "generate_request_id": True,
        "preserve_external_request_id": True,
        "always_set_request_id_in_response": True,
        "request_id_extension": {
            "typed_config": typed("extensions.request_id.uuid.v3.UuidRequestIdConfig", pack_trace_reason=False)
        },
    }


def _filters(inputs: Inputs) -> list[Config]:
    healthy = {contract.name: {"value": 1} for contract in contracts()}
    at_health_path = {"name": ":path", "string_match": {"exact": HEALTH_PATH}}
    return [
        extension(
            "envoy.filters.http.health_check",
            f"{_FILTERS}.health_check.v3.HealthCheck",
            pass_through_mode=False,
            headers=[at_health_path],
            cluster_min_healthy_percentages=healthy,
        ),
        extension("envoy.filters.http.cors", f"{_FILTERS}.cors.v3.Cors"),
        extension("envoy.filters.http.grpc_web", f"{_FILTERS}.grpc_web.v3.GrpcWeb"),
        extension(BUFFER, f"{_FILTERS}.buffer.v3.Buffer", max_request_bytes=inputs.limits.message_bytes),
        answers_filter(),
        {"name": TRANSCODER, "typed_config": transcoder(inputs.limits, events=False)},
        extension("envoy.filters.http.router", f"{_FILTERS}.router.v3.Router"),
    ]
