"""Draws follow Faker's weights; UUIDs have their version and variant."""

import uuid

import numpy as np
import pytest
from faker.providers.person.en_US import Provider as PersonProvider
from scipy import stats

from generator_svc.core.kernels.alias import alias_table
from generator_svc.core.kernels.lorem import WORD_LIST
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule, TextRule, TextUnit, UuidRule
from tests.generator_svc.core.kernels.text_columns import KEY, text_column

ROWS = 400_000


def _chi_square(values: list[str], weights: dict[str, float]) -> float:
    """Probability of a sample at least as far from the weights."""
    places = {word: at for at, word in enumerate(weights)}
    counts = np.bincount([places[value] for value in values], minlength=len(places))
    expected = np.array(list(weights.values())) / sum(weights.values()) * len(values)
    return float(stats.chisquare(counts, expected).pvalue)


@pytest.mark.parametrize(
    ("provider", "weights"),
    [
        ("first_name_female", dict(PersonProvider.first_names_female)),
        ("last_name", dict(PersonProvider.last_names)),
        ("suffix_male", dict(PersonProvider.suffixes_male)),
        ("word", dict.fromkeys(WORD_LIST, 1.0)),
    ],
)
def test_words_come_as_often_as_faker_weighs_them(provider: str, weights: dict[str, float]) -> None:
    """Smith is common, rare names exist: group-bys show it."""
    values = text_kernel(FakerRule(provider), text_column(), KEY, None).span(0, ROWS).to_pylist()
    assert _chi_square(values, weights) > 1e-4


def test_every_place_of_a_text_draws_all_words_alike() -> None:
    """Several words share one hash; the later ones must not be worse."""
    texts = text_kernel(TextRule(TextUnit.WORDS, 6, 6), text_column(), KEY, None).span(0, 100_000).to_pylist()
    for place in range(6):
        words = [text.split(" ")[place] for text in texts]
        assert _chi_square(words, dict.fromkeys(WORD_LIST, 1.0)) > 1e-4


def test_columns_with_other_keys_are_independent() -> None:
    """Two name columns of one table must not go together."""
    from generator_svc.core.primitives import derive_key

    first = text_kernel(FakerRule("safe_color_name"), text_column(), KEY, None).span(0, 100_000).to_pylist()
    other = text_kernel(FakerRule("safe_color_name"), text_column(), derive_key("other"), None)
    places = {word: at for at, word in enumerate(sorted(set(first)))}
    table = np.zeros((len(places), len(places)))
    for left, right in zip(first, other.span(0, 100_000).to_pylist(), strict=True):
        table[places[left], places[right]] += 1
    assert stats.chi2_contingency(table).pvalue > 1e-4


def test_an_alias_table_keeps_every_weight_to_64_bits() -> None:
    """Small weights vanish from coarser tables."""
    weights = [1e-9, 3.0, 0.0, 0.5, 7.25, 1e-3]
    threshold, other = alias_table(weights)
    share = np.zeros(len(weights))
    for entry, (kept, instead) in enumerate(zip(threshold, other, strict=True)):
        fraction = (int(kept) + 1) / 2**64
        share[entry] += fraction
        share[instead] += 1 - fraction
    np.testing.assert_allclose(share / len(weights), np.array(weights) / sum(weights), rtol=1e-6, atol=1e-18)


@pytest.mark.parametrize("length", [0, 36, 32])
def test_uuids_are_of_version_4_and_the_rfc_s_variant(length: int) -> None:
    """Parsers check these bits."""
    for text in text_kernel(UuidRule(), text_column(length), KEY, None).span(0, 2_000).to_pylist():
        value = uuid.UUID(text)
        assert value.version == 4
        assert value.variant == uuid.RFC_4122
        assert text == (value.hex if length == 32 else str(value))


def test_every_free_bit_of_a_uuid_is_even() -> None:
    """The 122 free bits come from a network that must not leave any of them biased."""
    texts = text_kernel(UuidRule(), text_column(32), KEY, None).span(0, 50_000).to_pylist()
    data = np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, 16)
    ones = np.unpackbits(data, axis=1).mean(axis=0)
    fixed = {48: 0, 49: 1, 50: 0, 51: 0, 64: 1, 65: 0}
    for bit, share in enumerate(ones):
        assert share == fixed[bit] if bit in fixed else abs(share - 0.5) < 0.012
