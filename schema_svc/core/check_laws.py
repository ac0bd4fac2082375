"""Laws and time profiles: parameters within their domains, bounds that a law reaches, weights in whole sets."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from schema_svc.core.faults import RuleMisfit
from schema_svc.core.model import Column, LogicalType
from schema_svc.core.problems import Problem
from schema_svc.core.rules import Bounds, Rule, TimeProfile
from schema_svc.core.values import MOMENTS, NoValue, position
from schema_svc.core.vocabulary import BoundsMode, TypeKind


class Span(NamedTuple):
    """Values that a parameter can have, both ends included."""

    least: float
    largest: float


_SHAPE = Span(1e-3, 1e9)
_EXPONENT = 700.0
PARAMETERS: Mapping[str, Mapping[str, Span]] = {
    "lognormal": {"mu": Span(-_EXPONENT, _EXPONENT), "sigma": Span(0, _EXPONENT)},
    "gamma": {"shape": _SHAPE},
    "beta": {"alpha": _SHAPE, "beta": _SHAPE},
    "pareto": {"alpha": Span(1e-3, 1e300)},
    "poisson": {"mean": Span(0, 1e8)},
}
"""Parameters of laws that are limited further than their signs; beyond, a normal law looks the same."""
_FROM_0 = frozenset({"lognormal", "exponential", "gamma", "poisson"})
_REPEATING = frozenset({"normal", "zipf", "pareto", "beta", "mixture", "event_time", *_FROM_0})
_WEIGHTS: Mapping[str, int] = {"weekday_weights": 7, "month_weights": 12, "hour_weights": 24}
_CALENDAR = frozenset({"weekday_weights", "month_weights", "growth_per_year"})
_HELD: Mapping[TypeKind, frozenset[str]] = {
    **dict.fromkeys(MOMENTS, _CALENDAR | {"hour_weights"}),
    TypeKind.DATE: _CALENDAR,
    TypeKind.TIME: frozenset({"hour_weights"}),
}
"""Parts of a profile that a type can follow."""


def check_law(rule: Rule, logical: LogicalType, path: str) -> Iterator[Problem]:
    """Everything of a rule's law or profile that cannot be; `path` is the rule's."""
    for name in rule.kinds():
        law = getattr(rule, name, None)
        yield from _check_parameters(name, law, f"{path}.{name}")
        bounds: Bounds | None = getattr(law, "bounds", None)
        if bounds or name == "beta":
            yield from _check_reach(name, law, bounds or Bounds(), logical, f"{path}.{name}.bounds")
        profile: TimeProfile | None = getattr(law, "profile", None)
        if profile:
            yield from _check_profile(profile, logical, f"{path}.{name}.profile")
    if rule.event_time and _inverted(logical, rule.event_time.start, rule.event_time.end):
        yield _misfit(f"{path}.event_time.start", "start is after end", "swap them")


def check_repeating(column: Column, path: str) -> Iterator[Problem]:
    """A unique column cannot have a rule that repeats values."""
    if not column.is_unique or not column.rule:
        return
    profiled = column.rule.uniform and column.rule.uniform.profile not in {None, TimeProfile()}
    for name in column.rule.kinds():
        if name in _REPEATING or profiled:
            yield _misfit(
                f"{path}.rule.{name}",
                f"the {name} rule repeats values, {column.name!r} is unique",
                "use the sequence, permuted or uniform rule, or drop the uniqueness",
            )


def _check_parameters(name: str, law: object, path: str) -> Iterator[Problem]:
    for parameter, span in PARAMETERS.get(name, {}).items():
        value = getattr(law, parameter)
        if not span.least <= value <= span.largest:
            yield _misfit(
                f"{path}.{parameter}",
                f"{parameter} of the {name} law is {value:g}",
                f"{parameter} is {span.least:g} to {span.largest:g}",
            )


def _check_reach(name: str, law: object, bounds: Bounds, logical: LogicalType, path: str) -> Iterator[Problem]:
    """Bounds that the law has no value within, unless values are moved to them."""
    low, high = _number(logical, bounds.min), _number(logical, bounds.max)
    if name == "beta":
        yield from _check_beta(bounds, logical, low, high, path)
    elif bounds.mode is not BoundsMode.CLIP and high is not None:
        minimum = getattr(law, "minimum", 0.0)
        if name == "pareto" and high < minimum:
            yield _misfit(f"{path}.max", f"max {bounds.max} is below the law's minimum {minimum:g}", "raise max")
        elif name in _FROM_0 and high < 0:
            yield _misfit(f"{path}.max", f"max {bounds.max} is below 0, where the {name} law begins", "raise max")


def _check_beta(
    bounds: Bounds, logical: LogicalType, low: Decimal | None, high: Decimal | None, path: str
) -> Iterator[Problem]:
    """A beta law lies between its bounds, 0 and 1 where they are not given."""
    if logical.kind in _HELD and not (bounds.min and bounds.max):
        yield _misfit(path, f"a beta law of {logical.kind.lower()} needs min and max", "give it both bounds")
    elif low is not None and not bounds.max and low > 1:
        yield _misfit(f"{path}.min", f"min {bounds.min} is above max, which is 1 if not given", "give max too")
    elif high is not None and not bounds.min and high < 0:
        yield _misfit(f"{path}.max", f"max {bounds.max} is below min, which is 0 if not given", "give min too")


def _check_profile(profile: TimeProfile, logical: LogicalType, path: str) -> Iterator[Problem]:
    held = _HELD.get(logical.kind, frozenset())
    for name, count in _WEIGHTS.items():
        weights: list[float] = getattr(profile, name)
        if weights and (len(weights) != count or not any(weights)):
            message = f"{name} has {len(weights)} weights, {sum(map(bool, weights))} of them above 0"
            yield _misfit(f"{path}.{name}", message, f"give {count} weights, one of them above 0")
    if profile.growth_per_year <= -1:
        message = f"growth_per_year is {profile.growth_per_year:g}: nothing would be left"
        yield _misfit(f"{path}.growth_per_year", message, "growth is above -1")
    for name in (*_WEIGHTS, "growth_per_year"):
        if getattr(profile, name) and name not in held:
            hint = f"it takes {', '.join(sorted(held))}" if held else "profiles are for dates and times"
            yield _misfit(f"{path}.{name}", f"{logical.kind.lower()} has no place for {name}", hint)


def _inverted(logical: LogicalType, start: str, end: str) -> bool:
    try:
        places = [position(logical, text) for text in (start, end) if text]
    except NoValue:
        return False
    return len(places) == 2 and None not in places and places[0] > places[1]  # type: ignore[operator]  # both are of one type


def _number(logical: LogicalType, text: str) -> Decimal | None:
    try:
        place = position(logical, text) if text else None
    except NoValue:
        return None
    return place if isinstance(place, Decimal) else None


def _misfit(path: str, message: str, hint: str) -> Problem:
    return Problem(path, message, hint, RuleMisfit)
