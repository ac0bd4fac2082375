"""Faker's providers by name: how they are spelled and which a locale has, for who checks documents and who makes cells.

Faker itself is loaded with the first name that is asked for: most documents have none.
"""

import difflib
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

DEFAULT_LOCALE: Final = "en_US"
OWN: Final = frozenset(("code", "product_name"))
"""Providers that Faker has not."""
_WITHOUT_ORDER: Final = {"faker.providers.address.it_IT": ("cities",)}
"""Lists that Faker makes of sets: each process has them in another order."""


class Unknown(NamedTuple):
    """Why a provider cannot be used, and what would be right; `locale` is True where that is what is unknown."""

    message: str
    hint: str
    locale: bool = False


def provider_name(spelling: str) -> str:
    """Read `email`, `faker.email`, `internet.email` and `fake.email()` as `email`."""
    return spelling.strip().removesuffix("()").rsplit(".", 1)[-1].lower()


def locale_name(spelling: str) -> str:
    """Read `de-DE` as `de_DE`, nothing as en_US."""
    return spelling.replace("-", "_") or DEFAULT_LOCALE


def unknown(provider: str, locale: str) -> Unknown | None:
    """What is wrong with a provider's and a locale's name; None if Faker has both."""
    if locale not in _locales():
        near = _near(locale, _locales())
        return Unknown(f"Faker has no locale '{locale}'", near or "such as de_DE, fr_FR, ja_JP", locale=True)
    known = provider_names(locale)
    if provider in known or provider in OWN:
        return None
    elsewhere = locale != DEFAULT_LOCALE and provider in provider_names(DEFAULT_LOCALE)
    message = f"Faker has no provider '{provider}'"
    if elsewhere:
        message += f" for '{locale}'; it has one for {DEFAULT_LOCALE}"
    return Unknown(message, _near(provider, known | OWN) or "see Faker's list of standard providers")


@cache
def locale_generator(locale: str) -> Any:
    """Faker's generator of a locale that it has."""
    import faker

    generator = faker.Factory.create(locale)
    for provider in generator.get_providers():
        for name in _WITHOUT_ORDER.get(type(provider).__module__, ()):
            setattr(provider, name, sorted(getattr(provider, name)))
    return generator


@cache
def provider_names(locale: str) -> frozenset[str]:
    """Methods of a locale that make values."""
    providers = locale_generator(locale).get_providers()
    return frozenset(
        name for each in providers for name in dir(each) if not name.startswith("_") and callable(getattr(each, name))
    )


@cache
def _locales() -> frozenset[str]:
    from faker.config import AVAILABLE_LOCALES

    return frozenset(AVAILABLE_LOCALES)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""
