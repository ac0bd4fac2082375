"""Numbers with a check digit: every one is right, drawn or distinct."""

import json
from collections.abc import Callable

import pytest
from faker.providers.credit_card import Provider as CardProvider

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.faker_natives import LOCALES
from generator_svc.core.kernels.providers import provider_phrase
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule
from tests.generator_svc.core.kernels.text_columns import KEY, text_column


def _luhn(text: str) -> bool:
    doubled = [sum(map(int, str(2 * int(digit)))) for digit in text[-2::-2]]
    return (sum(doubled) + sum(map(int, text[::-2]))) % 10 == 0


def _ean(text: str) -> bool:
    return (3 * sum(map(int, text[-2::-2])) + sum(map(int, text[::-2]))) % 10 == 0


def _isbn10(text: str) -> bool:
    *digits, check = list(text.replace("-", ""))
    rest = sum(place * int(digit) for place, digit in enumerate(digits, 1)) % 11
    return len(digits) == 9 and check == "0123456789X"[rest]


def _isbn13(text: str) -> bool:
    return len(text) == 17 and _ean(text.replace("-", ""))


def _iban(text: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


RULES: dict[str, Callable[[str], bool]] = {
    "credit_card_number": _luhn,
    "ean": _ean,
    "ean8": _ean,
    "ean13": _ean,
    "upc_a": _ean,
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "iban": _iban,
}


@pytest.mark.parametrize("provider", RULES)
def test_every_number_is_checked(provider: str) -> None:
    """Applications refuse a number whose check digit is wrong."""
    for rows in (None, 5_000_000):
        values = text_kernel(FakerRule(provider), text_column(), KEY, rows).span(0, 20_000).to_pylist()
        assert all(map(RULES[provider], values))
        assert rows is None or len(set(values)) == len(values)


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if provider_phrase("iban", locale, {})])
def test_accounts_of_every_country_are_checked(locale: str) -> None:
    """An IBAN begins with the country of its bank."""
    values = text_kernel(FakerRule("iban", locale), text_column(), KEY, None).span(0, 2_000).to_pylist()
    assert all(map(_iban, values))
    assert {value[:2] for value in values} <= {locale[-2:], "GB"}


@pytest.mark.parametrize("locale", ["en_US", "es_ES", "ja_JP"])
def test_books_have_registrants_of_the_lengths_that_are_given_out(locale: str) -> None:
    """Faker's rules say how long a registrant is; numbers of the length 0 are nobody's."""
    for separator, parts in (("-", 5), (" ", 5)):
        rule = FakerRule("isbn13", locale, {"separator": json.dumps(separator)})
        values = text_kernel(rule, text_column(), KEY, None).span(0, 2_000).to_pylist()
        assert {len(value.split(separator)) for value in values} == {parts}
        assert all(all(value.split(separator)) for value in values)
        assert {value.split(separator)[1] for value in values} == ({"84", "13"} if locale == "es_ES" else {"0", "1"})


def test_a_card_type_has_its_prefixes_and_length() -> None:
    """`card_type` is Faker's argument."""
    rule = FakerRule("credit_card_number", arguments={"card_type": '"amex"'})
    values = text_kernel(rule, text_column(), KEY, None).span(0, 2_000).to_pylist()
    assert {value[:2] for value in values} == set(CardProvider.prefix_amex)
    assert all(len(value) == 15 and _luhn(value) for value in values)


def test_distinct_numbers_that_are_too_many_are_refused() -> None:
    """Ten million EAN-8 are all there are."""
    with pytest.raises(ImpossibleRule, match="10000000"):
        text_kernel(FakerRule("ean8"), text_column(), KEY, 10_000_001)
