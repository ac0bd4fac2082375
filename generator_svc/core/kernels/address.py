"""Addresses of the United States, on Faker's lists and formats, and the countries of the world."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from faker.providers.address import Provider as AnyAddress
from faker.providers.address.en_US import Provider as AddressProvider

from dwsim_wire.faker_names import DEFAULT_LOCALE
from generator_svc.core.kernels.distinct import Place
from generator_svc.core.kernels.grammar import Phrase, formats, number, words
from generator_svc.core.kernels.person import person_phrases

_POSTCODES: Final = (501, 99950)


def _postcode() -> Phrase:
    return number(*_POSTCODES, 5)


def _postcode_plus4() -> Phrase:
    return formats(["{{postcode}}-{{serial}}"], {"postcode": _postcode(), "serial": number(1, 9999, 4)})


def _state_abbr() -> Phrase:
    provider = AddressProvider
    return words(provider.states_abbr + provider.territories_abbr + provider.freely_associated_states_abbr)


def _city() -> Phrase:
    return formats(AddressProvider.city_formats, _symbols())


def _street_name() -> Phrase:
    return formats(AddressProvider.street_name_formats, _symbols())


def _street_address() -> Phrase:
    return formats(AddressProvider.street_address_formats, _symbols() | {"street_name": _street_name()})


def _address() -> Phrase:
    symbols = {
        "street_address": _street_address(),
        "city": _city(),
        "state_abbr": _state_abbr(),
        "postcode": _postcode(),
        "military_state": words(AddressProvider.military_state_abbr),
        "military_ship": words(AddressProvider.military_ship_prefix),
        "military_apo": formats([AddressProvider.military_apo_format], {}),
        "military_dpo": formats([AddressProvider.military_dpo_format], {}),
    }
    return formats(AddressProvider.address_formats, _symbols() | symbols)


@cache
def _symbols() -> dict[str, Phrase]:
    person = person_phrases(DEFAULT_LOCALE)
    return {
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "city_prefix": words(AddressProvider.city_prefixes),
        "city_suffix": words(AddressProvider.city_suffixes),
        "street_suffix": words(AddressProvider.street_suffixes),
        "building_number": formats(("%####", "%###", "%##"), {}),
        "secondary_address": formats(AddressProvider.secondary_address_formats, {}),
    }


ADDRESS_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "address": _address,
    "street_address": _street_address,
    "street_name": _street_name,
    "street_suffix": lambda: _symbols()["street_suffix"],
    "building_number": lambda: _symbols()["building_number"],
    "secondary_address": lambda: _symbols()["secondary_address"],
    "city": _city,
    "city_prefix": lambda: _symbols()["city_prefix"],
    "city_suffix": lambda: _symbols()["city_suffix"],
    "state": lambda: words(AddressProvider.states),
    "administrative_unit": lambda: words(AddressProvider.states),
    "state_abbr": _state_abbr,
    "postcode": _postcode,
    "postalcode": _postcode,
    "zipcode": _postcode,
    "zip": _postcode,
    "zipcode_plus4": _postcode_plus4,
    "postalcode_plus4": _postcode_plus4,
    "country": lambda: words(AnyAddress.countries),
    "country_code": lambda: words(AnyAddress.alpha_2_country_codes),
    "country_code_alpha_3": lambda: words(AnyAddress.alpha_3_country_codes),
}


def postcode_places() -> list[Sequence[Place]]:
    """Offer distinct postcodes: 99,400 of five digits, then those of nine."""
    areas, pairs = Place(tuple(f"{area:03}" for area in range(6, 1000))), tuple(f"{pair:02}" for pair in range(100))
    short = (areas, Place(pairs))
    return [short, (*short, Place(tuple(f"-{pair}" for pair in pairs)), Place(pairs))]
