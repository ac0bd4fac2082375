"""The one place where documents become messages and messages documents."""

from collections.abc import Iterable
from typing import Any

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.schema.v1 import experiment_pb2, import_report_pb2, schema_service_pb2
from google.protobuf import json_format

from schema_svc.core.document import read_document
from schema_svc.core.importing import unknown_dialect
from schema_svc.core.model import Experiment
from schema_svc.core.record import Summary
from schema_svc.core.report import Diagnostic, StatementStatus
from schema_svc.core.vocabulary import Dialect, WarehouseKind


def experiment_message(experiment: Experiment) -> experiment_pb2.Experiment:
    """Write a document as a message."""
    return json_format.ParseDict(experiment.document(), experiment_pb2.Experiment())


def experiment_of(message: experiment_pb2.Experiment) -> Experiment:
    """Read a message as a document; raises with every field that is wrong."""
    return read_document(document_of(message))


def document_of(message: experiment_pb2.Experiment) -> dict[str, Any]:
    """Write a message as plain data."""
    given = experiment_pb2.Experiment()
    given.CopyFrom(message)
    given.ClearField("create_time")  # output only, and not every one can be written as text
    given.ClearField("update_time")
    return json_format.MessageToDict(given, preserving_proto_field_name=True)


def dialect_of(number: SqlDialect.Name.ValueType) -> Dialect:
    """Name a dialect; unknown numbers raise UnknownDialect."""
    try:
        return Dialect(SqlDialect.Name.Name(number))
    except ValueError:
        raise unknown_dialect(str(number)) from None


def warehouse_of(number: Warehouse.Kind.ValueType) -> WarehouseKind:
    """Name a warehouse; what is not known to this version counts as not named."""
    known = number in Warehouse.Kind.values()
    return WarehouseKind(Warehouse.Kind.Name(number)) if known else WarehouseKind.KIND_UNSPECIFIED


def summary_message(summary: Summary) -> schema_service_pb2.ExperimentSummary:
    """Write a summary as a message."""
    message = schema_service_pb2.ExperimentSummary(
        name=summary.name,
        id=summary.id,
        description=summary.description,
        revision=summary.revision,
        dialect=SqlDialect.Name.Value(summary.dialect),
        target_warehouse=Warehouse.Kind.Value(summary.target_warehouse),
        table_count=summary.table_count,
        column_count=summary.column_count,
        target_rows=summary.target_rows,
        warnings=summary.warnings,
        state=experiment_pb2.Experiment.State.Value(summary.state),
        deleting_reason=summary.deleting_reason,
    )
    message.create_time.FromJsonString(summary.create_time)
    return message


def diagnostic_messages(diagnostics: Iterable[Diagnostic]) -> list[import_report_pb2.Diagnostic]:
    """Write diagnostics as messages."""
    return [
        import_report_pb2.Diagnostic(
            line=diagnostic.line,
            column=diagnostic.column,
            severity=import_report_pb2.Diagnostic.Severity.Value(diagnostic.severity),
            code=diagnostic.code,
            message=diagnostic.message,
            hint=diagnostic.hint,
            path=diagnostic.path,
        )
        for diagnostic in diagnostics
    ]


def statement_messages(statements: Iterable[StatementStatus]) -> list[import_report_pb2.StatementStatus]:
    """Write statement statuses as messages."""
    return [
        import_report_pb2.StatementStatus(
            index=status.index,
            line=status.line,
            column=status.column,
            kind=status.kind,
            outcome=import_report_pb2.StatementStatus.Outcome.Value(status.outcome),
            table=status.table,
            note=status.note,
        )
        for status in statements
    ]
