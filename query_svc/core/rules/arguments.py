"""Arguments of functions: how many, and of which kinds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from query_svc.core.rules.casts import as_text, moment
from query_svc.core.rules.coerce import as_double, literal_as
from query_svc.core.rules.context import (
    Context,
    mistake,
    type_of,
)
from query_svc.core.types import (
    FLOAT64,
    INT64,
    Kind,
    SqlType,
)

Maker = Callable[[list[exp.Expr], Context], exp.Expr]
EVERYWHERE = ("redshift", "postgres", "snowflake")
CLOUD = ("redshift", "snowflake")


@dataclass(frozen=True)
class Plain:
    """A function of the target: `takes` has t(ext), i(nteger), d(ouble) or m(oment) for each argument."""

    target: str
    takes: str
    returns: SqlType
    optional: int = 0
    dialects: Sequence[str] = EVERYWHERE


def arguments(name: str, args: list[exp.Expr], low: int, high: int | None = None) -> None:
    """Refuse a number of arguments that the function does not take."""
    most = low if high is None else high
    if not low <= len(args) <= most:
        takes = str(low) if low == most else f"{low} to {most}"
        raise mistake(f"{name} takes {takes} arguments, not {len(args)}")


def argument(name: str, node: exp.Expr, takes: str, cx: Context) -> exp.Expr:
    """Bring a lowered argument to what the function takes: t(ext), i(nteger), d(ouble) or m(oment)."""
    have = type_of(node)
    if takes == "t":
        return as_text(node, cx)
    if takes == "m":
        return moment(node, name)
    if have.kind is Kind.NULL:
        return node
    if have.literal:
        return literal_as(node, INT64 if takes == "i" else FLOAT64)
    if not have.is_number or (takes == "i" and not have.is_integer):
        raise mistake(f"{name} takes {'an integer' if takes == 'i' else 'a number'}, not {have}", "cast it")
    return node if takes == "i" else as_double(node, have)
