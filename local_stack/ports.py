"""Ports: the fixed default where it is free, any free one where it is not, exactly the one that was asked for."""

import random
import socket
from collections.abc import Mapping

from local_stack.faults import PortTaken

ANY = 0
BELOW_EPHEMERAL = range(20_000, 32_000)
"""Where free ports are taken from: the system gives none of these to an outgoing connection in between."""
TRIES = 50


def choose_ports(hosts: Mapping[str, str], defaults: Mapping[str, int], asked: Mapping[str, int]) -> dict[str, int]:
    """Choose a port per service on its host; `asked` wins over `defaults`, ANY takes a free one."""
    held: list[socket.socket] = []
    try:
        return {name: _choose(hosts[name], name, asked.get(name), default, held) for name, default in defaults.items()}
    finally:
        for one in held:
            one.close()


def _choose(host: str, name: str, asked: int | None, default: int, held: list[socket.socket]) -> int:
    """Bind the port and keep it bound, so that no two services of one choice get the same."""
    for port in _candidates(default if asked is None else asked, fixed=asked is not None):
        holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        # a port that a stopped stack left in TIME_WAIT is free for us
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind((host, port))
        except OSError as error:
            holder.close()
            problem = error.strerror or "it cannot be bound"
            continue
        held.append(holder)
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
