"""Numbers with a check digit, on Faker's prefixes and formats: credit cards, articles, books, bank accounts."""

import string
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from faker.providers.credit_card import Provider as CardProvider
from faker.providers.isbn.en_US import Provider as BookProvider

from generator_svc.core.kernels.check_digits import Check
from generator_svc.core.kernels.faker_natives import native_phrase, own_country
from generator_svc.core.kernels.grammar import Checked, Form, Phrase, any_of, formats, literal, number

_CARDS: Final[Mapping[str, Any]] = CardProvider.credit_card_types
_BOOK_DIGITS: Final = 10
_BOOKS: Final = {"isbn10": Check.ISBN10, "isbn13": Check.EAN}


def _ended(phrase: Phrase, check: Check) -> Phrase:
    return phrase.then(Phrase((Form(1.0, (Checked(check),)),)))


def _card(kind: str) -> Phrase:
    card = _CARDS[kind]
    patterns = [prefix + "#" * (card.length - len(prefix) - 1) for prefix in card.prefixes]
    return _ended(formats(patterns, {}), Check.LUHN)


def _cards(_locale: str) -> Phrase:
    return any_of((_card(kind), 1.0) for kind in _CARDS)


def _article(digits: int) -> Callable[[str], Phrase]:
    return lambda _locale: _ended(formats(["#" * digits], {}), Check.EAN)


def _iban(locale: str) -> Phrase | None:
    country, account = own_country(locale), native_phrase("bban", locale)
    return _ended(literal(f"{country}00").then(account), Check.IBAN) if country and account else None


def _book(check: Check, separator: str = "-") -> Callable[[str], Phrase]:
    """Numbers of books, with the registrants' lengths that Faker has for the locale."""

    def phrase(locale: str) -> Phrase:
        numbers = {
            (ean if check is Check.EAN else "", group): any_of(
                (_registrant(rule, _BOOK_DIGITS - 1 - len(group), separator), _share(rule)) for rule in rules if rule[2]
            )
            for ean, countries in _book_rules(locale).items()
            for group, rules in countries.items()
        }
        heads = {names: literal("".join(name + separator for name in names if name)) for names in numbers}
        shares = [(heads[names].then(phrase), 1.0) for names, phrase in numbers.items()]
        return _ended(any_of(shares), check)

    return phrase


def _book_rules(locale: str) -> Mapping[str, Any]:
    """Rules by EAN prefix and country group: the locale's own, else those of en_US, as Faker chooses them."""
    try:
        rules: Mapping[str, Any] = import_module(f"faker.providers.isbn.{locale}").Provider.rules
    except ModuleNotFoundError:
        rules = BookProvider.rules
    return rules


def _share(rule: tuple[str, str, int]) -> float:
    return float(int(rule[1]) - int(rule[0]) + 1)


def _registrant(rule: tuple[str, str, int], digits: int, separator: str) -> Phrase:
    """Numbers of the registrants of one length, each with its publications, in so many digits; Faker's rules of length
    0 are of ranges that are not given out."""
    low, high, width = rule
    between = [literal(separator)] if separator else []
    phrase = number(int(low[:width]), int(high[:width]), width)
    for part in (*between, formats(["#" * (digits - width)], {}), *between):
        phrase = phrase.then(part)
    return phrase


CHECKED_PHRASES: Final[Mapping[str, Callable[[str], Phrase | None]]] = {
    "credit_card_number": _cards,
    "ean": _article(12),
    "ean13": _article(12),
    "ean8": _article(7),
    "upc_a": _article(11),
    **{name: _book(check) for name, check in _BOOKS.items()},
    "iban": _iban,
}


def checked_phrase(provider: str, locale: str, arguments: Mapping[str, Any]) -> Phrase | None:
    """Build the phrase of a number with a check digit; None where there is none for the locale or the arguments."""
    if provider == "credit_card_number" and arguments.keys() == {"card_type"}:
        return _card(arguments["card_type"]) if arguments["card_type"] in _CARDS else None
    if provider in _BOOKS and arguments.keys() == {"separator"}:
        separator = arguments["separator"]
        return _book(_BOOKS[provider], separator)(locale) if _separates(separator) else None
    if provider not in CHECKED_PHRASES or arguments:
        return None
    return CHECKED_PHRASES[provider](locale)


def _separates(text: Any) -> bool:
    """Tell whether a text may stand between digits of a number and does not count as one."""
    return isinstance(text, str) and not any(letter in string.digits for letter in text)
