"""Texts and documents -> contents and answers. Bytes in, plain data out: large ones are read in another process.

A thread of the service would hold the interpreter's lock for the seconds that a thousand tables take.
"""

import json

from dwsim.schema.v1 import experiment_pb2
from dwsim.schema.v1 import schema_service_pb2 as pb

from dwsim_wire.fault import FieldProblem, InvalidArgument
from schema_svc.core.check import prepare
from schema_svc.core.compare import some_changes
from schema_svc.core.document import checked_document, import_spec, validate_document
from schema_svc.core.export import export_ddl, export_json, export_yaml
from schema_svc.core.importing import import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.record import Content, content_of
from schema_svc.core.report import Diagnostic
from schema_svc.core.table_import import import_table
from schema_svc.core.vocabulary import Severity
from schema_svc.service.messages import (
    change_message,
    diagnostic_messages,
    dialect_of,
    document_of,
    experiment_message,
    experiment_of,
    statement_messages,
)
from schema_svc.service.orders import spec_format, sql_import, table_import


def read_sql(data: bytes) -> tuple[Content, bytes]:
    """ImportSqlRequest -> what is kept, and the answer but for the experiment."""
    imported = import_sql(sql_import(pb.ImportSqlRequest.FromString(data)))
    answer = pb.ImportSqlResponse(
        warnings=imported.experiment.warnings(),
        statements=statement_messages(imported.statements),
        diagnostics=diagnostic_messages(imported.diagnostics),
    )
    return _content(imported.experiment), answer.SerializeToString()


def read_spec(data: bytes) -> tuple[Content, bytes]:
    """ImportSpecRequest -> what is kept, and the answer but for the experiment."""
    request = pb.ImportSpecRequest.FromString(data)
    experiment = import_spec(request.spec, spec_format(request.format), request.name)
    return _content(experiment), pb.ImportSpecResponse(warnings=experiment.warnings()).SerializeToString()


def read_experiment(data: bytes) -> Content:
    """Experiment message -> what is kept."""
    return _content(checked_document(document_of(experiment_pb2.Experiment.FromString(data))))


def read_next(before: str, name: str, data: bytes) -> Content:
    """Experiment message -> the revision that follows the document `before` of the experiment `name`."""
    given = experiment_of(experiment_pb2.Experiment.FromString(data))
    if given.name and given.name.casefold() != name.casefold():
        raise InvalidArgument(
            f"the document is of experiment {given.name[:80]!r}, not {name!r}",
            hint="an experiment keeps its name: leave it out",
            fields=[FieldProblem("experiment.name", "must be the same or empty")],
        )
    given.name = name
    return _content(prepare(given), before)


def read_table(before: str, name: str, data: bytes) -> tuple[Content, bytes]:
    """ImportTableRequest -> the revision that follows the document `before`, and the answer but for the experiment."""
    experiment = Experiment.model_validate_json(before)
    experiment.name = name
    order = table_import(pb.ImportTableRequest.FromString(data), name, experiment.dialect)
    imported = import_table(experiment, order)
    answer = pb.ImportTableResponse(
        warnings=imported.experiment.tables[-1].warnings,
        statements=statement_messages(imported.statements),
        diagnostics=diagnostic_messages(imported.diagnostics),
    )
    return _content(imported.experiment, before), answer.SerializeToString()


def validate(data: bytes) -> bytes:
    """Experiment message -> ValidateExperimentResponse."""
    experiment, problems = validate_document(document_of(experiment_pb2.Experiment.FromString(data)))
    if problems or experiment is None:
        diagnostics = diagnostic_messages(problem.diagnostic for problem in problems)
        return pb.ValidateExperimentResponse(diagnostics=diagnostics).SerializeToString()
    warnings = [Diagnostic(Severity.WARNING, "TABLE_WARNING", text) for text in experiment.warnings()]
    answer = pb.ValidateExperimentResponse(
        valid=True, experiment=experiment_message(experiment), diagnostics=diagnostic_messages(warnings)
    )
    return answer.SerializeToString()


def export(document: str, data: bytes) -> bytes:
    """Document and ExportExperimentRequest -> ExportExperimentResponse."""
    request, experiment = pb.ExportExperimentRequest.FromString(data), Experiment.model_validate_json(document)
    if request.format == pb.ExportExperimentRequest.DDL:
        text, diagnostics = export_ddl(experiment, dialect_of(request.dialect))
        return pb.ExportExperimentResponse(text=text, diagnostics=diagnostic_messages(diagnostics)).SerializeToString()
    as_yaml = request.format == pb.ExportExperimentRequest.YAML
    text = export_yaml(experiment) if as_yaml else export_json(experiment)
    return pb.ExportExperimentResponse(text=text).SerializeToString()


def compare(before: str, after: str) -> bytes:
    """Two documents -> CompareRevisionsResponse without the numbers."""
    changes, count = some_changes(json.loads(before), json.loads(after))
    return pb.CompareRevisionsResponse(
        changes=[change_message(change) for change in changes], change_count=count
    ).SerializeToString()


def message_of(document: str) -> bytes:
    """Document -> Experiment message."""
    return experiment_message(Experiment.model_validate_json(document)).SerializeToString()


def _content(experiment: Experiment, before: str = "") -> Content:
    return content_of(experiment, experiment_message(experiment).SerializeToString(), before)
