"""Quality: what an experiment promises of its tables, and whether staged files hold it."""

from generator_svc.quality.checker import Checker, Subject
from generator_svc.quality.database import StagedTable
from generator_svc.quality.report import CheckKind, CheckResult, Report, TableReport

__all__ = ["CheckKind", "CheckResult", "Checker", "Report", "StagedTable", "Subject", "TableReport"]
