"""Providers: how they are spelled, which are served, what is said of those that are not."""

import re

import pytest

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule, UnknownProvider
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule, TextRule, TextUnit
from generator_svc.core.spec import ColumnSpec, LogicalType, TypeKind
from tests.generator_svc.core.kernels.text_columns import KEY, text_column


def _values(rule: FakerRule, length: int = 0) -> list[str]:
    values: list[str] = text_kernel(rule, text_column(length), KEY, None).span(0, 500).to_pylist()
    return values


@pytest.mark.parametrize(
    "spelling", ["faker.email", "internet.email", "faker.providers.internet.email", "fake.email()"]
)
def test_every_spelling_of_a_provider_is_the_same_provider(spelling: str) -> None:
    """Documents in the wild spell providers in all of these ways."""
    assert _values(FakerRule(spelling)) == _values(FakerRule("email"))


def test_an_unknown_provider_is_named_with_its_nearest_neighbour() -> None:
    """A typing mistake costs seconds, not a search through Faker's documentation."""
    with pytest.raises(UnknownProvider, match="emial") as caught:
        _values(FakerRule("emial"))
    assert "email" in caught.value.hint


def test_a_locale_serves_its_names_and_all_else() -> None:
    """German names are lists of a kernel, German cities a pool; a locale that Faker has not is named."""
    assert "Müller" in set(_values(FakerRule("last_name", "de-DE")))
    assert len(set(_values(FakerRule("city", "de_DE")))) > 200
    with pytest.raises(InvalidArgument, match="de_DF") as caught:
        _values(FakerRule("sentence", "de_DF"))
    assert "de_DE" in caught.value.hint


@pytest.mark.parametrize(
    ("provider", "arguments", "pattern"),
    [
        ("numerify", {"text": '"%##-$#"'}, r"[1-9]\d\d-[2-9]\d"),
        ("numerify", {"text": '"!@x"'}, r"\d?[1-9]?x"),
        ("bothify", {"text": '"SKU-??##"', "letters": '"AB"'}, r"SKU-[AB]{2}\d\d"),
        ("lexify", {"text": '"??#"', "letters": '"xyz"'}, r"[xyz]{2}#"),
        ("hexify", {"text": '"^^-^^"'}, r"[0-9a-f]{2}-[0-9a-f]{2}"),
        ("random_element", {"elements": '["red", "blue"]'}, "red|blue"),
        ("random_element", {"elements": '{"red": 0.9, "blue": 0.1}'}, "red|blue"),
        ("email", {"domain": '"corp.test"'}, r"[a-z.]+\d*@corp\.test"),
        ("country_code", {"representation": '"alpha-3"'}, "[A-Z]{3}"),
        ("words", {"nb": "2"}, r"\w+ \w+"),
        ("text", {"max_nb_chars": "30"}, r"(?s).{1,30}"),
        ("phone_number", {}, r"(\+1-|001-)?(\([2-9]\d\d\)|[2-9]\d\d[-.]?)[2-9]\d\d[-.]?\d{4}(x\d{3,5})?"),
        ("ipv4", {}, r"\d{1,3}(\.\d{1,3}){3}"),
        ("ipv6", {}, r"[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}"),
        ("mac_address", {}, r"([0-9a-f]{2}:){5}[0-9a-f]{2}"),
        ("hex_color", {}, "#[0-9a-f]{6}"),
        ("sha256", {}, "[0-9a-f]{64}"),
        ("ssn", {}, r"(?!666|000)[0-8]\d\d-(?!00)\d\d-(?!0000)\d{4}"),
        ("postcode", {}, r"\d{5}"),
        ("url", {}, r"https?://(www\.)?[a-z-]+\.(com|biz|info|net|org)/"),
        ("address", {}, r"(?s).+\n.+ \d{5}"),
    ],
)
def test_values_have_faker_s_form(provider: str, arguments: dict[str, str], pattern: str) -> None:
    """Applications validate such fields."""
    for value in _values(FakerRule(provider, arguments=arguments)):
        assert re.fullmatch(pattern, value), value


@pytest.mark.parametrize(
    ("provider", "length", "pattern"),
    [
        ("state", 2, "[A-Z]{2}"),
        ("country", 3, "[A-Z]{3}"),
        ("country", 2, "[A-Z]{2}"),
        ("phone_number", 10, r"[2-9]\d{9}"),
        ("phone_number", 8, r"[2-9]\d\d-?\d{4}"),
        ("email", 12, r"[a-z.\d]{1,6}@ex\.io"),
        ("currency_name", 3, "[A-Z]{3}"),
    ],
)
def test_a_short_column_gets_the_shorter_form(provider: str, length: int, pattern: str) -> None:
    """`state CHAR(2)` wants an abbreviation, not `Al`."""
    for value in _values(FakerRule(provider), length):
        assert re.fullmatch(pattern, value), value


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (FakerRule("email", arguments={"unsafe": "false"}), InvalidArgument),
        (FakerRule("numerify", arguments={"text": "###"}), InvalidArgument),
        (FakerRule("numerify", arguments={"texts": '"#"'}), InvalidArgument),
        (FakerRule("random_element", arguments={"elements": "[]"}), InvalidArgument),
        (FakerRule("random_element", arguments={"elements": '{"a": -1, "b": 2}'}), InvalidArgument),
        (FakerRule("words", arguments={"nb": "0"}), InvalidArgument),
        (FakerRule("uuid4", arguments={"cast": "null"}), InvalidArgument),
        (TextRule(TextUnit.WORDS, 5, 2), ImpossibleRule),
    ],
    ids=str,
)
def test_arguments_that_mean_nothing_are_refused(rule: FakerRule | TextRule, fault: type[Exception]) -> None:
    """An argument that is dropped in silence is a wrong answer."""
    with pytest.raises(fault):
        text_kernel(rule, text_column(), KEY, None)


def test_a_uuid_column_takes_uuids_only() -> None:
    """The warehouse would reject anything else at load time."""
    column = ColumnSpec("id", LogicalType(TypeKind.UUID))
    assert len(text_kernel(FakerRule("uuid4"), column, KEY, 10).span(0, 1)[0].as_py()) == 36
    with pytest.raises(ImpossibleRule, match="UUID"):
        text_kernel(FakerRule("email"), column, KEY, None)
