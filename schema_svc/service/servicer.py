"""SchemaService: each rpc reads its message, has the work done off the event loop, and writes its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import TypeAlias

import grpc
from dwsim.common.v1.server_info_pb2 import ServerInfo
from dwsim.schema.v1 import experiment_pb2, schema_service_pb2_grpc
from dwsim.schema.v1 import schema_service_pb2 as pb

from dwsim_wire.fingerprint import fingerprint
from dwsim_wire.interceptor import Context
from dwsim_wire.paging import decode_number, encode_token, page_size
from schema_svc.core.faults import EtagMismatch, UnknownRevision
from schema_svc.core.json_schema import document_schema
from schema_svc.core.record import Content, Stored
from schema_svc.core.vocabulary import IMPORTED_DIALECTS
from schema_svc.core.write_ddl.grammar import GRAMMARS
from schema_svc.service import texts
from schema_svc.service.checked import CheckedTexts
from schema_svc.service.messages import (
    keep_tables,
    revision_message,
    stored_message,
    summary_messages,
    unstored_message,
)
from schema_svc.service.orders import filters_of, require, revision_of
from schema_svc.service.size import refuse_oversized, refuse_unreadable
from schema_svc.store import Request, Store
from schema_svc.worker.deletion import Deletions
from schema_svc.worker.parsing import Parser

FULL_NAME = "dwsim.schema.v1.SchemaService"
Imports: TypeAlias = pb.ImportSqlRequest | pb.ImportSpecRequest
Creation: TypeAlias = pb.CreateExperimentRequest | pb.ImportSqlRequest | pb.ImportSpecRequest
Make: TypeAlias = Callable[[], Awaitable[tuple[Content, bytes]]]


class SchemaServicer(schema_service_pb2_grpc.SchemaServiceServicer):
    """The rpcs."""

    def __init__(
        self,
        store: Store,
        parser: Parser,
        deletions: Deletions,
        *,
        delete_wait_seconds: float,
        max_message_bytes: int,
    ) -> None:
        self._experiments = store.experiments
        self._listing = store.listing
        self._parser = parser
        self._deletions = deletions
        self._delete_wait_seconds = delete_wait_seconds
        self._max_message_bytes = max_message_bytes
        self._checked = CheckedTexts()

    def register(self, server: grpc.aio.Server) -> None:
        """Serve the rpcs on `server`."""
        schema_service_pb2_grpc.add_SchemaServiceServicer_to_server(self, server)

    async def CreateExperiment(
        self, request: pb.CreateExperimentRequest, _context: Context
    ) -> pb.CreateExperimentResponse:
        """Check a whole document and store it."""
        require(request, "experiment")
        data = request.experiment.SerializeToString()

        async def make() -> tuple[Content, bytes]:
            content = await self._parser.run(len(data), texts.read_experiment, data)
            return content, pb.CreateExperimentResponse(warnings=content.warnings).SerializeToString()

        message, rest = await self._create(request, make)
        answer = pb.CreateExperimentResponse.FromString(rest)
        answer.experiment.CopyFrom(message)
        return answer

    async def ImportSql(self, request: pb.ImportSqlRequest, _context: Context) -> pb.ImportSqlResponse:
        """Make an experiment of CREATE TABLE statements."""
        data = request.SerializeToString()

        async def make() -> tuple[Content, bytes]:
            return await self._parser.run(len(data), texts.read_sql, data)

        message, rest = await (self._check if request.validate_only else self._create)(request, make)
        answer = pb.ImportSqlResponse.FromString(rest)
        answer.experiment.CopyFrom(message)
        return answer

    async def ImportSpec(self, request: pb.ImportSpecRequest, _context: Context) -> pb.ImportSpecResponse:
        """Make an experiment of a JSON or YAML text."""
        data = request.SerializeToString()

        async def make() -> tuple[Content, bytes]:
            return await self._parser.run(len(data), texts.read_spec, data)

        message, rest = await (self._check if request.validate_only else self._create)(request, make)
        answer = pb.ImportSpecResponse.FromString(rest)
        answer.experiment.CopyFrom(message)
        return answer

    async def ImportTable(self, request: pb.ImportTableRequest, _context: Context) -> pb.ImportTableResponse:
        """Add one table, as a new revision."""
        data, rest = request.SerializeToString(), b""

        async def make(base: Stored) -> Content:
            nonlocal rest
            size = len(base.document) + len(data)
            content, rest = await self._parser.run(size, texts.read_table, base.document, base.name, data)
            return content

        stored, _ = await self._revise(request.name, request.etag, make)
        answer = pb.ImportTableResponse.FromString(rest)
        answer.experiment.CopyFrom(await self._message(stored))
        return answer

    async def ValidateExperiment(
        self, request: pb.ValidateExperimentRequest, _context: Context
    ) -> pb.ValidateExperimentResponse:
        """Check a document and store nothing."""
        require(request, "experiment")
        data = request.experiment.SerializeToString()
        return pb.ValidateExperimentResponse.FromString(await self._parser.run(len(data), texts.validate, data))

    async def GetExperiment(self, request: pb.GetExperimentRequest, _context: Context) -> pb.GetExperimentResponse:
        """Answer one revision, or some of its tables."""
        stored = await self._stored(request.name, request.revision)
        message = await self._message(stored)
        if request.tables:
            keep_tables(message, request.tables)
        return pb.GetExperimentResponse(experiment=message)

    async def ListExperiments(
        self, request: pb.ListExperimentsRequest, _context: Context
    ) -> pb.ListExperimentsResponse:
        """List experiments, newest first."""
        filters = filters_of(request)
        size, rpc = page_size(request.page_size), "ListExperiments"
        before = decode_number(rpc, request.page_token, str(filters))
        found = await asyncio.to_thread(self._listing.page, size + 1, before, filters)
        shown = summary_messages(found[:size])
        token = encode_token(rpc, found[len(shown) - 1].position, str(filters)) if len(found) > len(shown) else ""
        return pb.ListExperimentsResponse(experiments=shown, next_page_token=token)

    async def UpdateExperiment(
        self, request: pb.UpdateExperimentRequest, _context: Context
    ) -> pb.UpdateExperimentResponse:
        """Store a document as the next revision."""
        require(request, "experiment")
        data = request.experiment.SerializeToString()

        async def make(base: Stored) -> Content:
            size = len(base.document) + len(data)
            return await self._parser.run(size, texts.read_next, base.document, base.name, data)

        stored, made = await self._revise(request.name, request.etag or request.experiment.etag, make)
        message = await self._message(stored)
        warnings = [text for table in message.tables for text in table.warnings]
        return pb.UpdateExperimentResponse(experiment=message, warnings=warnings, unchanged=not made)

    async def ListRevisions(self, request: pb.ListRevisionsRequest, _context: Context) -> pb.ListRevisionsResponse:
        """List the revisions of an experiment, newest first."""
        size, rpc = page_size(request.page_size), "ListRevisions"
        identity = (await asyncio.to_thread(self._listing.summary, request.name)).id
        before = decode_number(rpc, request.page_token, identity)
        found = await asyncio.to_thread(self._listing.revisions, identity, size + 1, before)
        token = encode_token(rpc, found[size - 1].revision, identity) if len(found) > size else ""
        shown = [revision_message(revision) for revision in found[:size]]
        return pb.ListRevisionsResponse(revisions=shown, next_page_token=token)

    async def CompareRevisions(
        self, request: pb.CompareRevisionsRequest, _context: Context
    ) -> pb.CompareRevisionsResponse:
        """Say what changed between two revisions."""
        after = await self._stored(request.name, request.to_revision)
        number = revision_of(request.from_revision) or after.revision - 1
        if not number:
            raise UnknownRevision(
                f"experiment {after.name!r} has no revision before revision 1",
                hint="compare it with a later one",
                metadata={"experiment": after.name},
            )
        before = await self._stored(after.id, number)
        size = len(before.document) + len(after.document)
        answer = pb.CompareRevisionsResponse.FromString(
            await self._parser.run(size, texts.compare, before.document, after.document)
        )
        answer.from_revision, answer.to_revision = before.revision, after.revision
        return answer

    async def ExportExperiment(
        self, request: pb.ExportExperimentRequest, _context: Context
    ) -> pb.ExportExperimentResponse:
        """Write an experiment as text."""
        document = (await self._stored(request.name, request.revision)).document
        answer = await self._parser.run(len(document), texts.export, document, request.SerializeToString())
        refuse_oversized(len(answer), "the export", self._max_message_bytes)
        return pb.ExportExperimentResponse.FromString(answer)

    async def DeleteExperiment(
        self, request: pb.DeleteExperimentRequest, _context: Context
    ) -> pb.DeleteExperimentResponse:
        """Delete an experiment with all that was made of it."""
        progress = await self._deletions.delete(
            request.name, force=request.force, etag=request.etag, wait_seconds=self._delete_wait_seconds
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

    async def _create(self, request: Creation, make: Make) -> tuple[experiment_pb2.Experiment, bytes]:
        """Store what `make` reads, or find it stored by the same request; the experiment and the rest of the answer."""
        asked = Request(request.request_id, await asyncio.to_thread(_payload, request))
        if before := await asyncio.to_thread(self._experiments.answered, asked):
            return await self._message(before[0]), before[1]
        content, rest = self._checked.take(asked.payload) or await make()
        refuse_unreadable(content, len(rest), self._max_message_bytes)
        asked = Request(asked.id, asked.payload, rest)
        stored, rest = await asyncio.to_thread(self._experiments.create, content, asked)
        return await self._message(stored), rest

    async def _check(self, request: Imports, make: Make) -> tuple[experiment_pb2.Experiment, bytes]:
        """What `make` reads, not stored."""
        content, rest = await make()
        refuse_unreadable(content, len(rest), self._max_message_bytes)
        self._checked.keep(await asyncio.to_thread(_payload, request), (content, rest))
        return unstored_message(content), rest

    async def _revise(self, name: str, etag: str, make: Callable[[Stored], Awaitable[Content]]) -> tuple[Stored, bool]:
        """Store what `make` makes of the newest revision; again of a newer one, where the client named no etag.

        Answers the newest revision, and whether it was made now.
        """
        while True:
            base = await asyncio.to_thread(self._experiments.get, name)
            base.refuse_change(etag)
            content = await make(base)
            warned = sum(len(text) + 8 for text in content.warnings)
            refuse_unreadable(content, warned, self._max_message_bytes)
            try:
                stored = await asyncio.to_thread(self._experiments.update, base.id, content, base.etag)
            except EtagMismatch:
                if etag:
                    raise
            else:
                return stored, stored.revision != base.revision

    async def _stored(self, name: str, revision: int) -> Stored:
        return await asyncio.to_thread(self._experiments.get, name, revision_of(revision))

    async def _message(self, stored: Stored) -> experiment_pb2.Experiment:
        data = stored.message
        if data is None:
            data = await self._parser.run(len(stored.document), texts.message_of, stored.document)
        return stored_message(stored, data)


def _payload(request: Creation) -> str:
    """Hash of what is asked for, whether it is to be stored or not."""
    left_out = () if isinstance(request, pb.CreateExperimentRequest) else ("validate_only",)
    return fingerprint(request, *left_out)
