"""A service's own database: one SQLite file per service by default, any SQLAlchemy URL when asked.

SQLite runs in WAL mode with synchronous FULL, and every transaction begins IMMEDIATE: a deferred one that reads, then
writes fails at once under a concurrent writer, whatever the timeout.
"""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from dwsim_wire.fault import Fault
from dwsim_wire.settings import ServiceSettings

DATA_LAYOUT = 1


class DataDirectoryNewer(Fault):
    """The data directory was made by a newer version."""

    reason = "DATA_DIRECTORY_NEWER"


class DataDirectoryCorrupt(Fault):
    """The data directory or a database in it cannot be read."""

    reason = "DATA_DIRECTORY_CORRUPT"


def open_database(settings: ServiceSettings, service: str, migrations: Path) -> sa.Engine:
    """Open the database of `service`, migrated to the newest version in `migrations`."""
    claim_data_dir(settings.data_dir)
    if settings.target_db_url is None:
        folder = settings.data_dir / "metadata"
        folder.mkdir(parents=True, exist_ok=True)
        url = sa.URL.create("sqlite", database=str(folder / f"{service}.db"))
    else:
        url = make_url(settings.target_db_url.get_secret_value())
    engine = sa.create_engine(url, connect_args={"timeout": 30} if url.drivername == "sqlite" else {})
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    try:
        _migrate(engine, service, migrations)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise DataDirectoryCorrupt(
            f"the {service} database cannot be read: {type(error.orig).__name__}",
            hint=f"restore metadata/{service}.db of the data directory, or start anew with `dw-sim reset`",
        ) from error
    return engine


def claim_data_dir(data_dir: Path) -> None:
    """Check that this version can use the data directory; mark a new one."""
    mark = data_dir / "VERSION"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            _write_once(mark, json.dumps({"layout": DATA_LAYOUT}))
        layout = int(json.loads(mark.read_text())["layout"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataDirectoryCorrupt(
            "the VERSION file of the data directory cannot be read", hint="name another directory, or `dw-sim reset`"
        ) from error
    except OSError as error:
        raise DataDirectoryCorrupt(
            f"the data directory cannot be used: {error.strerror}", hint="name a directory that can be written"
        ) from error
    if layout > DATA_LAYOUT:
        raise DataDirectoryNewer(
            f"the data directory has layout {layout}; this version knows {DATA_LAYOUT}",
            hint="use the version that made it, or another data directory",
        )


def _write_once(path: Path, text: str) -> None:
    """Create `path` whole or leave it as another process made it; nobody ever reads half of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as whole:
        whole.write(text)
        whole.flush()
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(whole.name)


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
