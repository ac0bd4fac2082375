"""Telephone numbers of Faker's en_US formats: area codes and exchanges begin with 2 to 9."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faker.providers.phone_number import Provider as AnyPhone
from faker.providers.phone_number.en_US import Provider as PhoneProvider

from generator_svc.core.kernels.distinct import Place
from generator_svc.core.kernels.grammar import Phrase, formats, words

PHONE_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "phone_number": lambda: formats(PhoneProvider.formats, {}),
    "basic_phone_number": lambda: formats(PhoneProvider.basic_formats, {}),
    "local_phone_number": lambda: formats(("$##-####", "$######"), {}),
    "msisdn": lambda: formats(PhoneProvider.msisdn_formats, {}),
    "country_calling_code": lambda: words(AnyPhone.country_calling_codes),
}

_AREAS: Final = tuple(str(area) for area in range(200, 1000))
_PAIRS: Final = tuple(f"{pair:02}" for pair in range(100))


def phone_places() -> list[Sequence[Place]]:
    """Offer distinct numbers, the roomiest format first; 6.4 * 10^9 of them, then with extensions (`x12`)."""
    line = (Place(_PAIRS), Place(_PAIRS, number=True, sign="x"))
    dashed = Place(tuple(f"{area}-" for area in _AREAS))
    return [(dashed, dashed, *line), (Place(_AREAS), Place(_AREAS), Place(_PAIRS), Place(_PAIRS))]


def local_phone_places() -> list[Sequence[Place]]:
    """Offer the 8 million distinct numbers of seven digits."""
    return [(Place(_AREAS), Place(_PAIRS), Place(_PAIRS))]
