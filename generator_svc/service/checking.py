"""CheckRun: the quality report of a completed run, on a thread that stops when nobody waits any more."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import quality_report_pb2

from dwsim_wire.fault import NotYetAvailable
from dwsim_wire.staging import StagingRoot
from generator_svc.core.document import read_tables
from generator_svc.core.run import FileFormat, Run, RunState
from generator_svc.core.run_faults import (
    FilesDeleted,
    FormatNotCheckable,
    RunNotCompleted,
    StagedFileChanged,
    UnknownRun,
)
from generator_svc.core.segments import total_rows
from generator_svc.quality import Checker, CheckResult, Report, StagedTable, Subject, TableReport
from generator_svc.staging.files import is_there
from generator_svc.store import Store

CHECKABLE = (FileFormat.PARQUET, FileFormat.ARROW_IPC)


class Checking:
    """Checks runs, one at a time: a check may read all that was ever staged."""

    def __init__(self, store: Store, refuse_draining: Callable[[], None]) -> None:
        self._store = store
        self._refuse_draining = refuse_draining
        self._turn = asyncio.Semaphore(1)

    async def answer(self, message: pb.CheckRunRequest) -> pb.CheckRunResponse:
        """Check a run."""
        self._refuse_draining()
        run = await asyncio.to_thread(self._store.runs.get, message.run_id)
        _refuse_uncheckable(run)
        async with self._turn:
            checker = Checker(await asyncio.to_thread(self._subject, run))
            return pb.CheckRunResponse(report=_message(run, await _report(checker)))

    def _subject(self, run: Run) -> Subject:
        tables = read_tables(json.loads(self._store.runs.pinned(run.run_id).document))
        own, earlier = self._files(run), self._earlier_files(run)
        return Subject(
            tables=tables,
            segments=run.order.segments,
            seed=run.order.seed,
            as_of=run.order.as_of,
            rows={table.name: table.rows for table in run.tables},
            staged={table.name: _staged(run, table.name, own, earlier) for table in tables},
        )

    def _files(self, run: Run) -> "_Staged":
        """Files of a run; one that is gone is refused."""
        files = self._store.batches.of_run(run.run_id)
        if not files and any(table.rows for table in run.tables):
            raise FilesDeleted(
                f"the staged files of run {run.run_id} were deleted",
                hint="generate a new run; the same seed makes the same rows",
                metadata={"run_id": str(run.run_id)},
            )
        for file in files:
            if not is_there(file.uri):
                raise StagedFileChanged(
                    f"a staged file of table {file.table!r} is missing",
                    hint="generate the run anew",
                    metadata={"uri": file.uri},
                )
        return _Staged([(file.table, StagingRoot.parse(file.uri), file.rows) for file in files])

    def _earlier_files(self, run: Run) -> "_Staged":
        """Files of the runs that a run continues, oldest first, as far as they are still there."""
        found = _Staged([])
        with suppress(UnknownRun, FilesDeleted, StagedFileChanged):
            while run.order.base_run_id:
                run = self._store.runs.get(run.order.base_run_id)
                found = _Staged([*self._files(run).entries, *found.entries])
        return found


class _Staged:
    """Tables, files and their rows."""

    def __init__(self, entries: list[tuple[str, StagingRoot, int]]) -> None:
        self.entries = entries

    def files(self, table: str) -> list[StagingRoot]:
        return [file for name, file, _ in self.entries if name == table]

    def rows(self, table: str) -> int:
        return sum(rows for name, _, rows in self.entries if name == table)


async def _report(checker: Checker) -> Report:
    """Report, made on a thread; whoever leaves stops it."""
    work = asyncio.ensure_future(asyncio.to_thread(checker.report))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        checker.interrupt()
        with suppress(Exception):
            await work
        raise


def _refuse_uncheckable(run: Run) -> None:
    if run.order.changes:
        raise NotYetAvailable(
            f"run {run.run_id} is a change set; the report is of the rows of tables",
            hint="check the run that it began with",
            metadata={"run_id": str(run.run_id)},
        )
    if run.order.format not in CHECKABLE:
        raise FormatNotCheckable(
            f"run {run.run_id} has {run.order.format} files, which do not keep the types of their columns",
            hint=f"check a run with the same seed as {' or '.join(CHECKABLE)}: its rows are equal",
            metadata={"format": run.order.format},
        )
    if run.state is not RunState.COMPLETED:
        raise RunNotCompleted(
            f"run {run.run_id} is {run.state}: its tables are not whole",
            hint="wait until it has completed" if run.state.active else "start a new run",
            metadata={"run_id": str(run.run_id), "state": run.state},
        )


def _staged(run: Run, table: str, own: _Staged, earlier: _Staged) -> StagedTable:
    there = own.rows(table) + earlier.rows(table)
    return StagedTable(
        files=own.files(table),
        earlier=earlier.files(table),
        complete=there == total_rows(run.order.segments[table]),
    )


def _message(run: Run, report: Report) -> quality_report_pb2.QualityReport:
    return quality_report_pb2.QualityReport(
        run_id=run.run_id,
        experiment=run.experiment,
        passed=report.passed,
        error_rate=report.error_rate,
        checked=sum(check.checked for check in report.checks),
        violations=sum(check.violations for check in report.checks),
        tables=[_table(table) for table in report.tables],
    )


def _table(table: TableReport) -> quality_report_pb2.TableQuality:
    failed = {name for check in table.checks if not check.passed for name in check.columns}
    return quality_report_pb2.TableQuality(
        table=table.table,
        rows=table.rows,
        expected_rows=table.expected_rows,
        checks=[_check(check) for check in table.checks],
        error_rate=table.error_rate,
        columns=[
            quality_report_pb2.ColumnQuality(
                column=name, passed=name not in failed, violations=violations, error_rate=rate
            )
            for name, violations, rate in table.columns()
        ],
    )


def _check(check: CheckResult) -> quality_report_pb2.QualityCheck:
    return quality_report_pb2.QualityCheck(
        kind=quality_report_pb2.QualityCheck.Kind.Value(check.kind),
        columns=check.columns,
        passed=check.passed,
        violations=check.violations,
        expected=check.expected,
        found=check.found,
        samples=check.samples,
        checked=check.checked,
        p_value=check.p_value,
        skipped=check.skipped,
    )
