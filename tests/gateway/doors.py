"""The three ways through the gateway, as a client without our code would go them: REST and gRPC-web by plain HTTP."""

import base64
import contextlib
import http.client
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

TRAILERS = 0x80


@dataclass(frozen=True)
class Answer:
    """What REST answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """Reason of an error."""
        return str(self._info["reason"])

    @property
    def hint(self) -> str:
        """Hint of an error."""
        return str(self._info["metadata"].get("hint", ""))

    @property
    def _info(self) -> Any:
        return next(detail for detail in self.json["details"] if detail["@type"].endswith("google.rpc.ErrorInfo"))


@dataclass(frozen=True)
class Gateway:
    """A gateway by its address."""

    address: str

    def rest(self, method: str, path: str, body: object = None, *, timeout: float = 60, **headers: str) -> Answer:
        """Ask by REST; names of headers have `_` for `-`."""
        with self.opened(method, path, body, timeout=timeout, **headers) as response:
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    @contextlib.contextmanager
    def opened(
        self, method: str, path: str, body: object = None, *, timeout: float = 60, **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        """Ask by REST and read as you like; leaving the block breaks the call off."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, data, {"content-type": "application/json"} | fields)
            yield connection.getresponse()
        finally:
            connection.close()

    def web(self, path: str, request: Message, **headers: str) -> "WebAnswer":
        """Ask by gRPC-web and take the first message, or the end."""
        frame = struct.pack(">BI", 0, request.ByteSize()) + request.SerializeToString()
        fields = {"content_type": "application/grpc-web+proto", "x_grpc_web": "1"} | headers
        with self.opened("POST", path, frame, timeout=60, **fields) as response:
            given = {k.lower(): v for k, v in response.getheaders()}
            assert given["content-type"].startswith("application/grpc-web")
            if "grpc-status" in given:
                return WebAnswer(None, given)
            flag, data = _frame(response)
            return WebAnswer(None, _trailers(data)) if flag & TRAILERS else WebAnswer(data, {})


@dataclass(frozen=True)
class WebAnswer:
    """The first message of a gRPC-web answer, or its trailers."""

    message: bytes | None
    trailers: Mapping[str, str]

    @property
    def info(self) -> error_details_pb2.ErrorInfo:
        """ErrorInfo of an error."""
        packed = self.trailers["grpc-status-details-bin"]
        status = status_pb2.Status.FromString(base64.b64decode(packed + "=" * (-len(packed) % 4)))
        assert str(status.code) == self.trailers["grpc-status"]
        info = error_details_pb2.ErrorInfo()
        status.details[0].Unpack(info)
        return info


def _frame(response: http.client.HTTPResponse) -> tuple[int, bytes]:
    flag, size = struct.unpack(">BI", response.read(5))
    return flag, response.read(size)


def _trailers(data: bytes) -> dict[str, str]:
    lines = [line.partition(":") for line in data.decode().split("\r\n") if line]
    return {name.lower(): value.strip() for name, _, value in lines}
