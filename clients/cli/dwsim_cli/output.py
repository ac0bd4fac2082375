"""What the user sees: results on standard output, everything else on standard error, JSON where asked."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from dwsim_wire.fault import Fault

PIPE_WIDTH = 1000
"""Columns where nobody looks at a screen, whatever COLUMNS says: a program that reads tables wants whole lines."""


def as_dict(message: Message) -> dict[str, Any]:
    """Message as the REST gateway prints it: snake_case, zero values shown, 64-bit integers as text."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


class Output:
    """Prints for a person, or JSON alone on standard output for a program."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = _console(stderr=False)
        self.err = _console(stderr=True)

    def document(self, value: Message | dict[str, Any] | list[Any]) -> None:
        """Print a value as JSON, whatever the mode; coloured on a terminal."""
        text = json.dumps(as_dict(value) if isinstance(value, Message) else value, indent=2, ensure_ascii=False)
        if self._out.is_terminal and not self.as_json:
            self._out.print(Syntax(text, "json", background_color="default", word_wrap=True))
        else:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def line(self, value: Message | dict[str, Any]) -> None:
        """Print a value as one line of JSON, as streams do."""
        sys.stdout.write(json.dumps(as_dict(value) if isinstance(value, Message) else value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", dense: bool = False
    ) -> None:
        """Print rows for a person; numbers lean right; a dense table has no lines."""
        listed = [[_cell(value) for value in row] for row in rows]
        table = Table(header_style="bold", show_edge=False)
        if dense:
            table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for place, column in enumerate(columns):
            numeric = bool(listed) and all(_is_number(row[place]) for row in listed)
            table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
        for row in listed:
            table.add_row(*(Text(value) for value in row))
        if title:
            self._out.print(Text(title, style="italic"), soft_wrap=True)
        self._out.print(table)

    def say(self, text: str) -> None:
        """Print a sentence for a person; nothing in JSON mode."""
        if not self.as_json:
            self._out.print(Text(text), soft_wrap=True)

    def text(self, text: str) -> None:
        """Print text as it is, whatever the mode."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()

    def note(self, text: str, *, style: str = "dim") -> None:
        """Print a remark on standard error."""
        self.err.print(Text(text, style=style), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print a warning on standard error."""
        self.err.print(Text.assemble(("warning: ", "yellow bold"), text), soft_wrap=True)

    def fault(self, fault: Fault, code: int) -> None:
        """Print why the command ended: for a person by lines, for a program as one JSON object."""
        if self.as_json:
            error = {
                "message": fault.message,
                "reason": fault.reason,
                "hint": fault.hint,
                "metadata": fault.metadata,
                "fields": [problem._asdict() for problem in fault.fields],
                "exit_code": code,
            }
            sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
            return
        self.err.print(Text.assemble(("error: ", "red bold"), fault.message), soft_wrap=True)
        for path, message in fault.fields:
            self.err.print(Text.assemble("  ", (path, "bold"), f": {message}"), soft_wrap=True)
        for excerpt in (*getattr(fault, "__notes__", ()), *filter(None, [fault.metadata.get("excerpt")])):
            self.err.print(Text(excerpt, style="dim"), soft_wrap=True)
        self.err.print(Text.assemble(("reason: ", "bold"), fault.reason), soft_wrap=True)
        if fault.hint:
            self.err.print(Text.assemble(("hint: ", "bold"), fault.hint), soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    """A console that neither guesses colours of words nor cuts rows short where nobody looks at a screen."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    return str(value)


def _is_number(text: str) -> bool:
    return text == "NULL" or text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()
