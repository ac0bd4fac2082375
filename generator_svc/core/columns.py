"""From a column's rule and type to its kernel."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from dwsim_wire.fault import Fault, NotYetAvailable
from generator_svc.core.faker_columns import faker_kernel
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.float_columns import float_kernel
from generator_svc.core.hierarchy_columns import hierarchy_kernel
from generator_svc.core.json_columns import array_kernel, json_kernel
from generator_svc.core.kernels.bits import BooleanKernel
from generator_svc.core.kernels.choices import ConstantKernel, Weighted, distinct_texts, listed_kernel, literals
from generator_svc.core.kernels.documents import binary_kernel, document_kernel
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.mixture import MixtureKernel
from generator_svc.core.kernels.numbers import Permuted
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.law_columns import law_kernel
from generator_svc.core.number_columns import COUNTABLE, CountingRule, number_kernel
from generator_svc.core.pattern_columns import pattern_kernel
from generator_svc.core.primitives import derive_key
from generator_svc.core.references import ReadReference
from generator_svc.core.rules import (
    ArrayRule,
    BetaRule,
    BinaryRule,
    BooleanRule,
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    EventTimeRule,
    ExponentialRule,
    FakerRule,
    GammaRule,
    HierarchyRule,
    JsonRule,
    LognormalRule,
    LookupRule,
    MixtureRule,
    NormalRule,
    OffsetRule,
    ParetoRule,
    PatternRule,
    PermutedRule,
    PoissonRule,
    Rule,
    SequenceRule,
    TemplateRule,
    TextRule,
    TimeProfile,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.time_columns import event_time_kernel, profiled_kernel

_FLOATS: Final = frozenset({TypeKind.FLOAT32, TypeKind.FLOAT64})
_DOCUMENTS: Final = frozenset({TypeKind.JSON, TypeKind.GEOGRAPHY, TypeKind.ARRAY, TypeKind.VECTOR, TypeKind.INTERVAL})
_WORDS: Final = frozenset({TypeKind.STRING, TypeKind.UUID})


def column_kernel(task: ColumnTask, rule: Rule) -> Kernel:
    """Make the kernel of a column; faults name the table and the column."""
    with naming_column(task):
        return _kernel(task, rule)


@contextmanager
def naming_column(task: ColumnTask) -> Iterator[None]:
    """Put table and column into faults."""
    try:
        yield
    except Fault as fault:
        raise type(fault)(
            f"{task.table}.{task.column.name}: {fault.message}",
            hint=fault.hint,
            metadata={"table": task.table, "column": task.column.name, **fault.metadata},
            fields=fault.fields,
        ) from fault


def _kernel(task: ColumnTask, rule: Rule) -> Kernel:
    if maker := _MAKERS.get(type(rule)):
        return maker(task, rule)
    match rule:
        case WeightedChoiceRule():
            return _listed(task, [choice.value for choice in rule.choices], [choice.weight for choice in rule.choices])
        case ConstantRule():
            task.require(1, "a constant")
            return ConstantKernel(literals(task.column.type, [rule.value]))
        case BooleanRule():
            return _boolean(task, rule)
        case SequenceRule() | PermutedRule() | UniformRule() | NormalRule() | ZipfRule():
            return _counted(task, rule)
        case TextRule() | UuidRule() if task.column.type.kind in _WORDS:
            return text_kernel(rule, task.column, task.key, task.rows if task.distinct else None, task.first_row)
        case BinaryRule() if task.column.type.kind is TypeKind.BINARY:
            return binary_kernel(task, rule)
        case TextRule() | UuidRule() | BinaryRule():
            raise _mismatch(task, rule)
        case OffsetRule() | LookupRule() | DerivedRule() | ConditionalRule() | TemplateRule():
            raise ImpossibleRule(
                f"the {_name(rule)} rule takes other columns of the row and cannot be a member of a key or of a value",
                hint="leave it out of the key, or choose another rule",
            )
        case _:
            raise NotYetAvailable(
                f"the {_name(rule)} rule is part of the contract, but not served yet",
                hint="leave the rule out for the default of the column's type",
                metadata={"rule": _name(rule)},
            )


def _counted(task: ColumnTask, rule: CountingRule) -> Kernel:
    kind = task.column.type.kind
    if isinstance(rule, UniformRule) and rule.profile not in {None, TimeProfile()}:
        return profiled_kernel(task, rule)
    if kind in COUNTABLE:
        return number_kernel(task, rule)
    if kind in _FLOATS:
        return float_kernel(task, rule)
    if kind in _DOCUMENTS and rule == UniformRule():
        return document_kernel(task)
    raise _mismatch(task, rule)


def _mixture(task: ColumnTask, rule: MixtureRule) -> Kernel:
    """Kernels of the parts, each with a key of its own; parts of weight 0 are checked too."""
    task.refuse_distinct("a mixture")
    weights = [part.weight for part in rule.parts]
    if not any(weights) or min(weights) < 0:
        raise ImpossibleRule("a mixture needs parts, with weights of 0 and above, one of them above 0")
    keys = [derive_key("mixture", int(task.key), number) for number in range(len(rule.parts))]
    parts = [_kernel(replace(task, key=key), part.rule) for key, part in zip(keys, rule.parts, strict=True)]
    return MixtureKernel(task.key, weights, parts)


def _listed(task: ColumnTask, values: list[str], weights: list[float]) -> Kernel:
    if not values or not any(weights) or min(weights) < 0:
        raise ImpossibleRule("a weighted choice needs values, with weights of 0 and above, one of them above 0")
    if not task.distinct:
        return listed_kernel(Weighted(task.key, weights), task.column.type, values)
    distinct = distinct_texts(task.column.type, values)
    task.require(len(distinct), "the list")
    return listed_kernel(Permuted(task.key, len(distinct)), task.column.type, distinct)


def _boolean(task: ColumnTask, rule: BooleanRule) -> Kernel:
    if task.column.type.kind is not TypeKind.BOOLEAN:
        raise _mismatch(task, rule)
    if task.distinct:
        return _listed(task, ["true", "false"], [1.0, 1.0])
    return BooleanKernel(task.key, rule.probability)


def _mismatch(task: ColumnTask, rule: Rule) -> ImpossibleRule:
    return ImpossibleRule(
        f"the {_name(rule)} rule does not yield {task.column.type.kind.value}",
        hint="choose a rule of the column's type, or leave it out for the default",
        metadata={"rule": _name(rule)},
    )


def _name(rule: Rule) -> str:
    """The rule as the document spells it: WeightedChoiceRule is weighted_choice."""
    name = type(rule).__name__.removesuffix("Rule")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


_MAKERS: Final[Mapping[type, Callable[[ColumnTask, Any], Kernel]]] = {
    **dict.fromkeys((LognormalRule, ExponentialRule, BetaRule, GammaRule, PoissonRule, ParetoRule), law_kernel),
    MixtureRule: _mixture,
    EventTimeRule: event_time_kernel,
    ArrayRule: lambda task, rule: array_kernel(task, rule, column_kernel),
    FakerRule: faker_kernel,
    HierarchyRule: hierarchy_kernel,
    JsonRule: lambda task, rule: json_kernel(task, rule, column_kernel),
    PatternRule: pattern_kernel,
    ReadReference: lambda task, rule: _listed(task, list(rule.values), list(rule.weights)),
}
"""Makers of rules that one function makes for all types."""
