"""Kernels of dates and times that crowd: uniform with a time profile, and moments that never go back."""

from typing import Final

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.intensity import Intensity, Moments, ProfiledMoments, RisingMoments
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import Law, NumberKernel
from generator_svc.core.kernels.storage import storage
from generator_svc.core.number_columns import uniform_range
from generator_svc.core.rules import EventTimeRule, TimeProfile, UniformRule
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DAY, LAST_DAY, MOMENTS

_WEIGHTS: Final = {"weekday_weights": 7, "month_weights": 12, "hour_weights": 24}
"""Weights of a profile, and how many there are of each."""
_HELD: Final = {
    TypeKind.DATE: frozenset({"weekday_weights", "month_weights", "growth_per_year"}),
    TypeKind.TIME: frozenset({"hour_weights"}),
    **dict.fromkeys(MOMENTS, frozenset({*_WEIGHTS, "growth_per_year"})),
}
"""Parts of a profile that a type can follow."""


def profiled_kernel(task: ColumnTask, rule: UniformRule) -> Kernel:
    """Kernel of a uniform rule with a time profile."""
    task.refuse_distinct("a time profile")
    profile = rule.profile or TimeProfile()
    _refuse_profile(profile, task.column.type)
    moments, intensity = _range(task, rule, profile)
    return _kernel(task.column.type, ProfiledMoments(task.key, intensity, moments))


def event_time_kernel(task: ColumnTask, rule: EventTimeRule) -> Kernel:
    """Kernel of moments that never go back; appended rows go on behind the end, at the pace of the first run."""
    logical, profile = task.column.type, rule.profile or TimeProfile()
    task.refuse_distinct("the event_time rule")
    if logical.kind not in MOMENTS | {TypeKind.DATE}:
        raise ImpossibleRule(
            f"the event_time rule does not yield {logical.kind.value}", hint="use it for dates and timestamps"
        )
    _refuse_profile(profile, logical)
    moments, intensity = _range(task, UniformRule(rule.start, rule.end), profile)
    opening = max(task.opening_rows, 1)
    first, end = intensity.before(moments.low), intensity.before(moments.high + moments.step)
    reached = intensity.reaching(first + (end - first) * (task.last_row / opening) * (1.0 + 2.0**-40))
    if reached is None:
        raise ImpossibleRule(
            f"{task.last_row} rows at the pace of the first {opening} go beyond the year 9999",
            hint="append fewer rows, or start a FULL run of all of them",
        )
    return _kernel(logical, RisingMoments(task.key, reached, moments, opening))


def _kernel(logical: LogicalType, law: Law) -> Kernel:
    return NumberKernel(law, storage(logical, 0, 1))


def _range(task: ColumnTask, rule: UniformRule, profile: TimeProfile) -> tuple[Moments, Intensity]:
    """Range of a rule in microseconds, and the intensity over its days."""
    logical, chosen = task.column.type, uniform_range(task, rule)
    if logical.kind is TypeKind.DATE:
        moments = Moments(chosen.low * DAY, chosen.high * DAY, DAY, DAY)
    else:
        moments = Moments(chosen.low, chosen.high, chosen.step, 1)
    intensity = Intensity(profile, moments.low // DAY, min(moments.high // DAY, LAST_DAY))
    if not intensity.before(moments.high + moments.step) > intensity.before(moments.low):
        raise ImpossibleRule(
            "the profile lets nothing happen in the whole range", hint="give a day and an hour of it a weight above 0"
        )
    return moments, intensity


def _refuse_profile(profile: TimeProfile, logical: LogicalType) -> None:
    """Refuse weights that are not whole sets, or that the type has no place for."""
    held = _HELD.get(logical.kind, frozenset())
    for name, count in _WEIGHTS.items():
        weights = getattr(profile, name)
        if weights and (len(weights) != count or min(weights) < 0 or not any(weights)):
            raise ImpossibleRule(
                f"{name} are {count} weights of 0 and above, one of them above 0", hint=f"give {count}, or leave it out"
            )
    if not profile.growth_per_year > -1:
        raise ImpossibleRule(
            f"growth_per_year is {profile.growth_per_year:g}: nothing would be left", hint="growth is above -1"
        )
    given = [name for name in (*_WEIGHTS, "growth_per_year") if getattr(profile, name)]
    if others := [name for name in given if name not in held]:
        raise ImpossibleRule(
            f"{logical.kind.value} has no place for {others[0]}",
            hint=f"it takes {', '.join(sorted(held))}" if held else "profiles are for dates and times",
        )
