"""`dw-sim experiment generate`: start a run and follow it, and its load, to the end."""

import enum
from pathlib import Path
from typing import Annotated

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
from dwsim_cli.session import Session, begin


class RunKind(enum.StrEnum):
    """What a run makes, by the names that users type."""

    full = "full"
    append = "append"
    change_set = "change-set"


class FileFormat(enum.StrEnum):
    """How files are written, by the names that users type."""

    parquet = "parquet"
    csv = "csv"
    json_lines = "json_lines"
    arrow_ipc = "arrow_ipc"


class Retention(enum.StrEnum):
    """How long files are kept, by the names that users type."""

    keep = "keep"
    delete_after_load = "delete_after_load"
    expire_days = "expire_days"


def generate(
    ctx: typer.Context,
    name: ExperimentName,
    rows: Rows = None,
    table: Annotated[list[str] | None, typer.Option("--table", help="Make only this table; repeatable.")] = None,
    seed: Seed = None,
    output_dir: Annotated[
        str, typer.Option("--output-dir", help="Where the files go: a directory, or s3://bucket/prefix.")
    ] = "",
    file_format: Annotated[
        FileFormat, typer.Option("--format", case_sensitive=False, help="How files are written; parquet is loaded.")
    ] = FileFormat.parquet,
    as_of: AsOf = "",
    batch_rows: Annotated[int, typer.Option("--batch-rows", min=0, help="Rows of a batch; 0 chooses.")] = 0,
    kind: Annotated[RunKind, typer.Option("--kind", case_sensitive=False, help="What to make.")] = RunKind.full,
    wait: Wait = True,
    load: Annotated[
        bool | None, typer.Option("--load/--no-load", help="Let the loader load the run.", show_default="what it can")
    ] = None,
    retention: Annotated[
        Retention | None, typer.Option("--retention", case_sensitive=False, help="How long the staged files are kept.")
    ] = None,
    expire_days: Annotated[
        int, typer.Option("--expire-days", min=0, help="Keep the staged files for so many days.")
    ] = 0,
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
    session = begin(ctx, as_json)
    request = generator.StartRunRequest(
        experiment=name,
        tables=table or [],
        rows=parse_rows(rows),
        seed=seed,
        output_dir=_place(output_dir),
        format=Run.Format.Value(file_format.upper()),
        as_of=as_of,
        batch_rows=batch_rows,
        kind=Run.Kind.Value(kind.upper().replace("-", "_")),
        auto_load=load,
        retention=_retention(retention, expire_days),
        expire_days=expire_days,
        load_options=load_options(on_error, max_errors, schema_drift),
        changes=change_spec(inserts, updates, deletes, changes_as),
    )
    run, loaded = _start_and_follow(session, request, wait=wait)
    _show(session.output, run, loaded, wait)
    check_run(run)
    if loaded:
        check_load(loaded)


def _retention(retention: Retention | None, expire_days: int) -> Run.Retention.ValueType:
    """Days alone are enough to say that files expire."""
    chosen = retention or (Retention.expire_days if expire_days else Retention.keep)
    return Run.Retention.Value(chosen.upper())


def _place(output_dir: str) -> str:
    """A path means one on this machine, whatever the server's working directory is."""
    if not output_dir or output_dir.startswith("s3://"):
        return output_dir
    return str(Path(output_dir).absolute())


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
