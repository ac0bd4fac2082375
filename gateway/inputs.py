"""What the gateway's configuration is made from. Pure facts: no environment, no files."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from dwsim_wire.fault import InvalidArgument

MIB = 1 << 20


@dataclass(frozen=True)
class Endpoint:
    """An address, by name or by number."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `host:port` or `[::1]:port`."""
        host, _, port = text.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise InvalidArgument(f"{text!r} is not host:port", hint="write it as 127.0.0.1:50051")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    @property
    def is_name(self) -> bool:
        """True where the host has to be looked up."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return True
        return False


@dataclass(frozen=True)
class Upstream:
    """A service that calls go to; several endpoints are its replicas."""

    name: str
    endpoints: tuple[Endpoint, ...]

    @classmethod
    def parse(cls, name: str, text: str) -> "Upstream":
        """Read one address, or several with commas between them."""
        return cls(name, tuple(Endpoint.parse(part) for part in text.split(",")))


@dataclass(frozen=True)
class Limits:
    """What a client may take."""

    message_bytes: int = 32 * MIB
    """Largest REST body and answer; the services hold gRPC messages to the same."""
    idle_seconds: float = 3600.0
    """Time that a call may stay silent; `wait: true` of a long run is silent until its end."""
    calls: int = 1024
    """Calls under way to one service, and connections to it."""
    connections: int = 4096
    """Connections of clients."""


@dataclass(frozen=True)
class Inputs:
    """One gateway."""

    listen: Endpoint
    services: tuple[Upstream, ...]
    """The four services, by the names of their packages: `schema` is `dwsim.schema.v1.SchemaService`."""
    reflection: Upstream | None = None
    """The reflection service of the whole mesh."""
    static_dir: Path | None = None
    """Folder of files that are served under `/docs/`."""
    cors: bool = False
    """Let pages of any localhost origin call."""
    admin_socket: Path | None = None
    """Unix socket of Envoy's administration; none is opened if not given."""
    limits: Limits = field(default_factory=Limits)
