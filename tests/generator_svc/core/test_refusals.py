"""What cannot be made is refused when the plan is made, with table, column and the numbers."""

import pytest

from dwsim_wire.fault import Fault, InvalidArgument, NotYetAvailable
from generator_svc.core.faults import ImpossibleRule, UnknownProvider
from generator_svc.core.rules import (
    BetaRule,
    BinaryRule,
    BooleanRule,
    Bounds,
    Choice,
    ConstantRule,
    ExponentialRule,
    FakerRule,
    GammaRule,
    LognormalRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    ParetoRule,
    PermutedRule,
    PoissonRule,
    ReferenceRule,
    Rule,
    SequenceRule,
    TextRule,
    TextUnit,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import LogicalType, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    MONEY,
    REAL,
    SMALLINT,
    TIMESTAMP,
    one_column,
    plan,
    text,
)


def refused(logical: LogicalType, rule: Rule | None, rows: int = 100, **facts: bool) -> Fault:
    with pytest.raises(Fault) as caught:
        plan([one_column(logical, rule, **facts)], {"t": rows})
    assert caught.value.message.startswith("t.c: ")
    assert caught.value.metadata["table"] == "t"
    assert caught.value.metadata["column"] == "c"
    return caught.value


@pytest.mark.parametrize(
    ("logical", "rule", "rows", "size"),
    [
        (SMALLINT, None, 40_000, 32_767),
        (INT, UniformRule("1", "99"), 100, 99),
        (INT, PermutedRule(1, 99), 100, 99),
        (INT, SequenceRule(2**31 - 50), 100, 50),
        (INT, SequenceRule(-(2**31) + 10, -10), 100, 2),
        (MONEY, UniformRule("0", "0.50"), 100, 51),
        (DATE, UniformRule("2024-01-01", "2024-01-31"), 32, 31),
        (BOOLEAN, None, 3, 2),
        (text(3), WeightedChoiceRule((Choice("a"), Choice("b"), Choice("a"))), 3, 2),
        (INT, ConstantRule("1"), 2, 1),
        (INT, WeightedChoiceRule((Choice("1"), Choice("01"), Choice("+1"))), 2, 1),
        (MONEY, WeightedChoiceRule((Choice("1"), Choice("1.0"), Choice("2"))), 3, 2),
        (DOUBLE, WeightedChoiceRule((Choice("0.1"), Choice("1e-1"), Choice("nan"), Choice("NaN"))), 3, 2),
        (REAL, WeightedChoiceRule((Choice("0.1"), Choice("0.10000000001"))), 2, 1),
        (DOUBLE, PermutedRule(1, 99), 100, 99),
    ],
)
def test_too_few_values_for_a_unique_column_are_refused_with_both_numbers(
    logical: LogicalType, rule: Rule | None, rows: int, size: int
) -> None:
    """The user needs to know how many rows there may be."""
    fault = refused(logical, rule, rows, is_unique=True)
    assert isinstance(fault, ImpossibleRule)
    assert fault.metadata["domain_size"] == str(size)
    assert fault.metadata["rows"] == str(rows)
    assert fault.hint


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (REAL, SequenceRule(2**24)),
        (REAL, SequenceRule(-(2**24) - 100, 1)),
        (REAL, SequenceRule(2**26, 3)),
        (REAL, PermutedRule(2**24 - 50)),
        (REAL, PermutedRule(2**24, 2**24 + 200)),
        (DOUBLE, SequenceRule(2**53)),
        (DOUBLE, PermutedRule(2**53, 2**53 + 200)),
        (DOUBLE, SequenceRule(1, 0)),
    ],
)
def test_numbers_that_a_float_cannot_tell_apart_are_not_unique(logical: LogicalType, rule: Rule) -> None:
    """Beyond 2^24 a REAL has no room for every whole number."""
    assert isinstance(refused(logical, rule, is_unique=True), ImpossibleRule)


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (REAL, SequenceRule(2**24 - 99)),
        (REAL, SequenceRule(2**25 + 1, 1000)),
        (REAL, PermutedRule(-(2**24), 2**24)),
        (DOUBLE, SequenceRule(-(2**62), 10**15)),
        (DOUBLE, WeightedChoiceRule(tuple(Choice(str(number / 7)) for number in range(100)))),
    ],
)
def test_numbers_that_a_float_tells_apart_are_unique(logical: LogicalType, rule: Rule) -> None:
    """What fits is made, far from 0 too."""
    made = plan([one_column(logical, rule, is_unique=True)], {"t": 100}).batch("t", 0, 100)
    assert len(made.column(0).unique()) == 100


@pytest.mark.parametrize("rule", [NormalRule(0, 10), ZipfRule(1.1, 1000)])
@pytest.mark.parametrize("logical", [INT, MONEY, DOUBLE])
def test_laws_that_repeat_values_cannot_be_unique(logical: LogicalType, rule: Rule) -> None:
    """Distinctness is by bijection only, never by trying again."""
    assert isinstance(refused(logical, rule, is_unique=True), ImpossibleRule)


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (INT, UniformRule("10", "9")),
        (SMALLINT, UniformRule("40000", "50000")),
        (DOUBLE, UniformRule("2", "1")),
        (INT, NormalRule(0, 1, Bounds("100", "200"))),
        (DOUBLE, NormalRule(0, 1, Bounds("100", "200"))),
        (INT, WeightedChoiceRule(())),
        (INT, WeightedChoiceRule((Choice("1", 0.0),))),
        (INT, WeightedChoiceRule((Choice("99999999999"),))),
        (text(3), ConstantRule("four")),
        (INT, FakerRule("email")),
        (DATE, BooleanRule()),
        (INT, UuidRule()),
        (BOOLEAN, UniformRule("0", "1")),
        (DATE, SequenceRule(9, 0)),
        (SMALLINT, ZipfRule(1.1, 100_000)),
        (SMALLINT, SequenceRule(-40_000)),
        (SMALLINT, SequenceRule(40_000, -1)),
        (SMALLINT, SequenceRule(32_767, 0)),
        (SMALLINT, PermutedRule(-40_000)),
        (SMALLINT, PermutedRule(-40_000, 10)),
        (SMALLINT, PermutedRule(1, 40_000)),
        (LogicalType(TypeKind.DECIMAL, precision=3, scale=1), SequenceRule(-1000)),
        (LogicalType(TypeKind.DECIMAL, precision=3, scale=1), PermutedRule(0, 100)),
        (text(3), SequenceRule(1000)),
        (SMALLINT, UniformRule("0", "99999")),
        (SMALLINT, UniformRule("-99999", "")),
        (MONEY, UniformRule("0", "99999999999999999999")),
        (LogicalType(TypeKind.BINARY, length=5), BinaryRule(9)),
        (LogicalType(TypeKind.BINARY, length=5), BinaryRule(1, 9)),
        (LogicalType(TypeKind.BINARY), BinaryRule(9, 5)),
        (text(100), TextRule(TextUnit.WORDS, 60)),
        (text(0), TextRule(TextUnit.WORDS, 2 * 10**9)),
        (INT, ZipfRule(1.0, -5)),
        (DOUBLE, ZipfRule(1.0, -5)),
        (INT, ZipfRule(-1.0, 5)),
    ],
)
def test_rules_that_no_value_meets_are_impossible(logical: LogicalType, rule: Rule) -> None:
    """Bounds, lengths and types contradict each other."""
    assert isinstance(refused(logical, rule), ImpossibleRule)


@pytest.mark.parametrize(
    ("logical", "rule"),
    [
        (INT, UniformRule("one", "2")),
        (DATE, UniformRule("2024-02-30", "")),
        (TIMESTAMP, UniformRule("yesterday", "")),
        (INT, UniformRule("NaN", "Infinity")),
        (DOUBLE, UniformRule("a", "b")),
        (INT, ConstantRule("1.5")),
        (BOOLEAN, ConstantRule("maybe")),
        (DOUBLE, ConstantRule("much")),
    ],
)
def test_text_that_is_no_value_of_the_type_is_refused(logical: LogicalType, rule: Rule) -> None:
    """Numbers and moments come as text."""
    assert isinstance(refused(logical, rule), InvalidArgument)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (ReferenceRule("x.csv", "a"), "reference"),
    ],
)
def test_rules_that_wait_say_so_by_name(rule: Rule, name: str) -> None:
    """Part of the contract, not served yet: never a silent substitute."""
    fault = refused(text(20), rule)
    assert isinstance(fault, NotYetAvailable)
    assert fault.metadata["rule"] == name


def test_an_unknown_provider_names_table_and_column() -> None:
    """The text engine knows the provider, the plan knows where it stands."""
    fault = refused(text(20), FakerRule("emial"))
    assert isinstance(fault, UnknownProvider)
    assert "email" in fault.hint


@pytest.mark.parametrize(
    "rule",
    [
        NormalRule(0, -1),
        NormalRule(float("nan"), 1),
        LognormalRule(0, -1),
        LognormalRule(900, 1),
        ExponentialRule(0),
        ExponentialRule(1, Bounds(max="-1")),
        ExponentialRule(1, Bounds(outlier_fraction=2)),
        GammaRule(0, 1),
        GammaRule(1, -1),
        GammaRule(float("nan"), 1),
        BetaRule(1, 1e12),
        BetaRule(1, 1, Bounds("5", "")),
        ParetoRule(0, 1),
        ParetoRule(100, 1, Bounds(max="99")),
        PoissonRule(0),
        PoissonRule(1e9),
        PoissonRule(3, Bounds("1000", "2000")),
        MixtureRule(()),
        MixtureRule((MixturePart(0, PoissonRule(1)),)),
        MixtureRule((MixturePart(1, PoissonRule(-1)),)),
    ],
)
@pytest.mark.parametrize("logical", [INT, DOUBLE])
def test_laws_without_values_are_impossible(logical: LogicalType, rule: Rule) -> None:
    """Parameters outside their domain, bounds that a law never reaches."""
    fault = refused(logical, rule)
    assert isinstance(fault, ImpossibleRule)
    assert fault.message


@pytest.mark.parametrize("rule", [GammaRule(2, 2), PoissonRule(3), MixtureRule((MixturePart(1, PoissonRule(1)),))])
def test_skewed_laws_cannot_be_unique(rule: Rule) -> None:
    """They repeat values, whatever the type."""
    assert isinstance(refused(BIGINT, rule, is_unique=True), ImpossibleRule)


def test_a_law_on_dates_needs_bounds_of_dates() -> None:
    """0 to 1 are no dates, and a boolean is no number."""
    assert isinstance(refused(DATE, BetaRule(2, 2)), ImpossibleRule)
    assert isinstance(refused(BOOLEAN, GammaRule(2, 2)), ImpossibleRule)
