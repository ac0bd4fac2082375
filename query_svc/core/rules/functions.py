"""Scalar functions, by the name that the user wrote. What is not listed is refused, never passed through.

Most are one row of a table: the SQLite function, the kinds of its arguments, the type of its result.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import choices, dates, formats, numbers, texts
from query_svc.core.rules.arguments import CLOUD, EVERYWHERE, Maker, Plain, argument, arguments
from query_svc.core.rules.context import (
    Context,
    call,
    lower,
    lowers,
    typed,
)
from query_svc.core.rules.lengths import grown
from query_svc.core.rules.texts import short
from query_svc.core.rules.unknown import unknown_function
from query_svc.core.types import (
    DATE,
    FLOAT64,
    INT32,
    STRING,
    TIMESTAMP,
    TIMESTAMP_TZ,
    SqlType,
)

PLAIN: dict[str, Plain] = {
    **dict.fromkeys(["LOWER"], Plain("dw_lower", "t", STRING)),
    **dict.fromkeys(["UPPER"], Plain("dw_upper", "t", STRING)),
    **dict.fromkeys(["LEN", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH"], Plain("LENGTH", "t", INT32)),
    "TEXTLEN": Plain("LENGTH", "t", INT32, dialects=["redshift"]),
    "OCTET_LENGTH": Plain("dw_octet_length", "t", INT32),
    "REPLACE": Plain("REPLACE", "ttt", STRING),
    "REVERSE": Plain("dw_reverse", "t", STRING),
    "REPEAT": Plain("dw_repeat", "ti", STRING),
    "INITCAP": Plain("dw_initcap", "t", STRING),
    "LPAD": Plain("dw_lpad", "tit", STRING, optional=1),
    "RPAD": Plain("dw_rpad", "tit", STRING, optional=1),
    "SPLIT_PART": Plain("dw_split_part", "tti", STRING),
    "TRANSLATE": Plain("dw_translate", "ttt", STRING),
    "STRPOS": Plain("INSTR", "tt", INT32, dialects=["redshift", "postgres"]),
    "LEFT": Plain("dw_left", "ti", STRING),
    "RIGHT": Plain("dw_right", "ti", STRING),
    "ASCII": Plain("dw_ascii", "t", INT32),
    "CHR": Plain("CHAR", "i", STRING),
    "MD5": Plain("dw_md5", "t", STRING),
    **dict.fromkeys(["SHA", "SHA1"], Plain("dw_sha1", "t", STRING, dialects=CLOUD)),
    "SHA2": Plain("dw_sha2", "ti", STRING, optional=1, dialects=CLOUD),
    **{
        name: Plain(name, "d", FLOAT64)
        for name in ["SQRT", "EXP", "LN", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "RADIANS", "DEGREES"]
    },
    "ATAN2": Plain("ATAN2", "dd", FLOAT64),
    **dict.fromkeys(["POWER", "POW"], Plain("dw_power", "dd", FLOAT64)),
    "CBRT": Plain("dw_cbrt", "d", FLOAT64),
    "PI": Plain("PI", "", FLOAT64),
    "DLOG10": Plain("LOG10", "d", FLOAT64, dialects=["redshift"]),
    "DEXP": Plain("EXP", "d", FLOAT64, dialects=["redshift"]),
    "MONTHS_BETWEEN": Plain("dw_months_between", "mm", FLOAT64, dialects=CLOUD),
    "DATE_PART_YEAR": Plain("dw_year", "m", INT32, dialects=["redshift"]),
    "NEXT_DAY": Plain("dw_next_day", "mt", DATE, dialects=CLOUD),
    "TO_NUMBER": Plain("dw_to_number", "tt", FLOAT64, dialects=["redshift"]),
}


def _plain(name: str, spec: Plain, args: list[exp.Expr], cx: Context) -> exp.Expr:
    arguments(name, args, len(spec.takes) - spec.optional, len(spec.takes))
    made = [argument(name, lower(arg, cx), takes, cx) for arg, takes in zip(args, spec.takes, strict=False)]
    result = call(spec.target, *made)
    return grown(name, result, made, short, cx) if spec.returns is STRING else typed(result, spec.returns)


@lowers(exp.Anonymous)
def _named(node: exp.Anonymous, cx: Context) -> exp.Expr:
    name = node.name.upper()
    args = list(node.expressions)
    if any(isinstance(arg, exp.Distinct | exp.Star | exp.Order | exp.Limit) for arg in args):
        raise NotTranslatable(f"{name}() with DISTINCT, * or ORDER BY", hint="leave it out")
    spec = PLAIN.get(name)
    if spec and cx.dialect.terms in spec.dialects:
        return _plain(name, spec, args, cx)
    maker = MAKERS.get(name)
    if maker and cx.dialect.terms in maker[1]:
        arguments(name, args, maker[2], maker[3])
        return maker[0](args, cx)
    raise unknown_function(name, [*PLAIN, *MAKERS], cx)


@lowers(exp.AnonymousAggFunc)
def _named_aggregate(node: exp.AnonymousAggFunc, cx: Context) -> exp.Expr:
    raise unknown_function(node.name.upper(), (), cx)


def _now(to: SqlType, target: str, _args: list[exp.Expr], _cx: Context) -> exp.Expr:
    return typed(call(target), to)


_COMMON: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    "NVL": (choices.coalesce, CLOUD, 1, 99),
    "IFNULL": (choices.coalesce, ["snowflake"], 2, 2),
    "ISNULL": (choices.coalesce, ["redshift"], 2, 2),
    "ZEROIFNULL": (choices.zeroifnull, ["snowflake"], 1, 1),
    "NVL2": (choices.nvl2, CLOUD, 3, 3),
    "DECODE": (choices.decode, CLOUD, 3, 99),
    "IFF": (choices.iff, ["snowflake"], 3, 3),
    "GREATEST": (partial(choices.extreme, exp.GT), EVERYWHERE, 1, 99),
    "LEAST": (partial(choices.extreme, exp.LT), EVERYWHERE, 1, 99),
    "CONCAT": (texts.concat, EVERYWHERE, 1, 99),
    "CHARINDEX": (partial(texts.find, (0, 1)), CLOUD, 2, 2),
    "SUBSTR": (texts.substring, EVERYWHERE, 2, 3),
    "BTRIM": (partial(texts.trim, "TRIM"), ["redshift", "postgres"], 1, 2),
    "LTRIM": (partial(texts.trim, "LTRIM"), EVERYWHERE, 1, 2),
    "RTRIM": (partial(texts.trim, "RTRIM"), EVERYWHERE, 1, 2),
    "TRIM": (partial(texts.trim, "TRIM"), EVERYWHERE, 1, 2),
    "STARTSWITH": (texts.starts, ["snowflake"], 2, 2),
    "STARTS_WITH": (texts.starts, ["postgres"], 2, 2),
    "ABS": (numbers.absolute, EVERYWHERE, 1, 1),
    "SIGN": (numbers.sign, EVERYWHERE, 1, 1),
    "ROUND": (numbers.rounded, EVERYWHERE, 1, 2),
    "TRUNC": (numbers.trunc, EVERYWHERE, 1, 2),
    "CEIL": (partial(numbers.whole, "CEIL"), EVERYWHERE, 1, 1),
    "CEILING": (partial(numbers.whole, "CEIL"), ["redshift", "postgres"], 1, 1),
    "FLOOR": (partial(numbers.whole, "FLOOR"), EVERYWHERE, 1, 1),
    "MOD": (numbers.modulo, EVERYWHERE, 2, 2),
    "LOG": (numbers.logarithm, EVERYWHERE, 1, 2),
    "TO_CHAR": (formats.to_char, EVERYWHERE, 1, 2),
    "TO_DATE": (partial(formats.from_char, DATE, "TO_DATE"), EVERYWHERE, 1, 2),
    "TO_TIMESTAMP": (partial(formats.from_char, TIMESTAMP_TZ, "TO_TIMESTAMP"), ["redshift", "postgres"], 2, 2),
    "DATE": (formats.to_date, ["redshift", "postgres"], 1, 1),
}
_DATES: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    **dict.fromkeys(["DATE_TRUNC"], (dates.date_trunc, EVERYWHERE, 2, 2)),
    **dict.fromkeys(["DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF"], (dates.date_diff, CLOUD, 3, 3)),
    **dict.fromkeys(["DATEADD", "DATE_ADD", "TIMESTAMPADD"], (dates.date_add, CLOUD, 3, 3)),
    **dict.fromkeys(["DATE_PART", "PGDATE_PART"], (dates.date_part, EVERYWHERE, 2, 2)),
    "ADD_MONTHS": (dates.add_months, CLOUD, 2, 2),
    "LAST_DAY": (dates.last_day, CLOUD, 1, 2),
    "GETDATE": (partial(_now, TIMESTAMP, "dw_second"), CLOUD, 0, 0),
    "NOW": (partial(_now, TIMESTAMP_TZ, "dw_now"), ["redshift", "postgres"], 0, 0),
    "SYSDATE": (partial(_now, TIMESTAMP, "dw_now"), CLOUD, 0, 0),
    "CURRENT_TIMESTAMP": (partial(_now, TIMESTAMP_TZ, "dw_now"), EVERYWHERE, 0, 0),
    "CURRENT_DATE": (partial(_now, DATE, "dw_today"), EVERYWHERE, 0, 0),
}
MAKERS: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {**_COMMON, **_DATES}
PART_FIRST = frozenset(
    {
        *("DATE_TRUNC", "DATE_PART", "PGDATE_PART", "DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF"),
        *("DATEADD", "DATE_ADD", "TIMESTAMPADD"),
    }
)
