"""Settings of the gateway, and what they mean for its configuration."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from dwsim_wire.settings import DEFAULT_PORTS, GATEWAY_PORT, ServiceSettings
from gateway.inputs import Endpoint, Inputs, Limits, Upstream


class GatewaySettings(ServiceSettings):
    """What the gateway is told; the `…_address` of a service may name several replicas with commas between them."""

    mode: Literal["run", "validate", "render"] = Field(
        "run", description="run Envoy, let it check the configuration, or print the configuration"
    )
    port: int = Field(GATEWAY_PORT, ge=0, le=65535, description="port to bind to; 0 takes a free one")
    reflection_address: str | None = Field(None, description="address of the reflection service of the whole mesh")
    static_dir: Path | None = Field(None, description="folder that is served under /docs/; the API pages if not set")
    cors: bool = Field(False, description="let web pages of any localhost origin call")
    idle_seconds: float = Field(3600.0, gt=0, description="time that a call or connection may stay silent")
    max_calls: int = Field(1024, ge=1, description="calls that may be under way to one service")
    threads: int = Field(2, ge=1, description="threads of Envoy")

    def inputs(self, admin_socket: Path | None = None, pages: Path | None = None) -> Inputs:
        """What the configuration is made from; `pages` are served where no other folder is set."""
        return Inputs(
            listen=Endpoint(self.host, self.port),
            services=tuple(Upstream.parse(name, getattr(self, f"{name}_address")) for name in DEFAULT_PORTS),
            reflection=Upstream.parse("reflection", self.reflection_address) if self.reflection_address else None,
            static_dir=self.static_dir.resolve() if self.static_dir else pages,
            cors=self.cors,
            admin_socket=admin_socket,
            limits=Limits(self.max_message_bytes, self.idle_seconds, self.max_calls),
        )
