"""Names of what a statement writes: tables of the scratch, never the experiment's own."""

from sqlglot import exp

from query_svc.core.catalog import Table
from query_svc.core.dialects import Dialect
from query_svc.core.faults import InvalidSql, UnknownTable, WriteRefused, did_you_mean
from query_svc.core.resolve import TEMPORARY
from query_svc.core.writes.plan import HIDDEN, Scene

LONGEST_NAME = 63
_SCHEMAS = frozenset({"", "public", TEMPORARY})


def scratch_name(qualifier: str, name: str, dialect: Dialect, scene: Scene) -> str:
    """Name that a new table or view has in the scratch."""
    refuse_elsewhere(qualifier, name, scene)
    folded = dialect.fold(name)
    if folded.lower().startswith((HIDDEN, "sqlite_", "pg_")) or not 0 < len(folded.encode()) <= LONGEST_NAME:
        raise InvalidSql(f"a table of a scratch cannot be called {name!r}", hint="choose a shorter, other name")
    return folded


def target_table(table: exp.Table, scene: Scene) -> Table:
    """Table of the scratch that a statement writes."""
    refuse_elsewhere(table.db, table.name, scene)
    if (found := scene.scratch.table(table.name)) is not None:
        return found
    if scene.scratch.view(table.name) is not None:
        raise WriteRefused(f"{table.name!r} is a view", hint="write the tables behind it")
    if scene.home.table(table.name) is not None:
        raise own(table.name, scene)
    names = [known.name for known in scene.scratch.tables]
    raise UnknownTable(
        f"scratch {scene.scratch.experiment!r} has no table {table.name!r}",
        hint=did_you_mean(table.name, names, otherwise="CREATE TABLE makes one"),
        metadata={"table": table.name},
    )


def refuse_elsewhere(qualifier: str, name: str, scene: Scene) -> None:
    """Refuse a name that stands behind another schema than the scratch's."""
    if qualifier.lower() not in _SCHEMAS | {scene.scratch.experiment.lower()}:
        raise own(f"{qualifier}.{name}", scene)


def own(name: str, scene: Scene) -> WriteRefused:
    """Fault of a statement that would write outside of the scratch."""
    short = name.rpartition(".")[2]
    return WriteRefused(
        f"{name!r} is not in scratch {scene.scratch.experiment!r}; only tables there are written",
        hint=f"make a copy first: CREATE TABLE {short}_copy AS SELECT * FROM {short}",  # noqa: S608 - words for people
    )


def readable(name: str, qualifier: str, scene: Scene) -> Table:
    """Table that a statement reads by its name alone, such as LIKE does."""
    places = [scene.scratch, scene.home] if not qualifier else [scene.home, *scene.others.values()]
    if qualifier.lower() in {TEMPORARY, scene.scratch.experiment.lower()}:
        places = [scene.scratch]
    found = next((table for place in places if (table := place.table(name))), None)
    if found is None:
        known = [table.name for place in places for table in place.tables]
        raise UnknownTable(f"there is no table {name!r}", hint=did_you_mean(name, known), metadata={"table": name})
    return found
