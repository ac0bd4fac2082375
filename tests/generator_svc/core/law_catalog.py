"""Columns of every law and time profile, for goldens and properties."""

from typing import Final

from generator_svc.core.rules import (
    BetaRule,
    Bounds,
    BoundsMode,
    EventTimeRule,
    ExponentialRule,
    GammaRule,
    LognormalRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    ParetoRule,
    PoissonRule,
    Rule,
    TimeProfile,
    UniformRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind

_BIGINT = LogicalType(TypeKind.INT64)
_INT = LogicalType(TypeKind.INT32)
_SMALLINT = LogicalType(TypeKind.INT16)
_DOUBLE = LogicalType(TypeKind.FLOAT64)
_REAL = LogicalType(TypeKind.FLOAT32)
_DATE = LogicalType(TypeKind.DATE)
_MONEY = LogicalType(TypeKind.DECIMAL, precision=12, scale=2)
_WIDE = LogicalType(TypeKind.DECIMAL, precision=38, scale=20)

OFFICE: Final = TimeProfile((1, 1, 1, 1, 0.8, 0.1, 0), hour_weights=(0,) * 8 + (1, 2, 3, 3, 1, 2, 3, 2, 1) + (0,) * 7)
SEASONS: Final = TimeProfile(month_weights=(1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 3, 5), growth_per_year=0.3)
_MIXTURE = MixtureRule((MixturePart(3, LognormalRule(3, 0.5)), MixturePart(1, NormalRule(500, 20))))

LAWS: Final[dict[str, tuple[LogicalType, Rule]]] = {
    "lognormal": (_MONEY, LognormalRule(3.5, 0.8)),
    "lognormal_float": (_DOUBLE, LognormalRule(0, 2, Bounds("0.5", "100", decimals=3))),
    "exponential": (_INT, ExponentialRule(40, Bounds(max="200", mode=BoundsMode.CLIP))),
    "exponential_real": (_REAL, ExponentialRule(0.25)),
    "gamma": (_MONEY, GammaRule(2.5, 30, Bounds(outlier_fraction=0.01))),
    "gamma_small": (_DOUBLE, GammaRule(0.05, 1)),
    "beta": (_DOUBLE, BetaRule(2, 5)),
    "beta_percent": (_SMALLINT, BetaRule(0.5, 0.4, Bounds("0", "100"))),
    "beta_date": (_DATE, BetaRule(5, 1, Bounds("2020-01-01", "2024-12-31"))),
    "pareto": (_BIGINT, ParetoRule(10, 0.9)),
    "pareto_wide": (_WIDE, ParetoRule(0.001, 1.2, Bounds("0.01", "1e17"))),
    "poisson": (_INT, PoissonRule(4.2)),
    "poisson_many": (_BIGINT, PoissonRule(250_000.5, Bounds("249000", "251000"))),
    "poisson_text": (LogicalType(TypeKind.STRING, length=6), PoissonRule(0.3, Bounds(outlier_fraction=0.05))),
    "mixture": (_MONEY, _MIXTURE),
    "business_hours": (LogicalType(TypeKind.TIMESTAMP), UniformRule("2022-03-30T10:20:30", "2024-03-01", OFFICE)),
    "seasons": (_DATE, UniformRule("2015-06-01", "2024-12-31", SEASONS)),
    "opening": (
        LogicalType(TypeKind.TIME),
        UniformRule("06:30", "22:15", TimeProfile(hour_weights=OFFICE.hour_weights)),
    ),
    "event_time": (
        LogicalType(TypeKind.TIMESTAMP_TZ),
        EventTimeRule("2024-01-01", "2024-06-30T12:00:00.5Z", OFFICE),
    ),
    "event_date": (_DATE, EventTimeRule("2024-01-01", "2024-06-30", SEASONS)),
}
NUMBERS_AND_TIMES: Final = TableSpec(
    "numbers_and_times",
    tuple(ColumnSpec(name, kind, null_fraction=0.05, rule=rule) for name, (kind, rule) in LAWS.items()),
)
