"""The door of the Redshift stand-in: a TCP relay that takes Redshift's own words out of a start-up message.

Amazon's drivers send start-up parameters that PostgreSQL refuses as unknown settings. Exactly these are taken out of a
connection's first message; every other byte, passwords and cancel requests too, passes as it is. Requests for
encryption are answered with no, as the server behind would: it listens on the loopback interface alone. Connections of
these drivers come from an address of their own, so that the server can ask them for a password in a way they know.
"""

import asyncio
import contextlib
import socket
import struct

from local_stack.cluster import REDSHIFT_DRIVERS

REDSHIFT_PARAMETERS = frozenset(
    {
        b"client_protocol_version",
        b"driver_discovery_version",
        b"driver_version",
        b"idp_type",
        b"os_version",
        b"plugin_name",
        b"provider_name",
    }
)
CANCEL_REQUEST, SSL_REQUEST, GSS_REQUEST = 80877102, 80877103, 80877104
NOT_ENCRYPTED = b"N"
HEAD = struct.Struct("!ii")
LONGEST_MESSAGE = 10_000
"""PostgreSQL's own limit for a start-up message."""
START_SECONDS = 60.0
CROWDED_SECONDS = 0.1
"""Pause when no more connections can be opened, until some of those that are open have ended."""
CHUNK = 1 << 18


class NotAClient(Exception):
    """The first bytes are not the beginning of PostgreSQL's protocol."""


def without_redshift_parameters(message: bytes) -> bytes:
    """Take Redshift's parameters out of a whole start-up message; other messages stay as they are."""
    _, code = HEAD.unpack_from(message)
    if code == CANCEL_REQUEST:
        return message
    words = message[HEAD.size :].split(b"\0")
    kept = b""
    for name, value in zip(words[::2], words[1::2], strict=False):
        if not name:
            break
        if name not in REDSHIFT_PARAMETERS:
            kept += name + b"\0" + value + b"\0"
    return HEAD.pack(HEAD.size + len(kept) + 1, code) + kept + b"\0"


class StartupFilter:
    """Listens on `port` and relays every connection to the server on `server_port` of the same host."""

    def __init__(self, host: str, port: int, server_port: int) -> None:
        self._server = (host, server_port)
        self._relays: set[asyncio.Task[None]] = set()
        self._listener = socket.create_server((host, port), backlog=128)
        self._listener.setblocking(False)

    async def serve(self) -> None:
        """Take connections until this is cancelled; then none is left open."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    client, _ = await loop.sock_accept(self._listener)
                except OSError:
                    await asyncio.sleep(CROWDED_SECONDS)
                    continue
                relay = loop.create_task(self._relay(client))
                self._relays.add(relay)
                relay.add_done_callback(self._relays.discard)
        finally:
            self._listener.close()
            for relay in self._relays:
                relay.cancel()

    async def _relay(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with client, contextlib.suppress(OSError, TimeoutError, NotAClient):
            _prepare(client)
            async with asyncio.timeout(START_SECONDS):
                message = await _first_message(client)
            plain = without_redshift_parameters(message)
            with socket.socket(self._listener.family) as server:
                _prepare(server)
                if plain != message:
                    server.bind((REDSHIFT_DRIVERS, 0))
                await loop.sock_connect(server, self._server)
                await loop.sock_sendall(server, plain)
                await _relay_both_ways(client, server)


def _prepare(connection: socket.socket) -> None:
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _first_message(client: socket.socket) -> bytes:
    """Read the start-up message or cancel request, refusing encryption as often as it is asked for."""
    while True:
        head = await _read(client, HEAD.size)
        length, code = HEAD.unpack(head)
        if code not in {SSL_REQUEST, GSS_REQUEST}:
            if not HEAD.size <= length <= LONGEST_MESSAGE:
                raise NotAClient
            return head + await _read(client, length - HEAD.size)
        await asyncio.get_running_loop().sock_sendall(client, NOT_ENCRYPTED)


async def _read(source: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes."""
    loop = asyncio.get_running_loop()
    content = b""
    while len(content) < size:
        chunk = await loop.sock_recv(source, size - len(content))
        if not chunk:
            raise NotAClient
        content += chunk
    return content


async def _relay_both_ways(client: socket.socket, server: socket.socket) -> None:
    """Relay until either side ends; neither side of this protocol ever closes one direction alone."""
    ways = [asyncio.create_task(_relay_one_way(client, server)), asyncio.create_task(_relay_one_way(server, client))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _relay_one_way(source: socket.socket, sink: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    buffer = memoryview(bytearray(CHUNK))
    while size := await loop.sock_recv_into(source, buffer):
        await loop.sock_sendall(sink, buffer[:size])
