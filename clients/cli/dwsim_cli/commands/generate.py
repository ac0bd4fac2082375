"""`dw-sim experiment generate`: start a run and follow it, and its load, to the end."""

import typer
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load

from dwsim_cli import run_view as view
from dwsim_cli.change_options import ChangesAs, Deletes, Inserts, Updates, change_spec
from dwsim_cli.load_options import Drift, MaxErrors, OnError, OnErrorOption, SchemaDrift, load_options
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import AsOf, ExperimentName, Json, Rows, Seed, Wait, parse_rows
from dwsim_cli.output import Output, as_dict
from dwsim_cli.progress import Bars, check_load, check_run, follow_both, follow_run
from dwsim_cli.run_options import (
    AutoLoad,
    BatchRows,
    ExpireDays,
    FileFormat,
    Format,
    Kept,
    Kind,
    OutputDir,
    RunKind,
    Tables,
    kept_for,
    written_as,
)
from dwsim_cli.session import Session, begin


def generate(
    ctx: typer.Context,
    name: ExperimentName,
    rows: Rows = None,
    table: Tables = None,
    seed: Seed = None,
    output_dir: OutputDir = "",
    file_format: Format = FileFormat.parquet,
    as_of: AsOf = "",
    batch_rows: BatchRows = 0,
    kind: Kind = RunKind.full,
    wait: Wait = True,
    load: AutoLoad = None,
    retention: Kept = None,
    expire_days: ExpireDays = 0,
    on_error: OnErrorOption = OnError.abort,
    max_errors: MaxErrors = 0,
    schema_drift: Drift = SchemaDrift.fail,
    inserts: Inserts = None,
    updates: Updates = None,
    deletes: Deletes = None,
    changes_as: ChangesAs = None,
    as_json: Json = False,
) -> None:
    """Generate an experiment's tables, load them, and show progress until both are done."""
    request = generator.StartRunRequest(
        experiment=name,
        tables=table or [],
        rows=parse_rows(rows),
        seed=seed,
        auto_load=load,
        load_options=load_options(on_error, max_errors, schema_drift),
        changes=change_spec(inserts, updates, deletes, changes_as),
    )
    request.MergeFrom(written_as(file_format, kind, batch_rows=batch_rows, as_of=as_of, output_dir=output_dir))
    request.MergeFrom(kept_for(retention, expire_days))
    _start(begin(ctx, as_json), request, wait=wait)


def _start(session: Session, request: generator.StartRunRequest, *, wait: bool) -> None:
    """Start the run, show what became of it, and fail where it or its load failed."""
    run, loaded = _start_and_follow(session, request, wait=wait)
    _show(session.output, run, loaded, wait)
    check_run(run)
    if loaded:
        check_load(loaded)


def _start_and_follow(session: Session, request: generator.StartRunRequest, *, wait: bool) -> tuple[Run, Load | None]:
    """Start the run; where waited for, follow it and its load. Ctrl-C leaves both going."""
    started: list[int] = []

    async def work(mesh: Mesh) -> tuple[Run, Load | None]:
        answer = await mesh.call(mesh.generator.StartRun, request)
        started.append(answer.run_id)
        if not wait:
            return answer.run, None
        with Bars(session.output).shown() as bars:
            if answer.run.auto_load:
                return await follow_both(mesh, answer.run_id, bars)
            return await follow_run(mesh, answer.run_id, bars), None

    try:
        return session.run(work)
    except KeyboardInterrupt:
        _explain_detached(session.output, started)
        raise


def _show(output: Output, run: Run, loaded: Load | None, wait: bool) -> None:
    if output.as_json:
        output.document({"run": as_dict(run)} | ({"load": as_dict(loaded)} if loaded else {}))
    elif wait:
        view.run(output, run)
        if loaded:
            view.load(output, loaded)
    else:
        output.say(f"run {run.run_id} is {Run.State.Name(run.state)}; `dw-sim run watch {run.run_id}` follows it")


def _explain_detached(output: Output, started: list[int]) -> None:
    """Say that the run goes on: it belongs to the service, not to this command."""
    for run_id in started:
        output.note(
            f"run {run_id} goes on: `dw-sim run watch {run_id}` follows it, `dw-sim run abort {run_id}` stops it",
            style="",
        )
