"""Columns of the hierarchy rule: the levels of one drawn path, such as country -> state -> city.

A path is a leaf, drawn with the product of the shares that its nodes have among their siblings. All columns of a group
draw with one key, so the same leaf.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.choices import Weighted, listed_kernel
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.rules import HierarchyNode, HierarchyRule
from generator_svc.core.spec import TableSpec
from generator_svc.core.task import ColumnTask

Path = tuple[tuple[str, ...], float]


def group_trees(table: TableSpec) -> Mapping[str, tuple[HierarchyNode, ...]]:
    """Trees by group; of columns that differ, the first one's."""
    rules = [column.rule for column in table.columns if isinstance(column.rule, HierarchyRule)]
    return {rule.group: rule.roots for rule in reversed(rules) if rule.roots and rule.group}


def with_tree(rule: HierarchyRule, trees: Mapping[str, tuple[HierarchyNode, ...]]) -> HierarchyRule:
    """Give a rule the tree of its group."""
    return replace(rule, roots=trees.get(rule.group, rule.roots))


def hierarchy_kernel(task: ColumnTask, rule: HierarchyRule) -> Kernel:
    """Kernel of one level."""
    task.refuse_distinct("a hierarchy")
    if not rule.roots:
        raise InvalidArgument(
            f"no column of the group {rule.group!r} gives the tree", hint="write roots on one column of the group"
        )
    paths = [path for path in _paths(rule.roots, (), 1.0) if path[1] > 0]
    for values, _ in paths:
        if not 0 <= rule.level < len(values):
            raise ImpossibleRule(
                f"the path {' > '.join(values)} has no level {rule.level}",
                hint=f"its levels are 0 to {len(values) - 1}; give every path as many levels as the columns take",
                metadata={"rule": "hierarchy"},
            )
    weights = [weight for _, weight in paths]
    return listed_kernel(Weighted(task.key, weights), task.column.type, [values[rule.level] for values, _ in paths])


def hierarchy_values(rule: HierarchyRule) -> list[str]:
    """Values of a level that may be drawn."""
    return list(dict.fromkeys(values[rule.level] for values, weight in _paths(rule.roots, (), 1.0) if weight > 0))


def _paths(nodes: tuple[HierarchyNode, ...], above: tuple[str, ...], weight: float) -> Iterator[Path]:
    total = sum(node.weight for node in nodes)
    if min(node.weight for node in nodes) < 0 or not total > 0:
        raise ImpossibleRule(
            "a hierarchy needs weights of 0 and above, one of them above 0 among siblings", hint="give one a weight"
        )
    for node in nodes:
        path, share = (*above, node.value), weight * (node.weight / total)
        if node.children and share > 0:
            yield from _paths(node.children, path, share)
        else:
            yield path, share
