"""Upstreams: HTTP/2, active health checks, circuit breakers, ejection of replicas that fail.

A service that restarts is in traffic again as soon as it listens: with one endpoint, Envoy's panic routing tries it
whatever the health checks say, and the routes retry. The checks decide between replicas, and what `/healthz` says.
"""

from gateway.inputs import Endpoint, Limits, Upstream
from gateway.render.types import Config, extension, seconds, typed

CHECK_SECONDS = 0.5
LOOK_UP_SECONDS = 1.0
PANIC_PERCENT = 25
"""Below this share of healthy replicas all are tried: a single one always is, one of two that fail is not."""
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
# A container that was made anew has another address under its name.
_LOOKED_UP = {
    "cluster_type": extension(
        "envoy.cluster.dns",
        "extensions.clusters.dns.v3.DnsCluster",
        dns_refresh_rate=seconds(LOOK_UP_SECONDS),
        dns_lookup_family="V4_PREFERRED",
    )
}


def cluster(upstream: Upstream, checked_service: str, limits: Limits) -> Config:
    """The cluster of `upstream`; its health is that of `checked_service`."""
    named = any(endpoint.is_name for endpoint in upstream.endpoints)
    endpoints = [{"endpoint": {"address": socket_address(endpoint)}} for endpoint in upstream.endpoints]
    return {
        "name": upstream.name,
        **(_LOOKED_UP if named else {"type": "STATIC"}),
        "connect_timeout": seconds(1),
        "common_lb_config": {
            "healthy_panic_threshold": {"value": PANIC_PERCENT},
            "update_merge_window": seconds(0),  # what is known of a replica counts at once, not after a second
        },
        "lb_policy": "LEAST_REQUEST",
        "load_assignment": {"cluster_name": upstream.name, "endpoints": [{"lb_endpoints": endpoints}]},
        "typed_extension_protocol_options": {_HTTP_OPTIONS: _http2()},
        "health_checks": [_health_check(checked_service)],
        "circuit_breakers": {"thresholds": [_thresholds(limits)]},
        "outlier_detection": {
            "consecutive_gateway_failure": 5,
            "enforcing_consecutive_gateway_failure": 100,
            "interval": seconds(1),
            "base_ejection_time": seconds(5),
            "max_ejection_time": seconds(60),
            "max_ejection_percent": 50,
        },
    }


def socket_address(endpoint: Endpoint) -> Config:
    """An address as Envoy writes it."""
    return {"socket_address": {"address": endpoint.host, "port_value": endpoint.port}}


def _http2() -> Config:
    return typed(
        "extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config={
            "http2_protocol_options": {"connection_keepalive": {"interval": seconds(30), "timeout": seconds(5)}}
        },
    )


def _health_check(service: str) -> Config:
    return {
        "timeout": seconds(1),
        "interval": seconds(CHECK_SECONDS),
        "no_traffic_interval": seconds(CHECK_SECONDS),
        "unhealthy_interval": seconds(CHECK_SECONDS / 2),
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "always_log_health_check_failures": False,
        "grpc_health_check": {"service_name": service},
    }


def _thresholds(limits: Limits) -> Config:
    """Retries wait within `max_retries`: as many as calls, or a restart of a busy service would lose some."""
    return {
        "max_connections": limits.calls,
        "max_pending_requests": limits.calls,
        "max_requests": limits.calls,
        "max_retries": limits.calls,
    }
