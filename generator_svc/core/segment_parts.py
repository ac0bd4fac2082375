"""From the columns and keys of a table to the parts of one segment."""

from collections.abc import Callable

from generator_svc.core.children import Brood
from generator_svc.core.dependent_columns import DEPENDENT, dependent_part
from generator_svc.core.dependent_parts import DependentPart
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.living_parents import LivingParents, LivingTree
from generator_svc.core.parents import (
    AnyParent,
    DistinctParents,
    Parents,
    PopularParents,
    TreeParents,
    attempt_key,
)
from generator_svc.core.parts import KernelPart, NullPart, Part, ReferencePart, TreePart
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.spec import FanOut, ForeignKeySpec, Tree, ZipfParents
from generator_svc.core.tuple_maker import brood, cluster_part, product_part

_LEAST_LEVELS = 2


def segment_parts(context: SegmentContext, number: int) -> list[Part | DependentPart]:
    """Parts of one segment, covering every column once."""
    arrangement = context.arrangement
    parts: list[Part | DependentPart] = [cluster_part(context, cluster, number) for cluster in arrangement.clusters]
    parts += [product_part(context, columns, number) for columns in arrangement.products]
    covered = {column for part in parts for column in part.columns}
    for key in context.keys.references:
        if key.columns[0] not in covered:
            parts.append(_reference(context, key, number))
            covered |= set(key.columns)
    free = [column.name for column in context.keys.table.columns if column.name not in covered]
    return [*parts, *(_free_part(context, name, number) for name in free)]


def _free_part(context: SegmentContext, name: str, number: int) -> Part | DependentPart:
    if isinstance(context.rule(name), DEPENDENT):
        context.refuse_correlated(name)
        return dependent_part(context, name, number)
    return KernelPart(name, context.kernel(name, number))


def _reference(context: SegmentContext, key: ForeignKeySpec, number: int) -> Part:
    """Part of a foreign key: a self-reference is a tree, a distinct one a permutation, another as it chooses."""
    types, parent_keys = context.types(key), context.parent_keys(key)
    if key.parent_table == context.name and not context.keys.is_distinct(key):
        levels = max(key.choice.levels if isinstance(key.choice, Tree) else Tree().levels, _LEAST_LEVELS)
        tree = _tree(context, key, number, levels)
        return TreePart(key.columns, types, tree, parent_keys, nullable=key.nullable)
    if context.parent_rows(key, number) == 0:
        if not key.nullable:
            raise context.no_parents(key)
        return NullPart(key.columns, types)
    try:
        return ReferencePart(key.columns, types, _parents(context, key, number), parent_keys)
    except ImpossibleRule as fault:
        raise context.located(key.columns, fault) from fault


def _parents(context: SegmentContext, key: ForeignKeySpec, number: int) -> Parents:
    seed, rows = context.key("parent", *key.columns), context.parent_rows(key, number)
    if context.keys.is_distinct(key):
        so_far = context.segments[: number + 1]
        first_rows = [segment.first_row for segment in so_far]
        parent_rows = [context.parent_rows(key, earlier) for earlier in range(number + 1)]
        return DistinctParents(seed, first_rows, parent_rows, context.segments[number].rows)
    match key.choice:
        case ZipfParents():
            exponent = key.choice.exponent or ZipfParents().exponent
            return _living(context, key, number, lambda attempt: PopularParents(seed, rows, exponent, attempt))
        case FanOut():
            return _spread(context, key, number)
        case _:
            return _living(context, key, number, lambda attempt: AnyParent(attempt_key(seed, attempt), rows))


def _living(context: SegmentContext, key: ForeignKeySpec, number: int, draw: Callable[[int], Parents]) -> Parents:
    """Parents as drawn; for rows that a change set inserts, those that are alive."""
    dead = context.dead_parents(key, number)
    return LivingParents(draw, dead, context.parent_rows(key, number)) if dead else draw(0)


def _tree(context: SegmentContext, key: ForeignKeySpec, number: int, levels: int) -> TreeParents:
    seed, rows = context.key("parent", *key.columns), context.segments[0].rows
    dead = context.dead_parents(key, number)
    return LivingTree(seed, rows, levels, dead) if dead else TreeParents(seed, rows, levels)


def _spread(context: SegmentContext, key: ForeignKeySpec, number: int) -> Brood:
    """Fan-out without a key on it: ordinals do not matter, so any number of children will do."""
    return brood(context, key, number, context.segments[number].rows, ())
