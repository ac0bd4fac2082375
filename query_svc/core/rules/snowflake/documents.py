"""Documents on the emulator: functions whose results are no documents, so that other rules can go on with them."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import (
    POSTGRES_RULES,
    Context,
    Rules,
    boolean,
    lower,
    lowers,
    text,
    type_of,
    typed,
    wrapped,
)
from query_svc.core.rules.postgres.values import written
from query_svc.core.rules.snowflake.values import macro
from query_svc.core.types import INT32, NULL, STRING, Kind, SqlType

EMULATOR_RULES: Rules = {}
EMULATOR = (EMULATOR_RULES,)
"""Rules of the emulator; those of the other files are here too."""
DOCUMENT = SqlType(Kind.JSON)


def _document(arg: exp.Expr, cx: Context) -> exp.Expr:
    node = lower(arg, cx)
    if type_of(node).kind is not Kind.JSON:
        raise NotTranslatable(f"a document's function of {type_of(node)}", hint="PARSE_JSON makes a document of text")
    return node


def parsed(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """PARSE_JSON(text)."""
    node = lower(args[0], cx)
    if not type_of(node).is_text and type_of(node) != NULL:
        raise NotTranslatable("PARSE_JSON of what is no text", hint="give it text")
    return typed(macro("parse_json", node), DOCUMENT)


def member(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """GET(object, key)."""
    return _at(_document(args[0], cx), _step(written(args[1], "a key of GET")))


def size(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ARRAY_SIZE(array): NULL of what is no array."""
    return typed(macro("array_size", _document(args[0], cx)), INT32)


def _at(document: exp.Expr, steps: str) -> exp.Expr:
    return typed(macro("get", document, text(f"${steps}")), DOCUMENT)


def _step(key: str) -> str:
    if '"' in key or "\\" in key or "*" in key:
        raise NotTranslatable(f"the key {key!r}", hint="use a plain key")
    return f'."{key}"'


@lowers(exp.JSONExtract, on=EMULATOR)
def _path(node: exp.JSONExtract, cx: Context) -> exp.Expr:
    """`document:key.key[0]`."""
    steps = ""
    for part in node.expression.expressions if isinstance(node.expression, exp.JSONPath) else [node.expression]:
        if isinstance(part, exp.JSONPathKey) and isinstance(part.this, str):
            steps += _step(part.this)
        elif isinstance(part, exp.JSONPathSubscript) and isinstance(part.this, int):
            steps += f"[{part.this}]"
        elif not isinstance(part, exp.JSONPathRoot):
            raise NotTranslatable("a path of this form", hint="use keys and numbers")
    return _at(_document(node.this, cx), steps)


@lowers(exp.Bracket, on=EMULATOR)
def _bracket(node: exp.Bracket, cx: Context) -> exp.Expr:
    """`document['key']` and `document[0]`."""
    places = node.expressions
    if len(places) != 1 or not isinstance(places[0], exp.Literal):
        raise NotTranslatable("a computed place in a document", hint="use a key or a number")
    place = places[0]
    return _at(_document(node.this, cx), _step(place.name) if place.is_string else f"[{place.name}]")


def keys(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """OBJECT_KEYS(object)."""
    return typed(macro("object_keys", _document(args[0], cx)), DOCUMENT)


def is_kind(name: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """IS_ARRAY and IS_OBJECT."""
    return boolean(macro("is_kind", _document(args[0], cx), text(name)))


def scalar(node: exp.Expr) -> exp.Expr:
    """Text of a document that is a value, for casts."""
    return typed(macro("document_text", node), STRING)


@lowers(exp.Is, on=EMULATOR)
def _is(node: exp.Is, cx: Context) -> exp.Expr:
    """IS NULL: a document that is `null` is none, other than in Redshift."""
    inner = lower(node.this, cx)
    plain = type_of(inner).kind is Kind.JSON and isinstance(node.expression, exp.Null)
    if not plain or cx.dialect.name != "snowflake":
        return POSTGRES_RULES[exp.Is](node, cx)
    return boolean(exp.Is(this=wrapped(inner), expression=exp.Null()))
