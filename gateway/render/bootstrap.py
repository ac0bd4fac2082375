"""The whole document: one listener, a cluster for each upstream."""

from gateway.contract import contracts
from gateway.inputs import Inputs
from gateway.render.access_log import ENVOY_LOG
from gateway.render.clusters import cluster
from gateway.render.listener import listener
from gateway.render.types import Config, extension


def bootstrap(inputs: Inputs) -> Config:
    """Envoy's configuration for `inputs`."""
    names = {contract.name: contract.full_name for contract in contracts()}
    clusters = [cluster(upstream, names[upstream.name], inputs.limits) for upstream in inputs.services]
    if inputs.reflection:
        clusters.append(cluster(inputs.reflection, "", inputs.limits))
    document: Config = {
        "node": {"id": "gateway", "cluster": "dw-simulator"},
        "application_log_config": {"log_format": {"json_format": ENVOY_LOG}},
        "static_resources": {"listeners": [listener(inputs)], "clusters": clusters},
    }
    document["overload_manager"] = {"resource_monitors": [_connections(inputs.limits.connections)]}
    if inputs.admin_socket:
        document["admin"] = {"address": {"pipe": {"path": str(inputs.admin_socket), "mode": 0o600}}}
    return document


def _connections(most: int) -> Config:
    return extension(
        "envoy.resource_monitors.global_downstream_max_connections",
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=most,
    )
