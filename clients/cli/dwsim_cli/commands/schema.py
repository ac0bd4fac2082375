"""`dw-sim schema`: what documents look like."""

import json
from pathlib import Path
from typing import Annotated

import typer
from dwsim.schema.v1 import schema_service_pb2 as schema
from google.protobuf import json_format

from dwsim_cli.session import begin

app = typer.Typer(no_args_is_help=True, help="What experiment documents look like.")


@app.command("json-schema")
def json_schema(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="File to write.")] = None,
) -> None:
    """Print the JSON Schema of experiment documents, in full and in the short form.

    Editors complete and check by it: put its file or address into `$schema`, or into a first line
    `# yaml-language-server: $schema=FILE`.
    """
    session = begin(ctx, False)
    answer = session.run(lambda mesh: mesh.call(mesh.schema.GetDocumentSchema, schema.GetDocumentSchemaRequest()))
    text = json.dumps(json_format.MessageToDict(answer.schema), indent=1, ensure_ascii=False) + "\n"
    if to:
        to.write_text(text, encoding="utf-8")
    else:
        session.output.text(text)
