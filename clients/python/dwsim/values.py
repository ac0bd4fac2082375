"""What the services answer, as plain values; `message` has all that the contract says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dwsim.common.v1.failure_pb2 import Failure
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.faults import OperationFailed
from dwsim.generator.v1 import run_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.query.v1 import translation_pb2
from dwsim.schema.v1 import experiment_pb2, import_report_pb2, schema_service_pb2
from dwsim.words import word_of

ENDED = frozenset({"COMPLETED", "FAILED", "ABORTED"})


@dataclass(frozen=True)
class Diagnostic:
    """Something that was found in a DDL or document."""

    severity: str
    code: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    @classmethod
    def of(cls, message: import_report_pb2.Diagnostic) -> "Diagnostic":
        """Read one of an import report."""
        severity = word_of(import_report_pb2.Diagnostic.Severity, message.severity)
        m = message
        return cls(severity, m.code, m.message, m.hint, m.line, m.column, m.path)


@dataclass(frozen=True)
class Experiment:
    """What tables look like, and the warehouse that they are for."""

    name: str
    id: str
    revision: int
    dialect: str
    warehouse: str
    tables: tuple[str, ...]
    description: str = ""
    warnings: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    message: experiment_pb2.Experiment = field(default_factory=experiment_pb2.Experiment, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        message: experiment_pb2.Experiment,
        warnings: Sequence[str] = (),
        diagnostics: Sequence[import_report_pb2.Diagnostic] = (),
    ) -> "Experiment":
        """Read an experiment and what its import said."""
        return cls(
            message.name,
            message.id,
            message.revision,
            word_of(SqlDialect.Name, message.dialect),
            word_of(Warehouse.Kind, message.target_warehouse),
            tuple(table.name for table in message.tables),
            message.description,
            tuple(warnings),
            tuple(map(Diagnostic.of, diagnostics)),
            message,
        )


@dataclass(frozen=True)
class ExperimentSummary:
    """One entry of a list of experiments."""

    name: str
    id: str
    state: str
    warehouse: str
    table_count: int
    description: str = ""
    message: schema_service_pb2.ExperimentSummary = field(
        default_factory=schema_service_pb2.ExperimentSummary, repr=False, compare=False
    )

    @classmethod
    def of(cls, message: schema_service_pb2.ExperimentSummary) -> "ExperimentSummary":
        """Read one entry."""
        state = word_of(experiment_pb2.Experiment.State, message.state)
        warehouse = word_of(Warehouse.Kind, message.target_warehouse)
        return cls(message.name, message.id, state, warehouse, message.table_count, message.description, message)


@dataclass(frozen=True)
class Run:
    """A generation of rows, as it was when it was asked for."""

    id: int
    experiment: str
    state: str
    seed: int
    rows: Mapping[str, int]
    rows_done: int
    message: run_pb2.Run = field(default_factory=run_pb2.Run, repr=False, compare=False)

    @classmethod
    def of(cls, message: run_pb2.Run) -> "Run":
        """Read a run."""
        rows = {table.name: table.rows for table in message.tables}
        state = word_of(run_pb2.Run.State, message.state)
        return cls(message.run_id, message.experiment, state, message.seed, rows, message.rows_done, message)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    def check(self) -> "Run":
        """Raise why the run ended badly; answers the run."""
        if self.state in {"FAILED", "ABORTED"}:
            raise failed(f"run {self.id}", self.state, self.message.failure)
        return self


@dataclass(frozen=True)
class Load:
    """A load of a run into a warehouse, as it was when it was asked for."""

    id: int
    run_id: int
    experiment: str
    experiment_id: str
    warehouse: str
    state: str
    mode: str
    rows: Mapping[str, int]
    message: load_pb2.Load = field(default_factory=load_pb2.Load, repr=False, compare=False)

    @classmethod
    def of(cls, message: load_pb2.Load) -> "Load":
        """Read a load."""
        return cls(
            message.load_id,
            message.run_id,
            message.experiment,
            message.experiment_id,
            word_of(Warehouse.Kind, message.warehouse),
            word_of(load_pb2.Load.State, message.state),
            word_of(load_pb2.Load.Mode, message.mode),
            {table.name: table.rows for table in message.tables},
            message,
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    def check(self) -> "Load":
        """Raise why the load ended badly; answers the load."""
        if self.state in {"FAILED", "ABORTED"}:
            hint = f"client.loads.retry({self.id}) goes on where it stopped"
            raise failed(f"load {self.id}", self.state, self.message.failure, hint)
        return self


@dataclass(frozen=True)
class Translation:
    """A statement, its form on the warehouse, and how faithful that is."""

    sql: str
    translated_sql: str
    verdict: str
    """EXACT, APPROXIMATE or REFUSED."""
    notes: tuple[str, ...]
    rules: tuple[str, ...]
    dialect: str
    target_dialect: str

    @classmethod
    def of(cls, message: translation_pb2.Translation) -> "Translation":
        """Read a translation."""
        return cls(
            message.sql,
            message.translated_sql,
            word_of(translation_pb2.Translation.Verdict, message.verdict),
            tuple(message.notes),
            tuple(message.rules),
            word_of(SqlDialect.Name, message.dialect),
            word_of(SqlDialect.Name, message.target_dialect),
        )


def failed(what: str, state: str, failure: Failure, hint: str = "") -> OperationFailed:
    """Words for long work that ended badly."""
    how = {"FAILED": "failed", "ABORTED": "was aborted"}[state]
    reason = failure.reason or "ABORTED_BY_USER"
    return OperationFailed(f"{what} {how}: {failure.message or 'on request'}", reason=reason, hint=failure.hint or hint)
