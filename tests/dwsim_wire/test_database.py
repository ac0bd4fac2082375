"""A service's database: migrated at the start, refused where it cannot be trusted."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from dwsim_wire import database
from dwsim_wire.data_layout import DataDirectoryCorrupt, DataDirectoryNewer
from dwsim_wire.database import open_database
from dwsim_wire.fault import Unavailable
from dwsim_wire.settings import ServiceSettings

ENV = """
from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table=context.config.attributes["version_table"]
)
with context.begin_transaction():
    context.run_migrations()
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.create_table("counter", sa.Column("n", sa.Integer))
    op.execute("INSERT INTO counter VALUES (0)")
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text(ENV)
    (versions / "0001_first.py").write_text(FIRST)
    return versions.parent


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(data_dir=tmp_path / "data")


def test_a_new_database_is_migrated_and_opens_again(migrations: Path, settings: ServiceSettings) -> None:
    """The second start must neither migrate again nor lose anything."""
    for expected in (0, 1):
        engine = open_database(settings, "probe", migrations)
        with engine.begin() as connection:
            assert connection.scalar(sa.text("SELECT n FROM counter")) == expected
            connection.execute(sa.text("UPDATE counter SET n = n + 1"))
            assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        engine.dispose()


def test_two_writers_that_read_first_both_succeed(migrations: Path, settings: ServiceSettings) -> None:
    """A deferred transaction that reads, then writes, fails at once whatever the timeout; ours begin IMMEDIATE."""
    engine = open_database(settings, "probe", migrations)

    def count() -> None:
        for _ in range(50):
            with engine.begin() as connection:
                n = connection.scalar(sa.text("SELECT n FROM counter"))
                connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT n FROM counter")) == 200
    engine.dispose()


def test_a_corrupt_database_is_refused_with_what_to_do(migrations: Path, settings: ServiceSettings) -> None:
    """Going on with a broken file would lose the rest of it."""
    broken = settings.data_dir / "metadata/probe.db"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"this is no database" * 1000)
    with pytest.raises(DataDirectoryCorrupt, match="probe database") as caught:
        open_database(settings, "probe", migrations)
    assert "dw-sim reset" in caught.value.hint
    assert str(settings.data_dir) not in caught.value.message


def test_a_locked_database_is_not_called_corrupt(
    migrations: Path, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever follows the advice to reset would delete a healthy database."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    open_database(settings, "probe", migrations).dispose()
    with contextlib.closing(sqlite3.connect(settings.data_dir / "metadata/probe.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another process has locked it") as caught:
            open_database(settings, "probe", migrations)
    assert "reset" not in caught.value.hint


def test_a_database_that_cannot_be_opened_is_not_called_corrupt(migrations: Path, settings: ServiceSettings) -> None:
    """Permissions and full disks are put right without losing anything."""
    (settings.data_dir / "metadata/probe.db").mkdir(parents=True)
    with pytest.raises(Unavailable, match="probe database cannot be used: it cannot be opened"):
        open_database(settings, "probe", migrations)


def test_a_database_with_the_tables_of_others_is_refused(migrations: Path, settings: ServiceSettings) -> None:
    """Our migrations must not go over somebody else's tables."""
    (settings.data_dir / "metadata").mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(settings.data_dir / "metadata/probe.db")) as other:
        other.execute("CREATE TABLE counter (x)")
    with pytest.raises(DataDirectoryCorrupt):
        open_database(settings, "probe", migrations)


@pytest.mark.parametrize("text", ['{"layout": 99}', '{"layout": "x"}', "", "[]"])
def test_a_data_directory_of_another_version_is_refused(text: str, migrations: Path, settings: ServiceSettings) -> None:
    """An older program must not touch what a newer one wrote."""
    settings.data_dir.mkdir(parents=True)
    (settings.data_dir / "VERSION").write_text(text)
    with pytest.raises(DataDirectoryNewer if "99" in text else DataDirectoryCorrupt):
        open_database(settings, "probe", migrations)


def test_a_database_of_a_newer_version_is_refused(migrations: Path, settings: ServiceSettings) -> None:
    """Alembic's `Can't locate revision` must reach the user as a sentence."""
    engine = open_database(settings, "probe", migrations)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE probe_alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DataDirectoryNewer, match="newer version"):
        open_database(settings, "probe", migrations)


def test_a_data_directory_that_cannot_be_made_is_refused(migrations: Path, tmp_path: Path) -> None:
    """The first thing a user gets wrong is a path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirectoryCorrupt, match="cannot be used"):
        open_database(ServiceSettings(data_dir=tmp_path / "file/data"), "probe", migrations)
