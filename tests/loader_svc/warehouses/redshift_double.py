"""Redshift as a client sees it, in front of a real PostgreSQL: it records every statement and answers as Redshift does.

Bytes pass both ways as they are; a statement that PostgreSQL lacks is replaced by one that it has, so that what is
written, locked, committed and rolled back is real. COPY reads manifest and Parquet files from the real S3 server, by
position. What no PostgreSQL can play, such as its errors, is given as rules.
"""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.extensions import QuotedString, adapt

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from tests.postgres import HOST, Database

VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3),"
    " Redshift 1.0.68555"
)
CANCEL = 80877102
NEGOTIATIONS = frozenset({80877103, 80877104})
COPY = re.compile(r"COPY (\S+) FROM '(s3://.*\.manifest)' (?:IAM_ROLE|ACCESS_KEY_ID) .* FORMAT AS PARQUET MANIFEST")
LOWERED = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r" (?:COMPOUND |INTERLEAVED )?SORTKEY (?:AUTO|\([^)]*\))", ""),
        (r" DISTKEY \([^)]*\)", ""),
        (r" DISTSTYLE \w+| BACKUP \w+| ENCODE \w+| COLLATE \w+", ""),
        (r"\bsuper\b", "jsonb"),
        (r"\bvarbyte\(\d+\)", "bytea"),
        (r"JSON_PARSE\(", "to_jsonb_of_text("),
        (r"GETDATE\(\)", "LOCALTIMESTAMP"),
    )
)
Rule = Callable[[str], str | None]


class Cut(Exception):  # it is an order
    """The connection is to be lost now."""


class RedshiftDouble:
    """A server on a free port; `statements` are those of its clients, in their order."""

    def __init__(self, database: Database) -> None:
        self.statements: list[str] = []
        self._upstream = (HOST, database.server_port)
        self._rules: list[tuple[re.Pattern[str], Rule, list[int]]] = []
        self._copied = 0
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = database.url.replace(f":{database.server_port}/", f":{self.port}/")
        database.rows(
            "CREATE FUNCTION public.to_jsonb_of_text(t text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT t::jsonb'"
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more clients."""
        self._listener.close()

    def answer(self, pattern: str, sql: str, times: int = 1_000) -> None:
        """Run other SQL in place of statements."""
        self._rules.insert(0, (re.compile(pattern), lambda _: sql, [times]))

    def refuse(self, pattern: str, state: str, message: str, detail: str = "", times: int = 1) -> None:
        """Answer statements with an error."""
        words = [str(QuotedString(word.replace("%", "%%"))) for word in (message, detail, state)]
        detailed = f"MESSAGE = {words[0]}, DETAIL = {words[1]}, ERRCODE = {words[2]}"
        self.answer(pattern, f"DO $double$ BEGIN RAISE EXCEPTION USING {detailed}; END $double$", times)

    def meanwhile(self, pattern: str, do: Callable[[], None]) -> None:
        """Do something once before a statement is run."""

        def done(_: str) -> None:
            do()

        self._rules.insert(0, (re.compile(pattern), done, [1]))

    def cut(self, pattern: str, times: int = 1) -> None:
        """Lose the connection when a statement comes."""

        def lose(_: str) -> str:
            raise Cut

        self._rules.insert(0, (re.compile(pattern), lose, [times]))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as server, _ending(client, server):
            _begin(client, server)
            self.statements.append("-- connect")
            threading.Thread(target=_pump, args=(server, client), daemon=True).start()
            while True:
                kind = _read(client, 1)
                body = _read(client, struct.unpack("!i", _read(client, 4))[0] - 4)
                if kind == b"Q":
                    body = self._lowered(body[:-1].decode()).encode() + b"\0"
                server.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _lowered(self, sql: str) -> str:
        """What PostgreSQL runs for a statement."""
        self.statements.append(sql)
        for pattern, rule, times in self._rules:
            if times[0] and pattern.search(sql):
                times[0] -= 1
                if answer := rule(sql):
                    return answer
        if copy := COPY.fullmatch(sql):
            return self._copy(copy[1], copy[2])
        if "pg_last_copy_count" in sql:
            return f"SELECT {self._copied}"
        if sql == "SELECT version()":
            return f"SELECT '{VERSION}'"
        if "svv_relation_privileges" in sql:
            return "SELECT 'SELECT', 'user', 'x', false WHERE false"
        for pattern, replacement in LOWERED:
            sql = pattern.sub(replacement, sql)
        return sql.replace("to_jsonb_of_text(", "public.to_jsonb_of_text(")

    def _copy(self, table: str, manifest: str) -> str:
        """The rows of a manifest's files as an INSERT by position."""
        values: list[str] = []
        for entry in json.loads(_object(manifest))["entries"]:
            content = _object(entry["url"])
            assert len(content) == entry["meta"]["content_length"]
            assert entry["mandatory"]
            rows = pq.read_table(pa.BufferReader(content))
            values += (f"({', '.join(map(_constant, row))})" for row in zip(*rows.to_pydict().values(), strict=True))
        self._copied = len(values)
        return f"INSERT INTO {table} VALUES {', '.join(values)}"


def _object(uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    place = StagingRoot.parse(f"s3://{bucket}/").child(*key.split("/"))
    content = open_bucket(bucket).get(place)
    assert content is not None, uri
    return bytes(content)


def _constant(value: Any) -> str:
    if isinstance(value, str):
        quoted = QuotedString(value)
        quoted.encoding = "utf8"
        return quoted.getquoted().decode()
    if isinstance(value, Decimal):
        return str(value)
    return str(adapt(value).getquoted().decode())


def _begin(client: socket.socket, server: socket.socket) -> None:
    """Pass the first messages, which have no kind, up to that which begins a session."""
    while True:
        head = _read(client, 8)
        length, code = struct.unpack("!ii", head)
        server.sendall(head + _read(client, length - 8))
        if code in NEGOTIATIONS:
            client.sendall(_read(server, 1))
        elif code == CANCEL:
            _read(server, 1)  # until PostgreSQL has closed it
        else:
            return


@contextlib.contextmanager
def _ending(*ends: socket.socket) -> Iterator[None]:
    """End both sides when either goes, also where a thread waits for them."""
    with contextlib.suppress(OSError, EOFError, Cut):
        yield
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_RDWR)


def _read(source: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = source.recv(size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content
