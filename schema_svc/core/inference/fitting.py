"""From what an entry fills a column with to a rule that the column's type, length and keys take; or to none."""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from schema_svc.core.inference.entries import (
    Choices,
    Days,
    Filling,
    Numbers,
    Provider,
    Ranks,
    Truth,
    Uuids,
    Words,
)
from schema_svc.core.model import Column, LogicalType
from schema_svc.core.rules import (
    BooleanRule,
    Bounds,
    Choice,
    FakerRule,
    NormalRule,
    Rule,
    TextRule,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from schema_svc.core.values import FLOATS, INTEGER_BITS
from schema_svc.core.vocabulary import TypeKind

_FLOAT_DIGITS = 15
_FLOAT_DECIMALS = 2
_LEAST_CUT = 2
_LITERAL = re.compile(r"'([^']{1,40})'(?:::[\w ()]+)?")


def fit(filling: Filling, column: Column) -> Rule | None:
    """Make the rule, or answer None where it would not hold."""
    if column.logical_type is None:
        return None
    return _FITS[type(filling)](filling, column, column.logical_type)


def whole_digits(logical: LogicalType) -> int:
    """Digits before the point that every value of a numeric type may have."""
    if logical.kind in INTEGER_BITS:
        return len(str(1 << (INTEGER_BITS[logical.kind] - 1))) - 1
    return logical.precision - logical.scale if logical.kind is TypeKind.DECIMAL else _FLOAT_DIGITS


def _length(column: Column, logical: LogicalType) -> int:
    return logical.length or column.varchar_length or 0


def _provider(filling: Provider, column: Column, logical: LogicalType) -> Rule | None:
    length = _length(column, logical)
    if column.is_unique and not filling.distinct:
        return None
    if (length and length < filling.least) or (filling.most and not 0 < length <= filling.most):
        return None
    return Rule(faker=FakerRule(provider=filling.name, arguments=dict(filling.arguments)))


def _uuids(filling: Uuids, column: Column, logical: LogicalType) -> Rule | None:
    length = _length(column, logical)
    return None if length and length < filling.least else Rule(uuid=UuidRule())


def _words(filling: Words, column: Column, logical: LogicalType) -> Rule | None:
    length = _length(column, logical)
    if column.is_unique or (length and length < filling.least):
        return None
    return Rule(text=TextRule(unit=filling.unit, min_units=filling.fewest, max_units=filling.most))


def _choices(filling: Choices, column: Column, logical: LogicalType) -> Rule | None:
    if column.is_unique:
        return None
    weights = dict(filling.weights)
    if logical.kind is TypeKind.STRING:
        weights = _with_default(_shortened(filling, _length(column, logical)), column)
    elif not _holds(logical, weights):
        return None
    return choice_rule(weights) if len(weights) > 1 else None


def choice_rule(weights: Mapping[str, float]) -> Rule:
    """A weighted choice among values."""
    choices = [Choice(value=value, weight=weight) for value, weight in weights.items()]
    return Rule(weighted_choice=WeightedChoiceRule(choices=choices))


def _shortened(filling: Choices, length: int) -> dict[str, float]:
    """Words that fit; first letters where words are needed that do not."""
    weights = filling.weights
    fitting = {word: weight for word, weight in weights.items() if not length or len(word) <= length}
    if len(fitting) == len(weights) or (len(fitting) > 1 and not filling.cut):
        return fitting
    if filling.cut and length < _LEAST_CUT:
        return {}
    cut: dict[str, float] = {}
    for word, weight in weights.items():
        cut.setdefault(word[: min(length, 3)].upper(), weight)
    return cut


def _with_default(weights: dict[str, float], column: Column) -> dict[str, float]:
    """Let the DDL's own default be one of the words, the most frequent one."""
    default = _LITERAL.fullmatch(column.properties.get("default", "").strip())
    if default is None or (column.logical_type and 0 < _length(column, column.logical_type) < len(default[1])):
        return weights
    return {default[1]: max(weights.values(), default=1.0), **{w: n for w, n in weights.items() if w != default[1]}}


def _holds(logical: LogicalType, weights: Mapping[str, float]) -> bool:
    low, high = _type_bounds(logical)
    return all(low <= Decimal(value) <= high for value in weights)


def _numbers(filling: Numbers, column: Column, logical: LogicalType) -> Rule | None:
    digits = whole_digits(logical)
    if column.is_unique or digits < filling.least_digits or (filling.most_digits or digits) < digits:
        return None
    bounds = _bounds(filling, column, logical)
    if bounds is None:
        return None
    low, high = bounds
    mean, stddev = filling.mean, filling.stddev
    coarse = filling.decimals is not None and logical.kind is TypeKind.DECIMAL and logical.scale > filling.decimals
    if mean is not None and not low < mean < high:
        mean = None
    if mean is None and not coarse and logical.kind not in FLOATS:
        return Rule(uniform=UniformRule(min=_text(low), max=_text(high)))
    if mean is None:
        mean, stddev = float((low + high) / 2), float((high - low) / 3)
    decimals = filling.decimals if filling.decimals is not None else _FLOAT_DECIMALS
    limits = Bounds(min=_text(low), max=_text(high), decimals=decimals)
    return Rule(normal=NormalRule(mean=mean, stddev=stddev, bounds=limits))


def _bounds(filling: Numbers, column: Column, logical: LogicalType) -> tuple[Decimal, Decimal] | None:
    """Bounds of the entry within those of the type and those that the user gave; none if nothing lies between."""
    low, high = _type_bounds(logical)
    low, high = max(low, Decimal(filling.low)), min(high, Decimal(filling.high))
    if column.min_value is not None:
        low = max(low, Decimal(repr(column.min_value)))
    if column.max_value is not None:
        high = min(high, Decimal(repr(column.max_value)))
    grain = Decimal(1).scaleb(-min(logical.scale, _FLOAT_DECIMALS) if logical.kind is TypeKind.DECIMAL else 0)
    return (low, high) if high - low >= grain else None


def _type_bounds(logical: LogicalType) -> tuple[Decimal, Decimal]:
    if logical.kind in INTEGER_BITS:
        half = 1 << (INTEGER_BITS[logical.kind] - 1)
        return Decimal(-half), Decimal(half - 1)
    if logical.kind is TypeKind.DECIMAL:
        top = Decimal((0, (9,) * logical.precision, -logical.scale))
        return top.copy_negate(), top
    return Decimal(-(10**_FLOAT_DIGITS)), Decimal(10**_FLOAT_DIGITS)


def _text(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _ranks(filling: Ranks, column: Column, logical: LogicalType) -> Rule | None:
    """Ranks count from 1: a lower bound up to that says nothing more."""
    most = filling.most if column.max_value is None else min(filling.most, math.floor(column.max_value))
    ranks = min(most, int(_type_bounds(logical)[1]))
    if column.is_unique or ranks < 1 or (column.min_value or 0) > 1:
        return None
    return Rule(zipf=ZipfRule(exponent=filling.exponent, ranks=ranks))


def _truth(filling: Truth, column: Column, _logical: LogicalType) -> Rule | None:
    return None if column.is_unique else Rule(boolean=BooleanRule(probability=filling.probability))


def _days(filling: Days, column: Column, _logical: LogicalType) -> Rule | None:
    return None if column.is_unique else Rule(uniform=UniformRule(min=filling.first, max=filling.last))


_FITS: Mapping[type, Callable[[Any, Column, LogicalType], Rule | None]] = {
    Provider: _provider,
    Uuids: _uuids,
    Words: _words,
    Choices: _choices,
    Numbers: _numbers,
    Ranks: _ranks,
    Truth: _truth,
    Days: _days,
}
