"""Makes phrases fit a column: forms and words that are short enough, or a shorter provider in the first one's place."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.grammar import Form, Phrase, Words
from generator_svc.core.kernels.phrase import head_room, mean_characters, most_characters
from generator_svc.core.kernels.providers import SOLID

_ENOUGH: Final = 0.25
_LEAST_HEAD: Final = 3


def fit_phrase(candidates: Mapping[str, Phrase], limit: int) -> tuple[str, Phrase]:
    """Choose the first provider that fits `limit` characters (0: any) well, narrowed to what fits; else cut the last.

    A solid provider's values are never cut: if none fits, the rule cannot be met.
    """
    for name, phrase in candidates.items():
        if not limit:
            return name, phrase
        narrowed = _narrowed(phrase, limit)
        if _weight(narrowed) >= _ENOUGH * _weight(phrase):
            return name, narrowed
        if name not in SOLID and mean_characters(phrase) <= limit and head_room(phrase, limit) >= _LEAST_HEAD:
            return name, phrase
    if name in SOLID or head_room(phrase, limit) < 1:
        raise _too_short(next(iter(candidates)), limit)
    return name, phrase


def _too_short(name: str, limit: int) -> ImpossibleRule:
    return ImpossibleRule(
        f"values of '{name}' do not fit a column of {limit} character{'s' if limit > 1 else ''}",
        hint="widen the column or choose another rule",
        metadata={"provider": name, "length": str(limit)},
    )


def _narrowed(phrase: Phrase, limit: int) -> Phrase:
    """Keep the forms that always fit, and of a form that is one list the words that do; perhaps none."""
    forms = [_shortened(form, limit) for form in phrase.forms]
    return Phrase(tuple(form for form in forms if form and most_characters(form.parts) <= limit))


def _shortened(form: Form, limit: int) -> Form | None:
    part = form.parts[0]
    if len(form.parts) > 1 or not isinstance(part, Words):
        return form
    weights = part.weights or (1.0,) * len(part.words)
    kept = [(word, weight) for word, weight in zip(part.words, weights, strict=True) if len(word) <= limit]
    if not kept:
        return None
    share = sum(weight for _, weight in kept) / sum(weights)
    words = Words(tuple(word for word, _ in kept), tuple(weight for _, weight in kept) if part.weights else ())
    return replace(form, weight=form.weight * share, parts=(words,))


def _weight(phrase: Phrase) -> float:
    return sum(form.weight for form in phrase.forms)
