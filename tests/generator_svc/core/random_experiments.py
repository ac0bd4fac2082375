"""Random experiments: graphs of tables with keys of every shape, and columns made from each other."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from generator_svc.core.rules import (
    Choice,
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    LookupRule,
    OffsetRule,
    OffsetUnit,
    PatternRule,
    PermutedRule,
    SequenceRule,
    TemplateRule,
    UniformRule,
    WeightedChoiceRule,
)
from generator_svc.core.spec import (
    ColumnSpec,
    Correlation,
    FanOut,
    ForeignKeySpec,
    ParentChoice,
    TableSpec,
    Tree,
    UniformParents,
    ZipfParents,
)
from tests.generator_svc.core.catalog import BIGINT, BOOLEAN, DATE, DOUBLE, INT, MONEY, TIMESTAMP, text
from tests.generator_svc.core.random_rules import UUID, plain_columns

MOST_TABLES, MOST_ROWS = 6, 150


@dataclass(frozen=True)
class Experiment:
    """Tables, rows of the first run, rows of each append."""

    tables: tuple[TableSpec, ...]
    rows: Mapping[str, int]
    appends: tuple[Mapping[str, int], ...]


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """An experiment that is likely to be possible; what is refused all the same is refused by a fault."""
    names = [f"t{number}" for number in range(draw(st.integers(1, MOST_TABLES)))]
    rows: dict[str, int] = {}
    tables: list[TableSpec] = []
    for name in names:
        rows[name] = draw(st.sampled_from([0, 1, 2, 17, 60, MOST_ROWS])) if tables else draw(st.integers(1, MOST_ROWS))
        tables.append(draw(_table(name, tables, rows)))
    tables = [draw(_with_cycle(table, tables)) for table in tables]
    added = st.dictionaries(st.sampled_from(names), st.sampled_from([1, 5, 40]), min_size=1)
    appends = tuple(draw(st.lists(added, min_size=draw(st.integers(0, 1)), max_size=2)))
    return Experiment(tuple(draw(st.permutations(tables))), rows, appends)


@st.composite
def _table(draw: st.DrawFn, name: str, parents: Sequence[TableSpec], rows: dict[str, int]) -> TableSpec:
    keyed = [table for table in parents if table.primary_key]
    columns, primary, keys = draw(_key(name, keyed, rows))
    if draw(st.booleans()) and keyed:
        parent = draw(st.sampled_from(keyed))
        nullable = draw(st.booleans()) or not rows[parent.name]
        key, more = _reference(f"{name}_to_{parent.name}", parent, nullable=nullable)
        choice = draw(_choice(rows[name], rows[parent.name]))
        keys.append(dataclasses.replace(key, choice=choice))
        columns += [dataclasses.replace(column, required=not nullable) for column in more]
    if primary and len(primary) == 1 and draw(st.sampled_from([False, False, True])):
        above = next(column for column in columns if column.name == primary[0])
        columns.append(ColumnSpec("above", above.type))
        keys.append(ForeignKeySpec(("above",), name, primary, nullable=True, choice=Tree(draw(st.integers(2, 5)))))
    pair: tuple[str, ...] = ("left", "right") if draw(st.sampled_from([False, False, True])) else ()
    columns += [ColumnSpec(member, draw(st.sampled_from([INT, DATE, BIGINT, text(9)]))) for member in pair]
    columns += [draw(plain_columns(f"c{number}")) for number in range(draw(st.integers(not columns, 4)))]
    columns, correlations = draw(_with_dependents(columns, keys, parents))
    composite = (pair,) if pair else ()
    return TableSpec(
        name,
        tuple(columns),
        primary,
        composite_keys=composite,
        foreign_keys=tuple(keys),
        correlations=correlations,
    )


@st.composite
def _key(
    draw: st.DrawFn, name: str, parents: Sequence[TableSpec], rows: dict[str, int]
) -> tuple[list[ColumnSpec], tuple[str, ...], list[ForeignKeySpec]]:
    """Primary key: none, one column, columns of its own, of a parent, or of a parent and a number."""
    populated = [table for table in parents if rows[table.name]]
    shape = draw(
        st.sampled_from(["none", "id", "id", "code", "uuid", "pair", *["line", "one", "both"] * bool(populated)])
    )
    if shape in {"line", "one", "both"}:
        parent = draw(st.sampled_from(populated))
        key, columns = _reference(f"{name}_of", parent, nullable=False)
        columns = [dataclasses.replace(column, required=True) for column in columns]
        if shape == "one":
            rows[name] = min(rows[name], rows[parent.name])
            return columns, key.columns, [key]
        member = ColumnSpec("line", INT, required=True)
        if shape == "both":
            member = ColumnSpec("line", text(6), required=True, rule=PatternRule("[a-f]{3}"))
        choice = draw(_choice(rows[name], rows[parent.name]))
        return [*columns, member], (*key.columns, "line"), [dataclasses.replace(key, choice=choice)]
    columns = {
        "none": [],
        "id": [ColumnSpec("id", BIGINT, rule=draw(st.sampled_from([None, SequenceRule(5, 3), PermutedRule()])))],
        "code": [ColumnSpec("id", text(12), rule=draw(st.sampled_from([None, PatternRule(r"[A-Z]{2}\d{4}")])))],
        "uuid": [ColumnSpec("id", UUID)],
        "pair": [
            ColumnSpec("id", draw(st.sampled_from([INT, DATE, BIGINT])), required=True),
            ColumnSpec("kind", text(4), rule=WeightedChoiceRule((Choice("a"), Choice("b", 2), Choice("c")))),
        ],
    }[shape]
    return columns, tuple(column.name for column in columns), []


def _reference(name: str, parent: TableSpec, *, nullable: bool) -> tuple[ForeignKeySpec, list[ColumnSpec]]:
    types = {column.name: column.type for column in parent.columns}
    columns = [ColumnSpec(f"{name}_{column}", types[column]) for column in parent.primary_key]
    return ForeignKeySpec(tuple(c.name for c in columns), parent.name, parent.primary_key, nullable), columns


@st.composite
def _choice(draw: st.DrawFn, rows: int, parents: int) -> ParentChoice:
    most = -(-rows // max(parents, 1)) + draw(st.integers(0, 3))
    choices: list[ParentChoice] = [
        UniformParents(),
        ZipfParents(1.2),
        FanOut(draw(st.integers(0, min(rows // max(parents, 1), 3))), most, skewed=draw(st.booleans())),
        FanOut(0, 0, skewed=draw(st.booleans())),
    ]
    return draw(st.sampled_from(choices))


@st.composite
def _with_cycle(draw: st.DrawFn, table: TableSpec, tables: Sequence[TableSpec]) -> TableSpec:
    """Let a table refer to any other, later ones too, by a nullable key."""
    others = [other for other in tables if other.name != table.name and other.primary_key]
    if not others or draw(st.sampled_from([True, True, False])):
        return table
    key, columns = _reference("around", draw(st.sampled_from(others)), nullable=True)
    return dataclasses.replace(table, columns=(*table.columns, *columns), foreign_keys=(*table.foreign_keys, key))


@st.composite
def _with_dependents(
    draw: st.DrawFn, columns: list[ColumnSpec], keys: Sequence[ForeignKeySpec], parents: Sequence[TableSpec]
) -> tuple[list[ColumnSpec], tuple[Correlation, ...]]:
    """Columns made from a few sources, and a correlated pair."""
    if not draw(st.booleans()):
        return columns, ()
    sources = [
        ColumnSpec("n", INT, rule=UniformRule("-50", "50"), null_fraction=draw(st.sampled_from([0.0, 0.2]))),
        ColumnSpec("at", TIMESTAMP, rule=UniformRule("2020-01-01", "2023-06-30"), null_fraction=0.1),
        ColumnSpec("x", DOUBLE, rule=UniformRule("0", "1")),
        ColumnSpec("y", MONEY, rule=UniformRule("0", "900")),
    ]
    unit = draw(st.sampled_from(OffsetUnit))
    made = [
        ColumnSpec("twice", MONEY, rule=DerivedRule("round(coalesce(n, 1) * y / 2, 2)")),
        ColumnSpec("past", BOOLEAN, rule=DerivedRule("at < TIMESTAMP '2021-01-01' OR n > 40")),
        ColumnSpec("later", draw(st.sampled_from([DATE, TIMESTAMP])), rule=OffsetRule("at", -3, 30, unit)),
        ColumnSpec("more", INT, rule=OffsetRule("n", 5, 9), null_fraction=draw(st.sampled_from([0.0, 0.3]))),
        ColumnSpec("fee", MONEY, rule=ConditionalRule("n > 0", UniformRule("1", "2"), ConstantRule("7.5"))),
        ColumnSpec("gift", MONEY, rule=ConditionalRule("n > 0", OffsetRule("y", 1, 3))),
        ColumnSpec("label", text(draw(st.sampled_from([0, 40]))), rule=TemplateRule("<{n}|{more}>")),
    ]
    by_name = {table.name: table for table in parents}
    for number, key in enumerate(keys):
        for column in by_name[key.parent_table].columns if key.parent_table in by_name else ():
            if column.name in {"n", "at", "y", "twice"}:
                rule = LookupRule(key.columns[0], column.name)
                made.append(ColumnSpec(f"copy{number}_{column.name}", column.type, rule=rule))
            if column.name == "at":
                made.append(ColumnSpec(f"after{number}", DATE, rule=OffsetRule(f"{key.columns[0]}.at", 1, 14)))
    chosen = [column for column in made if draw(st.booleans())]
    if not any(column.name == "more" for column in chosen):
        chosen = [column for column in chosen if column.name != "label"]
    correlations = draw(st.sampled_from([(), (Correlation(("x", "y"), (1, -0.7, -0.7, 1)),)]))
    return [*columns, *draw(st.permutations([*sources, *chosen]))], correlations
