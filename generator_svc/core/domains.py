"""How many values a column can take, for keys of several columns: each member counts its values, the key their product.

A member's k-th value is the k-th cell of its distinct kernel; so a domain is a size, and an elastic one may grow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator_svc.core.columns import column_kernel, naming_column
from generator_svc.core.kernels.choices import distinct_texts
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.number_columns import COUNTABLE, steps_within, uniform_range, whole_numbers
from generator_svc.core.pattern_columns import pattern_size
from generator_svc.core.rules import (
    BooleanRule,
    ConstantRule,
    PatternRule,
    PermutedRule,
    Rule,
    SequenceRule,
    UniformRule,
    WeightedChoiceRule,
)
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import SECOND, type_range

_TEXTS = 1 << 40
_NUMBERS = 1 << 60
_COMBINATIONS = 1 << 63


@dataclass(frozen=True, slots=True)
class Domain:
    """Values that a column has by its rule, and the most that it may be given."""

    natural: int
    most: int
    least: int = 1
    """Values to keep where a key has more combinations than can be numbered."""


def domain(task: ColumnTask, rule: Rule) -> Domain:
    """Domain of a column under its rule."""
    with naming_column(task):
        return _domain(task, rule)


def _domain(task: ColumnTask, rule: Rule) -> Domain:
    match rule:
        case WeightedChoiceRule():
            return _fixed(len(distinct_texts(task.column.type, [choice.value for choice in rule.choices])))
        case ConstantRule():
            return _fixed(1)
        case BooleanRule():
            return _fixed(2)
        case PatternRule():
            return _fixed(min(pattern_size(rule, task.column.type.length), _NUMBERS))
        case PermutedRule() if rule.max is not None:
            return _fixed(rule.max - rule.min + 1)
        case SequenceRule() if task.column.type.kind in COUNTABLE:
            return _growing(steps_within(task.column.type, rule))
        case PermutedRule() if task.column.type.kind in COUNTABLE:
            return _growing(whole_numbers(task.column.type)[-1] - rule.min + 1)
        case UniformRule() if task.column.type.kind in COUNTABLE:
            return _spread(task, rule)
        case _:
            return Domain(1, _TEXTS)


def sizes(domains: Sequence[Domain], wanted: int) -> list[int]:
    """Size of each domain, so that their product reaches `wanted` where it can: the elastic ones grow alike.

    Where the natural sizes alone have more combinations than can be numbered, the largest are cut.
    """
    low, high = 1, max([each.most for each in domains], default=1)
    while low < high:
        middle = (low + high) // 2
        if math.prod(_grown(domains, middle)) >= wanted:
            high = middle
        else:
            low = middle + 1
    return _numbered(_grown(domains, low), [each.least for each in domains])


def value_kernel(task: ColumnTask, rule: Rule, size: int, first: int = 0) -> Kernel:
    """Kernel whose cells first … first + size - 1 are distinct values of the column."""
    return column_kernel(replace(task, distinct=True, first_row=first, rows=size, wanted=size), rule)


def _grown(domains: Sequence[Domain], size: int) -> list[int]:
    return [min(max(each.natural, size), each.most) for each in domains]


def _growing(most: int) -> Domain:
    return Domain(1, max(1, min(most, _NUMBERS)))


def _numbered(grown: list[int], least: list[int]) -> list[int]:
    """Sizes cut alike to at most `_COMBINATIONS` combinations: first down to the least ones, then those too."""
    if math.prod(least) > _COMBINATIONS:
        grown, least = [min(pair) for pair in zip(grown, least, strict=True)], [1] * len(grown)
    low, high = 1, max(grown)
    while low < high:
        middle = (low + high + 1) // 2
        if math.prod(_cut(grown, least, middle)) <= _COMBINATIONS:
            low = middle
        else:
            high = middle - 1
    chosen = _cut(grown, least, low)
    for place, larger in enumerate(_cut(grown, least, low + 1)):
        if math.prod([*chosen[:place], larger, *chosen[place + 1 :]]) <= _COMBINATIONS:
            chosen[place] = larger
    return chosen


def _cut(grown: list[int], least: list[int], size: int) -> list[int]:
    return [max(min(each, size), kept) for each, kept in zip(grown, least, strict=True)]


def _fixed(size: int) -> Domain:
    return Domain(size, size)


def _spread(task: ColumnTask, rule: UniformRule) -> Domain:
    chosen = uniform_range(task, rule)
    if rule.min or rule.max:
        return _fixed(chosen.size)
    if chosen.step == SECOND:
        return Domain(chosen.size, chosen.size * SECOND)
    whole = type_range(task.column.type)
    grown = chosen.high - whole.low if task.column.type.kind is TypeKind.DATE else whole.high - chosen.low
    return Domain(chosen.size, max(chosen.size, min(grown, _NUMBERS)))
