"""Values on their way into columns: converted as an assignment does it, or refused as the user's warehouse does."""

from collections.abc import Sequence

from sqlglot import exp

from query_svc.core.catalog import Column
from query_svc.core.dialects import Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable, SqlFault
from query_svc.core.parse import parse
from query_svc.core.rules.context import mistake
from query_svc.core.translate import ResultColumn, Translation, lowered
from query_svc.core.types import STRING, Kind, SqlType
from query_svc.core.writes.plan import Scene
from query_svc.core.writes.words import twice_in

_AS_THEY_ARE = frozenset({Kind.JSON, Kind.BINARY, Kind.UUID, Kind.ARRAY, Kind.INTERVAL, Kind.GEOGRAPHY, Kind.VECTOR})


def converted(value: exp.Expr, column: Column, dialect: Dialect) -> exp.Expr:
    """CAST of a value to a column's type; a text is never cut, as CAST would."""
    kind = column.type
    name = "VARCHAR" if kind.is_text else str(kind)
    return exp.Cast(this=value, to=exp.DataType.build(name, dialect=dialect.grammar))


def needs_cast(have: SqlType, column: Column, *, literal: bool) -> bool:
    """Whether a value must be converted for a column; refuses what no assignment converts."""
    want = column.type
    if have.kind in (Kind.NULL, Kind.UNKNOWN) or (want.is_text and have.is_text):
        return False
    if want.kind is have.kind:
        return want.is_decimal and (want.precision, want.scale) != (have.precision, have.scale)
    if want.kind in _AS_THEY_ARE or have.kind in _AS_THEY_ARE:
        hint = "use JSON_PARSE" if want.kind is Kind.JSON else f"CAST the value to {column.declared}"
        raise mistake(f"column {column.name!r} is {column.declared}, the value is {have}", hint)
    if have.is_text and not literal:
        raise mistake(
            f"column {column.name!r} is {column.declared}, the value is {have}",
            f"CAST the value to {column.declared}",
        )
    return True


def assigned(
    query: exp.Query, columns: Sequence[Column], defaults: Sequence[Column], dialect: Dialect, scene: Scene
) -> Translation:
    """Translation of a query whose rows go into `columns`; `defaults` are filled too."""
    names_all(query)
    first = lowered(query.copy(), dialect, scene.home, scene.others, scene.accounts)
    if len(first.columns) != len(columns):
        raise InvalidSql(
            f"the statement names {len(columns)} columns and has {len(first.columns)} values",
            hint="name as many columns as there are values",
        )
    literals = _literals(query, len(columns))
    pairs = zip(first.columns, columns, literals, strict=True)
    casts = [needs_cast(result.type, column, literal=literal) for result, column, literal in pairs]
    if not any(casts) and not defaults:
        return first
    values = []
    for result, column, cast in zip(first.columns, columns, casts, strict=True):
        value: exp.Expr = exp.column(exp.to_identifier(result.name, quoted=True), table="q_")
        values.append(converted(value, column, dialect) if cast else value)
    values += [converted(default_of(column, dialect), column, dialect) for column in defaults]
    refuse_twins(first.columns)
    outer = exp.Select(expressions=[exp.alias_(value, f"c{number}_") for number, value in enumerate(values)]).from_(
        exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("q_")))
    )
    return lowered(outer, dialect, scene.home, scene.others, scene.accounts)


def is_literal(node: exp.Expr) -> bool:
    """Whether a value is a text between quotes, which takes the type of its column."""
    return isinstance(node.unalias(), exp.Literal)


def _literals(query: exp.Query, width: int) -> list[bool]:
    if not isinstance(query, exp.Select) or query.is_star:
        return [False] * width
    return [is_literal(projection) for projection in query.expressions]


def refuse_text(value: exp.Expr, column: Column) -> None:
    """Refuse a quoted text for a column that no text becomes by itself."""
    if isinstance(value, exp.Literal) and value.is_string:
        needs_cast(STRING, column, literal=True)


def keeps_form(column: Column) -> bool:
    """Whether values go into a column without a CAST, or not at all."""
    return column.type.kind in _AS_THEY_ARE


def default_of(column: Column, dialect: Dialect) -> exp.Expr:
    """Value of a column that a statement leaves out."""
    written = column.properties.get("default")
    if written is None:
        return exp.Null()
    made: exp.Expr = parse(f"SELECT {written}", dialect).selects[0]
    if made.find(exp.Column, exp.Query):
        raise NotTranslatable(f"DEFAULT {written}", hint="use a constant or a function")
    return made


def names_all(query: exp.Query) -> None:
    """Name the columns of a query that have no name of their own."""
    select = query.unnest()
    while isinstance(select, exp.SetOperation):
        select = select.left.unnest()
    if not isinstance(select, exp.Select) or select.is_star:
        return
    taken: set[str] = set()
    for number, projection in enumerate(select.expressions):
        if not isinstance(projection, exp.Alias) and (
            not isinstance(projection, exp.Column) or projection.name.lower() in taken
        ):
            projection = projection.replace(exp.alias_(projection.copy(), f"c{number}_"))
        taken.add(projection.alias_or_name.lower())


def refuse_twins(columns: Sequence[ResultColumn]) -> None:
    """Refuse two columns of one name."""
    names = [column.name.lower() for column in columns]
    if twin := twice_in(names):
        raise InvalidSql(f"two columns are called {twin!r}", hint="name them apart with AS")


def refuse_defaults(columns: Sequence[Column], dialect: Dialect, scene: Scene) -> None:
    """Refuse a DEFAULT that no row could be given; one that fails for its value fails where a row is written."""
    for column in columns:
        if "default" not in column.properties:
            continue
        try:
            value = exp.alias_(converted(default_of(column, dialect), column, dialect), "c_")
            lowered(exp.Select(expressions=[value]), dialect, scene.home, {}, scene.accounts)
        except SqlFault as fault:
            raise InvalidSql(
                f"column {column.name!r} cannot have DEFAULT {column.properties['default']}: {fault.message}",
                hint=fault.hint,
                metadata={"column": column.name},
            ) from None
