"""Companies, jobs and slogans, on Faker's lists and formats; and names of products, on lists of ours."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from faker.providers.company import Provider as CompanyProvider
from faker.providers.job import Provider as JobProvider

from dwsim_wire.faker_names import DEFAULT_LOCALE
from generator_svc.core.kernels.grammar import Phrase, formats, literal, words
from generator_svc.core.kernels.person import person_phrases

_QUALITIES: Final = (
    "Classic", "Compact", "Deluxe", "Ergonomic", "Essential", "Foldable", "Handmade", "Heavy-Duty", "Lightweight",
    "Modern", "Organic", "Portable", "Premium", "Refined", "Rustic", "Sleek", "Smart", "Sustainable", "Vintage",
    "Waterproof",
)  # fmt: skip
_MATERIALS: Final = (
    "Aluminum", "Bamboo", "Brass", "Canvas", "Ceramic", "Copper", "Cork", "Cotton", "Glass", "Granite", "Leather",
    "Linen", "Marble", "Oak", "Silk", "Steel", "Walnut", "Wool",
)  # fmt: skip
_GOODS: Final = (
    "Backpack", "Basket", "Bench", "Blanket", "Bottle", "Bowl", "Chair", "Clock", "Cutting Board", "Desk", "Gloves",
    "Jacket", "Kettle", "Keyboard", "Lamp", "Mirror", "Mug", "Notebook", "Pan", "Pillow", "Planter", "Rug", "Scarf",
    "Shelf", "Speaker", "Stool", "Table", "Tray", "Umbrella", "Vase", "Wallet", "Watch",
)  # fmt: skip


def company_phrase() -> Phrase:
    """Make a company's name, such as `Smith-Jones`."""
    suffixes = words(CompanyProvider.company_suffixes)
    symbols = {"last_name": person_phrases(DEFAULT_LOCALE)["last_name"], "company_suffix": suffixes}
    return formats(CompanyProvider.formats, symbols)


def _product_name() -> Phrase:
    parts = {"quality": words(_QUALITIES), "material": words(_MATERIALS), "good": words(_GOODS)}
    return formats({"{{quality}} {{material}} {{good}}": 6.0, "{{material}} {{good}}": 3.0, "{{good}}": 1.0}, parts)


def _slogan(lists: Any) -> Phrase:
    """Join one word of each list with blanks."""
    first, *others = (words(elements) for elements in cast("tuple[tuple[str, ...], ...]", lists))
    for other in others:
        first = first.then(literal(" ")).then(other)
    return first


COMPANY_PHRASES: Final[Mapping[str, Callable[[], Phrase]]] = {
    "company": company_phrase,
    "company_suffix": lambda: words(CompanyProvider.company_suffixes),
    "catch_phrase": lambda: _slogan(CompanyProvider.catch_phrase_words),
    "bs": lambda: _slogan(CompanyProvider.bsWords),
    "job": lambda: words(JobProvider.jobs),
    "job_male": lambda: words(JobProvider.jobs),
    "job_female": lambda: words(JobProvider.jobs),
    "product_name": _product_name,
}
