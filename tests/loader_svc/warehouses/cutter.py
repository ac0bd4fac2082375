"""A relay before a server that cuts its connections at a chosen message of the client."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from enum import Enum
from urllib.parse import urlsplit

from tests.processes import free_ports

HOST = "127.0.0.1"
PIECE = 1 << 16


class Cut(Enum):
    """Whether the server still gets the client's last message."""

    MESSAGE_LOST = "the server never saw it"
    ANSWER_LOST = "the server did it, and nobody heard"


class Cutter:
    """Counts what clients send, all connections together; the message number `at` is the last of all of them."""

    def __init__(self, port: int, server: tuple[str, int], at: int, how: Cut) -> None:
        self.sent = 0
        self._server, self._at, self._how = server, at, how
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((HOST, port))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def cut(self) -> bool:
        """Whether there were so many messages."""
        return self.sent >= self._at

    def close(self) -> None:
        """Leave nothing open."""
        _shut(self._listener)
        self._listener.close()
        self._cut_all()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for side in (client, server):
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open |= {client, server}
                threading.Thread(target=self._send, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _send(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(PIECE):
                with self._lock:
                    self.sent += 1
                    last = self.sent == self._at
                if last and self._how is Cut.ANSWER_LOST:
                    self._ends_quietly(client, server, piece)
                if last:
                    self._cut_all()
                    return
                server.sendall(piece)
        _shut(server)

    def _ends_quietly(self, client: socket.socket, server: socket.socket, piece: bytes) -> None:
        """Let the server have the message and come to its end, and the client hear nothing of it."""
        _shut(client)
        server.sendall(piece)
        threading.Event().wait(0.05)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := server.recv(PIECE):
                client.sendall(piece)
        _shut(client)

    def _cut_all(self) -> None:
        with self._lock:
            sockets, self._open = self._open, set()
        for each in sockets:
            _shut(each)
            each.close()


def _shut(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cutting(url: str, at: int, how: Cut) -> Iterator[tuple[Cutter, str]]:
    """Relay to the server of `url`; the relay, and the URL that leads through it."""
    place = urlsplit(url)
    [port] = free_ports(1)
    relay = Cutter(port, (place.hostname or HOST, place.port or 0), at, how)
    try:
        yield relay, url.replace(f":{place.port}/", f":{port}/")
    finally:
        relay.close()
