"""Routes: where a call goes, how long it may be silent, and when it may be sent again.

The transcoder turns a REST path into its rpc's path and has it routed anew: one route serves gRPC, gRPC-web and REST.
"""

from gateway.contract import Contract, Rpc, contracts
from gateway.inputs import Inputs
from gateway.render.answers import answers
from gateway.render.docs import docs
from gateway.render.transcoder import TRANSCODER, transcoder
from gateway.render.types import Config, seconds, typed

# The service never saw the call: any rpc may be sent again.
NEVER_SENT = "connect-failure,refused-stream,reset-before-request"
# The service broke off before it answered: for rpcs that do the same when they are sent twice.
BROKEN_OFF = f"{NEVER_SENT},reset,retriable-headers"
# What grpcio answers to a call that meets its shutdown; a service's own cancellation has other words.
_MET_SHUTDOWN = {"name": "grpc-message", "string_match": {"exact": "CANCELLED"}}
ATTEMPTS = 20
# A cluster that is not there answers 404; unlike a direct response, such a route has CORS.
_NOWHERE: Config = {"cluster": "nowhere", "cluster_not_found_response_code": "NOT_FOUND"}
BUFFER = "envoy.filters.http.buffer"
LOCALHOST = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
# What gRPC and gRPC-web call themselves. Services never answer anything else: it would be sent again until it failed.
GRPC = r"application/grpc(-web(-text)?(\+proto)?|\+[^;]*)?( *;.*)?"
_SENT_AS_GRPC: list[Config] = [
    {"name": ":method", "string_match": {"exact": "POST"}},
    {"name": "content-type", "string_match": {"safe_regex": {"regex": GRPC}}},
]
CORS_HEADERS = (
    "content-type,x-grpc-web,grpc-timeout,x-user-agent,connect-protocol-version,connect-timeout-ms,x-request-id,accept"
)


def virtual_host(inputs: Inputs) -> Config:
    """All routes. Policies of authentication and rate limits go into its `typed_per_filter_config`."""
    host: Config = {
        "name": "mesh",
        "domains": ["*"],
        "routes": [
            *(route for contract in contracts() for route in _of_service(contract)),
            *_reflection(inputs),
            *docs(inputs.static_dir),
            _server_sent_events(inputs),
            {"match": {"prefix": "/"}, "route": _NOWHERE},
        ],
    }
    if inputs.cors:
        host["typed_per_filter_config"] = {"envoy.filters.http.cors": _cors()}
    return host


def _of_service(contract: Contract) -> list[Config]:
    """One route by rpc; what the service does not have is still the service's to answer."""
    unknown = _grpc({"prefix": f"/{contract.full_name}/"}, contract.name, retry_on=NEVER_SENT)
    return [*(_of_rpc(contract.name, rpc) for rpc in contract.rpcs), unknown]


def _of_rpc(cluster: str, rpc: Rpc) -> Config:
    route = _grpc({"path": rpc.path}, cluster, retry_on=BROKEN_OFF if rpc.repeatable else NEVER_SENT)
    route["typed_per_filter_config"] |= answers(rpc)
    return route


def _grpc(match: Config, cluster: str, *, retry_on: str) -> Config:
    """A route that gRPC clients enter by: nothing is held up, and the services hold messages to the limit."""
    unlimited = typed("extensions.filters.http.buffer.v3.BufferPerRoute", disabled=True)
    return {
        "match": match | {"headers": _SENT_AS_GRPC},
        "route": _forward(cluster, retry_on=retry_on),
        "typed_per_filter_config": {BUFFER: unlimited},
    }


def _forward(cluster: str, *, retry_on: str) -> Config:
    """Forward without a deadline of ours; the client's own travels in `grpc-timeout` and the service keeps it."""
    return {
        "cluster": cluster,
        "timeout": seconds(0),
        "retry_policy": {
            "retry_on": retry_on,
            "retriable_headers": [_MET_SHUTDOWN],
            "num_retries": ATTEMPTS,
            "retry_back_off": {"base_interval": seconds(0.1), "max_interval": seconds(1)},
            "retry_host_predicate": [
                {
                    "name": "envoy.retry_host_predicates.previous_hosts",
                    "typed_config": typed("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
                }
            ],
            "host_selection_retry_max_attempts": 3,
        },
    }


def _reflection(inputs: Inputs) -> list[Config]:
    """Reflection of the whole mesh, both versions."""
    if not inputs.reflection:
        return []
    return [_grpc({"prefix": "/grpc.reflection."}, inputs.reflection.name, retry_on=NEVER_SENT)]


def _server_sent_events(inputs: Inputs) -> Config:
    """What asks for events gets streams as events; the rpc's own route follows once it is transcoded."""
    accept = {"name": "accept", "string_match": {"contains": "text/event-stream"}}
    return {
        "match": {"prefix": "/api/", "headers": [accept]},
        "route": _NOWHERE,
        "typed_per_filter_config": {TRANSCODER: transcoder(inputs.limits, events=True)},
    }


def _cors() -> Config:
    return typed(
        "extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"safe_regex": {"regex": LOCALHOST}}],
        allow_methods="GET, POST, PUT, DELETE, OPTIONS",
        allow_headers=CORS_HEADERS,
        expose_headers=(
            "grpc-status,grpc-message,grpc-status-details-bin,x-request-id,"
            "content-disposition,dwsim-query-id,dwsim-verdict,dwsim-summary-bin"
        ),
        max_age="600",
    )
