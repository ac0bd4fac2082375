"""Operators: arithmetic that stays exact, comparisons that compare what the user's warehouse compares."""

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.casts import as_text
from query_svc.core.rules.coerce import as_double, coerce, scaled, together
from query_svc.core.rules.context import (
    BOTH,
    Context,
    boolean,
    call,
    comparables,
    lower,
    lower_open,
    lowers,
    mistake,
    number,
    op,
    quoted,
    text,
    type_of,
    typed,
    when,
    wrapped,
)
from query_svc.core.rules.dates import shift
from query_svc.core.rules.lengths import most_bytes, within_longest
from query_svc.core.rules.overflow import BITS_64, beside, bound, bounded, closed
from query_svc.core.rules.texts import short
from query_svc.core.types import (
    BOOLEAN,
    DOUBLE_DIGITS,
    FLOAT64,
    INT32,
    INT64,
    INTEGER_DIGITS,
    INTEGERS,
    NULL,
    Form,
    Kind,
    SqlType,
    decimal,
    digits,
)

MOST_QUOTIENT_SCALE = 15


@lowers(exp.Literal)
def _literal(node: exp.Literal, _cx: Context) -> exp.Expr:
    if node.is_string:
        return quoted(node.name)
    written = node.name
    if "e" in written.lower():
        return typed(number(written), FLOAT64)
    value = values.read_decimal(written)
    if "." not in written:
        if abs(value) <= values.MOST_INTEGER:
            return bounded(typed(number(written), INT32 if abs(value) < 2**31 else INT64), int(value))
        raise NotTranslatable(f"the number {written}", "SQLite has 64-bit integers", hint="use a smaller number")
    scale = len(written.partition(".")[2])
    precision = max(len(written.replace(".", "").lstrip("0")), scale, 1)
    if precision <= DOUBLE_DIGITS:
        return bounded(typed(number(written), decimal(precision, scale, Form.DOUBLE)), values.scale_up(value, scale))
    if precision > INTEGER_DIGITS:
        raise NotTranslatable(f"the number {written}", "exact arithmetic has 18 digits", hint="use fewer digits")
    return typed(number(values.scale_up(value, scale)), decimal(precision, scale))


@lowers(exp.Null, on=BOTH)
def _null(node: exp.Null, _cx: Context) -> exp.Expr:
    return typed(node, NULL)


@lowers(exp.Boolean, on=BOTH)
def _boolean(node: exp.Boolean, _cx: Context) -> exp.Expr:
    return boolean(node)


@lowers(exp.Column, on=BOTH)
def _column(node: exp.Column, cx: Context) -> exp.Expr:
    kind = cx.column(node.table, node.name)
    if kind is None and not node.table:
        kind = cx.aliases.get(node.name)
    if kind is None:
        raise NotTranslatable(f"the column {node.sql()}", hint="qualify it with its table")
    return typed(node, kind)


@lowers(exp.Dot, exp.Bracket, on=BOTH)
def _step(node: exp.Expr, _cx: Context) -> exp.Expr:
    step = node.sql(comments=False).replace('"', "")[:60]
    raise NotTranslatable(f"the step {step} into a value", hint="JSON_EXTRACT_PATH_TEXT reads JSON in text")


@lowers(exp.Paren, on=BOTH)
def _paren(node: exp.Paren, cx: Context) -> exp.Expr:
    inner = lower_open(node.this, cx)
    return beside(typed(exp.Paren(this=inner), type_of(inner)), inner)


@lowers(exp.Neg)
def _neg(node: exp.Neg, cx: Context) -> exp.Expr:
    inner = _numeric(lower_open(node.this, cx), "-", cx)
    kind = type_of(inner)
    if kind.is_decimal and kind.form is Form.MIXED:
        kind = decimal(kind.precision, kind.scale)
        inner = coerce(inner, kind, cx)
    made = typed(exp.Neg(this=wrapped(inner)), kind)
    lowest = kind.is_integer and not isinstance(inner, exp.Literal)  # -(-2147483648) is beyond INTEGER
    return bounded(made, bound(inner) + lowest) if _exact(kind) else made


@lowers(exp.Not, on=BOTH)
def _not(node: exp.Not, cx: Context) -> exp.Expr:
    return boolean(exp.Not(this=wrapped(condition(node.this, cx, "NOT"))))


@lowers(exp.And, exp.Or, on=BOTH)
def _connect(node: exp.Connector, cx: Context) -> exp.Expr:
    """Walk a chain of AND or OR without one level of recursion for each link."""
    operands = [condition(part, cx, node.key.upper()) for part in node.flatten(unnest=False)]
    result = wrapped(operands[0])
    for operand in operands[1:]:
        result = type(node)(this=result, expression=wrapped(operand))
    return boolean(result)


def condition(node: exp.Expr, cx: Context, where: str) -> exp.Expr:
    """Lower what must be a BOOLEAN."""
    inner = lower(node, cx)
    kind = type_of(inner)
    if kind.literal:
        inner = cx.target.coerce(inner, BOOLEAN, cx)
    elif kind.kind not in (Kind.BOOLEAN, Kind.NULL):
        raise mistake(f"{where} takes a BOOLEAN, not {kind}", "compare the value with something")
    return inner


@lowers(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, on=BOTH)
def compare(node: exp.Binary, cx: Context) -> exp.Expr:
    """Lower a comparison of two values."""
    if isinstance(node.this, exp.Tuple) or isinstance(node.expression, exp.Tuple):
        raise NotTranslatable("a comparison of rows", hint="compare column by column with AND")
    return compared(type(node), [lower(node.this, cx), lower(node.expression, cx)], cx)


def compared(sign: type[exp.Binary], sides: list[exp.Expr], cx: Context) -> exp.Expr:
    """Compare two lowered values in the type in which they meet."""
    ordering = issubclass(sign, exp.GT | exp.GTE | exp.LT | exp.LTE)
    parts, _ = together(sides, cx, ordering=ordering)
    left, right = comparables(parts, cx, ordering=ordering)
    return boolean(op(sign, left, right))


@lowers(exp.Between, on=BOTH)
def _between(node: exp.Between, cx: Context) -> exp.Expr:
    if node.args.get("symmetric"):
        raise NotTranslatable("BETWEEN SYMMETRIC", hint="write both orders with OR")
    parts = [lower(node.args[name], cx) for name in ("this", "low", "high")]
    parts, _ = together(parts, cx, ordering=True)
    value, low, high = comparables(parts, cx, ordering=True)
    made = exp.Between(this=wrapped(value), low=wrapped(low), high=wrapped(high))
    return boolean(exp.Not(this=exp.Paren(this=made)) if node.args.get("negate") else made)


@lowers(exp.In)
def lower_in(node: exp.In, cx: Context) -> exp.Expr:
    """Lower IN with values or a query of one column."""
    if isinstance(node.this, exp.Tuple):
        raise NotTranslatable("IN with a row", hint="use EXISTS with a comparison of each column")
    value = lower(node.this, cx)
    query = node.args.get("query")
    if query is not None:
        inner = lower(query, cx)
        (value, _), to = together([value, typed(exp.Null(), type_of(inner))], cx)
        exact = cx.target.warehouse == "REDSHIFT" and type_of(inner).is_number  # PostgreSQL compares all numbers
        if not exact and type_of(inner) != to and type_of(inner).form is not to.form:
            raise NotTranslatable(
                f"{type_of(value)} IN (a query of {type_of(inner)})", hint="cast both sides to one DECIMAL type"
            )
        made = exp.In(this=wrapped(cx.target.comparable(value, cx, False)), query=_comparable_query(inner, cx))
    elif node.expressions:
        parts, _ = together([value, *(lower(e, cx) for e in node.expressions)], cx)
        value, *options = comparables(parts, cx)
        made = exp.In(this=wrapped(value), expressions=options)
    else:
        raise NotTranslatable("IN UNNEST", hint="write the values in parentheses")
    return boolean(exp.Not(this=exp.Paren(this=made)) if node.args.get("negate") else made)


def _comparable_query(query: exp.Expr, cx: Context) -> exp.Expr:
    """Ready the column of a subquery for comparing it."""
    select = query.unnest()
    if isinstance(select, exp.Select):
        inner = select.expressions[0].unalias()
        ready = cx.target.comparable(inner, cx, False)
        if ready is not inner:
            select.set("expressions", [exp.alias_(ready.copy(), select.expressions[0].alias_or_name, quoted=True)])
    return query


@lowers(exp.Is)
def lower_is(node: exp.Is, cx: Context) -> exp.Expr:
    """Lower IS NULL, IS TRUE and IS FALSE."""
    left = lower(node.this, cx)
    if isinstance(node.expression, exp.Boolean):
        left = cx.target.coerce(left, BOOLEAN, cx) if type_of(left).literal else left
        return boolean(exp.Is(this=wrapped(left), expression=node.expression))
    if not isinstance(node.expression, exp.Null):
        raise NotTranslatable(f"IS {node.expression.sql()}", hint="use IS NULL, IS TRUE or IS FALSE")
    return boolean(exp.Is(this=wrapped(left), expression=exp.Null()))


@lowers(exp.Like, exp.ILike, exp.Escape)
def _like(node: exp.Like | exp.ILike | exp.Escape, cx: Context) -> exp.Expr:
    inner = node.this if isinstance(node, exp.Escape) else node
    escape = lower(node.expression, cx) if isinstance(node, exp.Escape) else None
    if not isinstance(inner, exp.Like | exp.ILike) or isinstance(inner.expression, exp.Tuple | exp.Any | exp.All):
        raise NotTranslatable("LIKE ANY or LIKE ALL", hint="write each pattern with OR or AND")
    value, pattern = textual(inner.this, cx), textual(inner.expression, cx)
    if escape is None and cx.dialect.like_escape and not _plain(pattern, cx.dialect.like_escape):
        cx.used("like_escape")
        escape = text(cx.dialect.like_escape)
    if isinstance(inner, exp.ILike):
        cx.used("ilike_by_lower")
        value, pattern = call("dw_lower", value), call("dw_lower", pattern)
    made: exp.Expr = exp.Like(this=wrapped(value), expression=wrapped(pattern))
    made = exp.Escape(this=made, expression=escape) if escape is not None else made
    return boolean(exp.Not(this=exp.Paren(this=made)) if inner.args.get("negate") else made)


def _plain(pattern: exp.Expr, escape: str) -> bool:
    return isinstance(pattern, exp.Literal) and escape not in pattern.name


def textual(node: exp.Expr, cx: Context) -> exp.Expr:
    """Lower what must be text; other values are written as text."""
    return as_text(lower(node, cx), cx)


@lowers(exp.DPipe)
def _concat(node: exp.DPipe, cx: Context) -> exp.Expr:
    parts = [textual(part, cx) for part in node.flatten(unnest=False)]
    result = wrapped(parts[0])
    for part in parts[1:]:
        result = exp.DPipe(this=result, expression=wrapped(part))
    return within_longest(result, sum(most_bytes(part) for part in parts), short, cx)


def _numeric(node: exp.Expr, sign: str, cx: Context) -> exp.Expr:
    kind = type_of(node)
    if kind.kind is Kind.NULL or kind.is_number:
        return node
    if kind.literal:
        value = values.read_decimal(node.name) if node.name.strip() else None
        if value is not None:
            return coerce(node, INT64 if value == value.to_integral_value() else FLOAT64, cx)
    raise mistake(f"{sign} takes numbers, not {kind}", "cast it to a number")


@lowers(exp.Add, exp.Sub)
def _add(node: exp.Binary, cx: Context) -> exp.Expr:
    left = lower_open(node.this, cx) if not isinstance(node.this, exp.Interval) else node.this
    right = lower_open(node.expression, cx) if not isinstance(node.expression, exp.Interval) else node.expression
    if isinstance(left, exp.Interval) and isinstance(node, exp.Add):
        left, right = right, left
    if type_of(left).is_moment or isinstance(right, exp.Interval) or type_of(right).is_moment:
        return shift(type(node), closed(left), closed(right), cx)
    sign = "+" if isinstance(node, exp.Add) else "-"
    left, right = _numeric(left, sign, cx), _numeric(right, sign, cx)
    to = sum_type(type_of(left), type_of(right), cx)
    if not _exact(to):
        left, right = closed(left), closed(right)
    made = typed(op(type(node), coerce(left, to, cx), coerce(right, to, cx)), to)
    return bounded(made, _bound_at(left, to) + _bound_at(right, to)) if _exact(to) else made


def _exact(kind: SqlType) -> bool:
    """Integers, and decimals that are held as integers."""
    return kind.is_integer or (kind.is_decimal and kind.form is Form.SCALED)


def _bound_at(node: exp.Expr, to: SqlType) -> int:
    """Bound of a number once it is brought to the scale of `to`."""
    kind = type_of(node)
    if kind == NULL:
        return 0
    return bound(node) * int(10 ** (to.scale - kind.scale if kind.is_decimal else to.scale))


def sum_type(left: SqlType, right: SqlType, cx: Context) -> SqlType:
    """Type of a sum or difference."""
    if NULL in (left, right):
        return left if right == NULL else right
    if left.is_float or right.is_float:
        return FLOAT64
    if left.is_integer and right.is_integer:
        widest = max(left, right, key=lambda t: INTEGERS.index(t.kind))
        return INT64 if cx.dialect.folds_upper else widest  # Snowflake has one integer type
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(s1, s2)
    rough = Form.ROUGH in {t.form for t in (left, right) if t.is_decimal}
    return decimal(max(p1 - s1, p2 - s2) + 1 + scale, scale, Form.ROUGH if rough else Form.SCALED)


@lowers(exp.Mul)
def _multiply(node: exp.Mul, cx: Context) -> exp.Expr:
    left, right = _numeric(lower_open(node.this, cx), "*", cx), _numeric(lower_open(node.expression, cx), "*", cx)
    a, b = type_of(left), type_of(right)
    if not (a.is_decimal or b.is_decimal) or NULL in (a, b) or a.is_float or b.is_float:
        to = sum_type(a, b, cx)
        if not to.is_integer:
            left, right = closed(left), closed(right)
        made = typed(op(exp.Mul, coerce(left, to, cx), coerce(right, to, cx)), to)
        return bounded(made, _product(left, right)) if to.is_integer else made
    (p1, s1), (p2, s2) = digits(a), digits(b)
    if Form.ROUGH in {t.form for t in (a, b) if t.is_decimal}:
        product = op(exp.Mul, as_double(closed(left), a), as_double(closed(right), b))
        return typed(product, decimal(p1 + p2 + 1, min(s1 + s2, MOST_QUOTIENT_SCALE), Form.ROUGH))
    if s1 + s2 > INTEGER_DIGITS:
        raise NotTranslatable(
            f"{a} * {b}", f"{s1 + s2} digits after the point", hint="cast an operand to a smaller DECIMAL or to FLOAT"
        )
    cx.used("decimal_as_integer")
    made = typed(op(exp.Mul, scaled(left, a, s1), scaled(right, b, s2)), decimal(p1 + p2 + 1, s1 + s2))
    return bounded(made, _product(left, right))


def _product(left: exp.Expr, right: exp.Expr) -> int:
    """Bound of a product: the lowest 64-bit integer times -1 is beyond its own."""
    most = max(bound(left), 1) * max(bound(right), 1)
    return most + 1 if most == BITS_64 else most


@lowers(exp.Div)
def _divide(node: exp.Div, cx: Context) -> exp.Expr:
    left, right = _numeric(lower(node.this, cx), "/", cx), _numeric(lower(node.expression, cx), "/", cx)
    a, b = type_of(left), type_of(right)
    if NULL in (a, b):
        return typed(exp.Null(), NULL)
    if a.is_integer and b.is_integer and cx.dialect.integer_division:
        return typed(_guarded(op(exp.Div, left, right), left, right, cx), sum_type(a, b, cx))
    quotient = _guarded(op(exp.Div, as_double(left, a), as_double(right, b)), left, right, cx)
    if a.is_float or b.is_float:
        return typed(quotient, FLOAT64)
    cx.note("decimal division is computed in double precision: digits beyond the 15th may differ")
    return typed(quotient, _quotient_type(a, b, cx))


@lowers(exp.IntDiv)
def _divide_whole(node: exp.IntDiv, cx: Context) -> exp.Expr:
    left, right = (_numeric(lower(part, cx), "//", cx) for part in (node.this, node.expression))
    to = whole_quotient(type_of(left), type_of(right), cx)
    return typed(exp.Null() if to == NULL else _guarded(op(exp.Div, left, right), left, right, cx), to)


def whole_quotient(a: SqlType, b: SqlType, cx: Context) -> SqlType:
    """Type of an integer divided by an integer."""
    if NULL not in (a, b) and not (a.is_integer and b.is_integer):
        raise NotTranslatable(f"the whole quotient of {a} and {b}", hint="cast both to an integer, or use /")
    return NULL if NULL in (a, b) else sum_type(a, b, cx)


def _quotient_type(a: SqlType, b: SqlType, cx: Context) -> SqlType:
    (p1, s1), (p2, s2) = digits(a), digits(b)
    if not cx.dialect.integer_division:  # Snowflake
        scale = max(s1, min(s1 + 6, 12))
        return decimal(p1 - s1 + s2 + scale, scale, Form.ROUGH)
    scale = max(4, s1 + p2 - s2 + 1)
    return decimal(p1 - s1 + s2 + scale, min(scale, MOST_QUOTIENT_SCALE), Form.ROUGH)


def _guarded(made: exp.Expr, left: exp.Expr, right: exp.Expr, cx: Context) -> exp.Expr:
    """SQLite answers NULL where every warehouse fails: fail too."""
    bare = right.unnest()
    never_zero = isinstance(bare, exp.Literal) and float(bare.name) != 0
    if never_zero or (isinstance(bare, exp.Nullif) and bare.expression.name in ("0", "0.0")):
        return made
    cx.used("division_by_zero_fails")
    zero = exp.And(
        this=op(exp.EQ, right.copy(), number(0)),
        expression=exp.Not(this=exp.Is(this=wrapped(left.copy()), expression=exp.Null())),
    )
    return when(zero, call("dw_division_by_zero"), made)


@lowers(exp.Mod)
def _modulo(node: exp.Mod, cx: Context) -> exp.Expr:
    left, right = _numeric(lower(node.this, cx), "%", cx), _numeric(lower(node.expression, cx), "%", cx)
    to = sum_type(type_of(left), type_of(right), cx)
    if to.is_float or (to.is_decimal and to.form is Form.ROUGH):
        raise NotTranslatable("% on floating-point numbers", hint="cast both to DECIMAL")
    if to.is_decimal:
        to = decimal(to.precision, to.scale)
    left, right = coerce(left, to, cx), coerce(right, to, cx)
    return beside(typed(_guarded(op(exp.Mod, left, right), left, right, cx), to), right)
