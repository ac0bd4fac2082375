"""Kernels of FLOAT columns."""

from typing import Final

import numpy as np

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.floats import FloatKernel, LatticeFloat, UniformFloat
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.normal import NormalFloat, Shape, hashes_within
from generator_svc.core.kernels.numbers import Counting, Permuted
from generator_svc.core.kernels.zipf import Zipf
from generator_svc.core.number_columns import CountingRule, permuted_size, refuse_lawless, refuse_standstill
from generator_svc.core.rules import Bounds, BoundsMode, NormalRule, PermutedRule, SequenceRule, UniformRule, ZipfRule
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DEFAULT_TOP

LARGEST: Final = {TypeKind.FLOAT32: float(np.finfo(np.float32).max), TypeKind.FLOAT64: float(np.finfo(np.float64).max)}
# Steps of so many spacings of a float stay distinct, however start, product and sum are rounded.
_APART: Final = 4
_LEVELS: Final = {TypeKind.FLOAT32: 1 << 22, TypeKind.FLOAT64: 1 << 44}


def float_kernel(task: ColumnTask, rule: CountingRule) -> Kernel:
    """Kernel of a FLOAT column under a rule that counts or spreads."""
    logical = task.column.type
    match rule:
        case SequenceRule():
            refuse_standstill(task, rule)
            _refuse_blurred(task, rule.start, rule.start + max(task.last_row - 1, 0) * rule.step, abs(rule.step))
            return FloatKernel(LatticeFloat(Counting(), float(rule.start), float(rule.step)), logical)
        case PermutedRule():
            return FloatKernel(LatticeFloat(_permuted(task, rule), float(rule.min), 1.0), logical)
        case UniformRule():
            return _uniform(task, *float_limits(task, rule.min or "0", rule.max or str(DEFAULT_TOP)))
        case NormalRule():
            return FloatKernel(_normal(task, rule), logical)
        case ZipfRule():
            task.refuse_distinct("Zipf's law")
            refuse_lawless(rule)
            return FloatKernel(
                LatticeFloat(Zipf(task.key, rule.ranks or DEFAULT_TOP, rule.exponent), 1.0, 1.0), logical
            )


def _permuted(task: ColumnTask, rule: PermutedRule) -> Permuted:
    if rule.max is None:
        _refuse_blurred(task, rule.min, rule.min + max(task.last_row - 1, 0), 1)
        return Permuted(task.key, max(task.rows, 1), task.first_row)
    size = permuted_size(task, rule.min, rule.max)
    _refuse_blurred(task, rule.min, rule.max, 1)
    return Permuted(task.key, size)


def _refuse_blurred(task: ColumnTask, first: int, last: int, step: int) -> None:
    """Refuse distinct numbers that the type cannot tell apart: it holds all up to 2^24 or 2^53, beyond only some."""
    kind, largest = task.column.type.kind, max(abs(first), abs(last))
    dtype = np.float32 if kind is TypeKind.FLOAT32 else np.float64
    exact = 1 << (np.finfo(dtype).nmant + 1)
    if task.distinct and largest > exact and step < _APART * float(np.spacing(dtype(largest))):
        raise ImpossibleRule(
            f"numbers from {first} to {last} in steps of {step} are not distinct as {kind.value}",
            hint=f"stay within {exact} of 0, or use an integer or decimal type",
            metadata={"domain_size": str(exact)},
        )


def _uniform(task: ColumnTask, low: float, high: float) -> Kernel:
    logical = task.column.type
    if not task.distinct:
        return FloatKernel(UniformFloat(task.key, low, high), logical)
    kind = np.float32 if logical.kind is TypeKind.FLOAT32 else np.float64
    spacing = 2.0 * float(np.spacing(kind(max(abs(low), abs(high)))))
    levels = max(1, min(_LEVELS[logical.kind], int((high - low) / spacing)))
    task.require(levels, f"the range {low} to {high}")
    return FloatKernel(LatticeFloat(Permuted(task.key, levels), low, (high - low) / max(levels - 1, 1)), logical)


def _normal(task: ColumnTask, rule: NormalRule) -> NormalFloat:
    task.refuse_distinct("the normal law")
    refuse_lawless(rule)
    largest, bounds = LARGEST[task.column.type.kind], rule.bounds
    low, high = float_limits(task, bounds.min or repr(-largest), bounds.max or repr(largest))
    first, hashes = _hashes(rule, bounds, low, high)
    if hashes <= 0:
        raise ImpossibleRule(
            f"normal law of mean {rule.mean} and stddev {rule.stddev} has no values within its bounds",
            hint="move the bounds or use mode CLIP",
        )
    grain = 0.0 if bounds.decimals is None else 10.0**bounds.decimals
    shape = Shape(rule.mean, rule.stddev, low, high, first, hashes, bounds.outlier_fraction)
    return NormalFloat(task.key, shape, grain)


def _hashes(rule: NormalRule, bounds: Bounds, low: float, high: float) -> tuple[int, int]:
    if bounds.mode is BoundsMode.CLIP:
        return 0, 1 << 64
    return hashes_within(
        lambda z: low <= rule.mean + rule.stddev * z <= high, lambda z: rule.mean + rule.stddev * z > high
    )


def float_limits(task: ColumnTask, low_text: str, high_text: str) -> tuple[float, float]:
    """Read the bounds of a FLOAT column, inside its type."""
    largest = LARGEST[task.column.type.kind]
    try:
        low, high = max(float(low_text), -largest), min(float(high_text), largest)
    except ValueError:
        raise InvalidArgument(f"{low_text!r} to {high_text!r} is not a range of numbers") from None
    if not low <= high:
        raise ImpossibleRule(f"no number lies between {low_text} and {high_text}", hint="min is at most max")
    return low, high
