"""Progress on a terminal and elsewhere."""

import io

import pytest
from dwsim.generator.v1.run_pb2 import Run
from rich.console import Console

from dwsim_cli import run_view
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


def _waited(*, as_json: bool) -> str:
    output = Output(as_json=as_json)
    output.err = Console(file=io.StringIO(), width=100)
    with Bars(output).shown() as bars:
        for text in ("its turn: place 2", "its turn: place 2", "its turn: place 1", "", ""):
            bars.say_wait(text)
    assert isinstance(output.err.file, io.StringIO)
    return output.err.file.getvalue()


def test_what_a_run_waits_for_is_said_once_for_each_change() -> None:
    """A bar at zero does not say why; a line for every second would bury the rest."""
    assert _waited(as_json=False).splitlines() == ["waits for its turn: place 2", "waits for its turn: place 1"]
    assert _waited(as_json=True) == ""


def test_a_run_that_waits_is_shown_with_what_it_waits_for(capsys: pytest.CaptureFixture[str]) -> None:
    """PENDING alone does not say how long."""
    run_view.run(
        Output(as_json=False), Run(run_id=7, state=Run.PENDING, waits_for="its turn: place 1 of 2 in the queue")
    )
    assert "waits for its turn: place 1 of 2 in the queue" in capsys.readouterr().out
