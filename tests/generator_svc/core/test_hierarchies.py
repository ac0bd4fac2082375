"""Hierarchies: the columns of a group take the levels of one path, by weight."""

import pytest

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import HierarchyNode as Node
from generator_svc.core.rules import HierarchyRule
from generator_svc.core.spec import ColumnSpec, TableSpec
from tests.generator_svc.core.catalog import INT, plan, text

CITIES = {"DE": {"Berlin": 3, "Bonn": 1}, "FR": {"Paris": 1, "Lyon": 0}}
TREE = tuple(
    Node(country, 3.0 if country == "DE" else 1.0, tuple(Node(city, float(weight)) for city, weight in cities.items()))
    for country, cities in CITIES.items()
)


def table(*columns: ColumnSpec) -> TableSpec:
    return TableSpec("t", columns)


def test_a_city_lies_in_its_country() -> None:
    """Drawn apart, Berlin would be in France; weights count among siblings."""
    columns = (
        ColumnSpec("city", text(10), rule=HierarchyRule("place", 1)),
        ColumnSpec("country", text(2), rule=HierarchyRule("place", 0, TREE)),
        ColumnSpec("elsewhere", text(10), rule=HierarchyRule("other", 1, TREE)),
    )
    rows = plan([table(*columns)], {"t": 1_000_000}).batch("t", 0, 1_000_000)
    found: dict[tuple[str, str], int] = {}
    for pair in zip(rows.column("country").to_pylist(), rows.column("city").to_pylist(), strict=True):
        found[pair] = found.get(pair, 0) + 1
    expected = {("DE", "Berlin"): 562_500, ("DE", "Bonn"): 187_500, ("FR", "Paris"): 250_000}
    assert found.keys() == expected.keys()
    assert sum((found[pair] - count) ** 2 / count for pair, count in expected.items()) < 18.4  # chi-square, p = 1e-4
    assert rows.column("elsewhere") != rows.column("city")


@pytest.mark.parametrize(
    ("rule", "fault", "what"),
    [
        (HierarchyRule("place", 1), InvalidArgument, "gives the tree"),
        (HierarchyRule("place", 2, TREE), ImpossibleRule, "DE > Berlin has no level 2"),
        (HierarchyRule("", 0, (Node("a", 0.0),)), ImpossibleRule, "weights"),
        (HierarchyRule("", 0, (Node("a", -1.0), Node("b", 2.0))), ImpossibleRule, "weights"),
        (HierarchyRule("", 0, (Node("far too long"),)), ImpossibleRule, "characters"),
    ],
)
def test_trees_that_have_no_value_for_a_column_are_refused(rule: HierarchyRule, fault: type[Fault], what: str) -> None:
    """A path that is too short would leave a hole."""
    with pytest.raises(fault, match=what):
        plan([table(ColumnSpec("c", text(9), rule=rule))], {"t": 1})


def test_a_level_repeats_and_is_not_unique() -> None:
    """Uniqueness is by bijection only."""
    with pytest.raises(ImpossibleRule, match="repeats"):
        plan([table(ColumnSpec("c", INT, is_unique=True, rule=HierarchyRule("", 0, (Node("1"),))))], {"t": 1})
