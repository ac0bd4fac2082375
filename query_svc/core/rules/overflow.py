"""Overflow: SQLite goes on with a rounded REAL where 64 bits do not suffice, and knows no smaller integers.

Every arithmetic expression carries a bound of its absolute value, reckoned from the types below it. One whose bound is
beyond its type is open: it is checked where it is used, once for a whole chain of +, - and *, because a REAL stays a
REAL there; a SUM of open values is checked once for its group. What stays within its type costs nothing.
"""

from sqlglot import exp

from query_svc.core.types import Kind, SqlType

BITS_64 = 2**63
_INTEGERS = {Kind.INT16: 2**15, Kind.INT32: 2**31, Kind.INT64: BITS_64}
_NATIVE = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Paren,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Neg,
    exp.Cast,
    exp.DataType,
)
MOST_TWICE = 32


def limit(kind: SqlType) -> int:
    """Bound of the absolute values of a type as SQLite holds them."""
    if kind.is_decimal:
        return min(int(10**kind.precision), BITS_64)
    return _INTEGERS.get(kind.kind, BITS_64)


def bound(node: exp.Expr) -> int:
    """Bound of the absolute value of a lowered integer or decimal, as SQLite holds it."""
    found = node.meta_get("bound")
    return found if isinstance(found, int) else limit(_type(node))


def bounded(node: exp.Expr, most: int) -> exp.Expr:
    """Say that a lowered number is at most so large, one way or the other."""
    node.meta["bound"] = most
    return node


def beside(node: exp.Expr, inner: exp.Expr) -> exp.Expr:
    """Give a node the bound of what it only wraps."""
    return bounded(node, bound(inner)) if inner.meta_get("bound") is not None else node


def closed(node: exp.Expr) -> exp.Expr:
    """Check an open expression where it is used: the statement fails as it does in the user's warehouse."""
    kind, most = _type(node), node.meta_get("bound")
    if not isinstance(most, int) or most <= limit(kind):
        return node
    made: exp.Expr
    if _cheap(node):
        otherwise = exp.Anonymous(this="dw_overflow", expressions=[_name(kind)])
        made = exp.Case(ifs=[exp.If(this=_outside(node, kind, most), true=otherwise)], default=_whole(node))
    else:
        low, high = _ends(kind)
        made = exp.Anonymous(this="dw_within", expressions=[_whole(node), low, high, _name(kind)])
    made.meta["sql_type"] = kind
    return made


def as_whole(node: exp.Expr, to: SqlType) -> exp.Expr:
    """Integer of a REAL, rounded half away from zero; SQLite's own CAST would cut off at 64 bits."""
    low, high = _ends(to)
    made = exp.Anonymous(this="dw_whole", expressions=[node, low, high, _name(to)])
    made.meta["sql_type"] = to
    return made


def _type(node: exp.Expr) -> SqlType:
    kind = node.meta_get("sql_type")
    return kind if isinstance(kind, SqlType) else SqlType(Kind.UNKNOWN)


def _whole(node: exp.Expr) -> exp.Expr:
    copied = node.copy()
    copied.meta.pop("bound", None)
    return copied


def _outside(node: exp.Expr, kind: SqlType, most: int) -> exp.Expr:
    real = exp.EQ(this=exp.Anonymous(this="TYPEOF", expressions=[node.copy()]), expression=exp.Literal.string("real"))
    if limit(kind) == BITS_64:
        return real
    low, high = _ends(kind)
    beyond = exp.Not(this=exp.Paren(this=exp.Between(this=exp.Paren(this=node.copy()), low=low, high=high)))
    return beyond if most <= BITS_64 else exp.Or(this=real, expression=beyond)


def _ends(kind: SqlType) -> tuple[exp.Expr, exp.Expr]:
    """Lowest and highest value of a type; SQLite reads the lowest of 64 bits only as a difference."""
    high = limit(kind) - 1
    lowest = high if kind.is_decimal else high + 1
    low: exp.Expr = exp.Neg(this=exp.Literal.number(str(min(lowest, BITS_64 - 1))))
    if lowest == BITS_64:
        low = exp.Paren(this=exp.Sub(this=low, expression=exp.Literal.number("1")))
    return low, exp.Literal.number(str(high))


def _name(kind: SqlType) -> exp.Expr:
    return exp.Literal.string(str(kind))


def _cheap(node: exp.Expr) -> bool:
    """Whether evaluating an expression twice costs less than a call; without anything that may answer twice."""
    for count, part in enumerate(node.walk()):
        rounds = isinstance(part, exp.Anonymous) and part.name == "ROUND"
        if count >= MOST_TWICE or not (rounds or isinstance(part, _NATIVE)):
            return False
    return True
