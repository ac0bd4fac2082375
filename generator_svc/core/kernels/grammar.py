"""Phrases: what a text value is made of, as Faker's own formats say it (`{{first_name}} {{last_name}}`, `$##-####`).

A phrase is a weighted list of forms, a form a row of parts: words of a list, numbers of a range, the row's own number.
Formats nest; parsing multiplies them out, so that drawing a value is one choice of a form and one draw per part.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from generator_svc.core.kernels.check_digits import Check

# A run of digits is taken in pieces of at most three, four as two and two: pieces are words of short lists.
_TOKEN: Final = re.compile(
    r"\{\{(?P<symbol>\w+)\}\}|(?P<number>[#%$]#(?=##(?!#))|[#%$]#{0,2})|(?P<letter>\?)|(?P<literal>[^{#%$?]+|\{)"
)
_LOWEST: Final = {"#": 0, "%": 1, "$": 2}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MOST_FOLDED: Final = 2000


@dataclass(frozen=True, slots=True)
class Words:
    """One word of a list; empty weights are even. Lists of one mark, if it is not 0, give the word of one draw."""

    words: tuple[str, ...]
    weights: tuple[float, ...] = ()
    mark: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """A number from `low` to `high`, with leading zeros to `width` digits, at most 8."""

    low: int
    high: int
    width: int


@dataclass(frozen=True, slots=True)
class RowNumber:
    """The number that the row has to itself, of at most so many digits: what makes a value distinct."""

    digits: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The check digit of all that stands before it in the value."""

    check: Check


Part = Words | Range | RowNumber | Checked


@dataclass(frozen=True, slots=True)
class Form:
    """Parts in order; the last `tail` of them are never cut off."""

    weight: float
    parts: tuple[Part, ...]
    tail: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Forms to choose from by weight."""

    forms: tuple[Form, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The list that this phrase is a plain draw from; empty if it is more than that."""
        parts = self.forms[0].parts
        if len(self.forms) == 1 and len(parts) == 1 and isinstance(parts[0], Words):
            return parts[0].words
        return ()

    def then(self, other: "Phrase", *, tail: bool = False) -> "Phrase":
        """Put `other` behind; as a tail, it is kept whole where the value has to be cut."""
        return Phrase(
            tuple(
                Form(mine.weight * theirs.weight, mine.parts + theirs.parts, len(theirs.parts) if tail else 0)
                if tail
                else Form(mine.weight * theirs.weight, _fold(mine.parts + theirs.parts))
                for mine in self.forms
                for theirs in other.forms
            )
        )

    def folded(self) -> "Phrase":
        """Join literals to the words beside them: fewer copies, the same text."""
        return Phrase(tuple(replace(form, parts=_fold(form.parts)) for form in self.forms))

    def mapped(self, change: Callable[[str], str]) -> "Phrase":
        """Change every word; words that become equal are one, words that become empty are gone."""
        return Phrase(tuple(replace(form, parts=tuple(_map(p, change) for p in form.parts)) for form in self.forms))


def words(elements: Iterable[str] | Mapping[str, float]) -> Phrase:
    """Make a draw from a list of Faker's: weighted if it is a mapping; repeated words count as often as they stand."""
    weighted = elements.items() if isinstance(elements, Mapping) else [(word, 1.0) for word in elements]
    return Phrase((Form(1.0, (_merge(weighted),)),))


def literal(text: str) -> Phrase:
    """Make the same text always."""
    return Phrase((Form(1.0, (Words((text,)),)),))


def number(low: int, high: int, width: int) -> Phrase:
    """Make a number of a range, with leading zeros to `width` digits."""
    if high - low < _MOST_FOLDED:
        return words(f"{value:0{width}}" for value in range(low, high + 1))
    return Phrase((Form(1.0, (Range(low, high, width),)),))


def any_of(phrases: Iterable[tuple[Phrase, float]]) -> Phrase:
    """Choose among phrases by weight."""
    return Phrase(tuple(replace(f, weight=f.weight * w) for p, w in phrases for f in _normal(p).forms))


def formats(templates: Iterable[str] | Mapping[str, float], symbols: Mapping[str, Phrase]) -> Phrase:
    """Parse Faker's formats: `{{symbol}}`, `#` a digit, `%` not 0, `$` 2 to 9, `?` a letter, all else as it stands."""
    weighted = templates.items() if isinstance(templates, Mapping) else [(template, 1.0) for template in templates]
    return any_of((_parse(template, symbols), weight) for template, weight in weighted)


def _parse(template: str, symbols: Mapping[str, Phrase]) -> Phrase:
    phrase = Phrase((Form(1.0, ()),))
    for token in _TOKEN.finditer(template):
        phrase = phrase.then(_token(token, symbols))
    return phrase


def _token(token: re.Match[str], symbols: Mapping[str, Phrase]) -> Phrase:
    if symbol := token["symbol"]:
        return _normal(symbols[symbol])
    if run := token["number"]:
        return number(_LOWEST[run[0]] * 10 ** (len(run) - 1), 10 ** len(run) - 1, len(run))
    return words(_LETTERS) if token["letter"] else literal(token["literal"])


def _normal(phrase: Phrase) -> Phrase:
    total = sum(form.weight for form in phrase.forms)
    return Phrase(tuple(replace(form, weight=form.weight / total) for form in phrase.forms))


def _fold(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Join literals to the words beside them: one copy instead of two."""
    folded: list[Part] = []
    for part in parts:
        before = folded[-1] if folded else None
        if isinstance(part, Words) and isinstance(before, Words) and _joins(before, part):
            folded[-1] = _join(before, part)
        else:
            folded.append(part)
    return tuple(folded)


def _joins(left: Words, right: Words) -> bool:
    return min(len(left.words), len(right.words)) == 1 and max(len(left.words), len(right.words)) <= _MOST_FOLDED


def _join(left: Words, right: Words) -> Words:
    joined = tuple(before + after for before in left.words for after in right.words)
    return Words(joined, left.weights or right.weights, left.mark or right.mark)


def _map(part: Part, change: Callable[[str], str]) -> Part:
    if not isinstance(part, Words):
        return part
    weights = part.weights or (1.0,) * len(part.words)
    changed = _merge((change(word), weight) for word, weight in zip(part.words, weights, strict=True))
    if part.mark and len(changed.words) < len(part.words):
        raise ValueError("words of a marked list became equal")
    return replace(changed, mark=part.mark)


def _merge(weighted: Iterable[tuple[str, float]]) -> Words:
    sums: dict[str, float] = {}
    for word, weight in weighted:
        if word:
            sums[word] = sums.get(word, 0.0) + weight
    even = len(set(sums.values())) == 1
    return Words(tuple(sums), () if even else tuple(sums.values()))
