"""What a column holds, guessed from names: a DDL file without rules must look like data."""

import pytest

from generator_svc.core.kernels.text import guess_provider, guess_rule, text_kernel
from generator_svc.core.rules import FakerRule, TextRule, TextUnit, UuidRule, WeightedChoiceRule
from tests.generator_svc.core.kernels.text_columns import KEY, text_column

WORDS = TextRule(TextUnit.WORDS, 1, 3)


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("email", "email"),
        ("contact_email", "email"),
        ("FirstName", "first_name"),
        ("LAST_NAME", "last_name"),
        ("billing_zip_code", "postcode"),
        ("shippingCity", "city"),
        ("ip_address", "ipv4"),
        ("customer_phone", "phone_number"),
        ("notes", "sentence"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_ending_of_a_name_gives_the_provider(name: str, provider: str | None) -> None:
    """Prefixes say whose it is, endings what it is."""
    assert guess_provider(name) == provider


@pytest.mark.parametrize(
    ("table", "column", "rule"),
    [
        ("customers", "name", FakerRule("name")),
        ("dim_customer", "name", FakerRule("name")),
        ("products", "name", FakerRule("product_name")),
        ("companies", "name", FakerRule("company")),
        ("orders", "vendor_name", FakerRule("company")),
        ("orders", "first_name", FakerRule("first_name")),
        ("cities", "name", FakerRule("city")),
        ("employees", "title", FakerRule("job")),
        ("films", "title", WORDS),
        ("widgets", "name", WORDS),
        ("orders", "warehouse_reference", FakerRule("code")),
        ("orders", "xyzzy", None),
    ],
)
def test_a_name_is_read_by_whose_it_is(table: str, column: str, rule: object) -> None:
    """`name` alone is a person in one table and a product in another."""
    assert guess_rule(table, text_column(100, column)) == rule


def test_a_status_has_the_words_of_its_table() -> None:
    """Orders are shipped, invoices are paid."""
    orders = guess_rule("orders", text_column(20, "status"))
    assert isinstance(orders, WeightedChoiceRule)
    assert [choice.value for choice in orders.choices][:2] == ["delivered", "shipped"]


def test_a_distinct_column_is_never_a_choice_of_a_few_words() -> None:
    """Five words cannot fill a unique column."""
    assert guess_rule("kinds", text_column(20, "type"), distinct=True) == FakerRule("code")
    assert guess_rule("orders", text_column(20, "order_number"), distinct=True) == FakerRule("code")


def test_a_short_code_is_made_of_capitals() -> None:
    """`branch_code CHAR(3)` wants `KQZ`, not the beginning of a word."""
    column = text_column(3, "branch_code")
    rule = guess_rule("accounts", column)
    assert isinstance(rule, FakerRule)
    values = text_kernel(rule, column, KEY, None).span(0, 100).to_pylist()
    assert all(len(value) == 3 and value.isupper() for value in values)


NAMES = [
    "active_flag", "branch_code", "brand", "coupon_code", "order_id", "region", "sha256",
    "address_line_2", "category", "city", "color", "comment", "country", "country_code", "currency", "description",
    "domain", "e_mail", "gender", "hostname", "ipv6", "job_title", "mac_address", "md5", "payment_method", "phone",
    "product_name", "session_id", "size", "sku", "ssn", "state", "status", "url", "username", "zip",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_guess_always_fits_the_column(name: str) -> None:
    """No imported table may fail because of a guess that nobody asked for."""
    for length in (0, 1, 2, 3, 4, 6, 8, 10, 16, 30, 255):
        column = text_column(length, name)
        rule = guess_rule("orders", column)
        if isinstance(rule, WeightedChoiceRule):
            assert all(1 <= len(choice.value) <= (length or 99) for choice in rule.choices)
        elif isinstance(rule, FakerRule | TextRule | UuidRule):
            text_kernel(rule, column, KEY, None).span(0, 10)
        distinct = guess_rule("orders", column, distinct=True) or TextRule()
        if length >= 8 and isinstance(distinct, FakerRule | TextRule | UuidRule):
            text_kernel(distinct, column, KEY, 1_000_000)
