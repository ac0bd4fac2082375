"""Where Redshift answers otherwise than DuckDB by its own rules, by number of the query: fewer digits, other ties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Cut:
    """Why a column has fewer digits; `within`, how far what is computed from cut numbers may be away; `exact`, the
    documentation says so.
    """

    why: str
    within: Decimal = Decimal(0)
    exact: bool = False


@dataclass(frozen=True)
class Leave:
    """What an answer may differ in: columns by name, or by place where they have none; the order of its ties."""

    cuts: Mapping[str, Cut] = field(default_factory=dict)
    ties: str = ""


Leaves = Mapping[int, Leave]
AVERAGE = Cut("AVG of a DECIMAL keeps the scale of its argument")
WHOLE = Cut("AVG of INTEGERs is a whole number", exact=True)
QUOTIENT = Cut("a quotient of DECIMALs has the scale that is left of 38 digits, at least 4")
NOISE = Cut("DuckDB computes it in double precision", Decimal("1e-11"))
SUM_OF_QUOTIENTS = Cut(QUOTIENT.why + ", each before they are summed", Decimal("0.0004"))
PER_CENT = Cut(QUOTIENT.why + ", before it is taken times 100", Decimal("0.01"))


def _leaves(cuts: Iterable[tuple[int, Cut, str]], ties: Mapping[int, str]) -> Leaves:
    found: dict[int, dict[str, Cut]] = {}
    for number, cut, columns in cuts:
        found.setdefault(number, {}).update(dict.fromkeys(columns.split(), cut))
    return {number: Leave(found.get(number, {}), ties.get(number, "")) for number in {*found, *ties}}


TPCH_LEAVES = _leaves(
    [
        (1, AVERAGE, "avg_qty avg_price avg_disc"),
        (8, QUOTIENT, "mkt_share"),
        (14, QUOTIENT, "promo_revenue"),
        (17, QUOTIENT, "avg_yearly"),
    ],
    {},
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
TPCDS_LEAVES = _leaves(
    [
        (2, QUOTIENT, "r1 r2 r3 r4 r5 r6 8"),
        (7, WHOLE, "agg1"),
        (7, AVERAGE, "agg2 agg3 agg4"),
        (9, AVERAGE, "bucket1 bucket2 bucket3 bucket4 bucket5"),
        (12, QUOTIENT, "revenueratio"),
        (13, WHOLE, "avg1"),
        (13, AVERAGE, "avg2 avg3"),
        (17, WHOLE, "store_sales_quantityave store_returns_quantityave catalog_sales_quantityave"),
        (18, AVERAGE, "agg1 agg2 agg3 agg4 agg5 agg6 agg7"),
        (20, QUOTIENT, "revenueratio"),
        (22, WHOLE, "qoh"),
        (26, WHOLE, "agg1"),
        (26, AVERAGE, "agg2 agg3 agg4"),
        (27, WHOLE, "agg1"),
        (27, AVERAGE, "agg2 agg3 agg4"),
        (28, AVERAGE, "B1_LP B2_LP B3_LP B4_LP B5_LP B6_LP"),
        (31, QUOTIENT, "web_q1_q2_increase store_q1_q2_increase web_q2_q3_increase store_q2_q3_increase"),
        (35, WHOLE, "avg1 avg2 18"),
        (36, QUOTIENT, "gross_margin"),
        (39, WHOLE, "mean1 mean"),
        (47, AVERAGE, "avg_monthly_sales"),
        (49, QUOTIENT, "return_ratio"),
        (53, AVERAGE, "avg_quarterly_sales"),
        (57, AVERAGE, "avg_monthly_sales"),
        (58, PER_CENT, "ss_dev cs_dev ws_dev"),
        (58, QUOTIENT, "average"),
        (59, QUOTIENT, " ".join(f"{day}_sales_ratio" for day in _DAYS)),
        (61, NOISE, "3"),
        (63, AVERAGE, "avg_monthly_sales"),
        (66, SUM_OF_QUOTIENTS, " ".join(f"{month}_sales_per_sq_foot" for month in _MONTHS)),
        (78, QUOTIENT, "ratio"),
        (83, NOISE, "sr_dev cr_dev wr_dev"),
        (83, QUOTIENT, "average"),
        (85, WHOLE, "avg1"),
        (85, AVERAGE, "avg2 4"),
        (89, AVERAGE, "avg_monthly_sales"),
        (90, NOISE, "am_pm_ratio"),
        (98, QUOTIENT, "revenueratio"),
    ],
    {
        37: "two revisions of an item have one i_item_id",
        59: "two revisions of a store have one s_store_id",
        65: "two stores have one s_store_name",
        89: "DuckDB's differences of equal amounts differ in their last digit",
    },
)
