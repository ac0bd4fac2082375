"""Scalar functions by the name that the user wrote. What is not listed is refused, never passed through.

A target with a point before it is a function of the compatibility schema, the others are PostgreSQL's own.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import choices
from query_svc.core.rules.arguments import CLOUD, EVERYWHERE, Maker, Plain, arguments
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, type_of, typed
from query_svc.core.rules.lengths import grown
from query_svc.core.rules.postgres import (
    binaries,
    dates,
    documents,
    formats,
    hashes,
    numbers,
    patterns,
    sessions,
    sketches,
    supers,
    texts,
)
from query_svc.core.rules.postgres.values import as_double, as_text, cast_to, compat, literal_as, short, timestamp
from query_svc.core.rules.unknown import unknown_function
from query_svc.core.types import BOOLEAN, DATE, FLOAT64, INT32, INT64, STRING, TIMESTAMP_TZ, Kind

REDSHIFT = ("redshift",)
PLAIN: dict[str, Plain] = {
    "LOWER": Plain(".lower", "t", STRING),
    "UPPER": Plain(".upper", "t", STRING),
    "INITCAP": Plain(".initcap", "t", STRING),
    **dict.fromkeys(["LEN", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH"], Plain("LENGTH", "t", INT32)),
    "TEXTLEN": Plain("LENGTH", "t", INT32, dialects=REDSHIFT),
    "REPLACE": Plain("REPLACE", "ttt", STRING),
    "REVERSE": Plain("REVERSE", "t", STRING),
    **dict.fromkeys(["REPEAT", "REPLICATE"], Plain("REPEAT", "ti", STRING)),
    "LPAD": Plain("LPAD", "tit", STRING, optional=1),
    "RPAD": Plain("RPAD", "tit", STRING, optional=1),
    "SPLIT_PART": Plain(".split_part", "tti", STRING),
    "TRANSLATE": Plain("TRANSLATE", "ttt", STRING),
    "STRPOS": Plain("STRPOS", "tt", INT32, dialects=REDSHIFT),
    "LEFT": Plain("LEFT", "ti", STRING),
    "RIGHT": Plain("RIGHT", "ti", STRING),
    "ASCII": Plain("ASCII", "t", INT32),
    "CHR": Plain("CHR", "i", STRING),
    "MD5": Plain("MD5", "t", STRING),
    "STRTOL": Plain(".strtol", "ti", INT64, dialects=REDSHIFT),
    **{
        name: Plain(name, "d", FLOAT64)
        for name in ["SQRT", "EXP", "LN", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "RADIANS", "DEGREES", "CBRT"]
    },
    "ATAN2": Plain("ATAN2", "dd", FLOAT64),
    **dict.fromkeys(["POWER", "POW"], Plain("POWER", "dd", FLOAT64)),
    "PI": Plain("PI", "", FLOAT64),
    "DLOG1": Plain("LN", "d", FLOAT64, dialects=REDSHIFT),
    "COT": Plain("COT", "d", FLOAT64),
    "RANDOM": Plain("RANDOM", "", FLOAT64, dialects=REDSHIFT),
    "DLOG10": Plain("LOG", "d", FLOAT64, dialects=REDSHIFT),
    "DEXP": Plain("EXP", "d", FLOAT64, dialects=REDSHIFT),
    "MONTHS_BETWEEN": Plain(".months_between", "mm", FLOAT64, dialects=CLOUD),
    "NEXT_DAY": Plain(".next_day", "mt", DATE, dialects=CLOUD),
    **dict.fromkeys(["BPCHARCMP", "BTTEXT_PATTERN_CMP"], Plain(".text_order", "tt", INT32, dialects=REDSHIFT)),
    "INTERVAL_CMP": Plain(".interval_order", "tt", INT32, dialects=REDSHIFT),
    "OCTETINDEX": Plain(".octetindex", "tt", INT32, dialects=REDSHIFT),
    "QUOTE_IDENT": Plain("QUOTE_IDENT", "t", STRING, dialects=REDSHIFT),
    "QUOTE_LITERAL": Plain(".quote_literal", "t", STRING, dialects=REDSHIFT),
    "CRC32": Plain(".crc32", "t", STRING, dialects=REDSHIFT),
    "SOUNDEX": Plain(".soundex", "t", STRING, dialects=REDSHIFT),
    "DIFFERENCE": Plain(".difference", "tt", INT32, dialects=REDSHIFT),
    "TEXT_TO_INT_ALT": Plain(".signed_behind", "t", INT64, dialects=REDSHIFT),
    "ARRAY_CONCAT": Plain(".array_concat", "ss", supers.SUPER, dialects=REDSHIFT),
    "ARRAY_FLATTEN": Plain(".array_flatten", "s", supers.SUPER, dialects=REDSHIFT),
    "GET_ARRAY_LENGTH": Plain(".array_length", "s", INT32, dialects=REDSHIFT),
    "DECIMAL_PRECISION": Plain(".decimal_precision", "s", INT32, dialects=REDSHIFT),
    "DECIMAL_SCALE": Plain(".decimal_scale", "s", INT32, dialects=REDSHIFT),
    "IS_CHAR": Plain(".is_ascii", "s", BOOLEAN, dialects=REDSHIFT),
    "JSON_TYPEOF": Plain("JSONB_TYPEOF", "s", STRING, dialects=REDSHIFT),
}
_COMMON: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    "NVL": (choices.coalesce, CLOUD, 1, 99),
    "IFNULL": (choices.coalesce, ["snowflake"], 2, 2),
    "ISNULL": (choices.coalesce, REDSHIFT, 2, 2),
    "ZEROIFNULL": (choices.zeroifnull, ["snowflake"], 1, 1),
    "NVL2": (choices.nvl2, CLOUD, 3, 3),
    "DECODE": (choices.decode, CLOUD, 3, 99),
    "IFF": (choices.iff, ["snowflake"], 3, 3),
    "GREATEST": (partial(numbers.extreme, "GREATEST"), REDSHIFT, 1, 99),
    "LEAST": (partial(numbers.extreme, "LEAST"), REDSHIFT, 1, 99),
    "CONCAT": (texts.concat, EVERYWHERE, 2, 99),
    "CHARINDEX": (partial(texts.find, (0, 1)), CLOUD, 2, 2),
    "SUBSTR": (texts.substring, EVERYWHERE, 2, 3),
    "BTRIM": (partial(texts.trim, "BTRIM"), REDSHIFT, 1, 2),
    "LTRIM": (partial(texts.trim, "LTRIM"), EVERYWHERE, 1, 2),
    "RTRIM": (partial(texts.trim, "RTRIM"), EVERYWHERE, 1, 2),
    "TRIM": (partial(texts.trim, "BTRIM"), EVERYWHERE, 1, 2),
    "STARTSWITH": (texts.starts, ["snowflake"], 2, 2),
    "SHA2": (hashes.sha2, CLOUD, 1, 2),
    **dict.fromkeys(["SHA", "SHA1", "FUNC_SHA1"], (hashes.sha1, REDSHIFT, 1, 1)),
    "FNV_HASH": (hashes.fnv, REDSHIFT, 1, 2),
    "MURMUR3_32_HASH": (hashes.murmur3, REDSHIFT, 1, 2),
    "HLL_CARDINALITY": (sketches.cardinality, REDSHIFT, 1, 1),
    "HLL_COMBINE_SKETCHES": (sketches.combined, REDSHIFT, 2, 2),
    "FROM_HEX": (binaries.from_hex, REDSHIFT, 1, 1),
    "TO_HEX": (binaries.to_hex, REDSHIFT, 1, 1),
    "TO_VARBYTE": (binaries.to_varbyte, REDSHIFT, 2, 2),
    "FROM_VARBYTE": (binaries.from_varbyte, REDSHIFT, 2, 2),
    "OCTET_LENGTH": (binaries.octets, EVERYWHERE, 1, 1),
    "ABS": (numbers.absolute, EVERYWHERE, 1, 1),
    "SIGN": (numbers.sign, EVERYWHERE, 1, 1),
    "ROUND": (numbers.rounded, EVERYWHERE, 1, 2),
    "TRUNC": (numbers.trunc, EVERYWHERE, 1, 2),
    "CEIL": (partial(numbers.whole, "CEIL"), EVERYWHERE, 1, 1),
    "CEILING": (partial(numbers.whole, "CEIL"), REDSHIFT, 1, 1),
    "FLOOR": (partial(numbers.whole, "FLOOR"), EVERYWHERE, 1, 1),
    "MOD": (numbers.modulo, EVERYWHERE, 2, 2),
    "TO_CHAR": (formats.to_char, EVERYWHERE, 1, 2),
    "TO_DATE": (partial(formats.from_char, DATE, "TO_DATE"), EVERYWHERE, 1, 3),
    "TO_TIMESTAMP": (partial(formats.from_char, TIMESTAMP_TZ, "TO_TIMESTAMP"), REDSHIFT, 2, 3),
    "TO_NUMBER": (formats.to_number, REDSHIFT, 2, 2),
    "LOG": (numbers.logarithm, REDSHIFT, 1, 2),
    "TIMEZONE": (formats.timezone, REDSHIFT, 2, 2),
    "CAN_JSON_PARSE": (partial(documents.is_valid, "is_valid_json"), REDSHIFT, 1, 1),
    "PG_BACKEND_PID": (sessions.backend, REDSHIFT, 0, 0),
    **{name: (partial(sessions.fact, value), REDSHIFT, 0, 0) for name, value in sessions.FACTS.items()},
    **{name: (maker, REDSHIFT, low, high) for name, (maker, low, high) in supers.FUNCTIONS.items()},
    **{name: (partial(supers.is_kind, kinds), REDSHIFT, 1, 1) for name, kinds in supers.KINDS.items()},
    **{name: (partial(supers.is_whole, bits), REDSHIFT, 1, 1) for name, bits in supers.INTEGER_BITS.items()},
    "LOWER_ATTRIBUTE_NAMES": (partial(supers.renamed, False), REDSHIFT, 1, 1),
    "UPPER_ATTRIBUTE_NAMES": (partial(supers.renamed, True), REDSHIFT, 1, 1),
    "DATE": (formats.to_date, REDSHIFT, 1, 1),
    "CONVERT_TIMEZONE": (formats.convert_timezone, CLOUD, 2, 3),
    "JSON_EXTRACT_PATH_TEXT": (documents.path_text, REDSHIFT, 2, 7),
    "JSON_EXTRACT_ARRAY_ELEMENT_TEXT": (documents.element_text, REDSHIFT, 2, 3),
    "JSON_ARRAY_LENGTH": (documents.array_length, REDSHIFT, 1, 2),
    "IS_VALID_JSON": (partial(documents.is_valid, "is_valid_json"), REDSHIFT, 1, 1),
    "IS_VALID_JSON_ARRAY": (partial(documents.is_valid, "is_valid_json_array"), REDSHIFT, 1, 1),
    "REGEXP_SUBSTR": (patterns.regexp_substr, REDSHIFT, 2, 5),
    "REGEXP_COUNT": (patterns.regexp_count, REDSHIFT, 2, 4),
    "REGEXP_INSTR": (patterns.regexp_instr, REDSHIFT, 2, 6),
    "REGEXP_REPLACE": (patterns.regexp_replace, REDSHIFT, 2, 5),
}
_DATES: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {
    "DATE_TRUNC": (dates.date_trunc, EVERYWHERE, 2, 2),
    **dict.fromkeys(["DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF"], (dates.date_diff, CLOUD, 3, 3)),
    **dict.fromkeys(["DATEADD", "DATE_ADD", "TIMESTAMPADD"], (dates.date_add, CLOUD, 3, 3)),
    **dict.fromkeys(["DATE_PART", "PGDATE_PART"], (dates.date_part, EVERYWHERE, 2, 2)),
    "DATE_PART_YEAR": (dates.year_of, REDSHIFT, 1, 1),
    "ADD_MONTHS": (dates.add_months, CLOUD, 2, 2),
    "LAST_DAY": (dates.last_day, CLOUD, 1, 2),
    "GETDATE": (dates.getdate, CLOUD, 0, 0),
    "NOW": (partial(dates.now, TIMESTAMP_TZ), REDSHIFT, 0, 0),
    "SYSDATE": (dates.sysdate, CLOUD, 0, 0),
    "CURRENT_TIMESTAMP": (partial(dates.now, TIMESTAMP_TZ), EVERYWHERE, 0, 0),
    "CURRENT_DATE": (partial(dates.now, DATE), EVERYWHERE, 0, 0),
    **{name: (partial(dates.order_of, kinds), REDSHIFT, 2, 2) for name, kinds in dates.ORDERS.items()},
}
MAKERS: Mapping[str, tuple[Maker, Sequence[str], int, int]] = {**_COMMON, **_DATES}


@lowers(exp.Anonymous, on=POSTGRES)
def _named(node: exp.Anonymous, cx: Context) -> exp.Expr:
    name, args = node.name.upper(), list(node.expressions)
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


def _plain(name: str, spec: Plain, args: list[exp.Expr], cx: Context) -> exp.Expr:
    arguments(name, args, len(spec.takes) - spec.optional, len(spec.takes))
    made = [argument(name, lower(arg, cx), takes, cx) for arg, takes in zip(args, spec.takes, strict=False)]
    own = spec.target.startswith(".")
    result = compat(spec.target[1:], *made) if own else call(spec.target, *made)
    return grown(name, result, made, short, cx) if spec.returns is STRING else typed(result, spec.returns)


def argument(name: str, node: exp.Expr, takes: str, cx: Context) -> exp.Expr:
    """Bring a lowered argument to what the function takes: t(ext), i(nteger), d(ouble), m(oment) or s(uper)."""
    have = type_of(node)
    if takes == "t":
        return as_text(node, cx)
    if takes == "m":
        return timestamp(node, name)
    if takes == "s":
        return supers.super_of(node, cx)
    if have.kind is Kind.NULL:
        return node
    if have.literal:
        return literal_as(node, INT32 if takes == "i" else FLOAT64)
    if not have.is_number or (takes == "i" and not have.is_integer):
        raise mistake(f"{name} takes {'an integer' if takes == 'i' else 'a number'}, not {have}", "cast it")
    if takes == "i":
        return cast_to(node, INT32) if have.kind is Kind.INT64 else node
    return as_double(node)
