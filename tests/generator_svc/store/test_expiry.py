"""Which events may go: a prefix of the log, of whole runs that have ended."""

import pytest

from dwsim_wire.clock import now
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.event import RunDeleted, RunStarted
from generator_svc.core.run import RunState
from generator_svc.core.run_faults import SequenceExpired
from generator_svc.store import Store
from tests.generator_svc.store.test_store import accepted, batch, rung, store  # noqa: F401  # fixtures


def ended(store: Store, run_id: int) -> None:  # noqa: F811  # a parameter, not the fixture
    store.runs.end(run_id, RunState.COMPLETED)


def test_a_run_at_work_keeps_its_events_and_all_after_it(store: Store) -> None:  # noqa: F811
    """Its consumer may begin anew at any time, and needs its start."""
    first, second = accepted(store, 1), accepted(store, 2)
    ended(store, first)
    assert store.log.expired(now() + 1, 0) == 0, "the second run has begun before the first one ended"
    ended(store, second)
    assert store.log.expired(now() + 1, 0) == 4


def test_runs_that_overlap_go_together(store: Store) -> None:  # noqa: F811
    """A limit that falls into a run moves to its beginning, and so on for the runs that this one cuts."""
    runs = [accepted(store, 1), accepted(store, 2)]
    ended(store, runs[0])
    runs.append(accepted(store, 3))
    ended(store, runs[1])
    ended(store, runs[2])
    alone = accepted(store, 4)
    ended(store, alone)
    newest = store.log.newest()
    assert newest == 8
    assert [store.log.expired(0, most) for most in range(1, 9)] == [6, 6, 0, 0, 0, 0, 0, 0]


def test_events_go_a_few_at_a_time_and_a_deletion_keeps_nothing(store: Store) -> None:  # noqa: F811
    """A sweep never holds the database for long; a late RunDeleted does not bring its run's old events back."""
    old = accepted(store, 1)
    store.batches.finish(batch(old, "t", 0), ContentHash())
    ended(store, old)
    young = accepted(store, 2)
    store.runs.delete(old, 1, forget=True)
    assert (last := store.log.expired(0, 2)) == 3
    assert [store.log.expire(last, 2), store.log.expire(last, 2), store.log.expire(last, 2)] == [2, 1, 0]
    assert store.runs.forget(9) == 0, "the log still tells of its deletion"
    with pytest.raises(SequenceExpired):
        store.log.page(2, 9)
    facts = [event.fact for event in store.log.page(0, 9)]
    assert [type(fact) for fact in facts] == [RunStarted, RunDeleted]
    ended(store, young)
    assert store.log.expire(store.log.expired(now() + 1, 0), 99) == 3
    assert (store.runs.forget(9), store.runs.forget(9)) == (1, 0)
    store.log.check(store.log.log_id, store.log.newest())
