"""Views that read a table which is about to be replaced: they shall read the new one.

A view belongs to the table that it was made over, not to its name. Before the swap every dependent view's text is
written down with full names; after it the views are replaced in place, which keeps their owners and grants. Where a
column's type changed they are dropped and made again, with whatever views stand upon them, and granted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_faults import UnexpectedError
from loader_svc.warehouses.postgres_session import Session
from loader_svc.warehouses.postgres_tables import grants

DEPENDENTS = """
    WITH RECURSIVE dependent AS (
        SELECT r.ev_class AS oid, 1 AS depth
        FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY(%s::regclass[]) AND r.ev_class <> d.refobjid
        UNION
        SELECT r.ev_class, p.depth + 1
        FROM dependent p
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = p.oid
        JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.ev_class <> p.oid
    )
    SELECT n.nspname, c.relname, min(v.depth) = 1, coalesce(array_to_string(c.reloptions, ', '), ''),
        pg_get_viewdef(c.oid)
    FROM dependent v JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v'
    GROUP BY c.oid, n.nspname, c.relname, c.reloptions
    ORDER BY max(v.depth), c.oid"""
OTHER_COLUMNS = "42P16"


@dataclass(frozen=True)
class View:
    """A view and what makes it again; `direct` where it reads a replaced table itself."""

    schema: str
    name: str
    direct: bool
    options: str
    text: str

    @property
    def full_name(self) -> str:
        """Name with its schema."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def definition(self) -> str:
        """What stands behind CREATE."""
        options = f" WITH ({self.options})" if self.options else ""
        return f"VIEW {self.full_name}{options} AS {self.text}"


def dependent_views(session: Session, tables: Sequence[str]) -> list[View]:
    """Views that read these tables, or read such views, each behind those that it reads."""
    names = [f"{quoted(session.schema)}.{quoted(table)}" for table in tables]
    with session.names_of_postgres_alone():
        return [View(*row) for row in session.run(DEPENDENTS, (names,))]


def repoint(session: Session, views: Sequence[View]) -> None:
    """Let views read the tables that have their names now."""
    if not views:
        return
    session.run("SAVEPOINT views")
    try:
        for view in views:
            if view.direct:
                session.run(f"CREATE OR REPLACE {view.definition()}")
    except UnexpectedError as error:
        if error.state != OTHER_COLUMNS:
            raise _does_not_fit(view, error) from error
        session.run("ROLLBACK TO SAVEPOINT views")
        _make_anew(session, views)


def _make_anew(session: Session, views: Sequence[View]) -> None:
    granted = [sql for view in views for sql in grants(session, view.full_name, view.full_name)]
    for view in reversed(views):
        session.run(f"DROP VIEW {view.full_name}")
    for view in views:
        try:
            session.run(f"CREATE {view.definition()}")
        except UnexpectedError as error:
            raise _does_not_fit(view, error) from error
    for sql in granted:
        session.run(sql)


def _does_not_fit(view: View, error: UnexpectedError) -> Exception:
    if not error.state.startswith("42"):
        return error
    return SchemaMismatch(
        f"view {view.schema}.{view.name} does not fit the new columns of the tables that it reads",
        hint="drop the view, load, and make it again",
        metadata={"view": f"{view.schema}.{view.name}"},
    )
