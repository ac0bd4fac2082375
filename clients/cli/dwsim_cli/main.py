"""dw-sim: the commands put together, and the one place where an error becomes words and an exit code."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer
from typer.main import get_command

from dwsim_cli.commands import (
    call,
    demo,
    doctor,
    experiment,
    history,
    ingest,
    load,
    query,
    run,
    schema,
    scratch,
    stack,
    staging,
    version,
)
from dwsim_cli.faults import DEBUG, EXIT_CODES, FAILED, INTERRUPTED, OK, USAGE, exit_code, unexpected
from dwsim_cli.options import DataDir, Json
from dwsim_cli.output import Output
from dwsim_cli.session import Root
from dwsim_wire.fault import Fault
from dwsim_wire.memory import keep_freed_memory
from dwsim_wire.settings import ENV_PREFIX

app = typer.Typer(
    name="dw-sim",
    no_args_is_help=True,
    help="A filled, queryable data warehouse on a laptop, from the DDL you have.",
    epilog=EXIT_CODES,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(experiment.app, name="experiment")
app.add_typer(schema.app, name="schema")
app.add_typer(run.app, name="run")
app.add_typer(load.app, name="load")
app.add_typer(ingest.app, name="ingest")
app.add_typer(staging.app, name="staging")
app.add_typer(scratch.app, name="scratch")
app.command("query")(query.run_query)
app.command("history")(history.history)
app.command("cancel")(history.cancel)
app.command("tables")(query.tables)
app.command("preview")(query.preview)
app.command("warehouses")(staging.warehouses)
app.command("up")(stack.up)
app.command("down")(stack.down)
app.command("api")(stack.api)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("reset")(stack.reset)
app.command("call")(call.call)
app.command("version")(version.version)


class WrongUsage(Fault):
    """The command line does not fit the command."""

    reason = "USAGE"


@app.callback()
def root(
    ctx: typer.Context,
    data_dir: DataDir = None,
    schema_address: Annotated[str | None, typer.Option(envvar=ENV_PREFIX + "SCHEMA_ADDRESS")] = None,
    generator_address: Annotated[str | None, typer.Option(envvar=ENV_PREFIX + "GENERATOR_ADDRESS")] = None,
    loader_address: Annotated[str | None, typer.Option(envvar=ENV_PREFIX + "LOADER_ADDRESS")] = None,
    query_address: Annotated[str | None, typer.Option(envvar=ENV_PREFIX + "QUERY_ADDRESS")] = None,
    gateway_address: Annotated[str | None, typer.Option(envvar=ENV_PREFIX + "GATEWAY_ADDRESS")] = None,
    as_json: Json = False,
) -> None:
    """A filled, queryable data warehouse on a laptop, from the DDL you have.

    Services are found by the address options, else in the stack that runs on the data directory (`dw-sim up`), else,
    where no data directory is named, on ports 50051 to 50054. Where there is a gateway, calls go through it, but to
    services whose address is given.
    """
    given = {
        "schema": schema_address,
        "generator": generator_address,
        "loader": loader_address,
        "query": query_address,
        "gateway": gateway_address,
    }
    ctx.obj = Root(as_json=as_json, data_dir=data_dir, given=given)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code."""
    keep_freed_memory()
    arguments = list(sys.argv[1:] if argv is None else argv)
    output = Output(as_json="--json" in arguments)
    try:
        code = _command()(arguments, prog_name="dw-sim", standalone_mode=False)
    except Fault as fault:
        return _explain(output, fault, exit_code(fault))
    except typer.TyperException as error:
        return _explain_usage(output, error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _hush()
    except Exception as error:  # the outermost door: no user reads a traceback that they did not ask for
        if DEBUG in os.environ:
            raise
        return _explain(output, unexpected(error), FAILED)
    return code if isinstance(code, int) else OK


@cache
def _command() -> Any:
    """All commands with their options: built once, which takes longer than most calls."""
    return get_command(app)


def _explain(output: Output, fault: Fault, code: int) -> int:
    output.fault(fault, code)
    return code


def _explain_usage(output: Output, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "dw-sim"
    message = error.format_message()
    if not message:
        return USAGE
    return _explain(output, WrongUsage(message, hint=f"`{command} --help` shows what it takes"), error.exit_code)


def _hush() -> int:
    """The reader of our output left, as `head` does: say nothing more."""
    sys.stdout = None  # so that the interpreter does not flush it at its end
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
