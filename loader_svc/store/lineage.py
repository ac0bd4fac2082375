"""Runs as a chain: which runs an append continues, table by table."""

from collections.abc import Collection

import sqlalchemy as sa

from loader_svc.core.lineage import ANY, UNKNOWN, brings_rows, run_token
from loader_svc.core.loads import ACTIVE, Route, Run
from loader_svc.store import tables as t
from loader_svc.store.records import read_location

NO_BASE, UNKNOWN_BASE, ANY_BASE = 0, -1, -2
OPEN = {UNKNOWN_BASE: UNKNOWN, ANY_BASE: ANY}
"""Bases that are no run."""


def base_key(connection: sa.Connection, base_run_id: int) -> int:
    """Key of the run that has this id now."""
    if not base_run_id:
        return NO_BASE
    wanted = sa.select(t.runs.c.run_key).where(t.runs.c.run_id == base_run_id, ~t.runs.c.replaced)
    return connection.scalar(wanted.order_by(t.runs.c.run_key.desc()).limit(1)) or UNKNOWN_BASE


def token(connection: sa.Connection, run_key: int) -> str:
    """Name of a run in targets."""
    row = connection.execute(sa.select(t.runs.c.run_id, t.runs.c.fingerprint).where(t.runs.c.run_key == run_key)).one()
    return run_token(row.run_id, row.fingerprint)


def base_runs(connection: sa.Connection, run_key: int, table: str) -> tuple[str, ...]:
    """Runs of `table` that a run continues, the full run first."""
    chain: list[str] = []
    key = _base_of(connection, run_key)
    while key > NO_BASE:
        made = sa.select(t.run_tables).where(t.run_tables.c.run_key == key, t.run_tables.c.name == table)
        if connection.execute(made).first():
            chain.append(token(connection, key))
        key = _base_of(connection, key)
    if key in OPEN:
        chain.append(OPEN[key])
    return tuple(reversed(chain))


def refuse_without_base(connection: sa.Connection, run: Run, route: Route, tables: Collection[str]) -> None:
    """Refuse an append to tables that are not its base's; while loads are under way, their apply decides."""
    under_way = (t.loads.c.namespace == route.namespace) & t.loads.c.state.in_(ACTIVE)
    here = (t.locations.c.experiment_id == run.experiment_id) & (t.locations.c.warehouse == route.warehouse)
    place = connection.execute(sa.select(t.locations).where(here)).first()
    if place is None or connection.execute(sa.select(t.loads.c.load_id).where(under_way)).first():
        return
    there = {item.table.name: item.runs for item in read_location(place).tables}
    for item in run.tables:
        if not tables or item.name in tables:
            base = base_runs(connection, run.key, item.name)
            brings_rows(token(connection, run.key), item.name, base, there.get(item.name, ()))


def _base_of(connection: sa.Connection, run_key: int) -> int:
    return int(connection.scalar(sa.select(t.runs.c.base_key).where(t.runs.c.run_key == run_key)) or NO_BASE)
