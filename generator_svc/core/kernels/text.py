"""The text engine's door: from a text rule and a column to a kernel.

Every value is a pure function of key and row. Words and formats are those of the pinned Faker, so its version belongs
to the engine's.
"""

import datetime as dt
from typing import Final

import numpy as np

from dwsim_wire.faker_names import DEFAULT_LOCALE, provider_name
from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.distinct_text import distinct_kernel
from generator_svc.core.kernels.faker_dates import moment_text_kernel
from generator_svc.core.kernels.faker_moments import calendar_phrase, faker_moments
from generator_svc.core.kernels.faker_text import pooled_kernel
from generator_svc.core.kernels.fitting import fit_phrase
from generator_svc.core.kernels.grammar import Phrase, literal, words
from generator_svc.core.kernels.guess import guess_provider, guess_rule
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.lorem import MOST_UNITS, WORD_LIST, LoremKernel
from generator_svc.core.kernels.phrase import PhraseKernel
from generator_svc.core.kernels.providers import (
    TEXT_PROVIDERS,
    UUID_PROVIDER,
    Arguments,
    arguments_of,
    locale_of,
    provider_phrase,
    shorter_providers,
)
from generator_svc.core.kernels.uuid import DASHED, PLAIN, UuidKernel
from generator_svc.core.rules import FakerRule, TextRule, TextUnit, UuidRule
from generator_svc.core.spec import ColumnSpec, TypeKind

__all__ = ["guess_provider", "guess_rule", "text_kernel"]

_TEXT_CHARACTERS: Final = 200
_TEXT_SENTENCES: Final = 8
_LISTED: Final = 3
_LONGEST_TEXT: Final = 1 << 20
_AS_OF: Final = dt.date(2026, 1, 1)


def text_kernel(
    rule: FakerRule | TextRule | UuidRule,
    column: ColumnSpec,
    key: np.uint64,
    rows: int | None,
    first_row: int = 0,
    as_of: dt.date = _AS_OF,
) -> Kernel:
    """Make the kernel of a text column, fitted to its length.

    With `rows` given, values are distinct over all rows up to first_row + rows, those of earlier segments included: a
    column's key must be the same in all its segments.
    """
    limit = column.type.length
    total = None if rows is None else first_row + rows
    if isinstance(rule, UuidRule) or column.type.kind is TypeKind.UUID:
        return _uuid_kernel(rule, column, key)
    if isinstance(rule, TextRule):
        _refuse_long(rule, limit)
        return _readable(rule.unit, rule.min_units or 1, rule.max_units, key, total, limit)
    provider, locale, arguments = provider_name(rule.provider), locale_of(rule), arguments_of(rule)
    if provider == UUID_PROVIDER and not arguments:
        return _uuid_kernel(rule, column, key)
    if _is_readable(provider, locale, arguments):
        return _readable_provider(provider, arguments, key, total, limit)
    moments = faker_moments(provider, locale, arguments, as_of)
    if moments and (kernel := moment_text_kernel(provider, moments, key, total, limit)):
        return kernel
    phrase = calendar_phrase(provider, locale, arguments, as_of) or provider_phrase(provider, locale, arguments)
    if phrase is None:
        return pooled_kernel(provider, locale, arguments, key, total, limit, as_of)
    candidates = {provider: phrase}
    if limit and not arguments:
        shorter = {name: provider_phrase(name, locale, {}) for name in shorter_providers(provider)}
        candidates |= {name: each for name, each in shorter.items() if each}
    if total is not None:
        return distinct_kernel(candidates, key, total, limit, locale, plain=locale == DEFAULT_LOCALE and not arguments)
    return PhraseKernel(fit_phrase(candidates, limit)[1], key, limit)


def _refuse_long(rule: TextRule, limit: int) -> None:
    """Refuse units that do not fit, even if each were one letter and a blank."""
    longest = limit or _LONGEST_TEXT
    if rule.min_units < 0 or rule.max_units < 0 or 2 * rule.min_units - 1 > longest:
        raise ImpossibleRule(
            f"text of at least {rule.min_units} units does not fit {longest} characters",
            hint="ask for fewer units, or widen the column",
        )


def _is_readable(provider: str, locale: str, arguments: Arguments) -> bool:
    """Tell whether the kernel of readable text makes what Faker's method would."""
    known = {"max_nb_chars"} if provider == "text" else {"nb"}
    return provider in TEXT_PROVIDERS and locale == DEFAULT_LOCALE and arguments.keys() <= known


def _readable_provider(provider: str, arguments: Arguments, key: np.uint64, total: int | None, limit: int) -> Kernel:
    """Serve Faker's methods of readable text: `nb` units, or `max_nb_chars` characters."""
    if provider == "text":
        characters = _positive(provider, arguments, "max_nb_chars", _TEXT_CHARACTERS)
        limit = min(limit or characters, characters)
        return _readable(TextUnit.SENTENCES, _TEXT_SENTENCES, _TEXT_SENTENCES, key, total, limit)
    count = _positive(provider, arguments, "nb", 1 if provider in ("sentence", "paragraph") else _LISTED)
    unit = {"w": TextUnit.WORDS, "s": TextUnit.SENTENCES, "p": TextUnit.PARAGRAPHS}[provider[0]]
    return _readable(unit, count, count, key, total, limit)


def _positive(provider: str, arguments: Arguments, name: str, default: int) -> int:
    value = arguments.get(name, default)
    if not isinstance(value, int) or value < 1:
        raise InvalidArgument(f"argument '{name}' of provider '{provider}' is {value!r}, not a number of 1 and above")
    return value


def _readable(unit: TextUnit, low: int, high: int, key: np.uint64, total: int | None, limit: int) -> Kernel:
    """Make readable text; where it has to be distinct, some words and a number."""
    high = high or max(low, MOST_UNITS[unit])
    if high < low:
        raise ImpossibleRule(
            f"text of at least {low} and at most {high} units", hint="let min_units be below max_units"
        )
    if total is not None:
        return distinct_kernel({"text": _some_words()}, key, total, limit, DEFAULT_LOCALE, plain=True)
    return LoremKernel(unit, low, high, key, limit)


def _some_words() -> Phrase:
    word = words(WORD_LIST)
    return word.then(literal(" ")).then(word)


def _uuid_kernel(rule: FakerRule | TextRule | UuidRule, column: ColumnSpec, key: np.uint64) -> Kernel:
    uuids = UuidRule() if isinstance(rule, FakerRule) and provider_name(rule.provider) == UUID_PROVIDER else rule
    if not isinstance(uuids, UuidRule):
        hint = "use the uuid rule, or make the column a VARCHAR"
        raise ImpossibleRule("a UUID column takes UUIDs only", hint=hint)
    length = column.type.length if column.type.kind is TypeKind.STRING else 0
    if 0 < length < PLAIN:
        raise ImpossibleRule(
            f"a UUID takes at least {PLAIN} characters, the column has {length}",
            hint=f"widen the column to {DASHED} characters",
        )
    return UuidKernel(key, dashes=not 0 < length < DASHED)
