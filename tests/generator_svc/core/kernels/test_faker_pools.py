"""Pools: any method of Faker, in any locale, the same on every machine and every day."""

import datetime as dt
import json
import os
import re
import subprocess
import sys

import pyarrow.compute as pc
import pytest

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule, UnknownProvider
from generator_svc.core.kernels.faker_pools import POOL_DRAWS, pool_values
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule, Rule
from generator_svc.core.spec import LogicalType, TypeKind
from tests.generator_svc.core.catalog import BOOLEAN, DATE, DOUBLE, INT, MONEY, TIMESTAMP, one_column, plan, text
from tests.generator_svc.core.kernels.text_columns import KEY, text_column

AS_OF = dt.date(2026, 1, 1)
_DIGEST = """
import datetime, hashlib, json, sys
from generator_svc.core.kernels import faker_pools
faker_pools.POOL_DRAWS = 10
made = {}
for locale in ("en_US", "ru_RU"):
    for method in sorted(faker_pools.provider_names(locale)):
        try:
            made[f"{locale} {method}"] = faker_pools.pool_values(method, locale, {}, datetime.date(2026, 1, 1))
        except Exception as error:
            made[f"{locale} {method}"] = type(error).__name__
json.dump(made, sys.stdout)
"""

_LISTS = """
import hashlib, json, os, sys
from dwsim_wire.faker_names import _locales, locale_generator
made = {}
for locale in os.environ["LOCALES"].split() or sorted(_locales()):
    for provider in locale_generator(locale).get_providers():
        for name in dir(provider):
            values = None if name.startswith("__") else getattr(provider, name)
            if isinstance(values, (list, tuple, dict)) and " object at 0x" not in (text := repr(values)):
                made[f"{locale} {type(provider).__module__} {name}"] = hashlib.md5(text.encode()).hexdigest()
json.dump(made, sys.stdout)
"""


def _told(script: str, **environment: str) -> dict[str, object]:
    """What a process of its own prints as JSON."""
    command, variables = [sys.executable, "-W", "ignore", "-c", script], {**os.environ, **environment}
    answer = subprocess.run(command, env=variables, capture_output=True, check=True)
    told: dict[str, object] = json.loads(answer.stdout)
    return told


def _kernel(rule: FakerRule, length: int = 0, rows: int | None = None, first_row: int = 0) -> Kernel:
    return text_kernel(rule, text_column(length), KEY, rows, first_row)


def test_every_method_gives_the_same_pool_whatever_the_machine() -> None:
    """Hash seeds and time zones differ between machines; the parts of one run must go together."""
    answers = [
        _told(_DIGEST, PYTHONHASHSEED=seed, TZ=zone) for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York"))
    ]
    assert answers[0] == answers[1]
    assert len([name for name, values in answers[0].items() if isinstance(values, list)]) > 500


@pytest.mark.parametrize("locales", ["en_US it_IT ja_JP", pytest.param("", marks=pytest.mark.slow, id="all")])
def test_the_lists_of_locales_have_one_order_in_every_process(locales: str) -> None:
    """Faker makes some of sets, whose order is the process's own; pools and kernels draw by it."""
    first, second = (_told(_LISTS, PYTHONHASHSEED=seed, LOCALES=locales) for seed in ("1", "2"))
    assert "it_IT faker.providers.address.it_IT cities" in first
    assert [name for name, digest in first.items() if second[name] != digest] == []


@pytest.mark.parametrize(
    ("provider", "pattern"),
    [
        ("sbn9", r"[\dX-]+"),
        ("vin", r"[A-Z\d]{17}"),
        ("itin", r"9\d\d-\d\d-\d{4}"),
    ],
)
def test_a_method_without_a_kernel_is_drawn_from_a_pool(provider: str, pattern: str) -> None:
    """Any spelling; values are Faker's own."""
    values = _kernel(FakerRule(f"faker.{provider}")).span(0, 5_000).to_pylist()
    assert all(re.fullmatch(pattern, value) for value in values)
    assert set(values) <= set(pool_values(provider, "en_US", {}, AS_OF))


def test_a_pool_says_its_size_and_keeps_what_is_frequent() -> None:
    """Faker's weights come through: a pool of distinct values alone would make the rare as frequent."""
    assert len(pool_values("ean13", "en_US", {}, AS_OF)) == POOL_DRAWS
    rule = FakerRule("pybool", arguments={"truth_probability": "90"})
    drawn = _kernel(rule).span(0, 100_000)
    assert pc.sum(pc.equal(drawn, "true")).as_py() == pytest.approx(90_000, rel=0.03)


@pytest.mark.parametrize("provider", ["ean13", "city", "email", "profile", "color_rgb"])
@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_distinct_values_of_a_pool_are_distinct_over_all_segments(provider: str, locale: str) -> None:
    """From the list as long as it lasts, then with a number; an append never meets an earlier value."""
    rule = FakerRule(provider, locale)
    seen: set[str] = set()
    first = 0
    for rows in (50, 3_000, 120_000):
        seen.update(_kernel(rule, 0, rows, first).span(first, rows).to_pylist())
        first += rows
    assert len(seen) == first
    if provider == "email":
        assert all(re.fullmatch(r"[^@\s]+@[^@\s]+", value) for value in seen)


def test_values_that_do_not_fit_are_left_out_and_none_is_cut() -> None:
    """Half a number is no number."""
    pool = set(pool_values("catch_phrase", "fr_FR", {}, AS_OF))
    values = set(_kernel(FakerRule("catch_phrase", "fr_FR"), 40).span(0, 5_000).to_pylist())
    assert values <= pool
    assert max(map(len, values)) <= 40
    with pytest.raises(ImpossibleRule, match="do not fit"):
        _kernel(FakerRule("iban"), 10)


def test_arguments_reach_the_method() -> None:
    """By name, as JSON."""
    values = _kernel(FakerRule("pyint", arguments={"min_value": "5", "max_value": "9"})).span(0, 1_000).to_pylist()
    assert set(values) == {"5", "6", "7", "8", "9"}


def test_past_and_future_are_seen_from_as_of() -> None:
    """Never from the day of the run."""
    for provider, past in (("past_date", True), ("future_date", False), ("date_this_year", False)):
        days = {dt.date.fromisoformat(day) for day in pool_values(provider, "en_US", {}, dt.date(2020, 2, 29))}
        assert all((day < dt.date(2020, 2, 29)) == past or day.year == 2020 for day in days)
        assert all(abs((day - dt.date(2020, 2, 29)).days) < 366 for day in days)


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (INT, FakerRule("random_int")),
        (DATE, FakerRule("date_of_birth")),
        (TIMESTAMP, FakerRule("date_time")),
        (BOOLEAN, FakerRule("boolean")),
        (DOUBLE, FakerRule("pyfloat")),
        (MONEY, FakerRule("pydecimal", arguments={"left_digits": "5"})),
        (LogicalType(TypeKind.JSON), FakerRule("simple_profile")),
    ],
)
def test_a_column_of_another_type_takes_the_values_of_its_type(logical: LogicalType, rule: Rule) -> None:
    """A date of birth belongs in a DATE."""
    batch = plan([one_column(logical, rule)], {"t": 2_000}).batch("t", 0, 2_000)
    assert batch.column(0).null_count == 0
    assert len(batch.column(0).unique()) > 1


@pytest.mark.parametrize(
    ("rule", "fault", "what"),
    [
        (FakerRule("emial"), UnknownProvider, "email"),
        (FakerRule("credit_card_nummber"), UnknownProvider, "credit_card_number"),
        (FakerRule("city", "de_DF"), InvalidArgument, "de_DE"),
        (FakerRule("pyint", arguments={"minimum": "5"}), InvalidArgument, "min_value"),
        (FakerRule("pystr", arguments={"max_chars": "100000000"}), InvalidArgument, "text or pattern"),
        (FakerRule("binary"), ImpossibleRule, "another"),
        (FakerRule("seed_instance"), UnknownProvider, ""),
        (FakerRule("__class__"), UnknownProvider, ""),
    ],
)
def test_what_gives_no_value_is_refused_with_what_would(rule: FakerRule, fault: type[Fault], what: str) -> None:
    """Unknown methods, locales and arguments cost seconds, not a search."""
    with pytest.raises(fault) as caught:
        _kernel(rule)
    assert what in caught.value.hint


def test_a_provider_whose_values_are_not_of_the_type_is_refused() -> None:
    """An address is no number."""
    with pytest.raises(ImpossibleRule, match="are not INT32"):
        plan([one_column(INT, FakerRule("email"))], {"t": 10})
    assert plan([one_column(text(3), FakerRule("currency_code"))], {"t": 10})


@pytest.mark.parametrize(
    ("provider", "arguments"),
    [
        ("pystr_format", {"string_format": "{{__repr__}}"}),
        ("pystr_format", {"string_format": "{{__hash__}}"}),
        ("pystr_format", {"string_format": "{{seed_instance}}"}),
        ("pystr_format", {"string_format": "{{pyset}}"}),
        ("pystr_format", {"string_format": "{{passport_full}}"}),
        ("csv", {"num_rows": 1, "data_columns": ["{{__repr__}}"]}),
        ("json", {"num_rows": 1, "data_columns": {"a": "__repr__"}}),
        ("fixed_width", {"num_rows": 1, "data_columns": [[100, "__repr__"]]}),
    ],
)
def test_formats_in_arguments_reach_providers_alone(provider: str, arguments: dict[str, object]) -> None:
    """Other parts of Faker tell addresses of memory, which differ from run to run, or change Faker itself."""
    with pytest.raises(InvalidArgument, match="is no provider to draw from"):
        pool_values(provider, "en_US", arguments, AS_OF)


def test_formats_in_arguments_draw_from_other_providers() -> None:
    """What the guard refuses must not take the formats with it that Faker is made for."""
    values = pool_values("pystr_format", "de_DE", {"string_format": "{{first_name}}-{{random_int}}"}, AS_OF)
    assert all(re.fullmatch(r".+-\d+", value) for value in values)


@pytest.mark.parametrize(
    ("provider", "arguments"),
    [
        ("json", {"num_rows": 1, "indent": 10**9}),
        ("fixed_width", {"num_rows": 1, "data_columns": [[10**9, "pyint"]]}),
        ("json", {"num_rows": 1, "data_columns": [["a", "pystr", {"max_chars": 10**9}]]}),
    ],
)
def test_sizes_inside_arguments_are_bounded_too(provider: str, arguments: dict[str, object]) -> None:
    """One request must not take gigabytes of memory to learn that its values are too long."""
    with pytest.raises(InvalidArgument, match="at most 1000 is served"):
        pool_values(provider, "en_US", arguments, AS_OF)


@pytest.mark.parametrize("provider", ["numerify", "bothify", "lexify", "hexify"])
def test_a_mask_beyond_a_cell_is_refused_before_it_is_read(provider: str) -> None:
    """Reading takes the cube of its length: a hundred thousand characters held a server for minutes."""
    with pytest.raises(InvalidArgument, match="100000 characters, at most 1000"):
        _kernel(FakerRule(provider, "en_US", {"text": json.dumps("#" * 100_000)}))
