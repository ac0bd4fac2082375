"""Random columns: every rule that stands alone, on the types that take it, with parameters inside their domains."""

from typing import Any

from hypothesis import strategies as st

from generator_svc.core.rules import (
    ArrayRule,
    BetaRule,
    BinaryRule,
    BooleanRule,
    Bounds,
    BoundsMode,
    Choice,
    ConstantRule,
    EventTimeRule,
    ExponentialRule,
    FakerRule,
    GammaRule,
    HierarchyNode,
    HierarchyRule,
    JsonMember,
    JsonRule,
    LognormalRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    ParetoRule,
    PatternRule,
    PermutedRule,
    PoissonRule,
    Rule,
    SequenceRule,
    TextRule,
    TextUnit,
    TimeProfile,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INSTANT,
    INT,
    MONEY,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    text,
)

UUID = LogicalType(TypeKind.UUID)
JSON = LogicalType(TypeKind.JSON)
BYTES = LogicalType(TypeKind.BINARY, length=24)
WHOLE = (SMALLINT, INT, BIGINT)
FRACTIONS = (MONEY, LogicalType(TypeKind.DECIMAL, 18, 6), LogicalType(TypeKind.DECIMAL, 38, 4))
FLOATS = (REAL, DOUBLE)
ALL = (*WHOLE, *FRACTIONS, *FLOATS, BOOLEAN, DATE, TIME, TIMESTAMP, INSTANT, text(0), text(30), UUID, JSON, BYTES)
WORDS = ("red", "green", "blue", "O'Hara", "é", "100%", 'say "x"', "")
PATTERNS = (r"[A-Z]{3}-\d{4}", r"(ab|cd)?[x-z]{2,5}", r"\w{1,8}", r"[^a-z]{3}", r"a+\.b*")
FAKERS = ("first_name", "city", "email", "company", "country_code")
TREE = (
    HierarchyNode("DE", 3, (HierarchyNode("Ulm"), HierarchyNode("Bonn", 0.5))),
    HierarchyNode("FR", 1, (HierarchyNode("Lyon"),)),
)
Column = tuple[LogicalType, Rule | None]


def spans(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    """Ordered pairs."""
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def bounds(draw: st.DrawFn, low: int, high: int, decimals: tuple[int, ...] = (0, 2)) -> Bounds:
    """Limits around the middle of a law."""
    return Bounds(
        min=draw(st.sampled_from(["", str(low)])),
        max=draw(st.sampled_from(["", str(high)])),
        mode=draw(st.sampled_from(BoundsMode)),
        decimals=draw(st.sampled_from([None, *decimals])),
        outlier_fraction=draw(st.sampled_from([0.0, 0.0, 0.05])),
    )


@st.composite
def numbers(draw: st.DrawFn) -> Column:
    """Numbers that are spread, counted or permuted."""
    kind = draw(st.sampled_from([*WHOLE, *FRACTIONS, *FLOATS]))
    low, high = draw(spans(-30_000, 30_000))
    rules: list[Rule] = [
        UniformRule(str(low), str(high)),
        SequenceRule(draw(st.integers(-100, 100)), draw(st.sampled_from([1, -1, 3, -7]))),
        PermutedRule(low, low + 2_000 if low < 28_000 else None),
        PermutedRule(draw(st.integers(-10, 10))),
        ZipfRule(draw(st.sampled_from([0.5, 1.0, 1.7])), draw(st.sampled_from([1, 10, 3_000]))),
        PoissonRule(draw(st.sampled_from([0.2, 3.0, 40.0])), draw(bounds(0, 60))),
    ]
    return kind, draw(st.sampled_from(rules))


@st.composite
def laws(draw: st.DrawFn) -> Column:
    """Numbers under a continuous law."""
    kind = draw(st.sampled_from([*WHOLE, *FRACTIONS, *FLOATS]))
    rules: list[Rule] = [
        NormalRule(draw(st.sampled_from([0.0, 50.5])), draw(st.sampled_from([0.0, 1.0, 20.0])), draw(bounds(-10, 90))),
        LognormalRule(draw(st.sampled_from([0.0, 2.0])), draw(st.sampled_from([0.3, 1.5])), draw(bounds(0, 500))),
        ExponentialRule(draw(st.sampled_from([0.5, 30.0])), draw(bounds(0, 90))),
        GammaRule(draw(st.sampled_from([0.5, 4.0])), draw(st.sampled_from([1.0, 9.0])), draw(bounds(0, 80))),
        BetaRule(draw(st.sampled_from([0.5, 2.0])), draw(st.sampled_from([1.0, 5.0])), draw(bounds(0, 100))),
        ParetoRule(draw(st.sampled_from([1.0, 5.0])), draw(st.sampled_from([1.5, 4.0])), draw(bounds(5, 900))),
    ]
    return kind, draw(st.sampled_from(rules))


@st.composite
def moments(draw: st.DrawFn) -> Column:
    """Dates and times: even, crowded, never going back."""
    kind = draw(st.sampled_from([DATE, TIMESTAMP, INSTANT]))
    first = draw(st.integers(1, 12))
    start, end = f"2019-{first:02}-03", draw(st.sampled_from(["2020-02-29", "2024-12-31"]))
    profile = TimeProfile(weekday_weights=(5, 5, 5, 5, 5, 1, 0), growth_per_year=draw(st.sampled_from([0.0, 0.3])))
    rules: list[Column] = [
        (kind, UniformRule(start, end)),
        (kind, UniformRule(start, end, profile)),
        (kind, EventTimeRule(start, end)),
        (kind, EventTimeRule(start, end, profile)),
        (TIME, UniformRule("08:00", "17:30")),
    ]
    return draw(st.sampled_from(rules))


@st.composite
def listed(draw: st.DrawFn) -> Column:
    """Choices, constants, levels of a tree, truth."""
    weights = [draw(st.sampled_from([0.0, 1.0, 2.5])) for _ in WORDS]
    words = tuple(Choice(word, weight) for word, weight in zip(WORDS, [*weights[:-1], 1.0], strict=True))
    columns: list[Column] = [
        (text(20), WeightedChoiceRule(words)),
        (MONEY, WeightedChoiceRule((Choice("1.50", 2), Choice("-3"), Choice("0.05")))),
        (DATE, WeightedChoiceRule((Choice("2020-02-29"), Choice("1969-12-31")))),
        (BOOLEAN, BooleanRule(draw(st.sampled_from([0.0, 0.3, 1.0])))),
        (INT, ConstantRule("-7")),
        (text(9), HierarchyRule("place", draw(st.integers(0, 1)), TREE)),
    ]
    return draw(st.sampled_from(columns))


@st.composite
def texts(draw: st.DrawFn) -> Column:
    """Text, documents and bytes."""
    low, high = draw(spans(0, 6))
    member = JsonMember("n", "INT", UniformRule("1", "9"), draw(st.sampled_from([0.0, 0.5])))
    columns: list[Column] = [
        (text(draw(st.sampled_from([0, 20]))), PatternRule(draw(st.sampled_from(PATTERNS)))),
        (text(draw(st.sampled_from([0, 60]))), TextRule(draw(st.sampled_from(TextUnit)), 1, 3)),
        (text(draw(st.sampled_from([0, 80]))), FakerRule(draw(st.sampled_from(FAKERS)))),
        (UUID, UuidRule()),
        (text(36), UuidRule()),
        (JSON, JsonRule((member, JsonMember("s", "VARCHAR(8)")))),
        (JSON, ArrayRule("INT", None, low, high)),
        (BYTES, BinaryRule(low, max(high, 1))),
    ]
    return draw(st.sampled_from(columns))


@st.composite
def mixtures(draw: st.DrawFn) -> Column:
    """One of two rules per row."""
    parts = (
        MixturePart(draw(st.sampled_from([0.0, 1.0])), ConstantRule("5")),
        MixturePart(2.0, UniformRule("100", "200")),
    )
    return draw(st.sampled_from([*WHOLE, *FRACTIONS, DOUBLE])), MixtureRule(parts)


def plain_columns(name: str) -> st.SearchStrategy[ColumnSpec]:
    """A column that stands alone; now and then unique, required or partly NULL."""
    defaults: st.SearchStrategy[Any] = st.sampled_from(ALL).map(lambda kind: (kind, None))
    made = st.one_of(numbers(), laws(), moments(), listed(), texts(), mixtures(), defaults)
    unique, required = st.sampled_from([False, False, True]), st.booleans()
    nulls = st.sampled_from([None, None, 0.0, 0.25, 1.0])

    def column(drawn: tuple[Column, bool, bool, float | None]) -> ColumnSpec:
        (kind, rule), unique, required, fraction = drawn
        unique = unique and _tells_apart(kind, rule)
        return ColumnSpec(name, kind, "", required, unique, null_fraction=fraction, rule=rule)

    return st.tuples(made, unique, required, nulls).map(column)


def _tells_apart(kind: LogicalType, rule: Rule | None) -> bool:
    """Whether a column may be unique: whatever else is asked is refused, which other tests show."""
    served = (UniformRule, PermutedRule, SequenceRule, UuidRule)
    if isinstance(rule, UniformRule):
        return rule.profile is None and float(rule.max) - float(rule.min) > 2_000 if kind in WHOLE else False
    return kind != BOOLEAN and (rule is None or isinstance(rule, served))
