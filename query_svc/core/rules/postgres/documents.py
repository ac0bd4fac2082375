"""JSON in text, and SUPER where it stands for text."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, boolean, lower, mistake, text, type_of, typed
from query_svc.core.rules.postgres.values import as_text, cast_to, compat, written
from query_svc.core.types import INT32, STRING, Kind

_DEEPEST = 5


def _document(arg: exp.Expr, cx: Context) -> exp.Expr:
    node = lower(arg, cx)
    return cast_to(node, STRING) if type_of(node).kind is Kind.JSON else as_text(node, cx)


def _lenient(args: list[exp.Expr]) -> tuple[list[exp.Expr], exp.Expr]:
    """Arguments without `null_if_invalid`, and that."""
    if isinstance(args[-1], exp.Boolean):
        return args[:-1], args[-1]
    return args, exp.Boolean(this=False)


def path_text(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """JSON_EXTRACT_PATH_TEXT(json, key, …): the value as text, NULL where it is not there."""
    rest, lenient = _lenient(args)
    if not 2 <= len(rest) <= _DEEPEST + 1:
        raise mistake(f"JSON_EXTRACT_PATH_TEXT takes 1 to {_DEEPEST} keys, not {len(rest) - 1}")
    keys = [_key(key) for key in rest[1:]]
    made = compat("json_path_text", _document(rest[0], cx), exp.Array(expressions=keys), lenient)
    return typed(made, STRING)


def _key(node: exp.Expr) -> exp.Expr:
    """Key of an object; PostgreSQL would take one of digits for the place in an array."""
    key = written(node, "a key of JSON_EXTRACT_PATH_TEXT")
    if key.lstrip("-").isdecimal():
        raise NotTranslatable(f"the key {key!r}", hint="JSON_EXTRACT_ARRAY_ELEMENT_TEXT reads an array")
    return text(key)


def element_text(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """JSON_EXTRACT_ARRAY_ELEMENT_TEXT(json, place)."""
    rest, lenient = _lenient(args)
    place = lower(rest[1], cx)
    if not type_of(place).is_integer:
        raise mistake(f"an array's place is an integer, not {type_of(place)}")
    made = compat("json_element_text", _document(rest[0], cx), cast_to(place, INT32), lenient)
    return typed(made, STRING)


def array_length(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """JSON_ARRAY_LENGTH(json)."""
    rest, lenient = _lenient(args)
    if len(rest) != 1:
        raise NotTranslatable("JSON_ARRAY_LENGTH of several values", hint="give one array")
    return typed(compat("json_length", _document(rest[0], cx), lenient), INT32)


def is_valid(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """IS_VALID_JSON(text) and IS_VALID_JSON_ARRAY(text)."""
    return boolean(compat(target, _document(args[0], cx)))
