"""Snowflake's emulator as a target.

It is DuckDB inside, and its own reading of Snowflake's SQL is wrong in silence at many places: sums of decimals become
doubles, 1 / 0 is infinity. Statements are lowered by the rules of the PostgreSQL stand-in, whose SQL DuckDB shares but
for what stands here, and are marked as DuckDB's own, so that the emulator hands them through.
"""

from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import conditionals, operands
from query_svc.core.rules.context import (
    POSTGRES_RULES,
    Context,
    lower,
    lowers,
    name_of,
    number,
    type_of,
    typed,
    wrapped,
)
from query_svc.core.rules.operators import sum_type, whole_quotient
from query_svc.core.rules.postgres.operators import numeric, quotient_type
from query_svc.core.rules.postgres.target import POSTGRES_TARGET
from query_svc.core.rules.postgres.values import COMPATIBILITY, as_double
from query_svc.core.rules.snowflake import aggregates, windows
from query_svc.core.rules.snowflake.account import native_target
from query_svc.core.rules.snowflake.formats import clock_format
from query_svc.core.rules.snowflake.functions import EMULATOR, EMULATOR_RULES, OWN_NAMES
from query_svc.core.rules.snowflake.passing import refuse_unproven
from query_svc.core.rules.snowflake.values import macro, quotient, scale_of, shown
from query_svc.core.rules.unknown import unknown_function
from query_svc.core.types import FLOAT64, INT64, MOST_DIGITS, NULL, Kind, SqlType, decimal

FAMILIES = (aggregates, conditionals, operands, windows)
"""Importing them registers their rules."""
_MACROS_NAMES = """
add_months dateadd datediff getdate initcap is_valid_json is_valid_json_array json_element_text json_length
last_day lower months_between part upper
"""
MACROS = frozenset(_MACROS_NAMES.split())
"""Functions of the PostgreSQL compatibility schema that are macros in the emulator too."""
_SAME_NAMES = """
ABS ACOS ANY_VALUE ASCII ASIN ATAN ATAN2 BIT_AND BIT_OR BIT_XOR BOOL_AND BOOL_OR CEIL CHR COALESCE CORR COS COT
COVAR_POP COVAR_SAMP DATE_TRUNC DEGREES EXP FLOOR GREATEST LEAST LEFT LENGTH LOWER LPAD LTRIM MD5 MEDIAN MODE PI POWER
RADIANS REPEAT REPLACE REVERSE RIGHT ROUND RPAD RTRIM SIGN SIN SPLIT_PART STARTS_WITH STDDEV_POP STDDEV_SAMP
STRING_AGG STRPOS SUBSTR TAN TRANSLATE TRUNC UPPER VAR_POP VAR_SAMP
"""
SAME = frozenset(_SAME_NAMES.split())
"""Functions that DuckDB answers as PostgreSQL does."""
_STRICT = {
    "BTRIM": "trim",
    "CBRT": "cbrt",
    "OCTET_LENGTH": "octet_length",
    "LN": "ln",
    "LOG": "log10",
    "SQRT": "sqrt",
    "REGEXP_REPLACE": "regexp_replace_all",
}
"""Functions whose errors DuckDB hides, or that it calls otherwise."""
_FORMATTED = ("TO_CHAR", "TO_DATE", "TO_TIMESTAMP")


@lowers(exp.Div, on=EMULATOR)
def _divide(node: exp.Div, cx: Context) -> exp.Expr:
    left, right = numeric(lower(node.this, cx), "/"), numeric(lower(node.expression, cx), "/")
    a, b = type_of(left), type_of(right)
    if NULL in (a, b):
        return typed(exp.Null(), NULL)
    if a.is_float or b.is_float:
        return typed(macro("over", as_double(left), as_double(right)), FLOAT64)
    if a.is_integer and b.is_integer and cx.dialect.integer_division:
        return typed(exp.IntDiv(this=wrapped(left), expression=wrapped(right)), sum_type(a, b, cx))
    to = quotient_type(a, b, cx)
    cx.used("decimal_quotient")
    rounds = not cx.dialect.integer_division
    if not rounds:
        cx.note("a decimal quotient is cut off at the scale of its type; whether the last digit is cut may differ")
    return quotient(left, right, (scale_of(a), scale_of(b)), to, rounds=rounds)


@lowers(exp.IntDiv, on=EMULATOR)
def _divide_whole(node: exp.IntDiv, cx: Context) -> exp.Expr:
    left, right = (numeric(lower(part, cx), "//") for part in (node.this, node.expression))
    to = whole_quotient(type_of(left), type_of(right), cx)
    return typed(exp.Null() if to == NULL else exp.IntDiv(this=wrapped(left), expression=wrapped(right)), to)


@lowers(exp.Avg, on=EMULATOR)
def _average(node: exp.Avg, cx: Context) -> exp.Expr:
    made = POSTGRES_RULES[exp.Avg](node, cx)
    if isinstance(made, exp.Avg) or type_of(made).is_float:
        return made
    total, count = (next(iter(made.find_all(kind))) for kind in (exp.Sum, exp.Count))
    inner = total.this.expressions[0] if isinstance(total.this, exp.Distinct) else total.this
    scale = scale_of(type_of(inner))
    exact = cx.dialect.avg_keeps_type
    to = decimal(MOST_DIGITS, scale if exact else max(scale, min(scale + 6, 12)))
    average = quotient(total.copy(), count.copy(), (scale, 0), to, rounds=not exact)
    return typed(exp.Cast(this=average, to=exp.DataType.build("BIGINT")), INT64) if type_of(made) == INT64 else average


@lowers(exp.AnonymousAggFunc, on=EMULATOR)
def _aggregate_by_name(node: exp.AnonymousAggFunc, cx: Context) -> exp.Expr:
    raise unknown_function(node.name.upper(), (), cx)


def _finish(query: exp.Query, _cx: Context) -> exp.Query:
    """Write for DuckDB what was lowered for PostgreSQL; refuse what has no counterpart there."""
    for select in _outermost(query):
        for projection in select.expressions:
            if isinstance(projection, exp.Alias):
                projection.set("this", shown(projection.this))
    for node in list(query.walk()):
        if isinstance(node, exp.Collate):  # DuckDB's own order is that of the code points
            node.replace(node.this)
        elif isinstance(node, exp.Dot):
            node.replace(_compatible(node))
        elif isinstance(node, exp.Like | exp.ILike) and not isinstance(node.parent, exp.Escape):
            _escape(node)
        elif isinstance(node, exp.Anonymous):
            _call(node)
        elif isinstance(node, exp.DataType) and node.this is exp.DType.DECIMAL and not node.expressions:
            node.set("expressions", [exp.DataTypeParam(this=number(n)) for n in (38, 15)])
    return query


def _escape(node: exp.Expr) -> None:
    """LIKE escapes by `\\` in PostgreSQL, and by nothing in DuckDB."""
    made = exp.Escape(expression=exp.Literal.string("\\"))
    node.replace(made)
    made.set("this", node)


def _outermost(query: exp.Expr) -> list[exp.Select]:
    """SELECTs whose columns are those of the result."""
    inner = query.unnest()
    if isinstance(inner, exp.SetOperation):
        return [*_outermost(inner.left), *_outermost(inner.right)]
    return [inner] if isinstance(inner, exp.Select) and not inner.is_star else []


def _compatible(node: exp.Dot) -> exp.Expr:
    function = node.expression
    if node.this.name != COMPATIBILITY or not isinstance(function, exp.Anonymous):
        raise NotTranslatable(node.sql()[:60], hint="leave it out")
    if function.name not in MACROS:
        raise NotTranslatable(f"{function.name.upper()}()", "Snowflake's emulator lacks it", hint="leave it out")
    return macro(function.name, *function.expressions)


def _call(node: exp.Anonymous) -> None:
    """Call of PostgreSQL's as one of DuckDB's."""
    name = node.name
    if name.startswith("_dw_") or isinstance(node.parent, exp.Dot) or name.upper() in SAME:
        if name.upper() in ("LPAD", "RPAD") and len(node.expressions) == 2:
            node.append("expressions", exp.Literal.string(" "))
        return
    if name.upper() in _STRICT:
        node.set("this", f"_dw_{_STRICT[name.upper()]}")
        return
    if name.upper() in _FORMATTED:
        value, pattern = node.expressions
        node.set("this", f"_dw_{name.lower()}")
        node.set("expressions", [value, exp.Literal.string(clock_format(pattern.name, name.upper()))])
        return
    if name.upper() == "ENCODE" and len(node.expressions) > 1:
        _digest(node)
        return
    if name.upper() in OWN_NAMES or name == "CONVERT_TO":  # the digest above took its argument
        return
    raise NotTranslatable(f"{name_of(node)}", "Snowflake's emulator lacks it", hint="leave it out")


def _digest(node: exp.Anonymous) -> None:
    """`ENCODE(SHA256(CONVERT_TO(text, …)), 'hex')`."""
    inner = node.expressions[0]
    if not (isinstance(inner, exp.Anonymous) and inner.name == "SHA256"):
        raise NotTranslatable("SHA2 of this number of bits", hint="use 256")
    node.set("expressions", [inner.expressions[0].expressions[0]])
    node.set("this", "SHA256")


def _stored(logical: SqlType) -> SqlType:
    """Type of a stored column: there is one integer, one float, and text for what Snowflake has no type of."""
    kinds: dict[Kind, SqlType] = {
        **dict.fromkeys([Kind.INT16, Kind.INT32], INT64),
        Kind.FLOAT32: FLOAT64,
        **dict.fromkeys([Kind.ARRAY, Kind.VECTOR], SqlType(Kind.JSON)),
        **dict.fromkeys([Kind.UUID, Kind.INTERVAL], SqlType(Kind.STRING)),
    }
    return kinds.get(logical.kind) or POSTGRES_TARGET.stored(logical)


EMULATOR_TARGET = replace(
    POSTGRES_TARGET,
    warehouse="SNOWFLAKE",
    native="duckdb",
    grammar=DuckDB,
    rules=POSTGRES_RULES | EMULATOR_RULES,
    finish=_finish,
    stored=_stored,
    table_functions=False,
    folds_names=True,
    otherwise=native_target(refuse_unproven),
)
