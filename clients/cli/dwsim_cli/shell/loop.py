"""Reads statements and commands, runs them one by one; nothing but leaving ends it."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1 import query_service_pb2 as query

from dwsim_cli import catalog_view, result
from dwsim_cli.excerpt import pointing_into
from dwsim_cli.faults import InvalidInput, LocalFailure, exit_code
from dwsim_cli.mesh import Mesh
from dwsim_cli.output import Output
from dwsim_cli.shell.catalog import Catalog
from dwsim_cli.shell.commands import COMMANDS, read_command
from dwsim_cli.shell.statements import is_blank, is_command, split
from dwsim_wire.fault import Fault

MOST_ROWS = 1000


@dataclass(frozen=True)
class Target:
    """What statements are run on."""

    experiment: str
    dialect: SqlDialect.Name.ValueType = SqlDialect.NAME_UNSPECIFIED
    timeout: float = 0.0
    scratch: str = ""
    allow_writes: bool = False


class Reader(Protocol):
    """Where text comes from."""

    async def read(self, prompt: str) -> str:
        """Next text; EOFError at the end, KeyboardInterrupt where it was thrown away."""


class Shell:
    """One session of the shell."""

    def __init__(self, mesh: Mesh, output: Output, target: Target, catalog: Catalog) -> None:
        self._mesh, self._output, self._target, self._catalog = mesh, output, target, catalog
        self._expanded = self._timing = self._over = False
        self._actions: dict[str, Callable[[str], Awaitable[None]]] = {
            "\\d": self._describe,
            "\\dt": self._list,
            "\\c": self._connect,
            "\\x": self._toggle_expanded,
            "\\timing": self._toggle_timing,
            "\\translate": self._translate,
            "\\explain": self._explain,
            "\\i": self._include,
            "\\?": self._help,
            "\\q": self._leave,
        }

    async def run(self, reader: Reader) -> None:
        """Read and run until the user leaves."""
        self._output.note(f"{self._target.experiment}: SQL ends with ; · \\? helps · \\q leaves")
        while not self._over:
            try:
                text = await reader.read(f"{self._target.experiment}=> ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            await self._interruptible(self.take(text))

    async def take(self, text: str) -> None:
        """Run a command, or all statements of a text; the first that fails ends it."""
        try:
            if is_command(text):
                await self._command(text)
                return
            statements, rest = split(text)
            for statement in [*statements, *([] if is_blank(rest) else [rest.strip()])]:
                with pointing_into(statement, Path("statement")):
                    await self._execute(statement)
        except Fault as fault:
            self._output.fault(fault, exit_code(fault))

    async def _interruptible(self, work: Awaitable[None]) -> None:
        """Let Ctrl-C end the work, in the warehouse too, and not the shell."""
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            self._output.note("cancelled")
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def _execute(self, statement: str) -> None:
        first, _, rest = statement.partition(" ")
        if first.lower() == "explain":
            await self._explain(rest)
            return
        limits = query.QueryLimits(max_rows=MOST_ROWS, timeout_seconds=self._target.timeout)
        request = query.ExecuteQueryRequest(
            experiment=self._target.experiment,
            sql=statement,
            dialect=self._target.dialect,
            limits=limits,
            scratch=self._target.scratch,
            allow_writes=self._target.allow_writes,
        )
        found = result.Collected()
        async with contextlib.aclosing(self._mesh.stream(self._mesh.query.ExecuteQuery, request)) as messages:
            summary = await result.drain(messages, found)
        found.show(self._output, expanded=self._expanded)
        if self._timing:
            self._output.note(
                f"translated after {summary.translate_ms:.1f} ms, first row after {summary.first_row_ms:.1f} ms, "
                f"all after {summary.total_ms:.1f} ms"
            )

    async def _command(self, text: str) -> None:
        word, rest = read_command(text)
        action = self._actions.get(word)
        if action is None:
            raise InvalidInput(f"there is no command {word}", hint="\\? lists them")
        await action(rest)

    async def _describe(self, table: str) -> None:
        if not table:
            await self._list("")
            return
        request = query.DescribeTableRequest(experiment=self._target.experiment, table=table)
        catalog_view.table(self._output, await self._mesh.call(self._mesh.query.DescribeTable, request))

    async def _list(self, _: str) -> None:
        request = query.ListTablesRequest(experiment=self._target.experiment)
        catalog_view.tables(self._output, await self._mesh.call(self._mesh.query.ListTables, request))

    async def _connect(self, experiment: str) -> None:
        if experiment:
            await self._mesh.call(self._mesh.query.ListTables, query.ListTablesRequest(experiment=experiment))
            self._target = replace(self._target, experiment=experiment)
            self._catalog.turn_to(experiment)
        self._output.note(f"statements run on {self._target.experiment}")

    async def _toggle_expanded(self, _: str) -> None:
        self._expanded = not self._expanded
        self._output.note(f"expanded display is {'on' if self._expanded else 'off'}")

    async def _toggle_timing(self, _: str) -> None:
        self._timing = not self._timing
        self._output.note(f"timing is {'on' if self._timing else 'off'}")

    async def _translate(self, sql: str) -> None:
        request = query.TranslateQueryRequest(experiment=self._target.experiment, sql=sql, dialect=self._target.dialect)
        answer = await self._mesh.call(self._mesh.query.TranslateQuery, request)
        catalog_view.translation(self._output, answer.translation)

    async def _explain(self, sql: str) -> None:
        request = query.ExplainQueryRequest(experiment=self._target.experiment, sql=sql, dialect=self._target.dialect)
        self._output.text((await self._mesh.call(self._mesh.query.ExplainQuery, request)).plan)

    async def _include(self, file: str) -> None:
        try:
            text = await asyncio.to_thread(_text_of, file)
        except (OSError, ValueError) as error:
            raise LocalFailure(f"{file!r} cannot be read", hint="\\i takes a file of UTF-8 text") from error
        await self.take(text)

    async def _help(self, _: str) -> None:
        for word, what in COMMANDS.items():
            self._output.text(f"{word:<11} {what}")

    async def _leave(self, _: str) -> None:
        self._over = True


def _text_of(file: str) -> str:
    return Path(file).expanduser().read_text(encoding="utf-8")
