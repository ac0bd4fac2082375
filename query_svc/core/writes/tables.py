"""CREATE TABLE, CREATE VIEW and SELECT INTO, in a scratch."""

from dataclasses import replace

from sqlglot import exp

from query_svc.core.catalog import Column, Table, View
from query_svc.core.dialects import Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable, TableExists
from query_svc.core.parse import parse, tokens_of
from query_svc.core.translate import Translation, lowered
from query_svc.core.types import STRING, Kind, SqlType
from query_svc.core.views import qualified, reads_view
from query_svc.core.writes.assigning import names_all, refuse_defaults, refuse_twins
from query_svc.core.writes.definitions import Definition, in_bytes, read_columns, read_properties, refuse_width
from query_svc.core.writes.plan import HIDDEN, Change, Plan, Scene
from query_svc.core.writes.plan import Kind as ChangeKind
from query_svc.core.writes.targets import readable, scratch_name
from query_svc.core.writes.words import Words, unexpected

LONGEST_NAME = 63
_TEMPORARY = ("LOCAL", "GLOBAL", "TEMP", "TEMPORARY", "TRANSIENT", "VOLATILE")


def plan_create(sql: str, dialect: Dialect, scene: Scene) -> Plan:
    """Plan a statement that begins with CREATE."""
    words = Words(tokens_of(sql, dialect), sql)
    words.take("CREATE")
    replaces = words.take("OR", "REPLACE") or words.take("OR REPLACE")
    while any(words.take(word) for word in _TEMPORARY):
        pass
    if words.take("TABLE"):
        return _plan_table(words, dialect, scene, replaces)
    if words.take("VIEW"):
        return _plan_view(words, dialect, scene, replaces)
    what = "the end" if words.over else words.word().text.upper()
    raise NotTranslatable(f"CREATE {what}", "a scratch has tables and views", hint="create a TABLE or a VIEW")


def _plan_table(words: Words, dialect: Dialect, scene: Scene, replaces: bool) -> Plan:
    lenient = words.take("IF", "NOT", "EXISTS")
    name = scratch_name(*words.qualified(), dialect, scene)
    plan = Plan("CREATE TABLE", dialect.name, scene.home.warehouse)
    if scene.scratch.table(name) is not None and lenient:
        return plan
    refuse_taken(name, scene, views_only=replaces)
    dropped = (name,)
    defined, names = _read_body(words, dialect, scene)
    defined.properties |= read_properties(words)
    if words.take("AS"):
        if defined.columns:
            raise NotTranslatable("CREATE TABLE with types and AS", hint="name the columns alone, or leave AS out")
        query = parse(words.rest(), dialect)
        made = as_table(name, query, names, defined, dialect, scene)
        if scene.scratch.table(name) and name.lower() in made.changes[0].query.tables:
            raise NotTranslatable("CREATE OR REPLACE TABLE that reads the table itself", hint="choose another name")
        return replace(made, dropped=dropped)
    if not words.over:
        raise unexpected(words.word())
    if not defined.columns:
        raise InvalidSql("the table has no columns", hint="declare some, or write AS SELECT …")
    return replace(plan, dropped=dropped, made=(_table(name, defined, dialect, scene),))


def _read_body(words: Words, dialect: Dialect, scene: Scene) -> tuple[Definition, list[str]]:
    """Read what stands behind the name of a table: columns, or names of columns alone."""
    if words.take("LIKE"):
        return _like(words, dialect, scene), []
    if not words.opens:
        return Definition(), []
    parts = words.bracketed()
    if parts and parts[0][0].text.upper() == "LIKE":
        return _like(Words(parts[0][1:], words.sql), dialect, scene), []
    refuse_width(len(parts))
    if all(len(part) == 1 for part in parts):
        return Definition(), [dialect.fold(part[0].text) for part in parts]
    return read_columns(parts, dialect, words.sql), []


def _table(name: str, defined: Definition, dialect: Dialect, scene: Scene) -> Table:
    refuse_width(len(defined.columns))
    refuse_defaults(defined.columns, dialect, scene)
    known = {column.name.lower() for column in defined.columns}
    for key in ("distkey", "sortkey"):
        for named in (part.strip() for part in defined.properties.get(key, "").split(",")):
            if named and named.lower() not in known | {"auto"}:
                raise InvalidSql(f"{key.upper()} names {named!r}, which is no column of the table")
    for column in defined.columns:
        if column.name.lower().startswith(HIDDEN) or len(column.name.encode()) > LONGEST_NAME:
            raise InvalidSql(f"column {column.name!r} cannot have this name", hint="choose a shorter, other name")
    return Table(
        name=name,
        target=name,
        columns=tuple(defined.columns),
        primary_key=tuple(defined.primary_key),
        properties=defined.properties | {"schema_name": scene.scratch.experiment},
    )


def _like(words: Words, dialect: Dialect, scene: Scene) -> Definition:
    qualifier, name = words.qualified()
    found = readable(name, qualifier, scene)
    with_defaults = words.take("INCLUDING", "DEFAULTS")
    if not with_defaults:
        words.take("EXCLUDING", "DEFAULTS")
    kept = {"encode", "default"} if with_defaults else {"encode"}
    columns = [
        Column(
            name=dialect.fold(column.name),
            declared=column.declared,
            type=in_bytes(column.type, dialect),
            required=column.required,
            properties={key: value for key, value in column.properties.items() if key in kept},
        )
        for column in found.columns
    ]
    properties = {key: found.properties[key] for key in ("diststyle", "distkey", "sortkey") if key in found.properties}
    return Definition(columns, [], properties)


def as_table(
    name: str, query: exp.Query, names: list[str], defined: Definition, dialect: Dialect, scene: Scene
) -> Plan:
    """Plan a table of a query's rows."""
    refuse_width(len(query.selects))
    made = lowered(query, dialect, scene.home, scene.others, scene.accounts)
    columns = _result_columns(made, names, dialect)
    table = _table(name, replace(defined, columns=columns), dialect, scene)
    change = Change(ChangeKind.APPEND, table, tuple(column.name for column in columns), made)
    return Plan("CREATE TABLE", dialect.name, scene.home.warehouse, made=(table,), changes=(change,))


def _result_columns(made: Translation, names: list[str], dialect: Dialect) -> list[Column]:
    if names and len(names) != len(made.columns):
        raise InvalidSql(f"{len(names)} columns are named and the query has {len(made.columns)}")
    if not names:
        refuse_twins(made.columns)
    shown = names or [dialect.fold(column.name) for column in made.columns]
    kinds = [_kept(column.type) for column in made.columns]
    return [Column(name, str(kind), kind) for name, kind in zip(shown, kinds, strict=True)]


def _kept(kind: SqlType) -> SqlType:
    if kind.kind in (Kind.NULL, Kind.UNKNOWN):
        return STRING
    plain = replace(kind, literal=False, bytes=0)
    return replace(plain, length=0, fixed_length=False) if kind.is_text else plain


def _plan_view(words: Words, dialect: Dialect, scene: Scene, replaces: bool) -> Plan:
    name = scratch_name(*words.qualified(), dialect, scene)
    refuse_taken(name, scene, tables_only=replaces)
    names = [part[0].text for part in words.bracketed()] if words.opens else []
    if not words.take("AS"):
        raise unexpected(words.word())
    text = words.rest()
    query = parse(_without_binding(text), dialect)
    if reads_view(query, name, scene.scratch):
        raise InvalidSql(f"view {name!r} would read itself", hint="choose another name for the view")
    shown = _result_columns(lowered(query.copy(), dialect, scene.home, {}, scene.accounts), names, dialect)
    names_all(query)
    written = qualified(query, scene.home, dialect)
    made = lowered(parse(written, dialect), dialect, scene.home, {}, scene.accounts)
    refuse_twins(made.columns)
    pairs = zip(made.columns, shown, strict=True)
    listed = ", ".join(f"{_quoted(column.name)} AS {_quoted(given.name)}" for column, given in pairs)
    written = f"SELECT {listed} FROM ({written}) AS q_"  # noqa: S608 - parsed again, and only read
    view = View(name, written, dialect.name)
    return Plan("CREATE VIEW", dialect.name, scene.home.warehouse, views=(view,))


def _without_binding(text: str) -> str:
    head, found, tail = text.rstrip().rstrip(";").rpartition("WITH NO SCHEMA BINDING")
    return head if found and not tail.strip() else text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def refuse_taken(name: str, scene: Scene, *, views_only: bool = False, tables_only: bool = False) -> None:
    """Refuse a name that a table or view of the scratch has."""
    table, view = scene.scratch.table(name), scene.scratch.view(name)
    if (table is not None and not views_only) or (view is not None and not tables_only):
        raise TableExists(
            f"scratch {scene.scratch.experiment!r} has {'a table' if table else 'a view'} {name!r}",
            hint=f"DROP {'TABLE' if table else 'VIEW'} {name} first, or choose another name",
            metadata={"table": name},
        )
