"""The schema `dw_redshift` in the stand-in: functions that translations call.

Installed in one transaction under an advisory lock, by whichever query service comes first. A newer version replaces an
older one's functions and never the other way round; a server that is a real Redshift is left alone.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dwsim_wire.fault import NotYetAvailable
from query_svc.core.faults import WarehouseUnavailable

VERSION = 5
OLDEST_SERVER = 15
LOCK = 0x6477_7265  # "dwre"
SOURCES = tuple(sorted(Path(__file__).parent.glob("postgres_compatibility*.sql")))
COLLATIONS = ("pg_c_utf8", "und-x-icu", "C.utf8", "C.UTF-8", "en_US.utf8", "en_US")

Row = tuple[object, ...]
Run = Callable[[str], list[Row]]


@dataclass(frozen=True)
class Server:
    """What a server says of itself."""

    major: int
    redshift: bool
    superuser: bool


def ask_server(run: Run) -> Server:
    """Ask a server what it is."""
    ((version, number, superuser),) = run(
        "SELECT version(), current_setting('server_version_num')::integer / 10000,"
        " coalesce((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), false)"
    )
    return Server(int(str(number)), "redshift" in str(version).lower(), superuser is True)


def install(run: Run, server: Server) -> None:
    """Install the schema where it is missing or older; to be called in a transaction."""
    if server.redshift:
        raise NotYetAvailable("queries on a real Redshift are not served yet", hint="name a PostgreSQL server")
    if server.major < OLDEST_SERVER:
        raise WarehouseUnavailable(
            f"the server is PostgreSQL {server.major}; Redshift's stand-in needs {OLDEST_SERVER} or newer",
            hint="use the embedded one (`dw-sim up --warehouse redshift`), or a newer server",
            metadata={"warehouse": "REDSHIFT"},
        )
    if _installed(run) >= (VERSION, fingerprint()):
        return
    run(f"SELECT pg_catalog.pg_advisory_xact_lock({LOCK})")
    installed = _installed(run)
    if installed[0] > VERSION or installed == (VERSION, fingerprint()):
        return
    for statement in statements(server.major, _collation(run)):
        run(statement)
    run(f"COMMENT ON SCHEMA dw_redshift IS 'DW Simulator {VERSION} {fingerprint()}'")


def fingerprint() -> str:
    """Hash of the functions' source."""
    return hashlib.blake2s(b"\n".join(path.read_bytes() for path in SOURCES), digest_size=8).hexdigest()


def _installed(run: Run) -> tuple[int, str]:
    rows = run(
        "SELECT pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace"
        " WHERE nspname = 'dw_redshift'"
    )
    words = str(rows[0][0]).split() if rows else []
    return (int(words[2]), words[3]) if len(words) == 4 and words[2].isdecimal() else (0, "")


def _collation(run: Run) -> str:
    names = ", ".join(f"'{name}'" for name in COLLATIONS)
    known = {str(row[0]) for row in run(f"SELECT collname FROM pg_catalog.pg_collation WHERE collname IN ({names})")}  # noqa: S608 - our own names
    return next((f'"{name}"' for name in COLLATIONS if name in known), '"default"')


def statements(major: int, collation: str) -> Iterator[str]:
    """Statements of the schema's source for a server."""
    for paragraph in "\n\n".join(path.read_text(encoding="utf-8") for path in SOURCES).split("\n\n"):
        lines = paragraph.splitlines()
        notes = [line for line in lines if line.startswith("--")]
        text = "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")
        if not text or not all(_applies(note, major) for note in notes):
            continue
        yield text.replace("{collation}", collation)


def _applies(note: str, major: int) -> bool:
    words = note.split()
    if len(words) == 3 and words[1] in ("from", "before") and words[2].isdecimal():
        return (major >= int(words[2])) == (words[1] == "from")
    return True
