"""Methods of Faker that are kernels in `LOCALES`: read from Faker's lists and formats, drawn as often as Faker does.

Only names listed here are read: for these, tests compare the kernel with Faker, locale by locale. A method that does
more than draw from lists and formats in some locale is a pool there; docs/faker.md has the table.
"""

import threading
from collections.abc import Mapping
from functools import cache
from typing import Final

from dwsim_wire.faker_names import locale_generator
from generator_svc.core.kernels.faker_reading import MethodReader
from generator_svc.core.kernels.faker_slugs import SLUGS
from generator_svc.core.kernels.grammar import Phrase, any_of, literal

LOCALES: Final = (
    "da_DK", "de_DE", "en_GB", "en_US", "es_ES", "fr_FR", "it_IT", "ja_JP", "nl_NL", "pl_PL", "pt_BR", "sv_SE",
)  # fmt: skip
"""Locales whose methods are read."""
_GENDERS: Final = ("", "_female", "_male", "_nonbinary")
READ: Final = frozenset(
    (
        *(name + gender for name in ("first_name", "last_name", "name", "prefix", "suffix") for gender in _GENDERS),
        "address", "administrative_unit", "building_number", "city", "city_name", "city_prefix", "city_suffix",
        "country", "country_code", "postalcode", "postcode", "secondary_address", "state", "state_abbr",
        "street_address", "street_name", "street_prefix", "street_suffix", "zipcode",
        "company", "company_prefix", "company_suffix", "bs", "catch_phrase", "job", "job_female", "job_male",
        "bank", "bban", "swift", "swift8", "swift11", "currency_code", "currency_name", "currency_symbol",
        "cryptocurrency_code", "cryptocurrency_name", "pricetag", "credit_card_provider", "credit_card_security_code",
        "cellphone_number", "country_calling_code", "msisdn", "phone_number",
        "domain_name", "domain_word", "free_email_domain", "hostname", "http_method", "http_status_code",
        "port_number", "safe_domain_name", "tld", "uri_extension", "uri_page", "url", "user_name",
        "chrome", "firefox", "internet_explorer", "linux_processor", "mac_processor", "opera", "safari", "user_agent",
        "android_platform_token", "ios_platform_token", "linux_platform_token", "mac_platform_token",
        "windows_platform_token",
        "color_name", "rgb_color", "rgb_css_color", "safe_color_name", "safe_hex_color", "language_name",
        "file_extension", "file_name", "file_path", "language_code", "locale", "mime_type", "unix_device",
        "unix_partition", "license_plate", "century", "timezone", "ein", "random_digit", "random_digit_not_null",
        "random_int", "random_letter", "random_lowercase_letter", "random_uppercase_letter",
    )
)  # fmt: skip
"""Methods that are read."""
EMAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("safe_domain_name",),
    "safe_email": ("safe_domain_name",),
    "ascii_safe_email": ("safe_domain_name",),
    "free_email": ("free_email_domain",),
    "ascii_free_email": ("free_email_domain",),
    "company_email": ("domain_name",),
    "ascii_company_email": ("domain_name",),
    "ascii_email": ("domain_name", "free_email_domain"),
}
_TURN: Final = threading.Lock()


def native_phrase(provider: str, locale: str) -> Phrase | None:
    """Read a method; None where it is not to be read, or does more than a phrase can."""
    if locale not in LOCALES:
        return None
    with _TURN:
        if provider in EMAILS:
            return _email(provider, locale)
        return _read(provider, locale) if provider in READ else None


def user_name_head(locale: str) -> Phrase | None:
    """First names as they stand in user names, for a number to be put behind them."""
    with _TURN:
        names = _reader(locale).phrase("first_romanized_name") or _reader(locale).phrase("first_name")
    return names.mapped(lambda name: SLUGS["slugify"](name.split(" ")[0])) if names else None


def own_country(locale: str) -> str:
    """Country of a locale's banks; empty where Faker has none."""
    with _TURN:
        phrase = _reader(locale).phrase("bank_country") if locale in LOCALES else None
    return phrase.words[0] if phrase else ""


@cache
def _reader(locale: str) -> MethodReader:
    return MethodReader(locale_generator(locale))


@cache
def _read(provider: str, locale: str) -> Phrase | None:
    return _reader(locale).phrase(provider)


@cache
def _email(provider: str, locale: str) -> Phrase | None:
    """Put a user name before a domain that is never cut."""
    names, domains = _read("user_name", locale), [_read(name, locale) for name in EMAILS[provider]]
    found = [domain for domain in domains if domain]
    if names is None or len(found) < len(domains):
        return None
    return names.then(literal("@").then(any_of((domain, 1.0) for domain in found)), tail=True)
