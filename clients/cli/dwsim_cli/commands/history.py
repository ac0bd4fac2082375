"""`dw-sim history` and `cancel`: what was asked, what came of it, and the end of what still runs."""

from collections.abc import Sequence
from typing import Annotated

import typer
from dwsim.query.v1 import query_service_pb2 as query
from dwsim.query.v1.query_pb2 import Query
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_cli import figures
from dwsim_cli.listing import show_list
from dwsim_cli.options import Json
from dwsim_cli.output import Output
from dwsim_cli.session import begin

MOST_TEXT = 60


def history(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of one experiment.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most queries.")] = 20,
    as_json: Json = False,
) -> None:
    """List queries, newest first: who asked, how faithful the answer is, rows, time, or why there is none."""
    show_list(
        begin(ctx, as_json),
        lambda mesh, size, token: mesh.call(
            mesh.query.ListQueries, query.ListQueriesRequest(experiment=name, page_size=size, page_token=token)
        ),
        lambda answer: answer.queries,
        limit,
        "queries",
        _show,
    )


def cancel(
    ctx: typer.Context,
    query_id: Annotated[str, typer.Argument(metavar="QUERY_ID", help="Id of a query that runs; history has it.")],
    as_json: Json = False,
) -> None:
    """End a query, in its warehouse too."""
    session = begin(ctx, as_json)
    request = query.CancelQueryRequest(query_id=query_id)
    answer = session.run(lambda mesh: mesh.call(mesh.query.CancelQuery, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.note(f"query {answer.query.query_id} is {_state(answer.query)}")


def _state(asked: Query) -> str:
    return Query.State.Name(asked.state).lower()


def _show(output: Output, found: Sequence[Query]) -> None:
    rows = [
        [
            asked.query_id,
            figures.moment(asked.start_time),
            asked.experiment,
            _state(asked) + (f": {asked.failure.reason}" if asked.failure.reason else ""),
            Translation.Verdict.Name(asked.verdict).lower() if asked.verdict else "",
            figures.count(asked.rows),
            figures.seconds(asked.total_ms / 1000),
            _short(asked.sql),
        ]
        for asked in found
    ]
    output.table(["query", "began (UTC)", "experiment", "state", "verdict", "rows", "time", "statement"], rows)


def _short(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= MOST_TEXT else f"{line[: MOST_TEXT - 1]}…"
