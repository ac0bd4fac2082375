"""Kernels of columns under a law: lognormal, exponential, gamma, beta, pareto, poisson."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final, cast

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.float_columns import LARGEST, float_limits
from generator_svc.core.kernels import continuous
from generator_svc.core.kernels.continuous import HASHES, Continuous, Curve, Rounded, Window
from generator_svc.core.kernels.floats import FloatKernel, LatticeFloat
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import NumberKernel
from generator_svc.core.kernels.poisson import LARGEST_MEAN, Poisson
from generator_svc.core.kernels.storage import storage
from generator_svc.core.number_columns import COUNTABLE
from generator_svc.core.rules import (
    BetaRule,
    Bounds,
    BoundsMode,
    ExponentialRule,
    GammaRule,
    LognormalRule,
    ParetoRule,
    PoissonRule,
)
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import MOMENTS, type_range, units_of

ContinuousRule = LognormalRule | ExponentialRule | GammaRule | BetaRule | ParetoRule
LawRule = ContinuousRule | PoissonRule
LEAST_SHAPE: Final = 1e-3
LARGEST_SHAPE: Final = 1e9
_LARGEST_UNITS: Final = 2.0**62
_SHAPES: Final = (LEAST_SHAPE, LARGEST_SHAPE)
_ABOVE_0: Final = (5e-324, math.inf)
_DOMAINS: Final[dict[type, dict[str, tuple[float, float]]]] = {
    LognormalRule: {"mu": (-700.0, 700.0), "sigma": (0.0, 700.0)},
    ExponentialRule: {"mean": _ABOVE_0},
    GammaRule: {"shape": _SHAPES, "scale": _ABOVE_0},
    BetaRule: {"alpha": _SHAPES, "beta": _SHAPES},
    ParetoRule: {"minimum": _ABOVE_0, "alpha": (LEAST_SHAPE, math.inf)},
    PoissonRule: {"mean": (5e-324, LARGEST_MEAN)},
}
"""Parameters of a law, each with its least and largest value."""
_CURVES: Final[dict[type, Callable[..., Curve]]] = {
    LognormalRule: lambda rule: continuous.lognormal(rule.mu, rule.sigma),
    ExponentialRule: lambda rule: continuous.exponential(rule.mean),
    GammaRule: lambda rule: continuous.gamma(rule.shape, rule.scale),
    BetaRule: lambda rule: continuous.beta(rule.alpha, rule.beta),
    ParetoRule: lambda rule: continuous.pareto(rule.minimum, rule.alpha),
}


def law_kernel(task: ColumnTask, rule: LawRule) -> Kernel:
    """Kernel of a number under a law; on other types the numbers are whole units."""
    name = type(rule).__name__.removesuffix("Rule").lower()
    task.refuse_distinct(f"the {name} law")
    _refuse_parameters(name, rule)
    logical = task.column.type
    if logical.kind in COUNTABLE:
        return _counted_poisson(task, rule) if isinstance(rule, PoissonRule) else _rounded(task, rule)
    if logical.kind in LARGEST:
        return _float_poisson(task, rule) if isinstance(rule, PoissonRule) else _real(task, rule)
    raise ImpossibleRule(
        f"the {name} rule does not yield {logical.kind.value}",
        hint="choose a rule of the column's type, or leave it out for the default",
        metadata={"rule": name},
    )


def _refuse_parameters(name: str, rule: LawRule) -> None:
    for parameter, (least, largest) in _DOMAINS[type(rule)].items():
        value = getattr(rule, parameter)
        if not least <= value <= largest or math.isinf(value):
            span = "above 0" if (least, largest) == _ABOVE_0 else f"{least:g} to {largest:g}"
            raise ImpossibleRule(
                f"{parameter} of the {name} law is {value:g}", hint=f"{parameter} is {span}", metadata={"rule": name}
            )
    if not 0 <= rule.bounds.outlier_fraction <= 1:
        raise ImpossibleRule(f"outlier_fraction is {rule.bounds.outlier_fraction:g}", hint="a share is 0 to 1")


def _rounded(task: ColumnTask, rule: ContinuousRule) -> Kernel:
    """Rounded to the type's digits, to fewer where `decimals` says so or where 64 bits do not hold them."""
    logical, curve = task.column.type, _CURVES[type(rule)](rule)
    low, high = _unit_limits(logical, rule)
    if isinstance(rule, BetaRule):
        one = 10**logical.scale
        curve = curve.scaled(low / one, (high - low) / one)
    digits = logical.scale if rule.bounds.decimals is None else min(rule.bounds.decimals, logical.scale)
    farthest = max(abs(low), abs(high)) / 10**logical.scale
    reach = min(farthest, 20.0 * max(abs(curve.at(0)), abs(curve.at(HASHES - 1))))
    while logical.kind is TypeKind.DECIMAL and reach * 10.0**digits > _LARGEST_UNITS:
        digits -= 1
    coarse = 10 ** (logical.scale - digits)
    first, last = -(-low // coarse), high // coarse
    window = _window(
        rule, curve := curve.scaled(0.0, float(Fraction(10) ** digits)), float(first), float(last), whole=True
    )
    return NumberKernel(Rounded(Continuous(task.key, curve, window)), storage(logical, 0, coarse))


def _unit_limits(logical: LogicalType, rule: ContinuousRule) -> tuple[int, int]:
    """Limits in units: the bounds, else those of the type; a beta law without bounds is on [0, 1]."""
    bounds, whole = rule.bounds, type_range(logical)
    low, high = whole.low, whole.high
    if isinstance(rule, BetaRule):
        if logical.kind in MOMENTS | {TypeKind.DATE, TypeKind.TIME} and not (bounds.min and bounds.max):
            raise ImpossibleRule(f"a beta law of {logical.kind.value} needs min and max", hint="give it both bounds")
        low, high = 0, min(10**logical.scale, high)
    low = max(units_of(logical, bounds.min, up=True), whole.low) if bounds.min else low
    high = min(units_of(logical, bounds.max, up=False), whole.high) if bounds.max else high
    return low, high


def _real(task: ColumnTask, rule: ContinuousRule) -> Kernel:
    largest, bounds, curve = LARGEST[task.column.type.kind], rule.bounds, _CURVES[type(rule)](rule)
    beta = isinstance(rule, BetaRule)
    low, high = float_limits(
        task, bounds.min or ("0" if beta else repr(-largest)), bounds.max or ("1" if beta else repr(largest))
    )
    if beta:
        curve = curve.scaled(low, high - low)
    window = _window(rule, curve, low, high, whole=False)
    return FloatKernel(Continuous(task.key, curve, window), task.column.type)


def _window(rule: ContinuousRule, curve: Curve, low: float, high: float, *, whole: bool) -> Window:
    """Limits and, unless values are clipped to them, the hashes whose values lie within."""
    bounds = rule.bounds
    grain = 0.0 if whole or bounds.decimals is None else float(Fraction(10) ** bounds.decimals)
    first, end = 0, HASHES
    if bounds.mode is BoundsMode.TRUNCATE:
        value = cast("Callable[[float], float]", np.rint) if whole else float
        first = curve.first_hash(lambda x: value(x) >= low)
        end = curve.first_hash(lambda x: value(x) > high)
    if low > high or first >= end:
        raise _empty(type(rule).__name__.removesuffix("Rule").lower(), bounds)
    return Window(low, high, first, end - first, grain, bounds.outlier_fraction)


def _empty(name: str, bounds: Bounds) -> ImpossibleRule:
    return ImpossibleRule(
        f"the {name} law has no values from {bounds.min or 'the least'} to {bounds.max or 'the greatest'} of the type",
        hint="move the bounds, widen the type, or use mode CLIP",
        metadata={"rule": name},
    )


def _counted_poisson(task: ColumnTask, rule: PoissonRule) -> Kernel:
    logical, bounds = task.column.type, rule.bounds
    one, whole = 10**logical.scale, type_range(logical)
    low = units_of(logical, bounds.min, up=True) if bounds.min else whole.low
    high = units_of(logical, bounds.max, up=False) if bounds.max else whole.high
    law = _poisson(task, rule, -(-max(low, whole.low) // one), min(high, whole.high) // one)
    return NumberKernel(law, storage(logical, 0, one))


def _float_poisson(task: ColumnTask, rule: PoissonRule) -> Kernel:
    low, high = float_limits(task, rule.bounds.min or "0", rule.bounds.max or repr(_LARGEST_UNITS))
    law = _poisson(task, rule, math.ceil(max(low, -_LARGEST_UNITS)), math.floor(min(high, _LARGEST_UNITS)))
    return FloatKernel(LatticeFloat(law, 0.0, 1.0), task.column.type)


def _poisson(task: ColumnTask, rule: PoissonRule, low: int, high: int) -> Poisson:
    bounds, most = rule.bounds, int(_LARGEST_UNITS)
    low, high, clip = max(low, -most), min(high, most), bounds.mode is BoundsMode.CLIP
    law = Poisson(task.key, float(rule.mean), low, high, clip=clip, outliers=bounds.outlier_fraction)
    if low > high or law.hashes <= 0:
        raise _empty("poisson", bounds)
    return law
