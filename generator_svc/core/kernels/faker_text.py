"""Text of Faker's pools: drawn as often as Faker draws it; distinct from the pool's list, beyond it with a number.

A number stands behind ` #`, in addresses behind `+`: no value of a pool has that itself, so the numbered ones are apart
from each other and from the list.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.distinct import DistinctKernel, Place
from generator_svc.core.kernels.distinct_text import NUMBER_BLOCK, number_digits
from generator_svc.core.kernels.faker_pools import pool_values
from generator_svc.core.kernels.grammar import Form, Phrase, RowNumber, literal, words
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbering import Numbering
from generator_svc.core.kernels.phrase import PhraseKernel

_NUMBERED: Final = re.compile(r" #\d+$|\+.*@")
_ADDRESS: Final = re.compile(r"[^@+]+@[^@]+")
_SIGN: Final = " #"


def pooled_kernel(
    provider: str,
    locale: str,
    arguments: Mapping[str, Any],
    key: np.uint64,
    total: int | None,
    limit: int,
    as_of: dt.date,
) -> Kernel:
    """Make the kernel of a method's pool, of the values that fit `limit` characters (0: any); none is cut."""
    values = [value for value in pool_values(provider, locale, arguments, as_of) if not limit or len(value) <= limit]
    if not values:
        raise ImpossibleRule(
            f"values of '{provider}' do not fit a column of {limit} characters",
            hint="widen the column or choose another rule",
            metadata={"provider": provider, "length": str(limit)},
        )
    if total is None:
        return PhraseKernel(words(values), key, limit)
    listed = tuple(dict.fromkeys(value for value in values if not _NUMBERED.search(value)))
    if total <= len(listed):
        return DistinctKernel([Place(listed)], key)
    return _numbered(provider, listed, key, total, limit)


def _numbered(provider: str, listed: Sequence[str], key: np.uint64, total: int, limit: int) -> Kernel:
    digits = number_digits(total)
    room = limit - digits - len(_SIGN) if limit else max(map(len, listed), default=0)
    kept = [value for value in listed if len(value) <= room]
    if not kept:
        raise ImpossibleRule(
            f"{total} rows need distinct values, '{provider}' has {len(listed)}"
            + (f" of at most {limit} characters" if limit else ""),
            hint="widen the column, choose another rule, or generate fewer rows",
            metadata={"provider": provider, "domain_size": str(len(listed)), "rows": str(total)},
        )
    number = Phrase((Form(1.0, (RowNumber(digits),)),))
    if all(map(_ADDRESS.fullmatch, kept)):
        names, domains = zip(*(value.split("@") for value in kept), strict=True)
        room -= max(map(len, domains)) + 1
        short = [name for name in names if len(name) <= room] or [min(names, key=len)]
        end = literal("+").then(number).then(literal("@")).then(words(domains))
        return PhraseKernel(words(short).then(end, tail=True), key, limit, Numbering(NUMBER_BLOCK, key))
    end = literal(_SIGN).then(number)
    return PhraseKernel(words(kept).then(end, tail=True), key, limit, Numbering(NUMBER_BLOCK, key))
