"""SchemaService: each rpc reads its message, has the work done off the event loop, and writes its answer."""

import asyncio
from collections.abc import Mapping
from importlib.metadata import version

import grpc
from dwsim.common.v1.server_info_pb2 import ServerInfo
from dwsim.schema.v1 import experiment_pb2, schema_service_pb2_grpc
from dwsim.schema.v1 import schema_service_pb2 as pb
from google.protobuf import json_format
from google.protobuf.message import Message

from dwsim_wire.fault import Fault, FieldProblem, InvalidArgument, NotYetAvailable
from dwsim_wire.fingerprint import fingerprint
from dwsim_wire.interceptor import Context
from dwsim_wire.paging import decode_number, encode_token, page_size
from schema_svc.core import faults
from schema_svc.core.check import prepare
from schema_svc.core.document import SpecFormat, checked_document, import_spec, validate_document
from schema_svc.core.export import export_ddl, export_json, export_yaml
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.json_schema import document_schema
from schema_svc.core.model import DEFAULT_ROWS, Experiment
from schema_svc.core.report import Diagnostic
from schema_svc.core.vocabulary import IMPORTED_DIALECTS, Dialect, Severity
from schema_svc.core.write_ddl.grammar import GRAMMARS
from schema_svc.service.messages import (
    diagnostic_messages,
    dialect_of,
    document_of,
    experiment_message,
    experiment_of,
    statement_messages,
    summary_message,
    warehouse_of,
)
from schema_svc.store import Request, Store
from schema_svc.worker.deletion import Deletions
from schema_svc.worker.parsing import Parser

FULL_NAME = "dwsim.schema.v1.SchemaService"
C = grpc.StatusCode
STATUS: Mapping[type[Fault], grpc.StatusCode] = {
    faults.UnknownExperiment: C.NOT_FOUND,
    faults.UnknownRevision: C.NOT_FOUND,
    faults.UnknownTable: C.NOT_FOUND,
    faults.ExperimentExists: C.ALREADY_EXISTS,
    faults.RequestIdReused: C.ALREADY_EXISTS,
    faults.ExperimentBusy: C.ABORTED,
    faults.EtagMismatch: C.ABORTED,
    faults.ExperimentDeleting: C.ABORTED,
    faults.InvalidName: C.INVALID_ARGUMENT,
    faults.EmptyDocument: C.INVALID_ARGUMENT,
    faults.InvalidDocument: C.INVALID_ARGUMENT,
    faults.InvalidSql: C.INVALID_ARGUMENT,
    faults.InvalidExperiment: C.INVALID_ARGUMENT,
    faults.TooComplex: C.RESOURCE_EXHAUSTED,
    faults.ParseTimeout: C.DEADLINE_EXCEEDED,
}


class SchemaServicer(schema_service_pb2_grpc.SchemaServiceServicer):
    """The rpcs."""

    def __init__(self, store: Store, parser: Parser, deletions: Deletions, *, delete_wait_seconds: float) -> None:
        self._store = store
        self._parser = parser
        self._deletions = deletions
        self._delete_wait_seconds = delete_wait_seconds

    def register(self, server: grpc.aio.Server) -> None:
        """Serve the rpcs on `server`."""
        schema_service_pb2_grpc.add_SchemaServiceServicer_to_server(self, server)

    async def CreateExperiment(
        self, request: pb.CreateExperimentRequest, _context: Context
    ) -> pb.CreateExperimentResponse:
        """Check a whole document and store it."""
        _require(request, "experiment")

        def work() -> pb.CreateExperimentResponse:
            asked = _request(request)
            stored, _ = self._store.answered(asked) or self._store.create(_prepared(request.experiment), asked)
            return pb.CreateExperimentResponse(experiment=experiment_message(stored), warnings=stored.warnings())

        return await asyncio.to_thread(work)

    async def ImportSql(self, request: pb.ImportSqlRequest, _context: Context) -> pb.ImportSqlResponse:
        """Make an experiment of CREATE TABLE statements."""
        asked = _request(request)
        if not request.validate_only and (before := await asyncio.to_thread(self._store.answered, asked)):
            return await asyncio.to_thread(_imported, *before)
        imported = await self._parser.run(len(request.sql), import_sql, _sql_import(request))

        def work() -> pb.ImportSqlResponse:
            report = pb.ImportSqlResponse(
                statements=statement_messages(imported.statements),
                diagnostics=diagnostic_messages(imported.diagnostics),
            )
            text = json_format.MessageToJson(report, indent=None)
            if request.validate_only:
                return _imported(imported.experiment, text)
            return _imported(*self._store.create(imported.experiment, Request(asked.id, asked.payload, text)))

        return await asyncio.to_thread(work)

    async def ImportSpec(self, request: pb.ImportSpecRequest, _context: Context) -> pb.ImportSpecResponse:
        """Make an experiment of a JSON or YAML text."""
        asked = _request(request)
        before = None if request.validate_only else await asyncio.to_thread(self._store.answered, asked)
        if before is None:
            experiment = await self._parser.run(
                len(request.spec), import_spec, request.spec, _spec_format(request.format), request.name
            )
            if request.validate_only:
                before = experiment, ""
            else:
                before = await asyncio.to_thread(self._store.create, experiment, asked)
        stored = before[0]
        message = await asyncio.to_thread(experiment_message, stored)
        return pb.ImportSpecResponse(experiment=message, warnings=stored.warnings())

    async def ImportTable(self, _request: pb.ImportTableRequest, _context: Context) -> pb.ImportTableResponse:
        """Add one table; waits for the deep importer."""
        raise NotYetAvailable(
            "ImportTable is not served yet", hint="import all tables with ImportSql, or send the document to Update"
        )

    async def ValidateExperiment(
        self, request: pb.ValidateExperimentRequest, _context: Context
    ) -> pb.ValidateExperimentResponse:
        """Check a document and store nothing."""
        _require(request, "experiment")

        def work() -> pb.ValidateExperimentResponse:
            experiment, problems = validate_document(document_of(request.experiment))
            if problems or experiment is None:
                diagnostics = diagnostic_messages(problem.diagnostic for problem in problems)
                return pb.ValidateExperimentResponse(diagnostics=diagnostics)
            warnings = [Diagnostic(Severity.WARNING, "TABLE_WARNING", text) for text in experiment.warnings()]
            return pb.ValidateExperimentResponse(
                valid=True, experiment=experiment_message(experiment), diagnostics=diagnostic_messages(warnings)
            )

        return await asyncio.to_thread(work)

    async def GetExperiment(self, request: pb.GetExperimentRequest, _context: Context) -> pb.GetExperimentResponse:
        """Answer one revision whole."""
        experiment = await asyncio.to_thread(self._read, request.name, request.revision)
        return pb.GetExperimentResponse(experiment=await asyncio.to_thread(experiment_message, experiment))

    async def ListExperiments(
        self, request: pb.ListExperimentsRequest, _context: Context
    ) -> pb.ListExperimentsResponse:
        """List experiments, newest first."""
        size = page_size(request.page_size)
        before = decode_number("ListExperiments", request.page_token)
        found = await asyncio.to_thread(self._store.page, size + 1, before)
        token = encode_token("ListExperiments", found[size - 1].position) if len(found) > size else ""
        summaries = [summary_message(summary) for summary in found[:size]]
        return pb.ListExperimentsResponse(experiments=summaries, next_page_token=token)

    async def UpdateExperiment(
        self, request: pb.UpdateExperimentRequest, _context: Context
    ) -> pb.UpdateExperimentResponse:
        """Store a document as the next revision."""
        _require(request, "experiment")

        def work() -> pb.UpdateExperimentResponse:
            current = self._read(request.name, 0)
            given = experiment_of(request.experiment)
            if given.name and given.name.casefold() != current.name.casefold():
                raise InvalidArgument(
                    f"the document is of experiment {given.name[:80]!r}, not {current.name!r}",
                    hint="an experiment keeps its name: leave it out",
                    fields=[FieldProblem("experiment.name", "must be the same or empty")],
                )
            etag, given.name = request.etag or given.etag, current.name
            stored = self._store.update(current.id, prepare(given), etag)
            return pb.UpdateExperimentResponse(experiment=experiment_message(stored), warnings=stored.warnings())

        return await asyncio.to_thread(work)

    async def ExportExperiment(
        self, request: pb.ExportExperimentRequest, _context: Context
    ) -> pb.ExportExperimentResponse:
        """Write an experiment as text."""

        def work() -> pb.ExportExperimentResponse:
            experiment = self._read(request.name, request.revision)
            if request.format == pb.ExportExperimentRequest.DDL:
                text, diagnostics = export_ddl(experiment, dialect_of(request.dialect))
                return pb.ExportExperimentResponse(text=text, diagnostics=diagnostic_messages(diagnostics))
            as_yaml = request.format == pb.ExportExperimentRequest.YAML
            return pb.ExportExperimentResponse(text=export_yaml(experiment) if as_yaml else export_json(experiment))

        return await asyncio.to_thread(work)

    async def DeleteExperiment(
        self, request: pb.DeleteExperimentRequest, _context: Context
    ) -> pb.DeleteExperimentResponse:
        """Delete an experiment with all that was made of it."""
        progress = await self._deletions.delete(
            request.name, force=request.force, wait_seconds=self._delete_wait_seconds
        )
        return pb.DeleteExperimentResponse(
            done=progress.done,
            deleting_reason=progress.reason,
            deleted_runs=progress.deleted.runs,
            deleted_files=progress.deleted.files,
            dropped_tables=progress.deleted.tables,
        )

    async def GetDocumentSchema(
        self, _request: pb.GetDocumentSchemaRequest, _context: Context
    ) -> pb.GetDocumentSchemaResponse:
        """Answer the JSON Schema of documents."""
        answer = pb.GetDocumentSchemaResponse()
        answer.schema.update(document_schema())
        return answer

    async def GetServerInfo(self, _request: pb.GetServerInfoRequest, _context: Context) -> pb.GetServerInfoResponse:
        """Describe this server."""
        features = [f"dialect.{dialect.lower()}" for dialect in IMPORTED_DIALECTS]
        features += [f"export.ddl.{dialect.lower()}" for dialect in GRAMMARS]
        formats = ["import.sql", "import.json", "import.yaml", "export.json", "export.yaml", "export.ddl"]
        server = ServerInfo(service="schema", version=version("dw-simulator"), features=features + formats)
        return pb.GetServerInfoResponse(server=server)

    def _read(self, name: str, revision: int) -> Experiment:
        if revision < 0:
            raise InvalidArgument(f"revision is {revision}; it takes 0 (for the newest) or a number from 1")
        return self._store.get(name, revision)


def _prepared(message: experiment_pb2.Experiment) -> Experiment:
    return checked_document(document_of(message))


def _require(request: Message, field: str) -> None:
    if not request.HasField(field):
        raise InvalidArgument(f"{field} is missing", fields=[FieldProblem(field, "required")])


def _request(request: pb.CreateExperimentRequest | pb.ImportSqlRequest | pb.ImportSpecRequest) -> Request:
    return Request(request.request_id, fingerprint(request))


def _sql_import(request: pb.ImportSqlRequest) -> SqlImport:
    dialect = dialect_of(request.dialect)
    return SqlImport(
        name=request.name,
        sql=request.sql,
        dialect=Dialect.REDSHIFT if dialect is Dialect.NAME_UNSPECIFIED else dialect,
        target_rows=request.target_rows if request.HasField("target_rows") else DEFAULT_ROWS,
        table_rows=dict(request.table_rows),
        target_warehouse=warehouse_of(request.target_warehouse),
        surrogate_keys=request.surrogate_keys if request.HasField("surrogate_keys") else True,
        infer_foreign_keys=request.infer_foreign_keys if request.HasField("infer_foreign_keys") else True,
        refused_foreign_keys=tuple(request.refused_foreign_keys),
        description=request.description,
    )


def _imported(experiment: Experiment, report: str) -> pb.ImportSqlResponse:
    answer = json_format.Parse(report, pb.ImportSqlResponse())
    answer.experiment.CopyFrom(experiment_message(experiment))
    answer.warnings.extend(experiment.warnings())
    return answer


def _spec_format(number: pb.ImportSpecRequest.Format.ValueType) -> SpecFormat:
    if number not in pb.ImportSpecRequest.Format.values():
        raise InvalidArgument(f"format {number} is not known", hint="use JSON or YAML, or leave it out")
    return SpecFormat(pb.ImportSpecRequest.Format.Name(number))
