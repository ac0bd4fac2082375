"""Numbers with a check digit, on Faker's prefixes and formats: credit cards, articles, bank accounts."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from faker.providers.credit_card import Provider as CardProvider

from generator_svc.core.kernels.check_digits import Check
from generator_svc.core.kernels.faker_natives import native_phrase, own_country
from generator_svc.core.kernels.grammar import Checked, Form, Phrase, any_of, formats, literal

_CARDS: Final[Mapping[str, Any]] = CardProvider.credit_card_types


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


CHECKED_PHRASES: Final[Mapping[str, Callable[[str], Phrase | None]]] = {
    "credit_card_number": _cards,
    "ean": _article(12),
    "ean13": _article(12),
    "ean8": _article(7),
    "upc_a": _article(11),
    "iban": _iban,
}


def checked_phrase(provider: str, locale: str, arguments: Mapping[str, Any]) -> Phrase | None:
    """Build the phrase of a number with a check digit; None where there is none for the locale or the arguments."""
    if provider == "credit_card_number" and arguments.keys() == {"card_type"}:
        return _card(arguments["card_type"]) if arguments["card_type"] in _CARDS else None
    if provider not in CHECKED_PHRASES or arguments:
        return None
    return CHECKED_PHRASES[provider](locale)
