"""A service's own database: one SQLite file per service by default, any SQLAlchemy URL when asked.

SQLite runs in WAL mode with synchronous FULL, and every transaction begins IMMEDIATE: a deferred one that reads, then
writes fails at once under a concurrent writer, whatever the timeout.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from dwsim_wire.data_layout import DataDirectoryCorrupt, DataDirectoryNewer, claim_data_dir
from dwsim_wire.fault import Fault, Unavailable
from dwsim_wire.settings import ServiceSettings

BUSY_SECONDS = 30.0
_CORRUPT = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
# SQLITE_ERROR: tables are there that our migrations did not make.
_BROKEN = _CORRUPT | {"SQLITE_ERROR"}
_WRITABLE = "make its directory one that can be read and written"
_IN_THE_WAY: Mapping[str, tuple[str, str]] = {
    "SQLITE_BUSY": ("another process has locked it", "end the process that uses it, then start again"),
    "SQLITE_FULL": ("no space is left", "free space, then start again"),
    "SQLITE_READONLY": ("it is read-only", _WRITABLE),
    "SQLITE_CANTOPEN": ("it cannot be opened", _WRITABLE),
    "SQLITE_PERM": ("access is denied", _WRITABLE),
    "SQLITE_IOERR": ("the disk reports an error", "check the disk and its free space, then start again"),
}


def open_database(settings: ServiceSettings, service: str, migrations: Path) -> sa.Engine:
    """Open the database of `service`, migrated to the newest version in `migrations`."""
    claim_data_dir(settings.data_dir)
    if settings.target_db_url is None:
        folder = settings.data_dir / "metadata"
        folder.mkdir(parents=True, exist_ok=True)
        url = sa.URL.create("sqlite", database=str(folder / f"{service}.db"))
    else:
        url = make_url(settings.target_db_url.get_secret_value())
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS} if url.drivername == "sqlite" else {})
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    try:
        _migrate(engine, service, migrations)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise unusable(service, error.orig) from error
    return engine


def unusable(service: str, error: BaseException | None) -> Fault:
    """Tell a database that is broken from one that is only in the way of something."""
    primary = _primary_code(error)
    if primary in _BROKEN:
        return DataDirectoryCorrupt(
            f"the {service} database cannot be read",
            hint=f"restore metadata/{service}.db of the data directory, or start anew with `dw-sim reset`",
        )
    what, hint = _IN_THE_WAY.get(primary, ("it does not answer", "check that it can be reached and used"))
    return Unavailable(f"the {service} database cannot be used: {what}", hint=hint)


def name_fault(service: str, error: BaseException) -> BaseException:
    """A database that cannot be used now as the fault that it is; any other error, a missing table too, as it is."""
    if isinstance(error, sa.exc.OperationalError) and _primary_code(error.orig) in {"", *_IN_THE_WAY}:
        return unusable(service, error.orig)
    return error


def is_corrupt(error: BaseException | None) -> bool:
    """Whether SQLite found its file broken; that may show long after the file was opened."""
    return _primary_code(error) in _CORRUPT


def _primary_code(error: BaseException | None) -> str:
    """SQLITE_BUSY of SQLITE_BUSY_SNAPSHOT."""
    return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: sa.Engine, service: str, migrations: Path) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("version_locations", str(migrations / "versions"))
    config.set_main_option("path_separator", "newline")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = f"{service}_alembic_version"
        try:
            alembic.command.upgrade(config, "head")
        except alembic.util.CommandError as error:
            raise DataDirectoryNewer(
                f"the {service} database was made by a newer version",
                hint="use the version that made it, or another data directory",
            ) from error
