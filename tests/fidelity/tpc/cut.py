"""Columns that Redshift answers with fewer digits than DuckDB, by number of the query and name, and why."""

from collections.abc import Mapping

AVERAGE = "AVG of a DECIMAL keeps the scale of its argument"
QUOTIENT = "a quotient of DECIMALs has the scale that is left of 38 digits, at least 4"
Cuts = Mapping[tuple[int, str], str]

TPCH_CUT: Cuts = {
    (1, "avg_qty"): AVERAGE,
    (1, "avg_price"): AVERAGE,
    (1, "avg_disc"): AVERAGE,
    (8, "mkt_share"): QUOTIENT,
    (14, "promo_revenue"): QUOTIENT,
    (17, "avg_yearly"): QUOTIENT,
}
TPCDS_CUT: Cuts = {}
