"""Where loaded tables are, and which experiments are gone for ever."""

import json

import sqlalchemy as sa

from loader_svc.core.document import parse_experiment
from loader_svc.core.loads import Applied, Load, Location
from loader_svc.store import tables as t
from loader_svc.store import work
from loader_svc.store.records import read_location, write_catalog


class PlaceStore:
    """Locations and tombstones."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(self, experiment: str) -> Location | None:
        """Newest location of an experiment, by name or id."""
        by_name = sa.func.lower(t.locations.c.experiment) == experiment.lower()
        named = by_name | (t.locations.c.experiment_id == experiment)
        query = sa.select(t.locations).where(named).order_by(t.locations.c.generation.desc()).limit(1)
        with self._engine.begin() as connection:
            row = connection.execute(query).first()
            return read_location(row) if row else None

    def names(self) -> list[str]:
        """Names of all experiments that have a location."""
        with self._engine.begin() as connection:
            return list(connection.scalars(sa.select(t.locations.c.experiment).distinct()))

    def bury(self, experiment_id: str) -> None:
        """Refuse new loads of an experiment for ever."""
        with self._engine.begin() as connection:
            if not is_buried(connection, experiment_id):
                connection.execute(sa.insert(t.tombstones).values(experiment_id=experiment_id))

    def places_of(self, experiment_id: str) -> set[tuple[str, str]]:
        """Warehouse and namespace of everything that loads of an experiment may have written."""
        query = sa.select(t.loads.c.warehouse, t.loads.c.namespace).where(
            t.loads.c.experiment_id == experiment_id, t.loads.c.namespace != ""
        )
        with self._engine.begin() as connection:
            return {(row.warehouse, row.namespace) for row in connection.execute(query.distinct())}

    def forget(self, experiment_id: str) -> None:
        """Forget where an experiment's tables were, and its batches."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(t.locations).where(t.locations.c.experiment_id == experiment_id))
            work.forget(connection, experiment_id)


def is_buried(connection: sa.Connection, experiment_id: str) -> bool:
    """Whether an experiment is deleted or being deleted."""
    wanted = sa.select(t.tombstones).where(t.tombstones.c.experiment_id == experiment_id)
    return connection.execute(wanted).first() is not None


def place(connection: sa.Connection, load: Load, applied: Applied) -> None:
    """Say that a load's warehouse has these tables, in a new generation."""
    mine = t.locations.c.experiment_id == load.experiment_id
    newest = connection.scalar(sa.select(sa.func.max(t.locations.c.generation)).where(mine)) or 0
    here = mine & (t.locations.c.warehouse == load.warehouse)
    connection.execute(sa.delete(t.locations).where(here))
    values = {
        "experiment_id": load.experiment_id,
        "warehouse": load.warehouse,
        "experiment": load.experiment,
        "namespace": applied.place,
        "dialect": _dialect(connection, load.load_id),
        "generation": newest + 1,
        "catalog": write_catalog(applied.catalog),
    }
    connection.execute(sa.insert(t.locations).values(values))


def _dialect(connection: sa.Connection, load_id: int) -> str:
    wanted = sa.select(t.runs.c.document).join(t.loads, t.loads.c.run_key == t.runs.c.run_key)
    text = connection.scalar(wanted.where(t.loads.c.load_id == load_id))
    return parse_experiment(json.loads(text or "{}")).dialect
