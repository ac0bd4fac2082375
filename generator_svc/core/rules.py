"""Rules: how a column's cells are made. One frozen value per message of `dwsim/schema/v1/rule.proto`, same names.

Numbers and moments are decimal or ISO 8601 text, so that every type is exact; empty text is the type's default bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TimeProfile:
    """How dates and times crowd: relative weights; empty is even."""

    weekday_weights: tuple[float, ...] = ()
    month_weights: tuple[float, ...] = ()
    hour_weights: tuple[float, ...] = ()
    growth_per_year: float = 0.0


class BoundsMode(StrEnum):
    """What happens to a draw outside the bounds."""

    TRUNCATE = "TRUNCATE"
    CLIP = "CLIP"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a law's values; `decimals` None is the column's own scale."""

    min: str = ""
    max: str = ""
    mode: BoundsMode = BoundsMode.TRUNCATE
    decimals: int | None = None
    outlier_fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class SequenceRule:
    """start, start + step, start + 2 step, …"""

    start: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True)
class PermutedRule:
    """Distinct integers of a range in a seeded order; `max` None is min + rows - 1."""

    min: int = 1
    max: int | None = None


@dataclass(frozen=True, slots=True)
class UniformRule:
    """Evenly spread from min to max, both reachable."""

    min: str = ""
    max: str = ""
    profile: TimeProfile | None = None


@dataclass(frozen=True, slots=True)
class NormalRule:
    """The normal law."""

    mean: float = 0.0
    stddev: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class LognormalRule:
    """exp of a normal."""

    mu: float = 0.0
    sigma: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class ExponentialRule:
    """The exponential law."""

    mean: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class BetaRule:
    """The beta law, scaled to its bounds."""

    alpha: float = 1.0
    beta: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class GammaRule:
    """The gamma law."""

    shape: float = 1.0
    scale: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class PoissonRule:
    """The Poisson law."""

    mean: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class ZipfRule:
    """Ranks 1 … `ranks`, rank k with weight k^-exponent; `ranks` 0 is the column's range."""

    exponent: float = 1.1
    ranks: int = 0


@dataclass(frozen=True, slots=True)
class ParetoRule:
    """minimum * u^(-1 / alpha)."""

    minimum: float = 1.0
    alpha: float = 1.0
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class MixturePart:
    """One part of a mixture."""

    weight: float
    rule: "Rule"


@dataclass(frozen=True, slots=True)
class MixtureRule:
    """One of several rules, chosen by weight."""

    parts: tuple[MixturePart, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value, as text of the column's type."""

    value: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class WeightedChoiceRule:
    """One of listed values."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class HierarchyNode:
    """One node of a hierarchy."""

    value: str
    weight: float = 1.0
    children: tuple["HierarchyNode", ...] = ()


@dataclass(frozen=True, slots=True)
class HierarchyRule:
    """Level `level` of a path that the columns of one group share."""

    group: str
    level: int = 0
    roots: tuple[HierarchyNode, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """Values of a file of the user's."""

    uri: str
    column: str
    weight_column: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class ConstantRule:
    """The same value in every row."""

    value: str


@dataclass(frozen=True, slots=True)
class PatternRule:
    """Text that a regular expression describes."""

    expression: str


@dataclass(frozen=True, slots=True)
class TemplateRule:
    """Text made of other columns, named in braces."""

    template: str


@dataclass(frozen=True, slots=True)
class FakerRule:
    """A Faker provider method, such as `email`, `faker.email` or `internet.email`."""

    provider: str
    locale: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


class TextUnit(StrEnum):
    """What readable text is made of."""

    WORDS = "WORDS"
    SENTENCES = "SENTENCES"
    PARAGRAPHS = "PARAGRAPHS"


@dataclass(frozen=True, slots=True)
class TextRule:
    """Readable text of `min_units` (0: 1) to `max_units` (0: as many as fit) units."""

    unit: TextUnit = TextUnit.WORDS
    min_units: int = 0
    max_units: int = 0


@dataclass(frozen=True, slots=True)
class UuidRule:
    """Version 4 UUIDs, distinct by construction."""


@dataclass(frozen=True, slots=True)
class BooleanRule:
    """true with a probability."""

    probability: float = 0.5


@dataclass(frozen=True, slots=True)
class DerivedRule:
    """A scalar SQL expression over the row's other columns."""

    expression: str


@dataclass(frozen=True, slots=True)
class ConditionalRule:
    """`then` where the condition holds, `otherwise` (None: NULL) elsewhere."""

    condition: str
    then: "Rule"
    otherwise: "Rule | None" = None


class OffsetUnit(StrEnum):
    """Unit of an offset; OWN is days for dates, microseconds for times, 1 for numbers."""

    OWN = "UNIT_UNSPECIFIED"
    SECONDS = "SECONDS"
    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"


@dataclass(frozen=True, slots=True)
class OffsetRule:
    """Another column's value plus a drawn amount."""

    column: str
    min: int = 0
    max: int = 0
    unit: OffsetUnit = OffsetUnit.OWN


@dataclass(frozen=True, slots=True)
class LookupRule:
    """A copy of a parent's column."""

    foreign_key: str
    column: str


@dataclass(frozen=True, slots=True)
class JsonMember:
    """One member of a JSON object."""

    name: str
    data_type: str
    rule: "Rule | None" = None
    null_fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class JsonRule:
    """A JSON object whose members follow rules."""

    members: tuple[JsonMember, ...]


@dataclass(frozen=True, slots=True)
class ArrayRule:
    """An array whose elements follow a rule."""

    data_type: str
    rule: "Rule | None" = None
    min_length: int = 0
    max_length: int = 0


@dataclass(frozen=True, slots=True)
class BinaryRule:
    """Random bytes; `max_length` 0 is the column's length."""

    min_length: int = 0
    max_length: int = 0


@dataclass(frozen=True, slots=True)
class EventTimeRule:
    """Moments that never go back from row to row."""

    start: str
    end: str
    profile: TimeProfile | None = None


Rule = (
    SequenceRule
    | PermutedRule
    | UniformRule
    | NormalRule
    | LognormalRule
    | ExponentialRule
    | BetaRule
    | GammaRule
    | PoissonRule
    | ZipfRule
    | ParetoRule
    | MixtureRule
    | WeightedChoiceRule
    | HierarchyRule
    | ReferenceRule
    | ConstantRule
    | PatternRule
    | TemplateRule
    | FakerRule
    | TextRule
    | UuidRule
    | BooleanRule
    | DerivedRule
    | ConditionalRule
    | OffsetRule
    | LookupRule
    | JsonRule
    | ArrayRule
    | BinaryRule
    | EventTimeRule
)
