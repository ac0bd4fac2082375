"""A relay before an S3 server that answers wrongly now and then: errors, silence, half a body, a body drop by drop."""

import contextlib
import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
KINDS = ("500", "503", "reset", "silence", "half", "slow")
DROPS = 20


class Relay(ThreadingHTTPServer):
    """Relays GETs to `port`, and harms such a share of them; `done` counts what it did."""

    daemon_threads = True

    def __init__(self, port: int, chance: random.Random, share: float) -> None:
        super().__init__((HOST, 0), _Handler)
        self.behind, self.done = port, Counter[str]()
        self.closing = threading.Event()
        self._chance, self._share, self._lock = chance, share, threading.Lock()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{HOST}:{self.server_address[1]}"

    def harm(self) -> str:
        """What to do to the next answer; empty for nothing."""
        with self._lock:
            if self._chance.random() >= self._share:
                return ""
            kind = self._chance.choice(KINDS)
            self.done[kind] += 1
            return kind


class _Handler(BaseHTTPRequestHandler):
    server: Relay
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Read an object, perhaps."""
        kind = self.server.harm()
        if kind in {"500", "503"}:
            self.send_response(int(kind))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind in {"reset", "silence"}:
            self.server.closing.wait(60 if kind == "silence" else 0)
            self.close_connection = True
        else:
            self._pass_on(kind)

    def _pass_on(self, kind: str) -> None:
        behind = http.client.HTTPConnection(HOST, self.server.behind, timeout=60)
        with contextlib.closing(behind):
            behind.request("GET", self.path, headers=dict(self.headers.items()))
            answer = behind.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "server", "date"}:
                self.send_header(name, value)
        if not answer.getheader("Content-Length"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._write(content, kind)

    def _write(self, content: bytes, kind: str) -> None:
        if kind == "half":
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif kind == "slow":
            step = max(len(content) // DROPS, 1)
            for first in range(0, len(content), step):
                self.wfile.write(content[first : first + step])
                self.wfile.flush()
                self.server.closing.wait(0.005)
        else:
            self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing: the test counts."""


@contextlib.contextmanager
def relay(port: int, chance: random.Random, share: float) -> Iterator[Relay]:
    """Relay to the server at `port` for the length of a block."""
    with Relay(port, chance, share) as running:
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield running
        finally:
            running.closing.set()
            running.shutdown()
