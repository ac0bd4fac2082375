"""Whatever an experiment looks like: a cell depends on its row alone, and every promise holds."""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from generator_svc.core.plan import Plan
from generator_svc.core.spec import TableSpec
from tests.generator_svc.core.catalog import AS_OF
from tests.generator_svc.core.random_experiments import Experiment, experiments
from tests.generator_svc.quality.checked import Made, check, made

IMPROBABLE = 1e-9
SEEDS = st.integers(0, 2**63 - 1)
AT_EASE = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@given(experiments(), SEEDS, st.data())
@settings(AT_EASE, max_examples=10)
def test_random_experiments_keep_every_promise(experiment: Experiment, seed: int, data: st.DataObject) -> None:
    """Any split, order and subset gives the same cells; keys, fan-outs and domains hold, as the checker sees them."""
    prove(experiment, seed, data)


@pytest.mark.slow
@given(experiments(), SEEDS, st.data())
@settings(AT_EASE, max_examples=250)
def test_many_random_experiments_keep_every_promise(experiment: Experiment, seed: int, data: st.DataObject) -> None:
    """The same for hundreds of experiments."""
    prove(experiment, seed, data)


def prove(experiment: Experiment, seed: int, data: st.DataObject) -> None:
    try:
        whole = made(experiment.tables, experiment.rows, *experiment.appends, seed=seed)
    except Fault as fault:
        event(f"refused: {fault.reason}")
        assume(False)
    rows = {name: segments[-1].first_row + segments[-1].rows for name, segments in whole.segments.items()}
    tables = {name: whole.plan.batch(name, 0, rows[name]) for name in rows if rows[name]}
    for name, batch in tables.items():
        batch.validate(full=True)
        _same_in_pieces(whole, name, batch, data)
    _same_alone(whole, tables, data)
    _same_before_appends(experiment, seed, tables)
    _holds(whole)


def _holds(run: Made) -> None:
    """Every promise of the newest segments, as the checker sees them."""
    with tempfile.TemporaryDirectory() as folder:
        report = check(run, Path(folder))
    for found in report.checks:
        assert found.passed or (found.p_value is not None and found.p_value > IMPROBABLE), found
        assert not found.skipped or found.kind.value in {"DISTRIBUTION", "CORRELATION"}, found


def _same_in_pieces(whole: Made, table: str, batch: pa.RecordBatch, data: st.DataObject) -> None:
    """Resume, scale out, preview: batches cut anywhere, rows in any order."""
    count = len(batch)
    cut = data.draw(st.integers(0, count), label=f"cut of {table}")
    for first, rows in ((0, cut), (cut, count - cut)):
        if rows:
            assert whole.plan.batch(table, first, rows).equals(batch.slice(first, rows)), table
    chosen = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=9), label=f"rows of {table}")
    assert whole.plan.rows(table, np.array(chosen, np.uint64)).equals(batch.take(pa.array(chosen))), table


def _same_alone(whole: Made, tables: dict[str, pa.RecordBatch], data: st.DataObject) -> None:
    """A table and those that it refers to, without the others, in another order."""
    if not tables:
        return
    name = data.draw(st.sampled_from(sorted(tables)), label="table alone")
    kept = _needed(name, {table.name: table for table in whole.tables})
    subset = [table for table in reversed(whole.tables) if table.name in kept]
    plan = Plan(subset, whole.segments, whole.seed, AS_OF)
    assert plan.batch(name, 0, len(tables[name])).equals(tables[name])


def _same_before_appends(experiment: Experiment, seed: int, tables: dict[str, pa.RecordBatch]) -> None:
    """An append changes no earlier cell."""
    if not experiment.appends:
        return
    first = made(experiment.tables, experiment.rows, seed=seed)
    for name, rows in experiment.rows.items():
        if rows:
            assert first.plan.batch(name, 0, rows).equals(tables[name].slice(0, rows)), name
    _holds(first)


def _needed(name: str, tables: dict[str, TableSpec]) -> set[str]:
    found, left = set[str](), [name]
    while left:
        found.add(table := left.pop())
        left += [key.parent_table for key in tables[table].foreign_keys if key.parent_table not in found]
    return found
