"""What a writing statement does: all that it reads is a query, all that it writes are rows of a scratch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from query_svc.core.catalog import Place, Table, View
from query_svc.core.translate import Translation

ROW_ID = "_dwsim_row"
"""Hidden column of every table of a scratch: a number that no other row of it has or had."""
HIDDEN = "_dwsim"


class Kind(Enum):
    """What becomes of a query's rows; those that change or remove begin with a row's id."""

    APPEND = "INSERT INTO"
    UPDATE = "UPDATE"
    DELETE = "DELETE FROM"


@dataclass(frozen=True)
class Change:
    """Rows of a query that change a table; `columns` are those that they have values for."""

    kind: Kind
    table: Table
    columns: tuple[str, ...]
    query: Translation


@dataclass(frozen=True)
class Plan:
    """Steps of one writing statement, in this order: drop, make, clear, change, then the views."""

    verb: str
    dialect: str
    warehouse: str
    dropped: tuple[str, ...] = ()
    made: tuple[Table, ...] = ()
    cleared: tuple[Table, ...] = ()
    changes: tuple[Change, ...] = ()
    views: tuple[View, ...] = ()
    views_gone: tuple[str, ...] = ()

    def translation(self, sql: str) -> Translation:
        """The statement beside what is sent to the warehouse for it, as faithful as the least of its queries."""
        queries = [change.query for change in self.changes]
        texts = [
            f"{change.kind.value} {change.table.name} -- rows of\n{change.query.translated_sql}"
            for change in self.changes
        ]
        worst = next((q for q in queries if q.notes), None)
        return Translation(
            sql=sql,
            dialect=self.dialect,
            warehouse=self.warehouse,
            translated_sql=";\n".join([f"{self.verb} in the scratch", *texts]),
            verdict=worst.verdict if worst else Translation("", "", "").verdict,
            rules=tuple(dict.fromkeys(rule for query in queries for rule in query.rules)),
            notes=tuple(dict.fromkeys(note for query in queries for note in query.notes)),
        )

    def applied(self, scratch: Place) -> Place:
        """The scratch as it is once the plan is done."""
        gone = {name.lower() for name in (*self.dropped, *self.views_gone)}
        new = {view.name.lower() for view in self.views}
        return Place(
            experiment_id=scratch.experiment_id,
            experiment=scratch.experiment,
            warehouse=scratch.warehouse,
            namespace=scratch.namespace,
            dialect=scratch.dialect,
            tables=(*(t for t in scratch.tables if t.name.lower() not in gone), *self.made),
            views=(*(v for v in scratch.views if v.name.lower() not in gone | new), *self.views),
            generation=scratch.generation + 1,
        )


@dataclass(frozen=True)
class Scene:
    """What a statement is planned in."""

    home: Place
    scratch: Place
    others: Mapping[str, Place] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
