"""Short texts with a form of their own: currencies, colours, languages, numbers of persons, codes."""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faker.providers.color import Provider as ColorProvider
from faker.providers.currency import Provider as CurrencyProvider
from faker.providers.person import Provider as PersonProvider

from generator_svc.core.kernels.distinct import Place
from generator_svc.core.kernels.grammar import Phrase, formats, literal, number, words

CODE_WIDTH: Final = 8
"""Characters of a code where the column has room: 36^8 are enough for any table."""
_CODE_LETTERS: Final = string.digits + string.ascii_uppercase
_HEX: Final = tuple(f"{value:02x}" for value in range(256))


def _code() -> Phrase:
    letters = words(string.ascii_uppercase)
    return formats(["{{letter}}{{letter}}-%####"], {"letter": letters})


def _hex_color() -> Phrase:
    pair = words(_HEX)
    return literal("#").then(pair).then(pair).then(pair)


def _ssn() -> Phrase:
    areas = words(f"{area:03}" for area in range(1, 900) if area != 666)
    parts = {"area": areas, "group": number(1, 99, 2), "serial": number(1, 9999, 4)}
    return formats(["{{area}}-{{group}}-{{serial}}"], parts)


CODE_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "code": _code,
    "currency_code": lambda: words(code for code, _ in CurrencyProvider.currencies),
    "currency_name": lambda: words(name for _, name in CurrencyProvider.currencies),
    "cryptocurrency_code": lambda: words(code for code, _ in CurrencyProvider.cryptocurrencies),
    "cryptocurrency_name": lambda: words(name for _, name in CurrencyProvider.cryptocurrencies),
    "color_name": lambda: words(ColorProvider.all_colors.keys()),
    "safe_color_name": lambda: words(ColorProvider.safe_colors),
    "hex_color": _hex_color,
    "language_name": lambda: words(PersonProvider.language_names),
    "ssn": _ssn,
}


def ssn_places() -> list[Sequence[Place]]:
    """Offer distinct numbers: 889 million of them."""
    areas = Place(tuple(f"{area:03}-" for area in range(1, 900) if area != 666))
    groups = Place(tuple(f"{group:02}-" for group in range(1, 100)))
    return [(areas, groups, Place(tuple(f"{serial:04}" for serial in range(1, 10000))))]


def code_places(width: int, *, digit_first: bool = False) -> Sequence[Place]:
    """Make distinct codes of digits and capitals; behind a digit, they are apart from any word."""
    first = string.digits[1:] if digit_first else _CODE_LETTERS
    pairs = tuple(left + right for left in _CODE_LETTERS for right in _CODE_LETTERS)
    odd = () if width % 2 else (Place(tuple(_CODE_LETTERS)),)
    return (Place(tuple(first)), *odd, *[Place(pairs)] * ((width - 1) // 2))
