"""What a method of Faker's yields, before it is drawn: a weighted list of values, or text in parts.

Every operation here does to all values at once what Faker does to the one that it drew. Draws are independent: a value
that is used twice must be forked (`mixed`), never joined to itself.
"""

import itertools
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from generator_svc.core.kernels.grammar import Form, Part, Phrase, Words, any_of, formats, literal, number, words

MOST_FORMS: Final = 3_000
_MOST_LISTED: Final = 2_000
_MASKS: Final = re.compile(r"[#%$]#{0,2}|[!@?]|[^#%$!@?]+")
_MARKS: Final = itertools.count(1)
_NOTHING: Final = Phrase((Form(1.0, ()),))


class Unreadable(Exception):
    """The method does more than draw from lists and formats."""


@dataclass(frozen=True, slots=True)
class Options:
    """One of some values, by weight."""

    values: tuple[tuple[Any, float], ...]

    def mapped(self, change: Callable[[Any], Any]) -> "Options":
        """Change every value."""
        return Options(tuple((change(value), weight) for value, weight in self.values))


@dataclass(frozen=True, slots=True)
class Span:
    """A whole number of a long range."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut at a separator."""

    text: Any
    separator: str


Draw = Options | Span | Phrase | Pieces


def is_drawn(value: object) -> bool:
    """Tell a draw from a value that is always the same."""
    return isinstance(value, (Options, Span, Phrase, Pieces))


def options(elements: Any) -> Any:
    """Make a draw from a collection: weighted if it is an ordered mapping, as Faker's `random_element` has it."""
    if isinstance(elements, Options):
        return mixed([(options(each), weight) for each, weight in elements.values])
    weighted = elements.items() if isinstance(elements, Mapping) else [(each, 1.0) for each in elements]
    pairs = [(value, float(weight)) for value, weight in weighted]
    if not pairs:
        raise Unreadable("an empty collection")
    if any(is_drawn(value) for value, _ in pairs):
        return mixed(pairs)
    return Options(tuple(pairs))


def whole_number(low: int, high: int) -> Options | Span:
    """Draw a whole number, both ends reachable."""
    if high - low < _MOST_LISTED:
        return Options(tuple((value, 1.0) for value in range(low, high + 1)))
    return Span(low, high)


def mixed(weighted: Iterable[tuple[Any, float]]) -> Any:
    """Choose one of some values or draws."""
    pairs = list(weighted)
    if all(isinstance(value, Options) or not is_drawn(value) for value, _ in pairs):
        flat: list[tuple[Any, float]] = []
        for value, weight in pairs:
            parts = value.values if isinstance(value, Options) else ((value, 1.0),)
            total = sum(share for _, share in parts)
            flat += [(each, weight * share / total) for each, share in parts]
        return Options(tuple(flat))
    return _checked(_merged(any_of((as_text(value), weight) for value, weight in pairs)))


def listed(value: Any, most: int) -> Options | None:
    """List the texts of a draw, if there are not more than `most`."""
    if isinstance(value, Options):
        return value if len(value.values) <= most else None
    if not isinstance(value, Phrase):
        return None
    pairs: list[tuple[str, float]] = []
    for form in value.forms:
        texts = [("", form.weight)]
        for part in form.parts:
            if not isinstance(part, Words) or part.mark or len(pairs) + len(texts) * len(part.words) > most:
                return None
            weights, total = part.weights or (1.0,) * len(part.words), sum(part.weights) or len(part.words)
            texts = [(a + b, w * v / total) for a, w in texts for b, v in zip(part.words, weights, strict=True)]
        pairs += texts
    return Options(tuple(pairs))


def as_text(value: Any, spec: str = "") -> Phrase:
    """Write a value or draw as text; empty text is no part at all."""
    match value:
        case Phrase() if not spec:
            return value
        case Options():
            return _listed([(_written(each, spec), weight) for each, weight in value.values])
        case Span():
            return _ranged(value, spec)
        case str() | int() | float():
            text = _written(value, spec)
            return literal(text) if text else _NOTHING
        case _:
            raise Unreadable(f"text of {type(value).__name__}")


def joined(values: Iterable[Any]) -> Any:
    """Put texts behind each other."""
    values = list(values)
    if not any(is_drawn(value) for value in values):
        return "".join(_written(value, "") for value in values)
    whole = _NOTHING
    for value in values:
        text = as_text(value)
        whole = Phrase(
            tuple(Form(a.weight * b.weight, a.parts + b.parts) for a in whole.forms for b in _shares(text).forms)
        )
        _checked(whole)
    return whole


def masked(value: Any, letters: Any, *, numbers: bool) -> Any:
    """Put digits and letters in the place of `#`, `%`, `$`, `!`, `@` and `?`, as numerify and lexify do."""
    if isinstance(value, Options):
        return mixed([(masked(each, letters, numbers=numbers), weight) for each, weight in value.values])
    if isinstance(value, str):
        return _unmasked(value, letters, numbers=numbers) or value
    return _each_word(as_text(value), lambda word: _unmasked(word, letters, numbers=numbers))


def first_piece(pieces: Pieces) -> Phrase:
    """Text before the first separator."""
    forms: list[Form] = []
    for form in as_text(pieces.text).forms:
        forms += _until(form, pieces.separator)
    return _checked(Phrase(tuple(forms)))


def changed(value: Any, change: Callable[[str], str]) -> Any:
    """Change letters, each for itself, so that it does not matter where parts begin."""
    if isinstance(value, Options):
        return value.mapped(lambda each: change(str(each)))
    if not is_drawn(value):
        return change(str(value))
    forms = as_text(value).mapped(change).forms
    return Phrase(tuple(replace(form, parts=tuple(part for part in form.parts if part != Words(()))) for form in forms))


def repeated(value: Any) -> Phrase:
    """Make text that is the same wherever it stands: each of its lists has a mark of its own."""
    text = as_text(value)
    if len(text.forms) != 1 or not all(isinstance(part, Words) for part in text.forms[0].parts):
        raise Unreadable("a text of several forms is used again")
    words = [part for part in text.forms[0].parts if isinstance(part, Words)]
    parts = (replace(each, mark=next(_MARKS)) if len(each.words) > 1 else each for each in words)
    return Phrase((Form(1.0, tuple(parts)),))


def numbered_marks(phrase: Phrase) -> Phrase:
    """Number the marks of every form from 1; a list that stands alone under its mark needs none."""
    return Phrase(tuple(replace(form, parts=_numbered(form.parts)) for form in phrase.forms))


def padded(value: Any, width: int) -> Any:
    """Put zeros before a number, to a width."""
    if isinstance(value, Span):
        return as_text(value, f"0{width}d")
    if isinstance(value, Phrase):
        raise Unreadable("a text is padded")
    return changed(value, lambda text: text.zfill(width))


def _written(value: Any, spec: str) -> str:
    if not isinstance(value, (str, int, float)):
        raise Unreadable(f"text of {type(value).__name__}")
    return format(value, spec)


def _listed(weighted: list[tuple[str, float]]) -> Phrase:
    full = [(text, weight) for text, weight in weighted if text]
    empty = sum(weight for text, weight in weighted if not text)
    if not full:
        return _NOTHING
    if empty:
        return any_of([(_NOTHING, empty), (_weighted(full), sum(weight for _, weight in full))])
    return _weighted(full)


def _weighted(pairs: list[tuple[str, float]]) -> Phrase:
    sums: dict[str, float] = {}
    for text, weight in pairs:
        sums[text] = sums.get(text, 0.0) + weight
    return words(sums)


def _ranged(span: Span, spec: str) -> Phrase:
    """Write a long range: padded to one width, or number by number of digits."""
    if span.low < 0 or len(str(span.high)) > 8:
        raise Unreadable("a range below 0 or beyond 8 digits")
    padded = re.fullmatch(r"0(\d)d?", spec)
    if padded and int(padded[1]) >= len(str(span.high)):
        return number(span.low, span.high, int(padded[1]))
    if len(str(span.low)) == len(str(span.high)) and spec in {"", "d", "02d"}:
        return number(span.low, span.high, len(str(span.low)))
    if spec not in {"", "d"}:
        raise Unreadable(f"a range written as {spec!r}")
    ends = [(max(span.low, 10 ** (w - 1) if w > 1 else 0), min(span.high, 10**w - 1), w) for w in range(1, 9)]
    return any_of((number(*end), float(end[1] - end[0] + 1)) for end in ends if end[0] <= end[1])


def _each_word(phrase: Phrase, change: Callable[[str], Phrase | None]) -> Phrase:
    """Put phrases in the place of words; None keeps a word."""
    forms: list[Form] = []
    for form in phrase.forms:
        whole = [replace(form, parts=())]
        for part in form.parts:
            choices = _choices(part, change) if isinstance(part, Words) else [Form(1.0, (part,))]
            whole = [Form(a.weight * b.weight, a.parts + b.parts) for a in whole for b in choices]
            if len(whole) > MOST_FORMS:
                raise Unreadable("too many forms")
        forms += whole
    return _checked(Phrase(tuple(forms)))


def _choices(part: Words, change: Callable[[str], Phrase | None]) -> tuple[Form, ...]:
    weights = part.weights or (1.0,) * len(part.words)
    kept: list[tuple[str, float]] = []
    made: list[tuple[Phrase, float]] = []
    for word, weight in zip(part.words, weights, strict=True):
        phrase = change(word)
        if phrase is None:
            kept.append((word, weight))
        else:
            made.append((phrase, weight))
    if kept:
        made.append((_listed(kept), sum(weight for _, weight in kept)))
    return _shares(any_of(made)).forms


def _unmasked(word: str, letters: Any, *, numbers: bool) -> Phrase | None:
    marks = _MASKS.findall(word)
    made = [_marked(mark, letters, numbers=numbers) for mark in marks]
    return as_text(joined(made)) if made != marks else None


def _marked(mark: str, letters: Any, *, numbers: bool) -> Any:
    if mark == "?":
        return mark if letters is None else options(letters)
    if not numbers or mark[0] not in "#%$!@":
        return mark
    if mark in "!@":
        return Options(tuple((digit, 1.0) for digit in ("", *string.digits[mark == "@" :])))
    return formats([mark], {})


def _until(form: Form, separator: str) -> Iterable[Form]:
    """Cut a form at its first separator; words with one end it, words without go on."""
    heads = [Form(form.weight, ())]
    for part in form.parts:
        if not isinstance(part, Words):
            heads = [replace(head, parts=(*head.parts, part)) for head in heads]
            continue
        weights = part.weights or (1.0,) * len(part.words)
        pairs, total = list(zip(part.words, weights, strict=True)), sum(weights)
        for ends in (True, False):
            some = [(word.split(separator)[0], w / total) for word, w in pairs if (separator in word) == ends]
            if not some:
                going: list[Form] = []
            else:
                share, text = sum(weight for _, weight in some), _listed(some)
                going = [
                    Form(h.weight * share * b.weight, h.parts + b.parts) for h in heads for b in _shares(text).forms
                ]
            if ends:
                yield from going
            else:
                heads = going
    yield from heads


def _merged(phrase: Phrase) -> Phrase:
    """Make one form of forms that differ in their first list alone."""
    alike: dict[tuple[Part, ...], list[Form]] = {}
    others: list[Form] = []
    for form in phrase.forms:
        if form.parts and isinstance(form.parts[0], Words) and not form.parts[0].mark:
            alike.setdefault(form.parts[1:], []).append(form)
        else:
            others.append(form)
    return Phrase((*(_together(rest, forms) for rest, forms in alike.items()), *others))


def _together(rest: tuple[Part, ...], forms: list[Form]) -> Form:
    if len(forms) == 1:
        return forms[0]
    pairs: list[tuple[str, float]] = []
    for form in forms:
        (part,) = (each for each in form.parts[:1] if isinstance(each, Words))
        weights, total = part.weights or (1.0,) * len(part.words), sum(part.weights) or len(part.words)
        pairs += [(word, form.weight * weight / total) for word, weight in zip(part.words, weights, strict=True)]
    return Form(sum(form.weight for form in forms), (*_weighted(pairs).forms[0].parts, *rest))


def _shares(phrase: Phrase) -> Phrase:
    total = sum(form.weight for form in phrase.forms)
    return phrase if total == 1.0 else Phrase(tuple(replace(f, weight=f.weight / total) for f in phrase.forms))


def _numbered(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    marks = Counter(part.mark for part in parts if isinstance(part, Words))
    numbers = {mark: number for number, mark in enumerate((m for m in marks if m and marks[m] > 1), 1)}
    return tuple(replace(p, mark=numbers.get(p.mark, 0)) if isinstance(p, Words) and p.mark else p for p in parts)


def _checked(phrase: Phrase) -> Phrase:
    if len(phrase.forms) > MOST_FORMS:
        raise Unreadable("too many forms")
    return phrase
