"""StartRun: what a message asks for, checked against experiment, log and disk, becomes an accepted run."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from dwsim.common.v1 import load_options_pb2
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import run_pb2
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec, TableChanges

from dwsim_wire.fault import FieldProblem, InvalidArgument, NotYetAvailable
from dwsim_wire.fingerprint import fingerprint
from dwsim_wire.staging import StagingRoot
from generator_svc.core.admission import RunRequest, admit
from generator_svc.core.change_admission import ChangeRequest
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.plan import Plan
from generator_svc.core.references import ReadFile, pinned
from generator_svc.core.row_width import file_bytes
from generator_svc.core.run import FileFormat, LoadOptions, PinnedExperiment, Retention, Run, RunKind, RunState
from generator_svc.core.run_faults import NoBaseRun, OutputNotWritable, RunActive
from generator_svc.core.versions import ChangeOutput, Shares
from generator_svc.peers import SchemaPeer
from generator_svc.staging.files import refuse_too_large, refuse_unusable, unless_refused
from generator_svc.store import RequestKey, Store
from generator_svc.worker import Quota

MOST_EXPIRE_DAYS = 36_500


class Accepted(NamedTuple):
    """A run; `plan` where it is new."""

    run: Run
    plan: Plan | ChangePlan | None = None


class Starting:
    """Accepts runs."""

    def __init__(
        self,
        store: Store,
        schema: SchemaPeer,
        staging: StagingRoot,
        quota: Quota,
        *,
        data_dir: Path,
        batch_rows: int,
        read: ReadFile,
    ) -> None:
        self._store = store
        self._read = read
        self._schema = schema
        self._staging = staging
        self._quota = quota
        self._data_dir = data_dir
        self._batch_rows = batch_rows

    async def start(self, message: pb.StartRunRequest) -> Accepted:
        """Accept a run, or find the one that the same request id started before."""
        key = _request_key(message)
        if key and (before := await asyncio.to_thread(self._store.runs.find_request, key)):
            return Accepted(before)
        experiment = await self._schema.experiment(message.experiment)
        try:
            return await asyncio.to_thread(self._accept, message, experiment, key)
        except RunActive:
            if key and (same := await asyncio.to_thread(self._store.runs.find_request, key)):
                return Accepted(same)
            raise

    def _accept(self, message: pb.StartRunRequest, experiment: PinnedExperiment, key: RequestKey | None) -> Accepted:
        _check_base(message)
        request = read_request(message, self._batch_rows)
        self._store.runs.refuse_unready(experiment)
        base = self._base(message, request, experiment)
        if base:
            experiment = self._store.runs.pinned(base.run_id)
        document = json.loads(experiment.document)
        admitted = admit(request, document, self._read, base)
        experiment = replace(experiment, document=json.dumps(pinned(document, admitted.tables)))
        place = _Place(message, self._staging)
        place.refuse_ours(self._data_dir, self._staging)
        with unless_refused(place.root):
            place.refuse_unusable([table.name for table in admitted.order.tables])
            needed_bytes = file_bytes(admitted.tables, admitted.order)
            refuse_too_large(place.root, needed_bytes)
            self._quota.refuse_too_large(place.of_run(experiment.name, 0).uri, needed_bytes)
            run, new = self._store.runs.start(
                admitted.order, experiment, lambda run_id: place.of_run(experiment.name, run_id).uri, key
            )
        return Accepted(run, admitted.maker if new else None)

    def _base(self, message: pb.StartRunRequest, request: RunRequest, experiment: PinnedExperiment) -> Run | None:
        """Run that an append or change set continues."""
        if request.kind is RunKind.FULL:
            return None
        if not message.base_run_id:
            return self._store.runs.newest_completed(experiment.experiment_id, experiment.name)
        base = self._store.runs.get(message.base_run_id, experiment.name)
        if base.state is not RunState.COMPLETED or base.experiment_id != experiment.experiment_id:
            raise NoBaseRun(
                f"run {base.run_id} is not a completed run of experiment {experiment.name!r}",
                hint="name a completed run, or none for the newest",
                metadata={"experiment": experiment.name},
            )
        return base


class _Place:
    """Where a run's files go: below a staging root, or in a directory of the client's."""

    def __init__(self, message: pb.StartRunRequest, staging: StagingRoot) -> None:
        if message.output_dir and message.staging_uri:
            raise InvalidArgument(
                "output_dir and staging_uri exclude each other",
                fields=[FieldProblem("staging_uri", "not together with output_dir")],
            )
        self._own = bool(message.output_dir)
        self.root = _output_directory(message.output_dir) if self._own else staging
        if message.staging_uri:
            self.root = StagingRoot.parse(message.staging_uri).resolved

    def refuse_ours(self, data_dir: Path, staging: StagingRoot) -> None:
        """Refuse a place among our own files, other than the staging area for staged files."""
        inside = self.root.is_inside(StagingRoot(data_dir.absolute()))
        if inside and (self._own or not self.root.is_inside(staging)):
            raise OutputNotWritable(
                "the output directory is inside the data directory of DW Simulator",
                hint="name a directory outside of it",
                metadata={"uri": self.root.uri},
            )

    def refuse_unusable(self, tables: list[str]) -> None:
        """Refuse a place that cannot be written."""
        refuse_unusable(self.root, tables if self._own else ())

    def of_run(self, experiment: str, run_id: int) -> StagingRoot:
        """Directory of one run."""
        return self.root if self._own else self.root.child("generated", experiment, str(run_id))


def read_request(message: pb.StartRunRequest, batch_rows: int) -> RunRequest:
    """Read what core decides on."""
    kind = message.kind or run_pb2.Run.FULL
    return RunRequest(
        kind=RunKind(run_pb2.Run.Kind.Name(kind)),
        tables=tuple(message.tables),
        rows=dict(message.rows),
        seed=message.seed if message.HasField("seed") else None,
        as_of=message.as_of,
        batch_rows=message.batch_rows or batch_rows,
        auto_load=_auto_load(message),
        format=_format(message),
        changes=_changes(message),
        retention=_retention(message),
        expire_days=message.expire_days,
        load_options=_load_options(message),
    )


def _load_options(message: pb.StartRunRequest) -> LoadOptions:
    """What the load tolerates; refuses options of a load that nobody starts."""
    names, asked = load_options_pb2.LoadOptions, message.load_options
    loaded = message.auto_load or not message.HasField("auto_load")
    loaded = loaded and message.kind != run_pb2.Run.CHANGE_SET and message.format in {0, run_pb2.Run.PARQUET}
    if message.HasField("load_options") and not loaded:
        raise _wrong_option("load_options", "the run is not loaded by itself", "leave them to StartLoad")
    if asked.max_errors < 0:
        raise _wrong_option("load_options.max_errors", f"max_errors is {asked.max_errors}", "0 sets no limit")
    for field, known in (("on_error", names.OnError), ("schema_drift", names.SchemaDrift)):
        if getattr(asked, field) not in known.values():
            raise _wrong_option(f"load_options.{field}", f"{field} has no value {getattr(asked, field)}", "")
    return LoadOptions(
        names.OnError.Name(asked.on_error or names.ABORT),
        asked.max_errors,
        names.SchemaDrift.Name(asked.schema_drift or names.FAIL),
    )


def _wrong_option(field: str, what: str, hint: str) -> InvalidArgument:
    return InvalidArgument(what, hint=hint, fields=[FieldProblem(field, what)])


def _format(message: pb.StartRunRequest) -> FileFormat:
    if message.format not in run_pb2.Run.Format.values():
        raise InvalidArgument(
            f"format has no value {message.format}", fields=[FieldProblem("format", "not one of Run.Format")]
        )
    return FileFormat(run_pb2.Run.Format.Name(message.format or run_pb2.Run.PARQUET))


def _retention(message: pb.StartRunRequest) -> Retention:
    """How long files are kept; refuses what would not be kept to."""
    if message.retention not in run_pb2.Run.Retention.values():
        raise _wrong_retention(f"retention has no value {message.retention}", "not one of Run.Retention")
    retention = Retention(run_pb2.Run.Retention.Name(message.retention or run_pb2.Run.KEEP))
    expires = retention is Retention.EXPIRE_DAYS
    if not (1 <= message.expire_days <= MOST_EXPIRE_DAYS if expires else message.expire_days == 0):
        raise _wrong_retention(
            f"expire_days {message.expire_days} does not fit retention {retention}",
            f"1 to {MOST_EXPIRE_DAYS} with EXPIRE_DAYS, else none",
            field="expire_days",
        )
    if message.output_dir and retention is not Retention.KEEP:
        raise _wrong_retention("files in an output directory are yours, and are kept", "not together with output_dir")
    loadable = message.kind != run_pb2.Run.CHANGE_SET and message.format in {0, run_pb2.Run.PARQUET}
    if retention is Retention.DELETE_AFTER_LOAD and not loadable:
        raise _wrong_retention("such a run is not loaded: its files would stay", "only with what is loaded")
    return retention


def _wrong_retention(what: str, problem: str, field: str = "retention") -> InvalidArgument:
    return InvalidArgument(
        what, hint="KEEP, DELETE_AFTER_LOAD, or EXPIRE_DAYS with expire_days", fields=[FieldProblem(field, problem)]
    )


def _changes(request: pb.StartRunRequest) -> ChangeRequest:
    message = request.changes
    if request.HasField("changes") and request.kind != run_pb2.Run.CHANGE_SET:
        raise InvalidArgument(
            "only a change set has changes",
            hint="ask for kind CHANGE_SET, or leave changes out",
            fields=[FieldProblem("changes", "not with this kind")],
        )
    shares = _shares(message, Shares())
    return ChangeRequest(
        output=ChangeOutput(ChangeSpec.Output.Name(message.output or ChangeSpec.CDC_FEED)),
        shares=shares,
        tables={name: _shares(changes, shares) for name, changes in message.tables.items()},
    )


def _shares(message: ChangeSpec | TableChanges, default: Shares) -> Shares:
    return Shares(
        inserts=message.insert_fraction if message.HasField("insert_fraction") else default.inserts,
        updates=message.update_fraction if message.HasField("update_fraction") else default.updates,
        deletes=message.delete_fraction if message.HasField("delete_fraction") else default.deletes,
    )


def _auto_load(message: pb.StartRunRequest) -> bool | None:
    """Whether the loader is to load the run, None where the format decides: not what tells of changes."""
    if message.kind != run_pb2.Run.CHANGE_SET:
        return message.auto_load if message.HasField("auto_load") else None
    if message.auto_load:
        raise NotYetAvailable(
            "change sets are staged, not loaded",
            hint="leave auto_load out, and read the files below staging_uri",
            fields=[FieldProblem("auto_load", "not with kind CHANGE_SET")],
        )
    return False


def _check_base(message: pb.StartRunRequest) -> None:
    continues = message.kind in {run_pb2.Run.APPEND, run_pb2.Run.CHANGE_SET}
    if message.base_run_id < 0 or (message.base_run_id and not continues):
        raise InvalidArgument(
            f"base_run_id {message.base_run_id} does not fit: "
            + ("run ids count from 1" if continues else "a full run continues no run"),
            hint="leave base_run_id out, or name a run with kind APPEND or CHANGE_SET",
            fields=[FieldProblem("base_run_id", "not one of a run that this one continues")],
        )


def _request_key(message: pb.StartRunRequest) -> RequestKey | None:
    """What a repeated request is known by: all it asks for, but not whether it waits."""
    if not message.request_id:
        return None
    return RequestKey(message.request_id, fingerprint(message, "wait"))


def _output_directory(text: str) -> StagingRoot:
    if not text.lower().startswith("s3://") and not Path(text).is_absolute():
        shown = "" if "@" in text else text  # a URI of another kind may hold a secret
        raise OutputNotWritable(
            f"output_dir {shown!r} is not an absolute path",
            hint="the server's working directory is not yours: send an absolute path, or s3://bucket/prefix",
            metadata={"uri": shown},
            fields=[FieldProblem("output_dir", "not an absolute path")],
        )
    return StagingRoot.parse(text).resolved
