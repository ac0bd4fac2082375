"""Progress on a terminal and elsewhere."""

import io

from rich.console import Console

from dwsim_cli.output import Output
from dwsim_cli.progress import Bars


def _shown(*, terminal: bool, as_json: bool = False) -> str:
    output = Output(as_json=as_json)
    output.err = Console(file=io.StringIO(), force_terminal=terminal, width=100, force_interactive=terminal)
    with Bars(output).shown() as bars:
        bars.update("generate", [("orders", 10, 100), ("empty", 0, 0)])
        bars.update("generate", [("orders", 100, 100)])
        bars.update("load", [("orders", 50, 100)])
    assert isinstance(output.err.file, io.StringIO)
    return output.err.file.getvalue()


def test_a_terminal_shows_a_bar_for_every_table_and_kind_of_work() -> None:
    """What is being waited for, and how far it is."""
    text = _shown(terminal=True)
    for part in ("generate  orders", "generate  empty", "load      orders", "100/100", "50/100"):
        assert part in text


def test_a_pipe_and_a_program_see_no_bars() -> None:
    """Control characters in a log file help nobody."""
    assert _shown(terminal=False) == ""
    assert _shown(terminal=True, as_json=True) == ""
