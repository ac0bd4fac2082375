"""The one place where documents become messages and messages documents."""

from collections.abc import Iterable, Sequence
from typing import Any

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.schema.v1 import experiment_pb2, import_report_pb2, revision_pb2, schema_service_pb2
from google.protobuf import json_format

from schema_svc.core.compare import Change
from schema_svc.core.document import read_document
from schema_svc.core.faults import UnknownTable
from schema_svc.core.importing import unknown_dialect
from schema_svc.core.model import Experiment
from schema_svc.core.names import did_you_mean
from schema_svc.core.record import Content, RevisionSummary, Stored, Summary
from schema_svc.core.report import Diagnostic, StatementStatus
from schema_svc.core.vocabulary import Dialect, State, WarehouseKind

MOST_PAGE_BYTES = 8 << 20


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


def stored_message(stored: Stored, data: bytes) -> experiment_pb2.Experiment:
    """The message of a document, with what the store knows of its revision."""
    message = experiment_pb2.Experiment.FromString(data)
    message.name, message.id = stored.name, stored.id
    message.revision, message.etag = stored.revision, stored.etag
    message.state = experiment_pb2.Experiment.State.Value(stored.state)
    message.deleting_reason = stored.deleting_reason
    message.create_time.FromJsonString(stored.create_time)
    message.update_time.FromJsonString(stored.update_time)
    return message


def unstored_message(content: Content) -> experiment_pb2.Experiment:
    """The message of a document that was only checked; it keeps the etag that it named, for an update to follow."""
    message = experiment_pb2.Experiment.FromString(content.message)
    message.etag = content.etag
    return message


def keep_tables(message: experiment_pb2.Experiment, names: Iterable[str]) -> None:
    """Leave only the named tables in a message; raises UnknownTable."""
    known = {table.name.casefold(): table.name for table in message.tables}
    for name in names:
        if name.casefold() not in known:
            raise UnknownTable(
                f"experiment {message.name!r} has no table {name[:80]!r}",
                hint=did_you_mean(name[:80], known.values()),
                metadata={"experiment": message.name, "table": name[:80]},
            )
    wanted = {name.casefold() for name in names}
    tables = [table for table in message.tables if table.name.casefold() in wanted]
    del message.tables[:]
    message.tables.extend(tables)


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


def state_of(number: experiment_pb2.Experiment.State.ValueType) -> State:
    """Name a state."""
    return State(experiment_pb2.Experiment.State.Name(number))


def summary_messages(summaries: Sequence[Summary]) -> list[schema_service_pb2.ExperimentSummary]:
    """Write summaries as messages, at least one of them and as many as a page may have bytes."""
    messages: list[schema_service_pb2.ExperimentSummary] = []
    size = 0
    for summary in summaries:
        message = summary_message(summary)
        size += message.ByteSize()
        if messages and size > MOST_PAGE_BYTES:
            break
        messages.append(message)
    return messages


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
        warning_count=summary.warning_count,
        etag=summary.etag,
    )
    message.create_time.FromJsonString(summary.create_time)
    message.update_time.FromJsonString(summary.update_time)
    return message


def revision_message(revision: RevisionSummary) -> revision_pb2.Revision:
    """Write a revision as a message."""
    message = revision_pb2.Revision(
        revision=revision.revision,
        etag=revision.etag,
        table_count=revision.table_count,
        column_count=revision.column_count,
        target_rows=revision.target_rows,
        summary=revision.summary,
        change_count=revision.change_count,
    )
    message.create_time.FromJsonString(revision.create_time)
    return message


def change_message(change: Change) -> revision_pb2.Change:
    """Write a difference as a message."""
    return revision_pb2.Change(
        kind=revision_pb2.Change.Kind.Value(change.kind),
        table=change.table,
        column=change.column,
        field=change.field,
        before=change.before,
        after=change.after,
    )


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
