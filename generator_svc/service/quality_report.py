"""The quality report of a run as a message, made on a thread that stops when nobody waits any more."""

import asyncio
import json
from contextlib import suppress

from dwsim.generator.v1 import quality_report_pb2

from dwsim_wire.staging import StagingRoot
from generator_svc.core.document import read_tables
from generator_svc.core.run import Run
from generator_svc.core.run_faults import FilesDeleted, StagedFileChanged, UnknownRun
from generator_svc.core.segments import total_rows
from generator_svc.quality import Checker, CheckResult, Report, StagedTable, Subject, TableReport
from generator_svc.staging.files import is_there
from generator_svc.store import Store


async def quality_report(store: Store, run: Run) -> quality_report_pb2.QualityReport:
    """Check what a completed run staged."""
    checker = Checker(await asyncio.to_thread(_subject, store, run))
    return _message(run, await _report(checker))


def _subject(store: Store, run: Run) -> Subject:
    tables = read_tables(json.loads(store.runs.pinned(run.run_id).document))
    own, earlier = _files(store, run), _earlier_files(store, run)
    return Subject(
        tables=tables,
        segments=run.order.segments,
        seed=run.order.seed,
        as_of=run.order.as_of,
        rows={table.name: table.rows for table in run.tables},
        staged={table.name: _staged(run, table.name, own, earlier) for table in tables},
    )


def _files(store: Store, run: Run) -> "_Staged":
    """Files of a run; one that is gone is refused."""
    files = store.batches.of_run(run.run_id)
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


def _earlier_files(store: Store, run: Run) -> "_Staged":
    """Files of the runs that a run continues, oldest first, as far as they are still there."""
    found = _Staged([])
    with suppress(UnknownRun, FilesDeleted, StagedFileChanged):
        while run.order.base_run_id:
            run = store.runs.get(run.order.base_run_id)
            found = _Staged([*_files(store, run).entries, *found.entries])
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
