"""Text of Faker's dates and times: drawn evenly from the method's range, or permuted where it has to be distinct."""

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.faker_moments import Moments
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.moment_text import MomentPattern, MomentText, moment_pattern
from generator_svc.core.kernels.numbers import Law, NumberKernel, Permuted, Uniform
from generator_svc.core.spec import TypeKind


def moment_text_kernel(provider: str, moments: Moments, key: np.uint64, total: int | None, limit: int) -> Kernel | None:
    """Make the kernel of a method's text in at most `limit` characters (0: any); None if its pattern is not known.

    With `total` given, values are distinct over so many rows.
    """
    patterns = [moment_pattern(each) for each in moments.patterns]
    if None in patterns or (moments.low < 0 and moments.kind is TypeKind.FLOAT64):
        return None
    fitting = [each for each in patterns if each and (not limit or each.most_characters <= limit)]
    if not fitting:
        widest = min(each.most_characters for each in patterns if each)
        raise ImpossibleRule(
            f"values of '{provider}' do not fit a column of {limit} characters",
            hint=f"widen the column to {widest} characters, or make it a {moments.kind.value}",
            metadata={"provider": provider, "length": str(limit)},
        )
    pattern = fitting[0]
    first, size = moments.low // pattern.unit, moments.high // pattern.unit - moments.low // pattern.unit + 1
    if total is not None:
        _require(provider, pattern, size, total, day=moments.kind is not TypeKind.TIME)
    law: Law = Uniform(key, size) if total is None else Permuted(key, size)
    return NumberKernel(law, MomentText(pattern, first * pattern.unit, pattern.unit))


def _require(provider: str, pattern: MomentPattern, size: int, total: int, *, day: bool) -> None:
    """Refuse distinct values where different moments are written alike, or are too few."""
    if not pattern.tells(day=day):
        raise ImpossibleRule(
            f"values of '{provider}' repeat under its pattern, the column is unique",
            hint="let the pattern tell the whole date and time, or drop the uniqueness",
            metadata={"provider": provider},
        )
    if total > size:
        raise ImpossibleRule(
            f"{total} rows need distinct values, '{provider}' has {size}",
            hint="widen its range, choose another rule, or generate fewer rows",
            metadata={"provider": provider, "domain_size": str(size), "rows": str(total)},
        )
