"""People's names, on the lists and formats of Faker's person provider of any locale that keeps them as plain lists."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from faker.providers.person import Provider as AnyPerson

from generator_svc.core.kernels.grammar import Phrase, any_of, formats, words

_LISTS: Final = {
    "first_names": "first_name",
    "middle_names": "middle_name",
    "last_names": "last_name",
    "prefixes": "prefix",
    "suffixes": "suffix",
}
_GENDERS: Final = ("", "_male", "_female", "_nonbinary")


@cache
def person_phrases(locale: str) -> Mapping[str, Phrase]:
    """Map provider names to phrases; names that the locale's lists do not give are missing, all if it has none."""
    try:
        provider = import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError:
        return {}
    phrases: dict[str, Phrase] = {}
    for plural, name in _LISTS.items():
        phrases |= _lists(provider, plural, name)
    for gender in _GENDERS:
        templates = getattr(provider, f"formats{gender}", provider.formats)
        if _is_list(templates) and _known(templates, phrases):
            phrases[f"name{gender}"] = formats(templates, phrases)
    return phrases


def _lists(provider: Any, plural: str, name: str) -> dict[str, Phrase]:
    """Read `first_names`, `first_names_male`, …; a gender without a list of its own takes the list of all, and back."""
    found = {
        name + attribute.removeprefix(plural): _listed(provider, attribute)
        for attribute in sorted(dir(provider))
        if attribute.startswith(plural) and _is_own(provider, attribute)
    }
    gendered = [found[name + gender] for gender in _GENDERS[1:] if name + gender in found]
    if name not in found and gendered:
        found[name] = any_of((phrase, 1.0) for phrase in gendered)
    if name in found:
        found = {name + gender: found[name] for gender in _GENDERS} | found
    return found


def _listed(provider: Any, attribute: str) -> Phrase:
    """Read a list; where it is the writing of weighted pairs (`last_name_pairs`), by their weights."""
    pairs = getattr(provider, attribute.replace("names", "name_pairs"), None)
    if attribute.endswith("names") and isinstance(pairs, Mapping):
        return words({writings[0]: float(weight) for writings, weight in pairs.items()})
    return words(getattr(provider, attribute))


def _is_own(provider: Any, attribute: str) -> bool:
    """Tell real lists from those that every locale inherits (John, Jane, Doe)."""
    value = getattr(provider, attribute)
    return _is_list(value) and value is not getattr(AnyPerson, attribute, None) and any(value)


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple, Mapping)) and all(isinstance(word, str) for word in value)


def _known(templates: Any, phrases: Mapping[str, Phrase]) -> bool:
    """Tell whether every `{{symbol}}` of the formats has a phrase."""
    symbols = {part.split("}}")[0] for template in templates for part in template.split("{{")[1:]}
    return symbols <= phrases.keys()
