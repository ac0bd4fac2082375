"""Which law a column's numbers follow, and which shares its listed values have, where the rule says so plainly."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
from scipy import special

from generator_svc.core.float_columns import LARGEST, float_limits
from generator_svc.core.kernels.choices import literals
from generator_svc.core.number_columns import COUNTABLE, uniform_range, whole_numbers
from generator_svc.core.rules import (
    BetaRule,
    BooleanRule,
    BoundsMode,
    ExponentialRule,
    GammaRule,
    LognormalRule,
    NormalRule,
    ParetoRule,
    PoissonRule,
    TimeProfile,
    UniformRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.units import DEFAULT_TOP, type_range
from generator_svc.quality.claims import Claim, Law, LawClaim, NoClaim, Numbers, SharesClaim
from generator_svc.quality.report import CheckKind
from generator_svc.quality.rule_claims import Ruled, law_limits
from generator_svc.quality.sql import as_number
from generator_svc.quality.statistics import mass

_LEAST_MASS: Final = 1e-6
_EXACT_UNITS: Final = 2.0**53
_MOST_DIGITS: Final = 15
_MOST_RANKS: Final = 1_000_000
_MOST_SHARES: Final = 10_000
_NUMBERS: Final = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64, TypeKind.DECIMAL, *LARGEST})


def law_claim(ruled: Ruled) -> Claim | None:
    """Claim of how a column's values spread; None where its rule says nothing of it."""
    rule = ruled.rule
    if ruled.task.distinct or ruled.member:
        return None
    if isinstance(rule, WeightedChoiceRule | BooleanRule):
        return _shares(ruled, rule)
    maker = _LAWS.get(type(rule))
    if maker is None:
        return None
    found = maker(ruled, rule)
    expected = _written(rule)
    if isinstance(found, str):
        return NoClaim(CheckKind.DISTRIBUTION, (ruled.name,), expected, found)
    return LawClaim(ruled.name, as_number(ruled.task.column.type, ruled.name), expected, found)


def _shares(ruled: Ruled, rule: WeightedChoiceRule | BooleanRule) -> SharesClaim | None:
    logical = ruled.task.column.type
    if isinstance(rule, BooleanRule):
        return SharesClaim(ruled.name, _text(ruled), {"true": rule.probability, "false": 1.0 - rule.probability})
    if len(rule.choices) > _MOST_SHARES or logical.kind not in {TypeKind.STRING, TypeKind.BOOLEAN, *_NUMBERS}:
        return None
    total, shares = sum(each.weight for each in rule.choices), dict[str, float]()
    for value, each in zip(literals(logical, [c.value for c in rule.choices]).to_pylist(), rule.choices, strict=True):
        name = str(value).lower() if isinstance(value, bool) else _digits(value)
        shares[name] = shares.get(name, 0.0) + each.weight / total
    return None if logical.kind in LARGEST else SharesClaim(ruled.name, _text(ruled), shares)


def _digits(value: Any) -> str:
    """Value as a cast to text writes it: a decimal has all its digits."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _text(ruled: Ruled) -> str:
    return f"CAST({ruled.quoted} AS VARCHAR)"


def _written(rule: Any) -> str:
    name = type(rule).__name__.removesuffix("Rule").lower()
    parameters = [f"{key} {getattr(rule, key):g}" for key in _PARAMETERS.get(type(rule), ())]
    return " ".join([name, ", ".join(parameters)]).strip()


def _uniform(ruled: Ruled, rule: UniformRule) -> Law | str:
    logical = ruled.task.column.type
    if rule.profile not in {None, TimeProfile()}:
        return "times crowd by a profile"
    if logical.kind in LARGEST:
        low, high = float_limits(ruled.task, rule.min or "0", rule.max or str(DEFAULT_TOP))
        return Law(_flat(low, high), low, high) if high > low else "one value"
    if logical.kind not in COUNTABLE:
        return "no numbers"
    chosen, one = uniform_range(ruled.task, rule), 10.0 ** (logical.scale if logical.kind is TypeKind.DECIMAL else 0)
    if max(abs(chosen.low), abs(chosen.high)) > _EXACT_UNITS:
        return "numbers beyond 2^53"
    low, high, step = chosen.low / one, chosen.high / one, chosen.step / one
    high = low + (chosen.size - 1) * step
    return Law(_flat(low - step / 2, high + step / 2), low, high, step)


def _flat(low: float, high: float) -> Callable[[Numbers], Numbers]:
    return lambda x: np.clip((x - low) / (high - low), 0.0, 1.0)


def _zipf(ruled: Ruled, rule: ZipfRule) -> Law | str:
    kind = ruled.task.column.type.kind
    most = DEFAULT_TOP if kind in LARGEST else min(DEFAULT_TOP, whole_numbers(ruled.task.column.type)[-1])
    ranks = rule.ranks or most
    if ranks > _MOST_RANKS:
        return f"more than {_MOST_RANKS} ranks"
    sums = np.concatenate([[0.0], np.cumsum(np.arange(1.0, ranks + 1) ** -rule.exponent)])

    def cdf(x: Numbers) -> Numbers:
        upto: Numbers = sums[np.clip(np.floor(x), 0, ranks).astype(np.int64)] / sums[-1]
        return upto

    return Law(cdf, 1.0, float(ranks), 1.0)


def _bounded(ruled: Ruled, rule: Any) -> Law | str:
    """Law with bounds, as the engine rounds and limits it."""
    logical, bounds = ruled.task.column.type, rule.bounds
    if logical.kind not in _NUMBERS:
        return "no plain numbers"
    if bounds.outlier_fraction:
        return "a share of outliers"
    if isinstance(rule, NormalRule | LognormalRule) and not (
        rule.stddev if isinstance(rule, NormalRule) else rule.sigma
    ):
        return "one value"
    low, high = _limits(ruled)
    cdf = _CDFS[type(rule)](rule)
    if isinstance(rule, BetaRule):
        low, high = max(low, 0.0) if not bounds.min else low, high if bounds.max else 1.0
        if not high > low:
            return "one value"
        first, width, plain = low, high - low, cdf
        cdf = lambda x: plain(np.clip((x - first) / width, 0.0, 1.0))  # noqa: E731 a law is a function
    grain = _grain(logical, rule, low, high)
    if grain is None:
        return "digits beyond the exact ones of a double"
    law = Law(cdf, low, high, grain, bounds.mode is BoundsMode.CLIP)
    return law if law.clip or mass(law) > _LEAST_MASS else "a far tail"


def _limits(ruled: Ruled) -> tuple[float, float]:
    low, high = law_limits(ruled)
    logical = ruled.task.column.type
    if logical.kind in LARGEST:
        least, most = -LARGEST[logical.kind], LARGEST[logical.kind]
    else:
        whole, one = type_range(logical), 10**logical.scale
        least, most = float(Fraction(whole.low, one)), float(Fraction(whole.high, one))
    return (least if low is None else float(low)), (most if high is None else float(high))


def _grain(logical: LogicalType, rule: Any, low: float, high: float) -> float | None:
    """Distance of neighbouring values; None where the engine may have kept fewer digits."""
    if isinstance(rule, PoissonRule):
        return 1.0
    digits = rule.bounds.decimals
    if logical.kind in LARGEST:
        limited = rule.bounds.min or rule.bounds.max or isinstance(rule, BetaRule)
        return 0.0 if digits is None else None if limited else float(10.0**-digits)
    digits = logical.scale if digits is None else min(digits, logical.scale)
    spread = abs(rule.mean) + 100 * rule.stddev if isinstance(rule, NormalRule) else 0.0
    wide = logical.kind is TypeKind.DECIMAL and logical.precision > _MOST_DIGITS
    if spread * 10.0**digits > _EXACT_UNITS or (wide and not isinstance(rule, NormalRule) and high - low > 1e15):
        return None
    return float(10.0**-digits)


def _above(least: float, cdf: Callable[[Numbers], Numbers]) -> Callable[[Numbers], Numbers]:
    """Law of numbers above a least one."""

    def whole(x: Numbers) -> Numbers:
        inside = np.maximum(x, least) if least else np.maximum(x, 5e-324)
        return np.where(x <= least, 0.0, cdf(inside))

    return whole


_CDFS: Final[Mapping[type, Callable[[Any], Callable[[Numbers], Numbers]]]] = {
    NormalRule: lambda rule: lambda x: special.ndtr((x - rule.mean) / rule.stddev),
    LognormalRule: lambda rule: _above(0.0, lambda x: special.ndtr((np.log(x) - rule.mu) / rule.sigma)),
    ExponentialRule: lambda rule: _above(0.0, lambda x: -np.expm1(-x / rule.mean)),
    GammaRule: lambda rule: _above(0.0, lambda x: special.gammainc(rule.shape, x / rule.scale)),
    BetaRule: lambda rule: lambda x: special.betainc(rule.alpha, rule.beta, x),
    ParetoRule: lambda rule: _above(rule.minimum, lambda x: -np.expm1(rule.alpha * np.log(rule.minimum / x))),
    PoissonRule: lambda rule: lambda x: np.where(x < 0, 0.0, special.pdtr(np.maximum(np.floor(x), 0.0), rule.mean)),
}
_LAWS: Final[Mapping[type, Callable[[Ruled, Any], Law | str]]] = {
    UniformRule: _uniform,
    ZipfRule: _zipf,
    **dict.fromkeys(_CDFS, _bounded),
}
_PARAMETERS: Final[Mapping[type, tuple[str, ...]]] = {
    NormalRule: ("mean", "stddev"),
    LognormalRule: ("mu", "sigma"),
    ExponentialRule: ("mean",),
    GammaRule: ("shape", "scale"),
    BetaRule: ("alpha", "beta"),
    ParetoRule: ("minimum", "alpha"),
    PoissonRule: ("mean",),
    ZipfRule: ("exponent", "ranks"),
}
