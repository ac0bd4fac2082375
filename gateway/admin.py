"""Envoy's administration, over a Unix socket that only this user may open."""

import asyncio
import http.client
import json
import socket
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 2.0


class Admin:
    """Questions and orders to a running Envoy."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def ready(self) -> bool:
        """Whether Envoy has begun to listen."""
        try:
            return (await self._ask("GET", "/ready")).strip() == "LIVE"
        except OSError:
            return False

    async def port(self) -> int:
        """Port that the listener got."""
        answer: Any = json.loads(await self._ask("GET", "/listeners?format=json"))
        return int(answer["listener_statuses"][0]["local_address"]["socket_address"]["port_value"])

    async def calls_under_way(self) -> int:
        """Calls that clients wait for."""
        answer = await self._ask("GET", "/stats?filter=^http.gateway.downstream_rq_active$")
        return int(answer.rpartition(":")[2])

    async def drain(self) -> None:
        """Say on `/healthz` that no more calls should come, and on every connection that it ends with its last call."""
        await self._ask("POST", "/healthcheck/fail")
        await self._ask("POST", "/drain_listeners?graceful&skip_exit")

    async def _ask(self, method: str, path: str) -> str:
        return await asyncio.to_thread(self._ask_now, method, path)

    def _ask_now(self, method: str, path: str) -> str:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("admin", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the Unix socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(str(self._path))
