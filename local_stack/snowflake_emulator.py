"""fakesnow's server with one persistent instance for every session, closer to Snowflake in what a loader relies on.

It runs in fakesnow's own environment, by its path, and imports nothing of ours. Keys are informational, as Snowflake's
are: DuckDB would enforce them. A text may be as long as its column says: DuckDB would take any. A session that is
closed, or ended from another one, takes its open transaction with it: fakesnow would wait for Python to collect it.
Errors of DuckDB are answers; as HTTP 500 the connector would ask again and again. One COPY reads its files at once, as
Snowflake's does; fakesnow would read one after the other. A statement can be aborted. One that begins with `/* DuckDB
*/` is handed to DuckDB as it is: what a query service has translated needs no second translation; a large result of it
lies on disk until its client fetches it, chunk by chunk. A client that has the same files writes into a stage itself:
by HTTP a PUT takes half as long as its COPY.
"""

import argparse
import base64
import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import fakesnow.arrow
import fakesnow.cursor
import fakesnow.server as door
import pyarrow as pa
import uvicorn
from fakesnow.instance import FakeSnow
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

HOST = "127.0.0.1"
STOP_SECONDS = 2
BUSY_SECONDS = 0.01
CANCELLED, LOCKED, REFUSED, VALUE, TOO_LONG = 604, 625, 603, 100_038, 100_078
KEYS = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint, exp.PrimaryKeyColumnConstraint, exp.Reference)
MARK = "/* DuckDB */"
BUCKET = "/fs_bucket/"
ABORT = "/queries/v1/abort-request"
FOREIGN_KEY = re.compile(
    r'\s*ALTER\s+TABLE\s+"(?:[^"]|"")*"\s+(?:ADD|DROP)\s+FOREIGN\s+KEY\b.*', re.IGNORECASE | re.DOTALL
)
AS_IT_IS = re.compile(
    r"\s*PUT\s+'?file://(.+?)'?\s+('?@.*\bSOURCE_COMPRESSION\s*=\s*NONE\b.*)", re.IGNORECASE | re.DOTALL
)
CHANGES_STAGES = re.compile(r"\b(CREATE|DROP|ALTER|USE|UNDROP)\b", re.IGNORECASE)
END_SESSION = re.compile(r"\s*SELECT\s+SYSTEM\$ABORT_SESSION\(\s*(\d+)\s*\)\s*", re.IGNORECASE)
PARQUET = re.compile(r"READ_PARQUET\('((?:[^']|'')*)'\)", re.IGNORECASE)
ESCAPED = re.compile(r"\[([*?\[])\]")
SESSIONS: dict[str, str] = {}
"""Token of every session by its number."""
FOLDERS: dict[tuple[str, str], dict[str, Any]] = {}
"""What was answered to a PUT, by its session, its place in a stage and its options."""
CHUNK_BYTES, PART_BYTES, PART_ROWS = 4 << 20, 1 << 20, 8192
AT_ONCE = 16
"""Chunks that a client fetches at the same time, at most."""
CHUNKS: dict[str, Path] = {}
"""Folder of the chunks that a session has still to fetch, by its token."""
parse_one = fakesnow.cursor.parse_one
copy_into = fakesnow.cursor.copy_into
execute = fakesnow.cursor.FakeSnowflakeCursor.execute
moments_of = fakesnow.arrow.timestamp_to_sf_struct


def parsed(sql: str, *args: Any, **facts: Any) -> exp.Expression:
    """Parse a statement; a table's keys are left out, and the lengths of its texts are checked."""
    found: exp.Expression = parse_one(sql, *args, **facts)
    if isinstance(found, exp.Create) and isinstance(found.this, exp.Schema):
        kept = [item for item in found.this.expressions if not _is_key(item)]
        found.this.set("expressions", kept)
        for column in found.this.find_all(exp.ColumnDef):
            others = [item for item in column.args.get("constraints") or () if not _is_key(item)]
            column.set("constraints", [*others, *_length_check(column)])
    return found


def _length_check(column: exp.ColumnDef) -> list[exp.ColumnConstraint]:
    length = column.kind.expressions if column.kind and column.kind.is_type(*exp.DataType.TEXT_TYPES) else []
    if not length:
        return []
    short_enough = exp.LTE(this=exp.Length(this=exp.column(column.this.copy())), expression=length[0].this.copy())
    return [exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=short_enough))]


def _is_key(item: exp.Expression) -> bool:
    kind = item.args.get("kind") if isinstance(item, exp.ColumnConstraint) else item
    if isinstance(item, exp.Constraint):
        return any(isinstance(inner, KEYS) for inner in item.expressions)
    return isinstance(kind, KEYS)


def executed(cursor: Any, *args: Any, **facts: Any) -> Any:
    """Execute a statement; what DuckDB refuses is an error of Snowflake."""
    try:
        return execute(cursor, *args, **facts)
    except duckdb.InterruptException as error:
        raise ProgrammingError(msg=str(error), errno=CANCELLED, sqlstate="57014") from error
    except duckdb.TransactionException as error:
        raise ProgrammingError(msg=str(error), errno=LOCKED, sqlstate="57014") from error
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        raise ProgrammingError(msg=str(error), errno=VALUE, sqlstate="22018") from error
    except duckdb.ConstraintException as error:
        too_long = "CHECK constraint failed" in str(error)
        number, state = (TOO_LONG, "22000") if too_long else (REFUSED, "XX000")
        raise ProgrammingError(msg=str(error), errno=number, sqlstate=state) from error
    except duckdb.Error as error:
        raise ProgrammingError(msg=str(error), errno=REFUSED, sqlstate="XX000") from error


class Together:
    """A connection for one COPY that keeps INSERTs from files back until it is told of the files' history.

    The counts of files come from their footers. What the one INSERT refuses is the error of the whole COPY.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._waiting: dict[str, list[str]] = {}
        self.read: list[str] = []

    def execute(self, sql: str, *others: Any) -> Any:
        """Execute a statement, or keep it and count the rows of its file."""
        found = PARQUET.search(sql) if sql.startswith("INSERT") else None
        if not found:
            return self._connection.execute(sql, *others)
        self._waiting.setdefault(PARQUET.sub("READ_PARQUET([])", sql), []).append(found[1])
        return self._connection.execute(f"SELECT num_rows FROM parquet_file_metadata('{found[1]}')")  # noqa: S608

    def executemany(self, sql: str, rows: Any) -> Any:
        """Execute what was kept, then note the history."""
        for insert, files in self._waiting.items():
            names = ", ".join(f"'{file}'" for file in files)
            self._connection.execute(insert.replace("READ_PARQUET([])", f"READ_PARQUET([{names}])"))
            self.read += files
        return self._connection.executemany(sql, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def copied(duck_conn: Any, database: str | None, schema: str | None, expr: exp.Copy, *others: Any, **facts: Any) -> str:
    """Run a COPY INTO, all its Parquet files at once."""
    together, kept = Together(duck_conn), expr.args.get("params") or []
    others_kept = [option for option in kept if option.this.name.upper() != "PURGE"]
    expr.set("params", others_kept)
    answer: str = copy_into(together, database, schema, expr, *others, **facts)
    if len(others_kept) < len(kept):
        for name in together.read:
            Path(ESCAPED.sub(r"\1", name.replace("''", "'"))).unlink(missing_ok=True)
    return answer


async def login(request: Request) -> JSONResponse:
    """Open a session, with the number that other sessions know it by; a client closes one that has a master token."""
    before = set(door.sessions)
    answer = await door.login_request(request)
    number = secrets.randbelow(1 << 53)
    for token in set(door.sessions) - before:
        SESSIONS[str(number)] = token
    content = json.loads(bytes(answer.body))
    content["data"] |= {"sessionId": number, "masterToken": secrets.token_urlsafe(32)}
    return JSONResponse(content)


async def query(request: Request) -> JSONResponse:
    """Run a statement; one that fails unexpectedly fails once."""
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = door.gzip.decompress(body)
    text = json.loads(body).get("sqlText", "")
    if found := END_SESSION.fullmatch(text):
        return await _end_session(found[1])
    if text.startswith(MARK):
        return await _handed_through(request, text)
    if FOREIGN_KEY.fullmatch(text):
        return _done()
    if found := AS_IT_IS.fullmatch(text):
        return await _put_as_it_is(request, *found.groups())
    answer = await door.query_request(request)
    if CHANGES_STAGES.search(text):
        FOLDERS.clear()
    if answer.status_code < 500:
        return answer
    content = json.loads(bytes(answer.body))
    return JSONResponse({**content, "code": f"{REFUSED:06d}", "data": {"errorCode": f"{REFUSED:06d}"}})


async def _put_as_it_is(request: Request, name: str, place: str) -> JSONResponse:
    """Say where a file goes, for a client that need not look into it, and writes it there where our files are its own.

    What was said of a folder holds for the next file until a statement may change stages: fakesnow looks for a stage
    longer than a client writes a file.
    """
    known = request.headers.get("Authorization", "")[17:-1], place
    if known in FOLDERS and known[0] in door.sessions:
        return JSONResponse({"data": {**FOLDERS[known], "src_locations": [name]}, "success": True})
    answer = await door.query_request(request)
    content = json.loads(bytes(answer.body))
    if content["success"]:
        content["data"]["sourceCompression"] = "none"
        if f"/* {file_system()} */" in place:
            file = urllib.parse.unquote(content["data"]["stageInfo"]["presignedUrl"].partition(BUCKET)[2])
            folder = Path(door.stage.LOCAL_BUCKET_PATH, file).parent
            folder.mkdir(parents=True, exist_ok=True)
            content["data"]["stageInfo"] = {"locationType": "LOCAL_FS", "location": str(folder), "creds": {}}
            FOLDERS[known] = content["data"]
    return JSONResponse(content, answer.status_code)


@functools.cache
def file_system() -> str:
    """What tells whether a client's files are ours too: machine, root directory and user."""
    root = Path("/").stat()
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}:{root.st_dev}:{root.st_ino}:{os.getuid()}"


async def _handed_through(request: Request, text: str) -> JSONResponse:
    try:
        token = door.to_token(request)
        session = door.to_conn(token)
        return await door.run_in_threadpool(_own_statement, session, text, token, str(request.base_url))
    except door.ServerError as error:
        content = {"data": None, "code": error.code, "message": error.message, "success": False}
        return JSONResponse(content, status_code=error.status_code)
    except (duckdb.Error, OSError) as error:  # behind its first rows, DuckDB's errors come through Arrow
        data = {"errorCode": f"{REFUSED:06d}", "sqlState": "XX000"}
        return JSONResponse({"success": False, "code": f"{REFUSED:06d}", "message": str(error), "data": data})


def _own_statement(session: Any, text: str, token: str, server: str) -> JSONResponse:
    """Rows of DuckDB's own SQL: the first chunk with the answer, where the others are."""
    _forget_chunks(token)
    found = session._duck_conn.sql(text)
    types = [(name, str(kind), None, None, None, None) for name, kind, *_ in found.description]
    rowtype = door.describe_as_rowtype(types)
    tables = _cut(found.to_arrow_reader(PART_ROWS))
    first = next(tables, None)
    chunks = [*_written(tables, rowtype, token, server)]
    total = sum((chunk["rowCount"] for chunk in chunks), first.num_rows if first else 0)
    rows = base64.b64encode(door.to_ipc(door.to_sf(first, rowtype))).decode() if first else ""
    data = {"rowtype": rowtype, "total": total, "queryId": str(uuid.uuid4()), "statementTypeId": 4096}
    data |= {"parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}]} | ({"chunks": chunks} if chunks else {})
    data |= {"finalDatabaseName": session.database, "finalSchemaName": session.schema}
    return JSONResponse({"success": True, "data": data | {"queryResultFormat": "arrow", "rowsetBase64": rows}})


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Rows in chunks of about `CHUNK_BYTES`, none of them empty."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        step = max(1, batch.num_rows * PART_BYTES // max(batch.nbytes, 1))
        for first in range(0, batch.num_rows, step):
            held.append(batch.slice(first, step))
            if sum(part.nbytes for part in held) >= CHUNK_BYTES:
                yield pa.Table.from_batches(held)
                held = []
    if held:
        yield pa.Table.from_batches(held)


def _written(tables: Iterator[pa.Table], rowtype: Any, token: str, server: str) -> Iterator[dict[str, Any]]:
    """Write chunks to disk; how their client fetches each."""
    folder: Path | None = None
    for number, table in enumerate(tables):
        if folder is None:
            folder = CHUNKS[token] = Path(tempfile.mkdtemp(prefix="result-"))
        written = (folder / str(number)).write_bytes(door.to_ipc(door.to_sf(table, rowtype)))
        url = f"{server}results/{folder.name}/{number}"
        yield {"url": url, "rowCount": table.num_rows, "uncompressedSize": written, "compressedSize": written}


async def chunk(request: Request) -> Response:
    """Send a chunk of a result; who asks for it has those that are `AT_ONCE` before."""
    number = request.path_params["number"]
    folder = next((place for place in list(CHUNKS.values()) if place.name == request.path_params["folder"]), None)
    if folder is None or not (folder / str(number)).is_file():
        return Response(status_code=404)
    (folder / str(number - AT_ONCE)).unlink(missing_ok=True)
    return FileResponse(folder / str(number))


def _forget_chunks(token: str) -> None:
    if (folder := CHUNKS.pop(token, None)) is not None:
        shutil.rmtree(folder, ignore_errors=True)


async def abort(request: Request) -> JSONResponse:
    """End the statement that a session runs."""
    session = door.sessions.get(door.to_token(request))
    if session is not None:
        session._duck_conn.interrupt()
    return JSONResponse({"success": True})


def moments(values: Any) -> pa.Array:
    """Timestamps as Snowflake's clients read them; what is missing stays missing."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    made = moments_of(whole.fill_null(0))
    return pa.StructArray.from_arrays(made.flatten(), fields=list(made.type), mask=whole.is_null())


async def session(request: Request) -> JSONResponse:
    """Keep a session, or close it."""
    if request.query_params.get("delete"):
        await _close(request.headers.get("Authorization", "")[17:-1])
        return JSONResponse({"data": None, "code": None, "message": None, "success": True})
    return await door.session(request)


async def _end_session(number: str) -> JSONResponse:
    if not await _close(SESSIONS.pop(number, "")):
        return JSONResponse({"success": False, "code": "002003", "message": "no such session", "data": {}})
    return _done()


async def _close(token: str) -> bool:
    """Close a session with its statement and its transaction; whether there was one."""
    found = door.sessions.pop(token, None)
    if found is not None:
        await door.run_in_threadpool(_roll_back, found._duck_conn)
        with contextlib.suppress(duckdb.Error):
            await door.run_in_threadpool(found.close)
    _forget_chunks(token)
    return found is not None


def _roll_back(connection: Any) -> None:
    """Interrupt what a connection does, and roll its transaction back; DuckDB refuses a second call meanwhile."""
    until = time.monotonic() + STOP_SECONDS
    while time.monotonic() < until:
        connection.interrupt()
        try:
            connection.rollback()
        except duckdb.ResourceInUseException:
            time.sleep(BUSY_SECONDS)
        except duckdb.Error:
            return  # there is no transaction
        else:
            return


def _done() -> JSONResponse:
    return JSONResponse(
        {"success": True, "data": {"rowtype": [], "rowset": [], "total": 0, "queryResultFormat": "json"}}
    )


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="databases, one file each")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    stage = given.directory / "stages"
    shutil.rmtree(stage, ignore_errors=True)  # stages are known to a running server alone
    stage.mkdir(parents=True)
    tempfile.tempdir = str(stage)
    door.stage.LOCAL_BUCKET_PATH = str(stage)
    fakesnow.arrow.timestamp_to_sf_struct = moments
    fakesnow.cursor.parse_one = parsed
    fakesnow.cursor.copy_into = copied
    fakesnow.cursor.FakeSnowflakeCursor.execute = executed
    door.shared_fs = FakeSnow(db_path=given.directory)
    ours = {"/session/v1/login-request": login, "/session": session, "/queries/v1/query-request": query, ABORT: abort}
    routes = [Route(r.path, ours.get(r.path, r.endpoint), methods=r.methods) for r in door.routes]
    routes.append(Route("/results/{folder}/{number:int}", chunk))
    uvicorn.run(
        Starlette(routes=routes),
        host=given.host,
        port=given.port,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
