"""Distinct text for any provider: by construction, never by remembering what was there.

The first form that holds the rows in the column's length is taken, and every form stays apart from the others (a
number behind a blank, a domain behind names without a dot, a code without either). So a segment that is appended may
take another form than the rows before it without meeting one of their values.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from faker.providers.internet import Provider as InternetProvider

from dwsim_wire.faker_names import DEFAULT_LOCALE
from dwsim_wire.fault import NotYetAvailable
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.address import postcode_places
from generator_svc.core.kernels.check_digits import Check
from generator_svc.core.kernels.codes import CODE_WIDTH, code_places, ssn_places
from generator_svc.core.kernels.distinct import DistinctKernel, Place, capacity, holds
from generator_svc.core.kernels.email import EMAIL_PHRASES, email_places, user_name_places
from generator_svc.core.kernels.faker_natives import user_name_head
from generator_svc.core.kernels.fitting import fit_phrase
from generator_svc.core.kernels.grammar import Checked, Form, Part, Phrase, Range, RowNumber, Words, literal, words
from generator_svc.core.kernels.internet import ipv4_places, lowercase_names, mac_places
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbering import Numbering
from generator_svc.core.kernels.phone import local_phone_places, phone_places
from generator_svc.core.kernels.phrase import PhraseKernel, head_room
from generator_svc.core.kernels.providers import SOLID

_EMAILS: Final = frozenset(name for name in EMAIL_PHRASES if name.endswith("email"))
_PLACES: Final[Mapping[str, Callable[[], list[Sequence[Place]]]]] = {
    **{name: email_places(name) for name in sorted(_EMAILS)},
    **dict.fromkeys(("postcode", "postalcode", "zipcode", "zip"), postcode_places),
    **dict.fromkeys(("zipcode_plus4", "postalcode_plus4"), lambda: postcode_places()[1:]),
    **dict.fromkeys(("phone_number", "basic_phone_number"), phone_places),
    **dict.fromkeys(("ipv4", "ipv4_public"), ipv4_places),
    "local_phone_number": local_phone_places,
    "code": lambda: [code_places(CODE_WIDTH)],
    "mac_address": mac_places,
    "ssn": ssn_places,
    "user_name": user_name_places,
}
_UNSPACED: Final = frozenset(("user_name", "url", "uri", "hostname", "domain_word"))
NUMBER_BLOCK: Final = 100_000
"""Rows whose numbers are permuted among each other."""
_MOST_LISTED: Final = 100_000
_MOST_NUMBERS: Final = 1 << 63
_LEAST_WORD: Final = 3
"""Fewest characters of a word that a number stands behind."""


def distinct_kernel(
    candidates: Mapping[str, Phrase], key: np.uint64, rows: int, limit: int, locale: str, *, plain: bool
) -> Kernel:
    """Make `rows` distinct values of at most `limit` characters (0: any) of the candidate that fits best.

    `plain` providers have no arguments and no locale: forms of their own may take the phrase's place.
    """
    provider, phrase = _fitted(candidates, limit)
    offers = _PLACES[provider]() if plain and provider in _PLACES else _offers(phrase, limit, solid=provider in SOLID)
    for places in offers:
        if holds(places, rows, limit):
            return DistinctKernel(places, key)
    if provider in SOLID:
        name = next(iter(candidates))
        if not offers:
            raise NotYetAvailable(f"distinct values of '{name}' are not served yet", hint="use uuid4 or code")
        most = max((capacity(places) for places in offers if holds(places, 1, limit)), default=0)
        raise _too_few(name, most, rows, limit)
    numbered = _numbered(provider, phrase, Phrase((Form(1.0, (RowNumber(number_digits(rows)),)),)), locale)
    if not limit or head_room(numbered, limit) >= _LEAST_WORD:
        return PhraseKernel(numbered, key, limit, Numbering(NUMBER_BLOCK, key))
    return _coded(candidates, key, rows, limit)


def _fitted(candidates: Mapping[str, Phrase], limit: int) -> tuple[str, Phrase]:
    """Fit the value; where it does not fit, what makes it distinct may still do."""
    try:
        return fit_phrase(candidates, limit)
    except ImpossibleRule:
        if next(iter(candidates)) in SOLID:
            raise
        return list(candidates.items())[-1]


def _offers(phrase: Phrase, limit: int, *, solid: bool) -> list[Sequence[Place]]:
    """List a phrase's forms in mixed radix: its one list, or its pattern if every part has one width.

    Of several patterns of solid values, the roomiest is taken for every segment: others could meet its values.
    """
    patterns: list[Sequence[Place]] = [places for form in phrase.forms if (places := _pattern(form, solid=solid))]
    if len(phrase.forms) == 1:
        return patterns
    fitting = [places for places in patterns if solid and holds(places, 1, limit)]
    return [max(fitting, key=capacity)] if fitting else []


def _pattern(form: Form, *, solid: bool) -> tuple[Place, ...] | None:
    last = form.parts[-1] if form.parts else None
    check = last.check if isinstance(last, Checked) else Check.NONE
    lists = [words for part in form.parts if (words := _list(part))]
    marked = any(isinstance(part, Words) and part.mark for part in form.parts)
    if form.tail or marked or len(lists) + bool(check) < len(form.parts):
        return None
    if solid and len(lists) > 1:
        lists = [_of_one_length(words) for words in lists]
    fixed = all(len({len(word) for word in words}) == 1 for words in lists)
    if check:
        lists = _bounded(lists)
    places = (*(Place(words) for words in lists[:-1]), Place(lists[-1], check=check))
    return places if (fixed or len(lists) == 1) and capacity(places) <= _MOST_NUMBERS else None


def _bounded(lists: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Take one word of the first lists, until the values can be numbered."""
    for place in range(len(lists)):
        if math.prod(map(len, lists)) <= _MOST_NUMBERS:
            break
        lists[place] = lists[place][:1]
    return lists


def _of_one_length(words: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the words of the most frequent length: it shows where they end."""
    lengths = Counter(map(len, words))
    kept = max(lengths, key=lambda length: lengths[length])
    return tuple(word for word in words if len(word) == kept)


def _list(part: Part) -> tuple[str, ...]:
    match part:
        case Words():
            return part.words
        case Range() if part.high - part.low < _MOST_LISTED:
            return tuple(f"{value:0{part.width}}" for value in range(part.low, part.high + 1))
    return ()


def _numbered(provider: str, phrase: Phrase, number: Phrase, locale: str) -> Phrase:
    """Put the row's number behind the value: before a domain, and without a blank where none may stand."""
    first, last = lowercase_names()
    if locale != DEFAULT_LOCALE:
        first = user_name_head(locale) or first
    if phrase.forms[0].tail:
        return first.then(number.then(_tails(phrase)), tail=True)
    if provider == "domain_name":
        return last.then(number.then(literal(".")).then(words(InternetProvider.tlds)), tail=True)
    if provider in _UNSPACED:
        return (first if provider == "user_name" else phrase).then(number, tail=True)
    return phrase.then(literal(" ").then(number), tail=True)


def _tails(phrase: Phrase) -> Phrase:
    return Phrase(tuple(Form(form.weight, form.parts[-form.tail :]) for form in phrase.forms))


def _coded(candidates: Mapping[str, Phrase], key: np.uint64, rows: int, limit: int) -> Kernel:
    """Make codes, where the column has no room for a word and a number, before the shortest candidate's tail."""
    phrase = list(candidates.values())[-1]
    tail = tuple(
        Place(part.words[:1])
        for part in phrase.forms[0].parts[len(phrase.forms[0].parts) - phrase.forms[0].tail :]
        if isinstance(part, Words)
    )
    width = min(limit - sum(len(place.words[0]) for place in tail), CODE_WIDTH)
    most = capacity(code_places(width, digit_first=bool(phrase.words))) if width > 0 else 0
    if most < rows:
        raise _too_few(next(iter(candidates)), most, rows, limit)
    return DistinctKernel((*code_places(width, digit_first=bool(phrase.words)), *tail), key)


def _too_few(provider: str, most: int, rows: int, limit: int) -> ImpossibleRule:
    room = f" of at most {limit} characters" if limit else ""
    return ImpossibleRule(
        f"{rows} rows need distinct values, '{provider}' has {most}{room}",
        hint="widen the column, choose another rule, or generate fewer rows",
        metadata={"provider": provider, "domain_size": str(most), "rows": str(rows)},
    )


def number_digits(rows: int) -> int:
    """Digits of the largest number that `rows` rows may have: blocks are numbered whole."""
    return len(str(-(-rows // NUMBER_BLOCK) * NUMBER_BLOCK - 1))
