"""Defaults, conditions and views in another dialect.

sqlglot translates. An expression of a column or a constraint is made of known parts only, each of which means the same
everywhere; a view may use all that sqlglot knows, but not what it is known to change in silence. What cannot be
translated raises `Untranslatable` with the reason: the writer leaves it out and says so.
"""

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from schema_svc.core.model import Experiment, Table
from schema_svc.core.names import fold, words
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl.grammar import GRAMMARS
from schema_svc.core.write_ddl.naming import Naming

_LONGEST = 20_000
_SAME_EVERYWHERE: tuple[type[exp.Expr], ...] = (
    exp.Literal, exp.Boolean, exp.Null, exp.Neg, exp.Paren, exp.Column, exp.Identifier, exp.Var,
    exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
    exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Is, exp.Tuple, exp.Case, exp.If,
    exp.Coalesce, exp.Nullif, exp.Cast, exp.DataType, exp.DataTypeParam,
    exp.Lower, exp.Upper, exp.Length, exp.Trim, exp.Abs, exp.Round, exp.Concat, exp.DPipe,
    exp.CurrentTimestamp, exp.CurrentDate,
)  # fmt: skip
_CHANGED_IN_SILENCE: tuple[type[exp.Expr], ...] = (
    exp.Anonymous, exp.AnonymousAggFunc, exp.Command, exp.Placeholder, exp.Parameter, exp.SessionParameter,
    exp.Pivot, exp.IgnoreNulls, exp.DateDiff, exp.TimestampDiff, exp.TsOrDsDiff,
    exp.DatetimeDiff, exp.TimeDiff, exp.Qualify, exp.Lateral, exp.MatchRecognize,
)  # fmt: skip
_OWN_WORDS: Mapping[Dialect, tuple[type[exp.Expr], ...]] = {
    Dialect.REDSHIFT: (exp.Like,),
    Dialect.SNOWFLAKE: (exp.Like, exp.Uuid),
    Dialect.POSTGRES: (exp.Like, exp.Uuid),
    Dialect.CLICKHOUSE: (exp.Like,),
    Dialect.DUCKDB: (exp.Like, exp.Uuid),
    Dialect.DATABRICKS: (exp.Like, exp.Uuid),
}
"""Further parts that an expression may have in a dialect; SQLite's LIKE, say, does not see case."""
_PLAIN_TYPES = frozenset(
    exp.DataType.Type[name]
    for name in words("BOOLEAN SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL VARCHAR TEXT CHAR DATE TIMESTAMP")
)
"""Types that a cast in an expression may name."""
_TEXT_TYPES = frozenset(exp.DataType.Type[name] for name in ("VARCHAR", "TEXT", "CHAR"))


class Untranslatable(Exception):
    """The text has no equal in the other dialect; the message says why."""


class Translation:
    """Translates the expressions of one experiment."""

    def __init__(self, experiment: Experiment, naming: Naming, written: Dialect) -> None:
        own = experiment.dialect if experiment.dialect is not Dialect.NAME_UNSPECIFIED else Dialect.POSTGRES
        self._read = own
        self._written = written
        self._naming = naming
        self._tables = {(table.schema_name, naming.bare_names[table.name]): table for table in experiment.tables}
        self._defaults: dict[str, str | Untranslatable] = {}
        self._views = {view.name for view in experiment.views}

    def default(self, text: str) -> str:
        """Translate a column's default; it may name no column. Tables repeat their defaults: each is read once."""
        if text not in self._defaults:
            try:
                self._defaults[text] = self._default(text)
            except Untranslatable as why:
                self._defaults[text] = why
        known = self._defaults[text]
        if isinstance(known, Untranslatable):
            raise known
        return known

    def _default(self, text: str) -> str:
        tree = self._expression(text)
        if column := tree.find(exp.Column):
            raise Untranslatable(f"{column.sql()[:40]} is no value")
        shown = self._sql(tree)
        simple = isinstance(tree, exp.Literal | exp.Boolean | exp.Null | exp.CurrentTimestamp | exp.CurrentDate)
        return shown if simple or not self._naming.grammar.defaults_in_brackets else f"({shown})"

    def condition(self, text: str, table: Table) -> str:
        """Translate a condition over a table's columns."""
        tree = self._expression(text)
        for column in tree.find_all(exp.Column):
            if column.table or table.column(self._folded(column.this)) is None:
                raise Untranslatable(f"{column.sql()[:40]} is no column of it")
        self._rename(tree)
        return self._sql(tree)

    def query(self, text: str) -> str:
        """Translate the SELECT of a view over the experiment's tables."""
        tree = self._parsed(text)
        if not isinstance(tree, exp.Query):
            raise Untranslatable("it is no SELECT")
        if found := next(tree.find_all(*_CHANGED_IN_SILENCE), None):
            raise Untranslatable(f"{found.sql()[:60]} has no equal that is sure")
        own_names = {cte.alias for cte in tree.find_all(exp.CTE)}
        sources = [source for source in tree.find_all(exp.Table) if source.db or source.name not in own_names]
        placed = [(source, self._table(source)) for source in sources]
        self._rename(tree)
        for source, table in placed:
            if table:
                schema = self._naming.schema(table)
                source.set("this", self._identifier(self._naming.within_schema(table)))
                source.set("db", self._identifier(schema) if schema else None)
        return self._sql(tree)

    def _table(self, source: exp.Table) -> Table | None:
        name, schema = self._folded(source.this), self._folded(source.args.get("db"))
        if not schema and name in self._views:
            return None
        matches = [table for (_, bare), table in self._tables.items() if bare == name]
        exact = self._tables.get((schema, name)) or (matches[0] if len(matches) == 1 else None)
        if exact is None or source.catalog:
            raise Untranslatable(f"{source.sql()[:60]} is no table of the experiment")
        return exact

    def _expression(self, text: str) -> exp.Expr:
        tree = self._parsed(f"SELECT {text}")
        given = {name for name, value in tree.args.items() if value}
        if not isinstance(tree, exp.Select) or given != {"expressions"} or len(tree.expressions) != 1:
            raise Untranslatable("it is not one expression")
        expression: exp.Expr = tree.expressions[0]
        known = _SAME_EVERYWHERE + _OWN_WORDS.get(self._written, ())
        for part in expression.walk():
            strange_type = isinstance(part, exp.DataType) and part.this not in _PLAIN_TYPES
            if strange_type or not isinstance(part, known):
                raise Untranslatable(f"{part.sql()[:60]} has no equal that is sure")
        expression = expression.copy()
        return expression.transform(_without_cast)

    def _parsed(self, text: str) -> exp.Expr:
        if len(text) > _LONGEST:
            raise Untranslatable(f"it is longer than {_LONGEST} characters")
        try:
            trees = sqlglot.parse(text, read=GRAMMARS[self._read].sqlglot)
        except (SqlglotError, RecursionError, ValueError) as error:
            raise Untranslatable(f"it cannot be read: {_first_line(error)}") from None
        if len(trees) != 1 or trees[0] is None:
            raise Untranslatable("it is not one expression")
        return trees[0]

    def _sql(self, tree: exp.Expr) -> str:
        options: dict[str, Any] = {"unsupported_level": ErrorLevel.RAISE, "comments": False}
        try:
            return tree.transform(self._as_string).sql(GRAMMARS[self._written].sqlglot, **options)
        except (SqlglotError, RecursionError, ValueError) as error:
            raise Untranslatable(_first_line(error)) from None

    def _as_string(self, part: exp.Expr) -> exp.Expr:
        """Strings with quotes in them as all other text has them: sqlglot's escapes are not those of every reader."""
        odd = isinstance(part, exp.Literal) and part.is_string and ("'" in part.name or "\\" in part.name)
        return exp.Var(this=self._naming.string(part.name)) if odd else part

    def _rename(self, tree: exp.Expr) -> None:
        for identifier in tree.find_all(exp.Identifier):
            name = self._folded(identifier)
            identifier.set("this", name)
            identifier.set("quoted", self._naming.needs_quotes(name))

    def _identifier(self, name: str) -> exp.Identifier:
        return exp.to_identifier(name, quoted=self._naming.needs_quotes(name))

    def _folded(self, identifier: exp.Expr | None) -> str:
        if not isinstance(identifier, exp.Identifier):
            return ""
        return fold(identifier.name, self._read, quoted=bool(identifier.args.get("quoted")))


def _without_cast(part: exp.Expr) -> exp.Expr:
    """A string that is cast to text is the string."""
    if not isinstance(part, exp.Cast):
        return part
    literal = isinstance(part.this, exp.Literal) and part.this.is_string
    return part.this if literal and part.args["to"].this in _TEXT_TYPES else part


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
