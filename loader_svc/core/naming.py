"""Names in a target: safe, short, and distinct where the target does not tell upper from lower case."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from loader_svc.core.document import Table
from loader_svc.core.faults import SchemaMismatch

RESERVED = ("_dwsim_", "sqlite_")
LONGEST_SHOWN = 100


def shown(name: str) -> str:
    """A client's name as an error can show it: errors travel as headers, which have a limit."""
    return name if len(name) <= LONGEST_SHOWN else name[:LONGEST_SHOWN] + "…"


def namespace(experiment: str, experiment_id: str) -> str:
    """Name of an experiment's place: readable, and distinct for every experiment id."""
    short_id = hashlib.blake2s(experiment_id.encode()).hexdigest()[:8]
    return f"{plain(experiment)[:40]}_{short_id}"


def plain(experiment: str) -> str:
    """Name of an experiment in letters, digits and underscores alone."""
    return re.sub(r"[^a-z0-9_]", "_", experiment.lower())


def staging_table(uid: str, position: int) -> str:
    """Staging table of the load's table at `position`."""
    return f"_dwsim_{uid[:8]}_{position}"


def replaced_table(uid: str, position: int) -> str:
    """Name of the target that the load's table at `position` replaces, until it is dropped."""
    return f"_dwsim_old_{uid[:8]}_{position}"


def key_index(uid: str, position: int, key: int) -> str:
    """Index over the key at place `key` of the load's table at `position`."""
    return f"_dwsim_ix_{uid[:8]}_{position}_{key}"


def targets(tables: Iterable[str]) -> dict[str, str]:
    """Give every table a name in the target; names that differ in case alone get a number."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for table in tables:
        wanted = name = f"t_{table}" if table.lower().startswith(RESERVED) else table
        number = 2
        while name.lower() in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name.lower())
        names[table] = name
    return names


def quoted(name: str) -> str:
    """Quote an identifier as standard SQL does."""
    return '"' + name.replace('"', '""') + '"'


def with_targets(table: Table, identifier: Callable[[str], str], warehouse: str) -> Table:
    """Give every column its name in the target; refuse two that have the same."""
    seen: dict[str, str] = {}
    for column in table.columns:
        twin = seen.setdefault(identifier(column.name), column.name)
        if twin != column.name:
            raise SchemaMismatch(
                f"table {table.name!r} has columns {twin!r} and {column.name!r}, which {warehouse} does not tell apart",
                hint="rename one of them",
                metadata={"table": table.name},
            )
    return replace(table, columns=tuple(replace(c, target=identifier(c.name)) for c in table.columns))
