"""From an arrangement to the parts that keep it."""

import math
from collections.abc import Sequence
from typing import Final

from generator_svc.core.arrangement import Cluster, Combination
from generator_svc.core.children import Brood, Limits
from generator_svc.core.domains import Domain, domain, sizes, value_kernel
from generator_svc.core.fan_out import natural_limit
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.numbers import Counting, NumberKernel
from generator_svc.core.kernels.storage import storage
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.spec import FanOut, ForeignKeySpec, ZipfParents
from generator_svc.core.tuple_parts import (
    ClusterPart,
    Combinations,
    Eras,
    Member,
    ParentMember,
    ProductPart,
    ValueMember,
)
from generator_svc.core.units import type_range

# Domains that may grow are made this many times larger than needed, so that keys do not look like a full table.
_SPARSE: Final = 4
_MANY: Final = 1 << 40


def product_part(context: SegmentContext, columns: Sequence[str], number: int) -> ProductPart:
    """Columns without a foreign key that are distinct together."""
    domains = {column: domain(context.task(column, number), context.rule(column, member=True)) for column in columns}
    # The member that can grow without end comes first: a later segment that needs more tuples gives it new values.
    ordered = sorted(columns, key=lambda column: domains[column].natural != 1 or domains[column].most == 1)
    start, first, chosen = _space(context, [domains[column] for column in ordered], ordered, number)
    members = [
        ValueMember(column, value_kernel(context.task(column, number), context.rule(column, member=True), size, begin))
        for column, size, begin in zip(ordered, chosen, [first] + [0] * len(ordered), strict=False)
    ]
    return ProductPart(context.key("tuples", *columns), members, chosen, start, first)


def cluster_part(context: SegmentContext, cluster: Cluster, number: int) -> ClusterPart:
    """Keys that share an anchor."""
    anchor = cluster.anchor
    if context.parent_rows(anchor, number) == 0:
        raise context.no_parents(anchor)
    types = [context.keys.column(column).type for column in cluster.ordinals]
    most = min([type_range(logical).high for logical in types], default=_MANY)
    broods: list[Brood] = []
    eras: list[list[tuple[int, Combinations]]] = [[] for _ in cluster.combinations]
    for earlier in range(number + 1):
        first = context.parent_rows(anchor, earlier - 1)
        fresh = context.parent_rows(anchor, earlier) > first
        for so_far, combination in zip(eras, cluster.combinations, strict=True):
            if fresh:
                so_far.append((first, _combinations(context, anchor, combination, earlier)))
        current = [each[-1:] if fresh else each for each in eras]
        if context.segments[earlier].rows:
            room = min([most, *(size.size for each in current for _, size in each)])
            broods.append(_cluster_brood(context, cluster, earlier, room, broods))
    member = ParentMember(anchor.columns, context.types(anchor), context.parent_keys(anchor))
    counters = [
        (column, NumberKernel(Counting(), storage(logical, 1, 1)))
        for column, logical in zip(cluster.ordinals, types, strict=True)
    ]
    return ClusterPart(broods[-1], member, counters, [Eras(each) for each in current])


def brood(context: SegmentContext, anchor: ForeignKeySpec, number: int, most: int, earlier: Sequence[Brood]) -> Brood:
    """Spread the children of one segment over an anchor's parents."""
    segment = context.segments[number]
    return Brood(
        context.key("children", *anchor.columns),
        (segment.first_row, segment.rows),
        (context.parent_rows(anchor, number - 1), context.parent_rows(anchor, number)),
        _limits(anchor),
        most,
        earlier,
    )


def _cluster_brood(
    context: SegmentContext, cluster: Cluster, number: int, most: int, earlier: Sequence[Brood]
) -> Brood:
    try:
        return brood(context, cluster.anchor, number, most, earlier)
    except ImpossibleRule as fault:
        named = [*cluster.anchor.columns, *cluster.ordinals]
        for each in cluster.combinations:
            named += [*(column for key in each.references for column in key.columns), *each.columns]
        raise context.located(named, fault) from fault


def _limits(anchor: ForeignKeySpec) -> Limits:
    match anchor.choice:
        case FanOut(low, high, skewed):
            return Limits(low, high, skewed)
        case ZipfParents():
            return Limits(skewed=True)
        case _:
            return Limits()


def _combinations(
    context: SegmentContext, anchor: ForeignKeySpec, combination: Combination, number: int
) -> Combinations:
    """Combinations for the parents that are new in a segment."""
    members: list[Member] = []
    domains: list[Domain] = []
    for key in combination.references:
        rows = context.parent_rows(key, number)
        if rows == 0:
            raise context.no_parents(key)
        members.append(ParentMember(key.columns, context.types(key), context.parent_keys(key)))
        domains.append(Domain(rows, rows, least=rows))
    tasks = [context.task(column, number) for column in combination.columns]
    rules = [context.rule(column, member=True) for column in combination.columns]
    domains += [domain(task, rule) for task, rule in zip(tasks, rules, strict=True)]
    chosen = sizes(domains, _SPARSE * _most_children(context, anchor, number))
    for task, rule, size in zip(tasks, rules, chosen[len(members) :], strict=True):
        members.append(ValueMember(task.column.name, value_kernel(task, rule, size)))
    named = [column for key in combination.references for column in key.columns] + list(combination.columns)
    return Combinations(context.key("combination", *named), members, chosen)


def _most_children(context: SegmentContext, anchor: ForeignKeySpec, number: int) -> int:
    """Children that one of a segment's new parents may have."""
    rows = context.segments[number].rows
    fresh = context.parent_rows(anchor, number) - context.parent_rows(anchor, number - 1)
    return _limits(anchor).high or natural_limit(fresh, rows, max(rows, 1))


def _space(
    context: SegmentContext, domains: Sequence[Domain], columns: Sequence[str], number: int
) -> tuple[int, int, list[int]]:
    """First row, first value of the first member, and sizes of the tuple space that a segment's rows number.

    A space is made for the rows of one segment, with room to spare where domains may grow; later segments go on in it
    while it lasts.
    """
    start, first, chosen = 0, 0, [0]
    for segment in context.segments[: number + 1]:
        end = segment.first_row + segment.rows
        if not segment.rows or end - start <= math.prod(chosen):
            continue
        grows = domains[0].natural == 1 and domains[0].most > 1
        used = first + chosen[0]
        room = [Domain(1, max(domains[0].most - used, 1)), *domains[1:]] if grows else list(domains)
        fresh = sizes(room, _SPARSE * segment.rows)
        if math.prod(fresh) < segment.rows or (used and not grows):
            size = math.prod(sizes(domains, _MANY))
            raise context.located(
                columns,
                ImpossibleRule(
                    f"{end} rows need distinct tuples, there are {size}",
                    hint="generate fewer rows or give the key's columns more values",
                    metadata={"rows": str(end), "domain_size": str(size)},
                ),
            )
        start, first, chosen = segment.first_row, used, fresh
    return start, first, chosen
