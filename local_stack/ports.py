"""Ports: the fixed default where it is free, any free one where it is not, exactly the one that was asked for."""

import random
import socket
import sys
from collections.abc import Mapping

from local_stack.faults import PortTaken

ANY = 0
BELOW_EPHEMERAL = range(20_000, 32_000)
"""Where free ports are taken from: the system gives none of these to an outgoing connection in between."""
TRIES = 50


class HeldPorts:
    """Ports chosen for services that are yet to start; on Linux nobody else chooses one of them until `release`."""

    def __init__(self) -> None:
        self._holders: list[socket.socket] = []

    def choose(self, hosts: Mapping[str, str], defaults: Mapping[str, int], asked: Mapping[str, int]) -> dict[str, int]:
        """Choose a port per service on its host; `asked` wins over `defaults`, ANY takes a free one."""
        try:
            return {name: self._choose(hosts[name], name, asked.get(name), port) for name, port in defaults.items()}
        except PortTaken:
            self.release()
            raise
        finally:
            if sys.platform != "linux":
                self.release()  # a service could not listen beside its holder

    def release(self) -> None:
        """Let go of every port."""
        while self._holders:
            self._holders.pop().close()

    def _choose(self, host: str, name: str, asked: int | None, default: int) -> int:
        for port in _candidates(default if asked is None else asked, fixed=asked is not None):
            holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            wanted = port in (asked, default) and port != ANY
            try:
                if wanted:
                    # a port that a stopped stack left in TIME_WAIT is free for us
                    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                holder.bind((host, port))
                # from here on the service may listen beside the holder, and a chooser of any free port may not bind
                holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            except OSError as error:
                holder.close()
                problem = error.strerror or "it cannot be bound"
                continue
            self._holders.append(holder)
            return int(holder.getsockname()[1])
        raise PortTaken(
            f"port {port} of {host} for {name} is not to be had: {problem}",
            hint=f"stop what listens there, or leave --{name}-port out to get a free one",
            metadata={"service": name, "port": str(port)},
        )


def _candidates(port: int, *, fixed: bool) -> list[int]:
    """Ports to try: one that was asked for alone, else free ones in an order of their own for every stack."""
    if fixed and port != ANY:
        return [port]
    return [*([port] if port != ANY else []), *random.sample(BELOW_EPHEMERAL, TRIES), ANY]


def listens(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
