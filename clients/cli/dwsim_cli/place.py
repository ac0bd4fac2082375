"""Where the services are: flags or environment, else the stack that runs on the data directory, else default ports.

Calls go through the gateway where there is one; an address that the user names for a service is called as it is. A data
directory that was named is a promise: where no stack runs on it, nobody else's stack is asked instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dwsim_wire.settings import DEFAULT_PORTS
from local_stack.record import StackRecord


@dataclass(frozen=True)
class Place:
    """A data directory and the addresses of its services."""

    data_dir: Path
    addresses: Mapping[str, str]
    """Of the services that are to be found somewhere."""
    source: Mapping[str, str]
    """Why each address was taken: `given`, `running stack` or `default`."""
    gateway: str | None = None
    """Address of the gateway, where there is one."""

    @property
    def doors(self) -> dict[str, str]:
        """Address to call each service at that is to be found somewhere."""
        own = {name: address for name, address in self.addresses.items() if self.source[name] == "given"}
        return (dict.fromkeys(DEFAULT_PORTS, self.gateway) if self.gateway else dict(self.addresses)) | own


def find_place(data_dir: Path, given: Mapping[str, str | None], *, named: bool) -> Place:
    """Decide on the address of every service; `given` has what the user named, `named` is true of the directory."""
    record = StackRecord.read(data_dir)
    running = record.addresses if record else {}
    addresses, source = {}, {}
    for name, port in DEFAULT_PORTS.items():
        if address := given.get(name):
            addresses[name], source[name] = address, "given"
        elif name in running:
            addresses[name], source[name] = running[name], "running stack"
        elif not named:
            addresses[name], source[name] = f"127.0.0.1:{port}", "default"
    return Place(data_dir, addresses, source, given.get("gateway") or running.get("gateway"))
