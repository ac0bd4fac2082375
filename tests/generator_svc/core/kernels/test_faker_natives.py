"""Kernels read from Faker: in every locale they make what Faker makes, as often as Faker makes it."""

import re
from collections import Counter
from typing import Any

import faker
import pytest

from dwsim_wire.faker_names import provider_names
from generator_svc.core.kernels.faker_natives import LOCALES, READ, native_phrase
from generator_svc.core.kernels.grammar import Form, Part, Phrase, Range, Words
from generator_svc.core.kernels.phrase import PhraseKernel
from generator_svc.core.kernels.providers import native_providers, provider_phrase
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule
from tests.generator_svc.core.kernels.text_columns import KEY, text_column

COMMON = (
    "first_name", "last_name", "name", "street_name", "street_address", "city", "postcode", "country", "job",
    "phone_number", "user_name", "email", "free_email", "color_name",
)  # fmt: skip
SOME = ("de_DE", "fr_FR", "ja_JP")
IN_EVERY = [locale if locale in SOME else pytest.param(locale, marks=pytest.mark.slow) for locale in LOCALES]
POOLED = {("es_ES", "company")}
DRAWS = 60
SHARE_DRAWS = 400
AGENTS = {"chrome", "firefox", "internet_explorer", "opera", "safari", "user_agent"}


def _lengths(part: Part) -> set[int]:
    match part:
        case Words():
            return {len(word) for word in part.words}
        case Range():
            return {part.width}
    return set()


def _takes(part: Part, text: str) -> bool:
    match part:
        case Words():
            return text in part.words
        case Range():
            return text.isdigit() and part.low <= int(text) <= part.high
    return False


def _makes(form: Form, text: str) -> bool:
    """Tell whether a form can make a text."""
    ends = {0}
    for part in form.parts:
        ends = {
            end + length
            for end in ends
            for length in _lengths(part)
            if end + length <= len(text) and _takes(part, text[end : end + length])
        }
    return len(text) in ends


def _can_make(phrase: Phrase, text: str) -> bool:
    return any(_makes(form, text) for form in phrase.forms)


def _sets(phrase: Phrase) -> Phrase:
    """Give parts sets of words, which are searched at once."""
    known: dict[Part, Part] = {}

    def as_set(part: Part) -> Part:
        if part not in known:
            known[part] = Words(frozenset(part.words)) if isinstance(part, Words) else part  # type: ignore[arg-type]  # membership alone
        return known[part]

    return Phrase(tuple(Form(form.weight, tuple(map(as_set, form.parts)), form.tail) for form in phrase.forms))


def _shape(text: str) -> str:
    """Letters as a, digits as 9, runs of them as one."""
    return re.sub(r"([a9])\1+", r"\1", re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text)))


@pytest.mark.parametrize("locale", IN_EVERY)
def test_what_faker_makes_is_what_the_kernel_can_make(locale: str) -> None:
    """Every value that Faker draws is one of the kernel's lists and formats."""
    generator = faker.Factory.create(locale)
    generator.seed_instance(7)
    for provider in sorted(READ & provider_names(locale)):
        phrase = native_phrase(provider, locale)
        if phrase is None or (provider in AGENTS and locale != "en_US"):
            continue
        values = {str(getattr(generator, provider)()) for _ in range(DRAWS)} - {""}
        searched = _sets(phrase)
        strange = [value for value in values if not _can_make(searched, value)]
        assert not strange, f"{provider} of {locale} cannot be {strange[:3]}"


@pytest.mark.parametrize("locale", IN_EVERY)
def test_what_the_kernel_makes_has_the_shapes_of_faker_as_often(locale: str) -> None:
    """A format that is read wrongly, or too often, shows as a shape that Faker has not, or has more rarely."""
    generator = faker.Factory.create(locale)
    generator.seed_instance(7)
    for provider in sorted(READ & provider_names(locale)):
        phrase = native_phrase(provider, locale)
        if phrase is None or provider in AGENTS | {"random_int"}:
            continue
        theirs = Counter(_shape(str(getattr(generator, provider)())) for _ in range(SHARE_DRAWS))
        theirs.pop("", None)
        ours = Counter(map(_shape, PhraseKernel(phrase, KEY).span(0, SHARE_DRAWS).to_pylist()))
        for shape in ours.keys() | theirs.keys():
            mean = (ours[shape] + theirs[shape]) / 2
            assert abs(ours[shape] - theirs[shape]) <= 7 * mean**0.5 + 7, (provider, locale, shape)


@pytest.mark.parametrize("locale", ["sv_SE", "ja_JP"])
def test_weighted_lists_are_drawn_by_their_weights(locale: str) -> None:
    """Swedish names have the frequencies of the statistics office; Japanese ones come in weighted writings."""
    generator: Any = faker.Factory.create(locale)
    generator.seed_instance(7)
    theirs = Counter(generator.last_name() for _ in range(50_000))
    drawn = text_kernel(FakerRule("last_name", locale), text_column(), KEY, None).span(0, 50_000).to_pylist()
    ours = Counter(drawn)
    for name, count in theirs.most_common(30):
        assert abs(ours[name] - count) < 6 * (2 * count) ** 0.5


@pytest.mark.parametrize("locale", IN_EVERY)
def test_the_common_methods_are_kernels_in_every_locale(locale: str) -> None:
    """Names, addresses, companies, jobs, telephone numbers and addresses of mail."""
    missing = {provider for provider in (*COMMON, "company") if provider_phrase(provider, locale, {}) is None}
    assert {(locale, provider) for provider in missing} <= POOLED
    assert len(native_providers(locale)) >= 80


@pytest.mark.parametrize("locale", IN_EVERY)
def test_distinct_values_are_distinct_over_all_segments(locale: str) -> None:
    """Mail addresses, telephone numbers and names of any locale may be a key."""
    for provider in ("email", "phone_number", "name", "city", "user_name", "postcode", "company"):
        seen: set[str] = set()
        first = 0
        for rows in (50, 3_000):
            kernel = text_kernel(FakerRule(provider, locale), text_column(), KEY, rows, first)
            seen.update(kernel.span(first, rows).to_pylist())
            first += rows
        assert len(seen) == first, (provider, locale)


def test_what_stands_twice_in_a_user_agent_is_the_same_twice() -> None:
    """A browser tells one version of its engine; each place draws its own only where Faker's does."""
    agents = text_kernel(FakerRule("safari"), text_column(), KEY, None).span(0, 5_000).to_pylist()
    versions = [re.fullmatch(r".* AppleWebKit/(\S+) .* Safari/6?(\S+)", agent) for agent in agents]
    assert all(found and found[1] == found[2] for found in versions)
    assert len({found[1] for found in versions if found}) > 1_500
    locales = {found[1] for agent in agents if (found := re.search(r"; ([a-z]+-[A-Z]+)\)", agent))}
    assert len(locales) > 150
