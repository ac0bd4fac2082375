"""TO_CHAR, TO_DATE and TO_TIMESTAMP with formats that are read when translated."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.casts import as_text, converted, moment
from query_svc.core.rules.context import (
    Context,
    call,
    lower,
    number,
    text,
    type_of,
    typed,
)
from query_svc.core.types import (
    DATE,
    STRING,
    SqlType,
)


def to_char(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_CHAR(moment, format)."""
    node = lower(args[0], cx)
    have = type_of(node)
    if len(args) == 1:
        return as_text(node, cx)
    pattern = args[1]
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise NotTranslatable("TO_CHAR with a computed format", hint="write the format as a literal")
    if not (have.is_moment or have.literal):
        raise NotTranslatable(f"TO_CHAR of {have}", hint="cast it to VARCHAR, or ROUND it")
    check_format(pattern.name, "TO_CHAR")
    return typed(call("dw_to_char", moment(node, "TO_CHAR"), text(pattern.name)), STRING)


def from_char(to: SqlType, target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_DATE and TO_TIMESTAMP(text, format)."""
    node = lower(args[0], cx)
    if len(args) == 1 or not type_of(node).is_text:
        return converted(node, to, cx)
    if not (isinstance(args[1], exp.Literal) and args[1].is_string):
        raise NotTranslatable(f"{target} with a computed format", hint="write the format as a literal")
    check_format(args[1].name, target)
    made = call("dw_from_char", node, text(args[1].name))
    return typed(call("SUBSTR", made, number(1), number(10)) if to == DATE else made, to)


_FORMAT_WORDS = (
    *("YYYY", "YY", "MONTH", "Month", "month", "MON", "Mon", "mon", "MM", "DDD", "DD", "D", "DAY", "Day", "day"),
    *("DY", "Dy", "dy", "HH24", "HH12", "HH", "MI", "SS", "MS", "US", "AM", "PM", "am", "pm", "Q", "WW", "IW"),
)


def check_format(pattern: str, where: str, more: tuple[str, ...] = ()) -> None:
    """Refuse a format with words that are not known here; the target may know `more`."""
    rest = pattern
    for word in sorted((*_FORMAT_WORDS, *more), key=len, reverse=True):
        rest = rest.replace(word, " ").replace(word.lower() if word.isupper() else word, " ")
    if letters := "".join(sorted({c for c in rest if c.isalpha() and c != "T"})):
        raise NotTranslatable(
            f"{where} with {letters!r} in the format {pattern!r}",
            hint="it knows YYYY YY MM MON MONTH DD DDD D DY DAY HH24 HH12 MI SS MS US AM Q WW IW",
        )


def to_date(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE(value)."""
    return converted(lower(args[0], cx), DATE, cx)
