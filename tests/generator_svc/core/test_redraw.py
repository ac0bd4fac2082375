"""What an update may change: cells that belong together change together or not at all."""

from generator_svc.core.keys import resolve_keys
from generator_svc.core.redraw import changing_columns, changing_paths
from generator_svc.core.rules import (
    DerivedRule,
    HierarchyNode,
    HierarchyRule,
    LookupRule,
    SequenceRule,
    UniformRule,
)
from generator_svc.core.spec import ColumnSpec, Correlation, ForeignKeySpec, TableSpec
from tests.generator_svc.core.catalog import INT, text

PLACES = (HierarchyNode("DE", 1.0, (HierarchyNode("Bonn"), HierarchyNode("Ulm"))),)
PARENT = TableSpec(
    "shops",
    (
        ColumnSpec("id", INT),
        ColumnSpec("country", text(2), rule=HierarchyRule("copied", 0, PLACES)),
        ColumnSpec("city", text(9), rule=HierarchyRule("copied", 1)),
        ColumnSpec("land", text(2), rule=HierarchyRule("own", 0, PLACES)),
        ColumnSpec("town", text(9), rule=HierarchyRule("own", 1)),
        ColumnSpec("visits", INT, rule=UniformRule("0", "99")),
        ColumnSpec("sales", INT, rule=UniformRule("0", "99")),
        ColumnSpec("height", INT, rule=UniformRule("0", "99")),
        ColumnSpec("weight", INT, rule=UniformRule("0", "99")),
        ColumnSpec("number", INT, rule=SequenceRule()),
        ColumnSpec("base", INT),
        ColumnSpec("code", INT, rule=DerivedRule("base * 2")),
    ),
    primary_key=("id",),
    correlations=(Correlation(("visits", "sales"), (1, 0.5, 0.5, 1)), Correlation(("height", "weight"), (1, 0, 0, 1))),
)
CHILD = TableSpec(
    "tills",
    (
        ColumnSpec("id", INT),
        ColumnSpec("shop", INT),
        ColumnSpec("city", text(9), rule=LookupRule("shop", "city")),
        ColumnSpec("sales", INT, rule=LookupRule("shop", "sales")),
        ColumnSpec("code", INT, rule=LookupRule("shop", "code")),
        ColumnSpec("serial", text(9), is_unique=True),
        ColumnSpec("price", INT),
        ColumnSpec("label", INT, rule=DerivedRule("price + 1")),
        ColumnSpec("twice", INT, rule=DerivedRule("code * 2")),
    ),
    primary_key=("id",),
    foreign_keys=(ForeignKeySpec(("shop",), "shops", ("id",)),),
)


def test_what_is_copied_stays_with_all_that_it_hangs_on() -> None:
    """A city without its country, or half of a correlation, would be worse than no update."""
    keys = resolve_keys([PARENT, CHILD])
    assert changing_columns(keys)["shops"] == {"land", "town", "height", "weight"}
    assert changing_columns(keys)["tills"] == {"price", "label"}, "a copy changes no more than what it is of"
    assert changing_paths(keys) == {"shops": {"own"}, "tills": frozenset()}
