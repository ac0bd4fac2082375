"""Generation rules of columns: the contract's `Rule` as models. What the rules do is the generator's affair."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from schema_svc.core.parts import Count, Exact, Integer, Natural, NotNegative, Number, Part, Positive, Share
from schema_svc.core.vocabulary import BoundsMode, OffsetUnit, TextUnit


class SequenceRule(Part):
    """start, start + step, start + 2 step, …"""

    start: Integer | None = None
    step: Integer | None = None

    @field_validator("step")
    @classmethod
    def _moves(cls, step: int | None) -> int | None:
        if step == 0:
            raise ValueError("a sequence's step is never 0")
        return step


class PermutedRule(Part):
    """Distinct integers of a range in a seeded order."""

    min: Integer | None = None
    max: Integer | None = None


class TimeProfile(Part):
    """When things happen: relative weights."""

    weekday_weights: list[NotNegative] = Field(default=[], max_length=7)
    month_weights: list[NotNegative] = Field(default=[], max_length=12)
    hour_weights: list[NotNegative] = Field(default=[], max_length=24)
    growth_per_year: Number = 0.0


class UniformRule(Part):
    """Evenly spread numbers, dates or times."""

    min: Exact = ""
    max: Exact = ""
    profile: TimeProfile | None = None


class Bounds(Part):
    """Limits of a law's values."""

    min: Exact = ""
    max: Exact = ""
    mode: BoundsMode = BoundsMode.MODE_UNSPECIFIED
    decimals: Count | None = None
    outlier_fraction: Share = 0.0


class Bounded(Part):
    """A law with limits."""

    bounds: Bounds | None = None


class NormalRule(Bounded):
    """The normal law."""

    mean: Number = 0.0
    stddev: NotNegative = 0.0


class LognormalRule(Bounded):
    """exp of a normal."""

    mu: Number = 0.0
    sigma: NotNegative = 0.0


class ExponentialRule(Bounded):
    """Waiting times."""

    mean: Positive


class BetaRule(Bounded):
    """The beta law, scaled to its bounds."""

    alpha: Positive
    beta: Positive


class GammaRule(Bounded):
    """The gamma law."""

    shape: Positive
    scale: Positive


class PoissonRule(Bounded):
    """Counts."""

    mean: Positive


class ZipfRule(Part):
    """Ranks: rank k has weight k^-exponent."""

    exponent: Positive
    ranks: Natural = 0


class ParetoRule(Bounded):
    """minimum * u^(-1 / alpha)."""

    minimum: Positive
    alpha: Positive


class MixturePart(Part):
    """One part of a mixture."""

    weight: NotNegative = 0.0
    rule: "Rule"


class MixtureRule(Part):
    """One of several rules, chosen by weight."""

    parts: list[MixturePart] = Field(min_length=1)


class Choice(Part):
    """One value of a choice."""

    value: Exact = ""
    weight: NotNegative | None = None


class WeightedChoiceRule(Part):
    """One of listed values."""

    choices: list[Choice] = Field(min_length=1)


class HierarchyNode(Part):
    """One node of a hierarchy."""

    value: Exact = ""
    weight: NotNegative | None = None
    children: list["HierarchyNode"] = Field(default_factory=list)


class HierarchyRule(Part):
    """A level of a path through a tree."""

    group: str = ""
    level: Count = 0
    roots: list[HierarchyNode] = Field(default_factory=list)


class ReferenceRule(Part):
    """Values of a file."""

    uri: str
    column: str = ""
    weight_column: str = ""
    content_hash: str = ""


class ConstantRule(Part):
    """The same value in every row."""

    value: Exact = ""


class PatternRule(Part):
    """Text that a regular expression describes."""

    expression: str


class TemplateRule(Part):
    """Text made of other columns."""

    template: str


class FakerRule(Part):
    """A Faker provider."""

    provider: str
    locale: str = ""
    arguments: dict[str, Exact] = Field(default_factory=dict)


class TextRule(Part):
    """Words, sentences or paragraphs."""

    unit: TextUnit = TextUnit.UNIT_UNSPECIFIED
    min_units: Count = 0
    max_units: Count = 0


class UuidRule(Part):
    """Version 4 UUIDs."""


class BooleanRule(Part):
    """true with a probability."""

    probability: Share | None = None


class DerivedRule(Part):
    """A scalar SQL expression over the row's other columns."""

    expression: str


class ConditionalRule(Part):
    """A rule where a condition holds, another elsewhere."""

    condition: str
    then: "Rule"
    otherwise: "Rule | None" = None


class OffsetRule(Part):
    """Another column's value plus a drawn amount."""

    column: str
    min: Integer = 0
    max: Integer = 0
    unit: OffsetUnit = OffsetUnit.UNIT_UNSPECIFIED


class LookupRule(Part):
    """A copy of a parent's column."""

    foreign_key: str
    column: str


class JsonMember(Part):
    """One member of a JSON object."""

    name: str
    data_type: str = ""
    rule: "Rule | None" = None
    null_fraction: Share = 0.0


class JsonRule(Part):
    """A JSON object whose members follow rules."""

    members: list[JsonMember] = Field(default_factory=list)


class ArrayRule(Part):
    """An array whose elements follow a rule."""

    data_type: str = ""
    rule: "Rule | None" = None
    min_length: Count = 0
    max_length: Count = 0


class BinaryRule(Part):
    """Random bytes."""

    min_length: Count = 0
    max_length: Count = 0


class EventTimeRule(Part):
    """Times that never go back from row to row."""

    start: Exact = ""
    end: Exact = ""
    profile: TimeProfile | None = None


class Rule(Part):
    """How a column's cells are made: exactly one kind."""

    sequence: SequenceRule | None = None
    permuted: PermutedRule | None = None
    uniform: UniformRule | None = None
    normal: NormalRule | None = None
    lognormal: LognormalRule | None = None
    exponential: ExponentialRule | None = None
    beta: BetaRule | None = None
    gamma: GammaRule | None = None
    poisson: PoissonRule | None = None
    zipf: ZipfRule | None = None
    pareto: ParetoRule | None = None
    mixture: MixtureRule | None = None
    weighted_choice: WeightedChoiceRule | None = None
    hierarchy: HierarchyRule | None = None
    reference: ReferenceRule | None = None
    constant: ConstantRule | None = None
    pattern: PatternRule | None = None
    template: TemplateRule | None = None
    faker: FakerRule | None = None
    text: TextRule | None = None
    uuid: UuidRule | None = None
    boolean: BooleanRule | None = None
    derived: DerivedRule | None = None
    conditional: ConditionalRule | None = None
    offset: OffsetRule | None = None
    lookup: LookupRule | None = None
    json_object: JsonRule | None = Field(default=None, alias="json")
    array: ArrayRule | None = None
    binary: BinaryRule | None = None
    event_time: EventTimeRule | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self.kinds()
        if len(kinds) != 1:
            raise ValueError(f"a rule has exactly one kind; this one has {', '.join(kinds) or 'none'}")
        return self

    def kinds(self) -> list[str]:
        """Names of the kinds that are set."""
        fields = type(self).model_fields.items()
        return [field.alias or name for name, field in fields if getattr(self, name) is not None]
