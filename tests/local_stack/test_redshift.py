"""The Redshift stand-in as a process and as a part of a stack: who gets in, what it survives, that it ends."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redshift_connector

from local_stack import cluster
from local_stack.record import StackRecord
from local_stack.startup_filter import CANCEL_REQUEST, HEAD, without_redshift_parameters
from tests.local_stack.conftest import Build
from tests.postgres import HOST, Database, stand_in
from tests.processes import free_ports, wait_for

VERSION_3 = 196_608


def connector(database: Database, **facts: Any) -> Any:
    """A connection by Amazon's driver."""
    given: dict[str, Any] = {
        "user": cluster.USER,
        "password": cluster.PASSWORD,
        "database": database.name,
        "ssl": False,
    }
    return redshift_connector.connect(host=HOST, port=database.door_port, **given | facts)


def test_amazons_driver_connects_and_works(postgres: Database) -> None:
    """It sends start-up parameters that PostgreSQL refuses, then begins a transaction of its own accord."""
    with closing(connector(postgres)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("CREATE TEMP TABLE t (a int, b numeric(10, 2), c varchar(5), d date)")
        cursor.execute("INSERT INTO t VALUES (%s, %s, %s, '2024-02-29')", (7, "1.50", "ü"))
        cursor.execute("SELECT a, b::text, c, d::text FROM t")
        assert cursor.fetchall() == ([7, "1.50", "ü", "2024-02-29"],)
        connection.rollback()


def test_psql_connects(postgres: Database) -> None:
    """The shell that everybody has; one comes with the embedded server."""
    done = subprocess.run(
        [cluster.binaries() / "psql", postgres.door_url, "-Atc", "SELECT current_user, current_database()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("dw_user|dw_simulator\n", "")


@pytest.mark.parametrize("port", ["door_port", "server_port"])
def test_a_wrong_password_is_refused_whatever_sends_it(postgres: Database, port: str) -> None:
    """The password is known to all; it is checked all the same, so that clients are tested with it."""
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(cluster.url(HOST, getattr(postgres, port)).replace("dw_pass", "wrong"))
    with pytest.raises(redshift_connector.error.ProgrammingError, match="password authentication failed"):
        connector(postgres, password="wrong")


def test_the_stored_password_is_a_scram_secret(postgres: Database) -> None:
    """psql says how it was asked: PostgreSQL's best method, which Amazon's driver alone cannot read."""
    with closing(psycopg2.connect(f"{postgres.door_url}?require_auth=scram-sha-256")) as connection:
        assert connection.info.user == cluster.USER


def test_nobody_gets_in_as_the_superuser(postgres: Database) -> None:
    """A known password must not let other users of a machine run programs in the name of ours."""
    for password in ("", "postgres", cluster.PASSWORD):
        url = f"postgresql://postgres:{password}@{HOST}:{postgres.door_port}/dw_simulator"
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(url)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        postgres.rows("COPY (SELECT 1) TO PROGRAM 'cat'")


def test_what_redshift_does_not_know_either_is_refused(postgres: Database) -> None:
    """The filter takes out Redshift's words and no typing errors."""
    with pytest.raises(psycopg2.OperationalError, match='unrecognized configuration parameter "client_protocol"'):
        psycopg2.connect(postgres.door_url, options="-c client_protocol=1")


def test_a_running_statement_is_cancelled_through_the_door(postgres: Database) -> None:
    """A cancel request is a connection of its own, with a first message of its own."""
    with closing(psycopg2.connect(postgres.door_url)) as connection, ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(connection.cursor().execute, "SELECT pg_sleep(60)")
        wait_for(lambda: postgres.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'"), "the sleep")
        connection.cancel()
        with pytest.raises(psycopg2.errors.QueryCanceled):
            sleeping.result(20)


def test_a_large_copy_passes_unchanged_both_ways(postgres: Database, tmp_path: Path) -> None:
    """The door moves bytes; it must neither lose, nor reorder, nor keep them."""
    sql = "COPY (SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 60000) i) TO STDOUT"
    with closing(psycopg2.connect(postgres.door_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (i int, text text)")
        with (tmp_path / "out").open("w+b") as file:
            cursor.copy_expert(sql, file)
            assert file.tell() > 19_000_000
            file.seek(0)
            cursor.copy_expert("COPY t FROM STDIN", file)
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE text = repeat(md5(i::text), 10)) FROM t")
        assert cursor.fetchone() == (60_000, 60_000)


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", HEAD.pack(4, VERSION_3), HEAD.pack(1 << 30, VERSION_3)])
def test_who_speaks_no_postgresql_is_shown_out(postgres: Database, first: bytes) -> None:
    """A port scanner must not make the door read a gigabyte, nor fall."""
    with socket.create_connection((HOST, postgres.door_port), timeout=20) as stranger:
        stranger.sendall(first)
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(1) == b""
    assert psycopg2.connect(postgres.door_url).closed == 0


def _startup(*words: bytes) -> bytes:
    body = b"".join(word + b"\0" for word in words) + b"\0"
    return HEAD.pack(HEAD.size + len(body), VERSION_3) + body


def test_only_redshifts_parameters_are_taken_out() -> None:
    """Values may be empty, and may look like names."""
    ours = (b"user", b"dw_user", b"application_name", b"", b"options", b"client_protocol_version")
    sent = _startup(*ours[:4], b"client_protocol_version", b"2", b"os_version", b"", *ours[4:])
    assert without_redshift_parameters(sent) == _startup(*ours)
    assert without_redshift_parameters(_startup(*ours)) == _startup(*ours)
    cancel = struct.pack("!iiii", 16, CANCEL_REQUEST, 1, 2)
    assert without_redshift_parameters(cancel) == cancel


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Database]:
    """A stand-in for one test that mistreats it."""
    with stand_in(tmp_path / "warehouses/redshift") as started:
        yield started


def test_a_killed_server_is_started_again_with_what_was_committed(server: Database) -> None:
    """Its orphans hold shared memory that the next one needs; nobody has to call `up` again."""
    server.rows("CREATE TABLE kept AS SELECT 1 AS one")
    with closing(psycopg2.connect(server.door_url)) as busy, ThreadPoolExecutor(1) as pool:
        counting = pool.submit(
            busy.cursor().execute, f"SELECT count(*) FROM {', '.join(f'pg_class c{n}' for n in '12345')}"
        )
        busy_now = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
        wait_for(lambda: server.rows(busy_now, busy.info.backend_pid), "the count")
        before = server.postmaster()
        server.crash()
        server.recovered(before)
        with pytest.raises(psycopg2.OperationalError):
            counting.result(20)
    with closing(psycopg2.connect(server.door_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT one FROM kept")
        assert cursor.fetchone() == (1,)


def test_a_server_follows_its_killed_keeper(tmp_path: Path) -> None:
    """SIGKILL gives the keeper no chance to stop its server; the next one finds the directory free and whole."""
    directory = tmp_path / "redshift"
    with contextlib.suppress(AssertionError), stand_in(directory) as first:
        first.rows("CREATE TABLE kept AS SELECT 1 AS one")
        server = psutil.Process(first.postmaster())
        psutil.Process(server.pid).parent().kill()  # type: ignore[union-attr]  # its keeper
        wait_for(lambda: not server.is_running(), "the server to end")
    with stand_in(directory) as second:
        assert second.rows("SELECT one FROM kept") == [(1,)]


def test_a_stale_process_id_of_somebody_else_is_no_server(tmp_path: Path) -> None:
    """After a restart of the machine another process has the number; PostgreSQL would wait for its end for ever."""
    directory = tmp_path / "redshift"
    with stand_in(directory):
        stale = (directory / "postmaster.pid").read_text().splitlines()
    (directory / "postmaster.pid").write_text("\n".join([str(os.getpid()), *stale[1:]]) + "\n")
    with stand_in(directory) as server:
        assert server.rows("SELECT 1") == [(1,)]
        assert (directory / "postmaster.pid").read_text().splitlines()[0] != str(os.getpid())


def test_who_works_in_the_directory_without_being_postgresql_is_left_alone(tmp_path: Path) -> None:
    """A shell may stand there, with an hour's work in it."""
    directory = tmp_path / "redshift"
    with stand_in(directory):
        pass
    with subprocess.Popen(["sleep", "60"], cwd=directory) as bystander:
        try:
            with stand_in(directory) as server:
                assert server.rows("SELECT 1") == [(1,)]
                assert bystander.poll() is None
        finally:
            bystander.kill()


def test_the_door_outlasts_more_clients_than_it_can_let_in(tmp_path: Path) -> None:
    """They may be a connection pool gone wild; once they are gone the stand-in serves as before."""
    with stand_in(tmp_path / "redshift") as server:
        keeper = psutil.Process(server.postmaster()).parent()
        assert keeper
        keeper.rlimit(psutil.RLIMIT_NOFILE, (keeper.num_fds() + 8, keeper.num_fds() + 8))
        with contextlib.ExitStack() as crowd:
            for _ in range(20):
                crowd.enter_context(socket.create_connection((HOST, server.door_port), timeout=20))
            wait_for(lambda: keeper.num_fds() >= keeper.rlimit(psutil.RLIMIT_NOFILE)[0], "the door to be crowded")
        wait_for(lambda: lets_in(server), "the door to let somebody in again")


def lets_in(database: Database) -> bool:
    """Whether a client gets in now."""
    with contextlib.suppress(psycopg2.OperationalError), closing(psycopg2.connect(database.door_url)):
        return True
    return False


def run(*flags: object) -> "subprocess.CompletedProcess[str]":
    """The stand-in's process, to its end."""
    command = [sys.executable, "-m", "local_stack.redshift", *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_directory_of_another_version_is_refused_and_kept(tmp_path: Path) -> None:
    """PostgreSQL reads no other version's files; the way out is named."""
    directory = tmp_path / "redshift"
    directory.mkdir()
    (directory / "PG_VERSION").write_text("12\n")
    door, port = free_ports(2)
    done = run("--directory", directory, "--port", door, "--server-port", port)
    assert done.returncode == 1
    assert done.stderr.startswith("DATA_DIRECTORY_OTHER_VERSION: the Redshift stand-in's directory was made by")
    assert "PostgreSQL 12" in done.stderr
    assert "hint: `dw-sim reset`" in done.stderr
    assert [path.name for path in directory.iterdir()] == ["PG_VERSION"]


def test_a_server_that_cannot_start_is_given_up_with_a_reason(tmp_path: Path) -> None:
    """Its port is somebody else's: a loop of starts would hide it."""
    [door] = free_ports(1)
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        done = run("--directory", tmp_path / "redshift", "--port", door, "--server-port", taken)
    assert done.returncode == 1
    assert "WAREHOUSE_UNAVAILABLE: PostgreSQL ended 3 times before it was ready" in done.stderr
    assert "Address already in use" in done.stdout


async def test_a_stack_brings_it_along_and_takes_it_away(build: Build, tmp_path: Path) -> None:
    """The services get the server's own address, everybody else the door's; both end with the stack."""
    async with build(warehouse="redshift", ports={"redshift": 0}) as stack:
        url = stack.warehouses["redshift"]
        with closing(psycopg2.connect(url)) as connection:
            backend = psutil.Process(connection.info.backend_pid)
        given = (tmp_path / "data/schema.redshift").read_text()
        assert given != url
        psycopg2.connect(given).close()
        record = StackRecord.read(tmp_path / "data")
        assert record
        assert record.warehouses == {"redshift": url}
        assert "redshift" in record.pids
        children = psutil.Process(record.pids["redshift"]).children(recursive=True)
        assert len(children) > 3
    assert not any(child.is_running() for child in (*children, backend))


async def test_a_named_server_is_used_and_none_is_started(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its password may be a real one: it is not written down."""
    monkeypatch.setenv("DW_SIMULATOR_REDSHIFT_URL", "postgresql://me:secret@elsewhere/db")
    async with build(warehouse="redshift") as stack:
        assert stack.warehouses == {}
        assert "redshift" not in stack.pids
        assert (tmp_path / "data/schema.redshift").read_text() == "postgresql://me:secret@elsewhere/db"
        assert "secret" not in (tmp_path / "data/stack.json").read_text()
    async with build(warehouse="sqlite"):
        assert (tmp_path / "data/schema.redshift").read_text() == ""


async def test_a_server_may_be_named_by_a_file(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The services read `.env.local`: what starts them must not tell them otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DW_SIMULATOR_REDSHIFT_URL", raising=False)
    (tmp_path / ".env.local").write_text("DW_SIMULATOR_REDSHIFT_URL=postgresql://me:secret@elsewhere/db\n")
    async with build(warehouse="redshift") as stack:
        assert stack.warehouses == {}
    async with build(warehouse="sqlite"):
        assert (tmp_path / "data/schema.redshift").read_text() == ""


async def test_no_server_is_named_by_nothing(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """`DW_SIMULATOR_REDSHIFT_URL= dw-sim up` means the embedded one, not none."""
    monkeypatch.setenv("DW_SIMULATOR_REDSHIFT_URL", "")
    async with build(warehouse="redshift", ports={"redshift": 0}) as stack:
        psycopg2.connect(stack.warehouses["redshift"]).close()


async def test_its_taken_port_is_replaced_by_a_free_one(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's own PostgreSQL on 5439 must not keep a stack from starting."""
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr("local_stack.stack.REDSHIFT_PORT", taken)
        async with build(warehouse="redshift") as stack:
            assert f":{taken}/" not in stack.warehouses["redshift"]
            psycopg2.connect(stack.warehouses["redshift"]).close()


def test_it_ends_when_its_stack_is_killed(tmp_path: Path) -> None:
    """SIGKILL of everything that could tell it to end: the kernel does."""
    code = f"""
import asyncio, json
from pathlib import Path
from local_stack import LocalStack
async def main():
    stack = LocalStack(Path({str(tmp_path)!r}), services=[], warehouse="redshift", ports={{"redshift": 0}})
    async with stack:
        print(json.dumps(stack.pids), flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        keeper = psutil.Process(json.loads(parent.stdout.readline())["redshift"])
        family = [keeper, *keeper.children(recursive=True)]
        parent.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=30)
    assert not any(process.is_running() for process in family)
