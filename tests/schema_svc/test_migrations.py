"""A database that an earlier version made is taken over with all that is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import alembic.command
import alembic.config
import sqlalchemy as sa
from dwsim.schema.v1 import schema_service_pb2 as pb

from dwsim_wire.client import call
from schema_svc.store import MIGRATIONS
from tests.schema_svc.conftest import Start

DOCUMENT = (
    '{"name":"old","tables":[{"name":"t","target_rows":7,"columns":[{"name":"a","data_type":"INT"}],"warnings":["w"]}]}'
)


def first_version(data_dir: Path) -> None:
    """Make a data directory as the first migration left it, with one experiment."""
    file = data_dir / "metadata/schema.db"
    file.parent.mkdir(parents=True)
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / "versions"))
    config.set_main_option("path_separator", "newline")
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"], config.attributes["version_table"] = connection, "schema_alembic_version"
        alembic.command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "INSERT INTO experiments VALUES (1, 'id1', 'old', 'old', 'ACTIVE', '2026-01-01T00:00:00Z', 1, '1-x', '',"
            " 'REDSHIFT', 'KIND_UNSPECIFIED', 1, 1, 7, '[\"w\"]', NULL, 0, '', 0, 0, 0)"
        )
        database.execute("INSERT INTO revisions VALUES ('id1', 1, '1-x', '2026-01-01T00:00:00Z', ?)", (DOCUMENT,))


async def test_experiments_of_the_first_version_are_read_listed_and_revised(start: Start, tmp_path: Path) -> None:
    """Nobody imports four hundred tables again because we added a column."""
    first_version(tmp_path / "data")
    async with start() as schema:
        stored = (await call(schema.GetExperiment, pb.GetExperimentRequest(name="old"))).experiment
        assert (stored.id, stored.etag, stored.tables[0].target_rows) == ("id1", "1-x", 7)
        (summary,) = (await call(schema.ListExperiments, pb.ListExperimentsRequest())).experiments
        assert (summary.warning_count, summary.update_time) == (1, stored.create_time)
        (revision,) = (await call(schema.ListRevisions, pb.ListRevisionsRequest(name="old"))).revisions
        assert (revision.table_count, revision.column_count, revision.target_rows) == (1, 1, 7)
        stored.description = "new"
        update = pb.UpdateExperimentRequest(name="old", experiment=stored)
        assert (await call(schema.UpdateExperiment, update)).experiment.revision == 2
