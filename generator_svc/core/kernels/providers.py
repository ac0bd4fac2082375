"""Which Faker providers are kernels here, how their names are spelled, and which stands in where a column is short."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from dwsim_wire.faker_names import DEFAULT_LOCALE, locale_name
from dwsim_wire.fault import InvalidArgument
from generator_svc.core.kernels.address import ADDRESS_PHRASES
from generator_svc.core.kernels.checked_codes import CHECKED_PHRASES, checked_phrase
from generator_svc.core.kernels.codes import CODE_PHRASES
from generator_svc.core.kernels.company import COMPANY_PHRASES
from generator_svc.core.kernels.email import EMAIL_PHRASES
from generator_svc.core.kernels.faker_moments import MOMENT_PROVIDERS
from generator_svc.core.kernels.faker_natives import EMAILS, LOCALES, READ, native_phrase
from generator_svc.core.kernels.grammar import Phrase, literal, words
from generator_svc.core.kernels.internet import INTERNET_PHRASES, user_name
from generator_svc.core.kernels.lorem import WORD_LIST
from generator_svc.core.kernels.patterns import PATTERN_PHRASES
from generator_svc.core.kernels.person import person_phrases
from generator_svc.core.kernels.phone import PHONE_PHRASES
from generator_svc.core.rules import FakerRule

Arguments = Mapping[str, Any]

TEXT_PROVIDERS: Final = ("words", "sentence", "sentences", "paragraph", "paragraphs", "text")
"""Providers made by the kernel of readable text, not as phrases."""
UUID_PROVIDER: Final = "uuid4"
SHORTER: Final[Mapping[str, str]] = {
    "state": "state_abbr",
    "administrative_unit": "state_abbr",
    "country": "country_code_alpha_3",
    "country_code_alpha_3": "country_code",
    "name": "first_name",
    "address": "street_address",
    "street_address": "street_name",
    "phone_number": "basic_phone_number",
    "basic_phone_number": "local_phone_number",
    "zipcode_plus4": "zipcode",
    "postalcode_plus4": "postcode",
    "uri": "url",
    "url": "domain_name",
    "currency_name": "currency_code",
    "product_name": "word",
    **{name: "short_email" for name in EMAIL_PHRASES if name.endswith("email") and name != "short_email"},
}
"""What takes a provider's place in a column that is too short for it."""
SOLID: Final = frozenset(
    (
        "phone_number", "basic_phone_number", "local_phone_number", "msisdn", "postcode", "postalcode", "zipcode",
        "zip", "zipcode_plus4", "postalcode_plus4", "state_abbr", "country_code", "country_code_alpha_3",
        "currency_code", "ipv4", "ipv4_public", "ipv6", "mac_address", "md5", "sha1", "sha256", "hex_color", "ssn",
        "numerify", "bothify", "lexify", "hexify", "random_element", "cellphone_number", "bban", "swift", "swift8",
        "swift11", "credit_card_security_code", "license_plate", "ein", "http_status_code", "port_number", "pricetag",
        "credit_card_number", "ean", "ean8", "ean13", "upc_a", "iban", "isbn10", "isbn13",
        "rgb_color", "rgb_css_color", "safe_hex_color", "random_int", "unix_device",
    )
)  # fmt: skip
"""Providers whose values mean nothing once they are cut."""
_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    **ADDRESS_PHRASES,
    **CODE_PHRASES,
    **COMPANY_PHRASES,
    **EMAIL_PHRASES,
    **INTERNET_PHRASES,
    **PHONE_PHRASES,
    "word": lambda: words(WORD_LIST),
}
ANYWHERE: Final = frozenset(
    (
        "cryptocurrency_code", "cryptocurrency_name", "code", "hex_color", "ipv4", "ipv4_public", "ipv6",
        "mac_address", "md5", "product_name", "sha1", "sha256",
    )
)  # fmt: skip
"""Providers that make the same in every locale."""
_INTERNAL: Final = frozenset(("short_email", "local_phone_number", "country_code_alpha_3"))


def native_providers(locale: str = DEFAULT_LOCALE) -> tuple[str, ...]:
    """List the providers that are kernels, in order."""
    names = {*PATTERN_PHRASES, *ANYWHERE, UUID_PROVIDER}
    if locale == DEFAULT_LOCALE:
        names |= {*_PHRASES, *TEXT_PROVIDERS}
    if locale in LOCALES:
        names |= {*MOMENT_PROVIDERS}
    names |= {
        name
        for name in {*READ, *EMAILS, *CHECKED_PHRASES, *person_phrases(locale)}
        if provider_phrase(name, locale, {})
    }
    return tuple(sorted(names - _INTERNAL))


def shorter_providers(provider: str) -> list[str]:
    """List what may take a provider's place, the longest first."""
    shorter = SHORTER.get(provider)
    return [shorter, *shorter_providers(shorter)] if shorter else []


def arguments_of(rule: FakerRule) -> dict[str, Any]:
    """Read a rule's arguments, each a JSON text."""
    try:
        return {name: json.loads(value) for name, value in rule.arguments.items()}
    except json.JSONDecodeError as error:
        raise InvalidArgument(
            f"arguments of provider '{rule.provider}' are not JSON: {error.msg}",
            hint='write text in quotes, such as "###"',
            metadata={"provider": rule.provider},
        ) from error


def locale_of(rule: FakerRule) -> str:
    """Read `de-DE` as `de_DE`, nothing as en_US."""
    return locale_name(rule.locale)


def provider_phrase(provider: str, locale: str, arguments: Arguments) -> Phrase | None:
    """Build the phrase of a provider; None where it has none for the locale or the arguments."""
    if phrase := checked_phrase(provider, locale, arguments):
        return phrase
    if provider in PATTERN_PHRASES:
        return PATTERN_PHRASES[provider](arguments)
    if provider == "email" and locale == DEFAULT_LOCALE and _is_domain(arguments):
        return user_name().then(literal(f"@{arguments['domain']}"), tail=True)
    if provider == "country_code" and arguments == {"representation": "alpha-3"}:
        provider, arguments = "country_code_alpha_3", {}
    person = person_phrases(locale)
    if arguments:
        return None
    if provider in person:
        return person[provider]
    if locale == DEFAULT_LOCALE and provider in _PHRASES:
        return _phrase(provider)
    return native_phrase(provider, locale) or (_phrase(provider) if provider in ANYWHERE else None)


def _is_domain(arguments: Arguments) -> bool:
    return arguments.keys() == {"domain"} and isinstance(arguments["domain"], str)


@cache
def _phrase(provider: str) -> Phrase:
    return _PHRASES[provider]()
