"""E-mail addresses and user names: Faker's formats, and a distinct form with names as frequent as people's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faker.providers.internet import Provider as InternetProvider

from generator_svc.core.kernels.distinct import Place
from generator_svc.core.kernels.grammar import Phrase, Words, literal, words
from generator_svc.core.kernels.internet import domain_name, lowercase_names, user_name

# Domain of addresses in columns that have no room for a longer one.
_SHORT: Final = "ex.io"
_SAFE: Final = InternetProvider.safe_domain_names
_FREE: Final = InternetProvider.free_email_domains


def _email(domain: Callable[[], Phrase]) -> Callable[[], Phrase]:
    return lambda: user_name().then(literal("@").then(domain()), tail=True)


EMAIL_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "email": _email(lambda: words(_SAFE)),
    "safe_email": _email(lambda: words(_SAFE)),
    "ascii_safe_email": _email(lambda: words(_SAFE)),
    "free_email": _email(lambda: words(_FREE)),
    "ascii_free_email": _email(lambda: words(_FREE)),
    "company_email": _email(domain_name),
    "ascii_company_email": _email(domain_name),
    "ascii_email": _email(lambda: words(_FREE)),
    "free_email_domain": lambda: words(_FREE),
    "safe_domain_name": lambda: words(_SAFE),
    "short_email": _email(lambda: literal(_SHORT)),
}


def email_places(provider: str) -> Callable[[], list[Sequence[Place]]]:
    """Offer distinct addresses of a provider: names, number, domain."""
    return lambda: [(*_name_places(), Place(tuple(f"@{domain}" for domain in _domains(provider))))]


def user_name_places() -> list[Sequence[Place]]:
    """Offer distinct user names: names and number."""
    return [_name_places()]


def _name_places() -> tuple[Place, ...]:
    first, last = (phrase.forms[0].parts[0] for phrase in lowercase_names())
    if not (isinstance(first, Words) and isinstance(last, Words)):
        raise TypeError("names are plain lists")
    dotted = tuple(f"{name}." for name in first.words)
    return Place(dotted, first.weights), Place(last.words, last.weights, number=True)


def _domains(provider: str) -> tuple[str, ...]:
    if "free" in provider or provider == "ascii_email":
        return tuple(_FREE)
    if "company" in provider:
        return tuple(f"{name}.{tld}" for name in lowercase_names()[1].words for tld in ("com", "net", "org"))
    return tuple(_SAFE)
