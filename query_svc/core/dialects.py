"""SQL dialects that are read, and in what their answers differ.

Function calls are read by the name that the user wrote: a parser that turns `ADD_MONTHS` into `DATEADD` has already
lost the difference between them. Only aggregates, window functions and special forms get nodes of their own. The
parsers may be compiled (sqlglotc), and then have no subclasses: the names of the others are hidden from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.redshift import Redshift
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.dialects.sqlite import SQLite
from sqlglot.parser import Parser
from sqlglot.parsers.clickhouse import ClickHouseParser
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.parsers.snowflake import SnowflakeParser
from sqlglot.tokenizer_core import TokenType

from dwsim_wire.fault import NotYetAvailable
from query_svc.core.faults import UnknownDialect
from query_svc.core.types import Kind

_NODES = frozenset(
    {
        *("COUNT", "SUM", "AVG", "MIN", "MAX", "MEDIAN", "PERCENTILE_CONT", "PERCENTILE_DISC", "LISTAGG", "STRING_AGG"),
        *("STDDEV", "STDDEV_SAMP", "STDDEV_POP", "VARIANCE", "VAR_SAMP", "VAR_POP", "VARIANCE_SAMP", "VARIANCE_POP"),
        *("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE", "LAG", "LEAD"),
        *("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "COALESCE", "NULLIF"),
    }
)
_SNOWFLAKE_NODES = frozenset(
    {
        *("COUNT_IF", "ANY_VALUE", "BOOLAND_AGG", "BOOLOR_AGG", "BITAND_AGG", "BITOR_AGG", "BITXOR_AGG"),
        *("CORR", "COVAR_POP", "COVAR_SAMP", "APPROX_COUNT_DISTINCT", "MODE"),
    }
)
_REDSHIFT_NODES = _NODES | {"ANY_VALUE", "BIT_AND", "BIT_OR", "BOOL_AND", "BOOL_OR", "GROUPING"}
_SKETCHES: dict[str, Callable[[list[Any]], exp.Expr]] = {
    "HLL": lambda args: exp.ApproxDistinct(this=exp.Tuple(expressions=args) if len(args) != 1 else args[0]),
    **{
        name: partial(lambda name, args: exp.AnonymousAggFunc(this=name, expressions=args), name)
        for name in ("HLL_CREATE_SKETCH", "HLL_COMBINE")
    },
}
_CLICKHOUSE_NODES = frozenset(
    {
        *("COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV_SAMP", "STDDEV_POP", "VAR_SAMP", "VAR_POP", "COALESCE"),
        *("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "FIRST_VALUE", "LAST_VALUE", "NULLIF"),
    }
)
_FORMS = frozenset(["CAST", "TRY_CAST", "CONVERT", "EXTRACT", "TRIM", "SUBSTRING", "POSITION", "STRING_AGG", "LISTAGG"])


class ReadRedshift(Redshift):
    """Redshift's grammar; # is an operator where it begins no name of a temporary table."""

    class Tokenizer(Redshift.Tokenizer):
        """Knows bit-wise XOR."""

        SINGLE_TOKENS = {**Redshift.Tokenizer.SINGLE_TOKENS, "#": TokenType.HASH}  # noqa: RUF012  # as sqlglot has it


def _by_name(parser: type[Parser], nodes: frozenset[str], forms: frozenset[str] = _FORMS) -> frozenset[str]:
    """Functions that are read by the name that the user wrote: a parser knows them as something else."""
    known = nodes.intersection(parser.FUNCTIONS) | forms.intersection(parser.FUNCTION_PARSERS)
    forms_without_parens = frozenset(parser.NO_PAREN_FUNCTION_PARSERS)  # such as CASE, whose operand may have some
    return frozenset(parser.FUNCTIONS).union(parser.FUNCTION_PARSERS) - known - forms_without_parens


@dataclass(frozen=True)
class Dialect:
    """A dialect that is read.

    `folds_upper`: unquoted names are stored in capitals. `avg_keeps_type`: AVG of integers is an integer, of decimals
    keeps the scale. `date_plus_part_is_moment`: DATEADD on a DATE answers a TIMESTAMP. `like_escape`: LIKE's escape
    character without ESCAPE. `names_by_function`: an unnamed result column is called as its function.
    `blanks_vanish`: trailing blanks of text count for nothing where it is compared. `adopted`: its statements are
    written in the terms of Redshift's functions before they are lowered. `avg_is_double`: AVG is a double of anything.
    `rounds_binary`: ROUND looks at a double's binary digits. `keeps_case`: names are shown as they were written.
    `other_texts`: kinds whose values it writes in another way as text. `by_name`: functions, in capitals, that are read
    by their names. `aggregates`: those among them that are aggregates, with what makes their nodes.
    """

    name: str
    grammar: type[Grammar]
    folds_upper: bool = False
    keeps_quoted_case: bool = True
    avg_keeps_type: bool = False
    integer_division: bool = True
    date_plus_part_is_moment: bool = True
    like_escape: str = "\\"
    names_by_function: bool = True
    blanks_vanish: bool = False
    adopted: bool = False
    avg_is_double: bool = False
    rounds_binary: bool = False
    keeps_case: bool = False
    other_texts: frozenset[Kind] = frozenset()
    by_name: frozenset[str] = frozenset()
    aggregates: Mapping[str, Callable[[list[Any]], exp.Expr]] = field(default_factory=dict)

    @property
    def terms(self) -> str:
        """Dialect whose names of functions its statements have when they are lowered."""
        return "redshift" if self.adopted else self.name

    def fold(self, name: str) -> str:
        """Fold a name as the dialect does, quoted or not: SQLite could not tell them apart."""
        return name.upper() if self.folds_upper else name.lower()


REDSHIFT = Dialect(
    "redshift",
    ReadRedshift,
    keeps_quoted_case=False,
    avg_keeps_type=True,
    blanks_vanish=True,
    by_name=_by_name(RedshiftParser, _REDSHIFT_NODES),
    aggregates=_SKETCHES,
)
POSTGRES = Dialect("postgres", Postgres, by_name=_by_name(PostgresParser, _NODES))
SNOWFLAKE = Dialect(
    "snowflake",
    Snowflake,
    by_name=_by_name(SnowflakeParser, _NODES | _SNOWFLAKE_NODES, _FORMS - {"CONVERT"}),
    aggregates={"HLL": _SKETCHES["HLL"]},
    folds_upper=True,
    integer_division=False,
    date_plus_part_is_moment=False,
    like_escape="",
    names_by_function=False,
)
NATIVE = Dialect("sqlite", SQLite, like_escape="", names_by_function=False)
DUCKDB = Dialect(
    "duckdb",
    DuckDB,
    by_name=_by_name(DuckDBParser, _NODES | {"BOOL_AND", "BOOL_OR", "APPROX_COUNT_DISTINCT"}),
    keeps_quoted_case=False,
    like_escape="",
    names_by_function=False,
    adopted=True,
    avg_is_double=True,
    rounds_binary=True,
    keeps_case=True,
    other_texts=frozenset([Kind.FLOAT32, Kind.FLOAT64]),
)
CLICKHOUSE = Dialect(
    "clickhouse",
    ClickHouse,
    by_name=_by_name(ClickHouseParser, _CLICKHOUSE_NODES, frozenset(["CAST", "EXTRACT", "TRIM", "SUBSTRING"])),
    date_plus_part_is_moment=False,
    names_by_function=False,
    adopted=True,
    avg_is_double=True,
    rounds_binary=True,
    keeps_case=True,
    other_texts=frozenset(
        [
            *(Kind.BOOLEAN, Kind.FLOAT32, Kind.FLOAT64, Kind.DECIMAL, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ),
            Kind.UUID,
        ]
    ),
)
DIALECTS = {d.name: d for d in (REDSHIFT, POSTGRES, SNOWFLAKE, NATIVE, DUCKDB, CLICKHOUSE)}
_LATER = ("databricks",)


def dialect_of(name: str) -> Dialect:
    """Dialect of this name; the name is that of dwsim.common.v1.SqlDialect in any case."""
    if dialect := DIALECTS.get(name.lower()):
        return dialect
    if name.lower() in _LATER:
        raise NotYetAvailable(
            f"SQL of dialect {name.lower()} is not read yet", hint=f"it reads {', '.join(sorted(DIALECTS))}"
        )
    raise UnknownDialect(
        f"there is no dialect {name!r}", hint=f"it reads {', '.join(sorted(DIALECTS))}", metadata={"dialect": name}
    )
