"""Quality reports as people read them."""

from dwsim.generator.v1.quality_report_pb2 import QualityCheck, QualityReport

from dwsim_cli import figures
from dwsim_cli.faults import OperationFailed
from dwsim_cli.output import Output

SAMPLES = 3


def report(output: Output, one: QualityReport, every: bool) -> None:
    """Show a line per table, and the checks that failed, or all of them."""
    output.table(
        ["table", "rows", "checks", "failed", "skipped", "violations", "error rate"],
        (
            [
                table.table,
                figures.count(table.rows),
                len(table.checks),
                sum(not check.passed for check in table.checks),
                sum(bool(check.skipped) for check in table.checks),
                figures.count(sum(check.violations for check in table.checks)),
                f"{table.error_rate:.3g}",
            ]
            for table in one.tables
        ),
    )
    shown = [(table.table, check) for table in one.tables for check in table.checks if every or not check.passed]
    if shown:
        output.table(
            ["table", "check", "columns", "result", "promised", "found", "such as"],
            ([name, *_cells(check)] for name, check in shown),
        )
    verdict = "holds what its experiment promises" if one.passed else "breaks promises of its experiment"
    checks = sum(len(table.checks) for table in one.tables)
    output.say(
        f"run {one.run_id} of {one.experiment} {verdict}: {checks} checks, "
        f"{figures.count(one.violations)} violations in {figures.count(one.checked)} checked cells"
    )


def refuse_failed(one: QualityReport) -> None:
    """Raise where a check failed."""
    failed = [check for table in one.tables for check in table.checks if not check.passed]
    if failed:
        raise OperationFailed(
            f"{len(failed)} checks of run {one.run_id} failed, {one.violations} violations",
            reason="CHECK_FAILED",
            hint="see the checks that failed; generate the run anew where its files were altered",
        )


def _cells(check: QualityCheck) -> list[str]:
    result = "skipped" if check.skipped else "ok" if check.passed else "FAILED"
    return [
        QualityCheck.Kind.Name(check.kind),
        ", ".join(check.columns),
        result,
        check.expected,
        check.skipped or check.found,
        "; ".join(check.samples[:SAMPLES]),
    ]
