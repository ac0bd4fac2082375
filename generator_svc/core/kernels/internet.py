"""User names, domains, addresses of machines and pages, on Faker's lists and formats."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from faker.providers.internet import Provider as InternetProvider

from dwsim_wire.faker_names import DEFAULT_LOCALE
from generator_svc.core.kernels.distinct import Place
from generator_svc.core.kernels.grammar import Phrase, any_of, formats, literal, words
from generator_svc.core.kernels.person import person_phrases

_BYTES: Final = tuple(f"{value:02x}" for value in range(256))
_OCTETS: Final = tuple(str(value) for value in range(256))
# First octets with networks of a special purpose (private, loopback, documentation, …) are left out whole.
_SPECIAL: Final = frozenset((10, 100, 127, 169, 172, 192, 198, 203))
_FIRST_OCTETS: Final = tuple(str(value) for value in range(1, 224) if value not in _SPECIAL)


@cache
def lowercase_names() -> tuple[Phrase, Phrase]:
    """First and last names as they stand in user names."""
    person = person_phrases(DEFAULT_LOCALE)
    return person["first_name"].mapped(_plain), person["last_name"].mapped(_plain)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())


def user_name() -> Phrase:
    """Make a user name, such as `james.smith`."""
    first, last = lowercase_names()
    return formats(InternetProvider.user_name_formats, {"first_name": first, "last_name": last})


def domain_name() -> Phrase:
    """Make the domain of a company: Faker takes the first word of its name."""
    return _domain_word().then(literal(".")).then(words(InternetProvider.tlds))


def _domain_word() -> Phrase:
    last = lowercase_names()[1]
    return any_of([(last, 2.0), (last.then(literal("-")).then(last), 1.0)])


def _url() -> Phrase:
    return _formats("{{scheme}}://www.{{domain}}/", "{{scheme}}://{{domain}}/")


def _uri() -> Phrase:
    return _formats("{{scheme}}://{{domain}}/{{path}}/{{page}}{{extension}}", "{{scheme}}://{{domain}}/{{page}}/")


def _hostname() -> Phrase:
    return _formats("{{host}}-##.{{domain}}")


def _formats(*templates: str) -> Phrase:
    symbols = {
        "scheme": words(("http", "https")),
        "domain": domain_name(),
        "path": words(InternetProvider.uri_paths),
        "page": words(InternetProvider.uri_pages),
        "extension": words(InternetProvider.uri_extensions),
        "host": words(InternetProvider.hostname_prefixes),
    }
    return formats(templates, symbols)


def _joined(lists: Sequence[Sequence[str]], separator: str) -> Phrase:
    phrase = words(lists[0])
    for elements in lists[1:]:
        phrase = phrase.then(literal(separator)).then(words(elements)) if separator else phrase.then(words(elements))
    return phrase


def _ipv6() -> Phrase:
    leads = tuple(f"{value:x}" for value in range(1, 16))
    group = _joined((leads, _BYTES, tuple("0123456789abcdef")), "")
    phrase = group
    for _ in range(7):
        phrase = phrase.then(literal(":")).then(group)
    return phrase


def _digest(size: int) -> Callable[[], Phrase]:
    return lambda: _joined([_BYTES] * size, "")


INTERNET_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "user_name": user_name,
    "domain_name": domain_name,
    "domain_word": _domain_word,
    "tld": lambda: words(InternetProvider.tlds),
    "hostname": _hostname,
    "url": _url,
    "uri": _uri,
    "uri_path": lambda: words(InternetProvider.uri_paths),
    "uri_page": lambda: words(InternetProvider.uri_pages),
    "uri_extension": lambda: words(InternetProvider.uri_extensions),
    "http_method": lambda: words(InternetProvider.http_methods),
    "ipv4": lambda: _joined([_FIRST_OCTETS, _OCTETS, _OCTETS, _OCTETS], "."),
    "ipv4_public": lambda: _joined([_FIRST_OCTETS, _OCTETS, _OCTETS, _OCTETS], "."),
    "ipv6": _ipv6,
    "mac_address": lambda: _joined([_BYTES] * 6, ":"),
    "md5": _digest(16),
    "sha1": _digest(20),
    "sha256": _digest(32),
}


def ipv4_places() -> list[Sequence[Place]]:
    """Offer distinct addresses: 3.6 * 10^9 of them."""
    inner = Place(tuple(f"{value}." for value in _OCTETS))
    return [(Place(tuple(f"{value}." for value in _FIRST_OCTETS)), inner, inner, Place(_OCTETS))]


def mac_places() -> list[Sequence[Place]]:
    """Offer distinct addresses: 2^48 of them."""
    return [(*[Place(tuple(f"{value}:" for value in _BYTES))] * 5, Place(_BYTES))]
