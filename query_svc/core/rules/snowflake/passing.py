"""Snowflake's own SQL on the emulator as it is written: only of parts that the probes prove right there.

What computes is lowered and never comes here; this is for documents and what makes rows of them.
"""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import name_of

_NAMES = """
ARRAY_AGG ARRAY_CONSTRUCT ARRAY_SIZE FLATTEN GET_PATH LOWER OBJECT_CONSTRUCT PARSE_JSON TRY_PARSE_JSON
UPPER
"""
PROVEN = frozenset(_NAMES.split())
_AGGREGATES = (exp.Count, exp.Min, exp.Max)
_COMPUTES = (
    *(exp.Div, exp.Mod, exp.IntDiv, exp.RegexpLike, exp.TryCast, exp.MatchRecognize, exp.Pivot, exp.TableSample),
    *(exp.Collate, exp.AtTimeZone, exp.Interval, exp.BitwiseAndAgg, exp.BitwiseOrAgg, exp.BitwiseXorAgg),
    *(exp.Rollup, exp.Cube, exp.GroupingSets),
)
_CASTS = (exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.BIGINT, exp.DType.INT, exp.DType.DOUBLE)


def refuse_unproven(tree: exp.Query) -> None:
    """Refuse whatever the emulator is not known to answer as Snowflake does."""
    for node in tree.find_all(exp.Anonymous, exp.AnonymousAggFunc):
        if node.name.upper() not in PROVEN:
            raise unproven(name_of(node))
    for computing in tree.find_all(*_COMPUTES):
        raise unproven(name_of(computing))
    for aggregate in tree.find_all(exp.AggFunc):
        if not isinstance(aggregate, _AGGREGATES):
            raise unproven(name_of(aggregate))
    for join in tree.find_all(exp.Join):
        if join.method:
            raise unproven(f"{join.method} JOIN")
    for cast in tree.find_all(exp.Cast):
        if cast.to.this not in _CASTS:
            raise unproven(f"a cast to {cast.to.sql('snowflake')}")


def unproven(what: str) -> NotTranslatable:
    """Fault of what the emulator may answer otherwise."""
    return NotTranslatable(
        what, "Snowflake's emulator is not known to answer it as Snowflake does", hint="leave it out"
    )
