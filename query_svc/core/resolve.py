"""Names of tables: bare, `experiment.table`, `experiment__table`, with the schema that the DDL had; never guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from query_svc.core.catalog import Place, Table
from query_svc.core.dialects import REDSHIFT, SNOWFLAKE, Dialect
from query_svc.core.excerpts import at_name
from query_svc.core.faults import AmbiguousName, NotTranslatable, UnknownExperiment, UnknownTable, did_you_mean
from query_svc.core.redshift_catalog.relations import CATALOG_SCHEMAS, SYSTEM, Relation, relation_of
from query_svc.core.redshift_catalog.values import mark
from query_svc.core.rules.context import Target
from query_svc.core.rules.pivots import wrap_pivoted
from query_svc.core.steps import write_arrays, write_steps

SEPARATOR = "__"
TEMPORARY = "pg_temp"
_OWN_SCHEMAS = frozenset({"public", "main", "dbo"})


@dataclass
class Resolved:
    """What the tables of a statement resolved to: `databases` maps schema names to namespaces."""

    databases: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> frozenset[str]:
        """Names in the warehouse of the tables that are read, in lower case."""
        return frozenset(name.lower() for tables in self.columns.values() for name in tables)

    def schema(self, dialect: Dialect) -> MappingSchema:
        """Columns of the tables, for qualifying names."""
        return MappingSchema({**self.columns}, dialect=dialect.grammar, normalize=False)


def tables_in(tree: exp.Query) -> list[exp.Table]:
    """Tables that the statement reads, without its own WITH names."""
    found: dict[int, exp.Table] = {}
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table):
                found[id(source)] = source
    return list(found.values())


def other_experiments(tree: exp.Query) -> set[str]:
    """Names that could be experiments: qualifiers, and what stands before `__`."""
    names: set[str] = set()
    if not any(table.db or SEPARATOR in table.name for table in tree.find_all(exp.Table)):
        return names
    for table in tables_in(tree):
        if table.db and table.db.lower() not in _OWN_SCHEMAS | CATALOG_SCHEMAS:
            names.add(table.db)
        parts = table.name.split(SEPARATOR)
        names.update(SEPARATOR.join(parts[:i]) for i in range(1, len(parts)))
    return {name for name in names if name}


def fold_names(tree: exp.Query, dialect: Dialect, *, exactly: bool = False) -> None:
    """Fold every name, as if none told `a` from `A`, or `exactly` those without quotes.

    The spelling of result columns is kept aside.
    """
    for identifier in tree.find_all(exp.Identifier):
        written = identifier.name
        folded = written if exactly and identifier.quoted else dialect.fold(written)
        keeps = identifier.quoted and dialect.keeps_quoted_case
        identifier.meta["written"] = written if keeps or dialect.keeps_case else folded
        identifier.set("this", folded)
        identifier.set("quoted", True)


def resolve(
    tree: exp.Query, home: Place | None, others: Mapping[str, Place], dialect: Dialect, target: Target
) -> Resolved:
    """Point every table at its place in the target."""
    resolved = Resolved()
    write_arrays(tree)
    wrap_pivoted(tree)
    for table in tables_in(tree):
        if target.table_functions and dialect.name == target.native and isinstance(table.this, exp.Func):
            continue
        _refuse_odd(table)
        if home is not None and dialect is REDSHIFT and target.native != SNOWFLAKE.name:
            relation = relation_of(table.name, table.db)
            if relation is not None:
                _point_relation(table, relation, home.catalogued, resolved, target)
                continue
        with at_name(table.args.get("db") or table.this):
            place, found = _find(table, home, others)
        if place.warehouse != target.warehouse:
            raise NotTranslatable(
                f"a statement over tables of {target.warehouse} and {place.warehouse}",
                hint="load both experiments into one warehouse",
            )
        _point(table, place, found, resolved, Ends(dialect, target))
    write_steps(tree)
    _unqualify_columns(tree)
    return resolved


def _refuse_odd(table: exp.Table) -> None:
    if not isinstance(table.this, exp.Identifier):
        raise NotTranslatable(f"{table.this.sql()[:40]} in FROM", hint="use a table or a subquery")
    for part in ("sample", "version", "hints", "ordinality", "joins", "laterals", "when", "only", "changes"):
        if table.args.get(part):
            raise NotTranslatable(f"{part.upper()} behind a table", hint="leave it out")
    if table.alias_column_names:
        raise NotTranslatable("column aliases behind a table", hint="name the columns in a subquery")


def _find(table: exp.Table, home: Place | None, others: Mapping[str, Place]) -> tuple[Place, Table]:
    name, qualifier = table.name, table.db
    if (mine := _in_scratch(name, qualifier, home)) is not None:
        return mine
    if qualifier:
        return _find_qualified(name, qualifier, home, others)
    if home is not None and (found := home.table(name)):
        return home, found
    fits = [(p, t) for p, t in _split_fits(name, others)]
    if len(fits) > 1:
        raise AmbiguousName(
            f"table {name} fits several experiments: {', '.join(p.experiment for p, _ in fits)}",
            hint=f"write {fits[0][0].experiment}.{fits[0][1].name}",
        )
    if fits:
        return fits[0]
    raise _unknown(name, home)


def _in_scratch(name: str, qualifier: str, home: Place | None) -> tuple[Place, Table] | None:
    """A name without a schema is looked for in the scratch first."""
    scratch = home.scratch if home is not None else None
    if scratch is None or qualifier.lower() not in {"", TEMPORARY, scratch.experiment.lower()}:
        return None
    found = scratch.table(name)
    if found is None and qualifier:
        raise _unknown_in_scratch(name, scratch)
    return None if found is None else (scratch, found)


def _unknown_in_scratch(name: str, scratch: Place) -> UnknownTable:
    hint = did_you_mean(name, [table.name for table in scratch.tables], otherwise="it has no tables")
    return UnknownTable(f"scratch {scratch.experiment!r} has no table {name!r}", hint=hint, metadata={"table": name})


def _split_fits(name: str, others: Mapping[str, Place]) -> Iterable[tuple[Place, Table]]:
    parts = name.split(SEPARATOR)
    for i in range(1, len(parts)):
        place = others.get(SEPARATOR.join(parts[:i]).lower())
        if place and (found := place.table(SEPARATOR.join(parts[i:]))):
            yield place, found


def _find_qualified(name: str, qualifier: str, home: Place | None, others: Mapping[str, Place]) -> tuple[Place, Table]:
    if home is not None and _own(qualifier, name, home) and (found := home.table(name)):
        return home, found
    place = others.get(qualifier.lower())
    if place is None:
        if home is not None and home.table(name):
            raise UnknownExperiment(
                f"there is no experiment or schema {qualifier!r} with loaded tables",
                hint=f"write {name} alone, or the name of an experiment before it",
                metadata={"experiment": qualifier},
            )
        raise _unknown(f"{qualifier}.{name}", home)
    if found := place.table(name):
        return place, found
    raise _unknown(name, place)


def _own(qualifier: str, name: str, home: Place) -> bool:
    table = home.table(name)
    schema = table.properties.get("schema_name", "") if table else ""
    return qualifier.lower() in {*_OWN_SCHEMAS, home.experiment.lower(), home.namespace.lower(), schema.lower()}


def _unknown(name: str, place: Place | None) -> UnknownTable:
    if place is None:
        return UnknownTable(
            f"there is no table {name!r}",
            hint="name an experiment, or write experiment.table",
            metadata={"table": name},
        )
    known = [table.name for table in place.tables]
    hint = did_you_mean(name, known, otherwise="it has no loaded tables")
    return UnknownTable(f"experiment {place.experiment!r} has no table {name!r}", hint=hint, metadata={"table": name})


@dataclass(frozen=True)
class Ends:
    """From which dialect to which target."""

    dialect: Dialect
    target: Target


def _database(place: Place, resolved: Resolved, target: Target) -> str:
    """Schema of a place in the target: its namespace, or a short name where each is attached."""
    database = next((d for d, n in resolved.databases.items() if n == place.namespace), None)
    if database is None:
        attached = f"x{len(resolved.databases)}" if resolved.databases else "main"
        database = place.namespace if target.one_database else attached
        resolved.databases[database] = place.namespace
    return database


def _point(table: exp.Table, place: Place, found: Table, resolved: Resolved, ends: Ends) -> None:
    dialect = ends.dialect
    database = _database(place, resolved, ends.target)
    database_key, target = dialect.fold(database), dialect.fold(found.target)
    columns = {dialect.fold(column.name): column for column in found.columns}
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    table.set("this", exp.to_identifier(target, quoted=True))
    table.set("db", exp.to_identifier(database_key, quoted=True))
    table.set("catalog", None)
    table.meta["rows"] = found.rows
    table.meta["columns"] = {name: ends.target.stored(column.type) for name, column in columns.items()}
    table.meta["targets"] = {
        name: dialect.fold(column.target)
        for name, column in columns.items()
        if column.target and dialect.fold(column.target) != name
    }
    resolved.columns.setdefault(database_key, {})[target] = dict.fromkeys(columns, "VARCHAR")
    if dialect.keeps_quoted_case and not (ends.target.folds_names and dialect.folds_upper):
        resolved.spellings.update({name: column.name for name, column in columns.items()})


def _point_relation(table: exp.Table, relation: Relation, home: Place, resolved: Resolved, target: Target) -> None:
    """Let a relation of the catalog have its columns."""
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    schema = table.db or SYSTEM
    table.set("db", exp.to_identifier(schema, quoted=True))
    table.set("catalog", None)
    table.meta["rows"] = len(mark(table, relation, home).rows)
    table.meta["columns"] = {name: target.stored(kind) for name, kind in relation.columns.items()}
    resolved.columns.setdefault(schema, {})[table.name] = dict.fromkeys(relation.columns, "VARCHAR")


def point_columns(tree: exp.Query) -> None:
    """Call columns of a qualified query as the warehouse calls them, where that is another name."""
    if not any(table.meta_get("targets") for table in tree.find_all(exp.Table)):
        return
    for scope in traverse_scope(tree):
        for column in scope.columns:
            table = _source(scope, column.table)
            targets = table.meta_get("targets") if table is not None else None
            if table is not None and isinstance(targets, dict) and column.name in targets:
                target = targets[column.name]
                table.meta["columns"][target] = table.meta["columns"][column.name]
                column.set("this", exp.to_identifier(target, quoted=True))


def _source(scope: Scope | None, name: str) -> exp.Table | None:
    """Table that a name stands for in a scope or in those around it."""
    while scope is not None:
        if name in scope.sources:
            found = scope.sources[name]
            return found if isinstance(found, exp.Table) else None
        scope = scope.parent
    return None


def _unqualify_columns(tree: exp.Query) -> None:
    """`schema.table.column` becomes `table.column`: the table's alias says which."""
    for column in tree.find_all(exp.Column):
        if column.args.get("db"):
            column.set("db", None)
            column.set("catalog", None)
