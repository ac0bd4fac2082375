"""The store on a real database: one appender, no gap, facts and events in one commit."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dwsim_wire.database import open_database
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.event import BatchFinished, RunEnded, RunStarted, TableFinished
from generator_svc.core.run import Failure, PinnedExperiment, RunKind, RunOrder, RunState, RunTable, StagedFile
from generator_svc.core.run_faults import RunActive, RunHasEnded, UnknownRun
from generator_svc.core.spec import Segment
from generator_svc.settings import GeneratorSettings
from generator_svc.store import MIGRATIONS, Store

SEGMENTS = (Segment(0, 50, {"p": 9}), Segment(50, 400, {"p": 12}))
TABLES = (RunTable("t", 50, 400, 10, SEGMENTS), RunTable("u", 0, 20, 10, (Segment(0, 20),)))


def order(seed: int = 1) -> RunOrder:
    """A run of two tables, one of them grown by a second segment."""
    segments = {"t": SEGMENTS, "u": (Segment(0, 20),), "p": (Segment(0, 12),)}
    return RunOrder(RunKind.APPEND, seed, "2026-01-01", "1", 10, segments, TABLES, auto_load=False, base_run_id=4)


def experiment(number: int = 1) -> PinnedExperiment:
    """A pinned experiment."""
    return PinnedExperiment(f"e{number}", f"Shop{number}", 3, '{"name": "shop"}')


def batch(run_id: int, table: str, index: int) -> StagedFile:
    """A durable file of a batch."""
    return StagedFile(run_id, table, index, index * 10, 10, f"file:///{run_id}/{table}/{index}", 7, "00")


@pytest.fixture
def rung() -> list[int]:
    return []


@pytest.fixture
def store(tmp_path: Path, rung: list[int]) -> Iterator[Store]:
    settings = GeneratorSettings.model_construct(data_dir=tmp_path, target_db_url=None)
    opened = Store(open_database(settings, "generator", MIGRATIONS), lambda: rung.append(1))
    yield opened
    opened.close()


def accepted(store: Store, number: int = 1) -> int:
    """Id of a new run at work."""
    run, new = store.runs.start(order(), experiment(number), lambda run_id: f"file:///runs/{run_id}")
    assert new
    assert store.runs.begin(run.run_id)
    return run.run_id


def test_a_run_comes_back_as_it_was_pinned(store: Store) -> None:
    """A resume and an append live on these facts alone."""
    run_id = accepted(store)
    run = store.runs.get(run_id, "sHOP1")
    assert run.order == order()
    assert (run.state, run.staging_uri, run.experiment_revision) == (RunState.RUNNING, f"file:///runs/{run_id}", 3)
    assert store.runs.pinned(run_id) == experiment()


def test_appenders_leave_no_gap_that_a_reader_can_see(store: Store) -> None:
    """A reader that saw sequence n has seen every smaller one: else its cursor would jump over a batch."""
    runs = [accepted(store, number) for number in range(4)]
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set() or seen[-1] < store.log.newest():
            seen.extend(event.sequence for event in store.log.page(seen[-1] if seen else 0, 50))

    def write(run_id: int) -> None:
        for index in range(40):
            assert store.batches.finish(batch(run_id, "t", index), ContentHash())

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(run_id,)) for run_id in runs]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 4 * (1 + 40 + 1) + 1))


def test_a_batch_and_its_event_are_one_fact(store: Store, rung: list[int]) -> None:
    """Recording a batch again changes nothing; the last one finishes its table."""
    run_id = accepted(store)
    before = len(rung)
    for _ in range(2):
        for index in (1, 0):
            assert store.batches.finish(batch(run_id, "u", index), ContentHash())
    facts = [event.fact for event in store.log.page(0, 99)]
    assert isinstance(facts[0], RunStarted)
    assert [fact.batch_index for fact in facts if isinstance(fact, BatchFinished)] == [1, 0]
    assert facts[-1] == TableFinished("u", 20, 2, store.runs.get(run_id).tables[1].content_hash)
    assert len(rung) > before, "watchers are woken"
    assert [file.batch_index for file in store.batches.of_run(run_id)] == [0, 1]


def test_a_run_that_is_stopping_records_no_further_batch(store: Store) -> None:
    """After the answer to an abort, nothing of the run appears any more."""
    run_id = accepted(store)
    store.runs.request_abort(run_id)
    assert not store.batches.finish(batch(run_id, "t", 0), ContentHash())
    assert store.batches.of_run(run_id) == []
    assert not store.runs.begin(run_id)
    store.runs.end(run_id, RunState.COMPLETED)
    run = store.runs.get(run_id)
    assert run.state is RunState.ABORTED, "completion yields to an abort that came first"
    assert run.failure == Failure("ABORTED_BY_USER", f"run {run_id} was stopped on request")
    with pytest.raises(RunHasEnded):
        store.runs.request_abort(run_id)


def test_a_run_ends_once(store: Store) -> None:
    """Two endings in the log would start and stop a load at random."""
    run_id = accepted(store)
    failure = Failure("DISK_FULL", "no space", "make some")
    store.runs.end(run_id, RunState.FAILED, failure, "Traceback …")
    store.runs.end(run_id, RunState.COMPLETED)
    assert [e.fact for e in store.log.page(0, 99) if isinstance(e.fact, RunEnded)] == [
        RunEnded(RunState.FAILED, failure)
    ]
    assert store.runs.get(run_id).failure == failure


def test_one_experiment_has_one_active_run(store: Store) -> None:
    """The database itself refuses the second one."""
    first = accepted(store)
    with pytest.raises(RunActive, match=f"run {first}"):
        accepted(store)
    store.runs.end(first, RunState.COMPLETED)
    assert accepted(store) == first + 1


def test_ids_are_never_used_again(store: Store) -> None:
    """A deleted run's id would otherwise come back with other data."""
    first = accepted(store)
    store.runs.end(first, RunState.COMPLETED)
    store.runs.delete(first, 0, forget=True)
    with pytest.raises(UnknownRun):
        store.runs.get(first)
    assert accepted(store) == first + 1
    assert store.runs.named([first]) == []
