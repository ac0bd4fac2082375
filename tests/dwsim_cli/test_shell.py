"""The shell of `dw-sim query`: where statements end, what is completed, and a session at a real terminal."""

import sys
from pathlib import Path

import pexpect
import pytest

from dwsim_cli.shell.commands import COMMANDS, read_command
from dwsim_cli.shell.statements import is_blank, is_command, is_whole, split
from tests.dwsim_cli.conftest import DwSim
from tests.processes import wait_for

pytestmark = pytest.mark.xdist_group("cli")
PATIENCE = 60
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n"


@pytest.mark.parametrize(
    ("text", "statements", "rest"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"], ""),
        ("SELECT ';' AS a, \";\" -- ;\n, 'it''s;'; SELECT", ["SELECT ';' AS a, \";\" -- ;\n, 'it''s;'"], " SELECT"),
        ("SELECT $$;$$, $x$ $$ ; $x$ /* ; */;", ["SELECT $$;$$, $x$ $$ ; $x$ /* ; */"], ""),
        ("SELECT 'open; and on", [], "SELECT 'open; and on"),
        (";; -- nothing\n;", [], ""),
    ],
)
def test_statements_end_at_semicolons_that_are_in_no_text(text: str, statements: list[str], rest: str) -> None:
    """A semicolon in a name or comment must not tear a statement apart."""
    assert split(text) == (statements, rest)


def test_enter_sends_what_is_whole() -> None:
    """A statement of several lines is one statement."""
    assert not is_whole("SELECT 1")
    assert all(map(is_whole, ["SELECT 1;", "\\dt", ".help", "quit", "", "-- nothing yet"]))
    assert (is_blank(" /* a */ -- b"), is_blank("1"), is_command("Exit;"), is_command("SELECT 1")) == (1, 0, 1, 0)
    assert read_command(" \\D orders; ") == ("\\d", "orders")
    assert read_command(".help") == ("\\?", "")


class Terminal:
    """`dw-sim query` at a terminal of its own."""

    def __init__(self, data: Path, state: Path, experiment: str) -> None:
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "dwsim_cli.main", "--data-dir", str(data), "query", experiment],
            env={"XDG_STATE_HOME": str(state), "HOME": str(state), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(50, 160),
        )

    def until(self, *words: str) -> None:
        """Wait for words, in this order."""
        for word in words:
            self.process.expect_exact(word)

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        self.process.send(line + "\r")


def test_a_session_at_a_terminal(stack: Path, sim: DwSim, tmp_path: Path) -> None:
    """What a user of psql does in the first minute: look, ask, mistype, leave."""
    assert sim("tables", "shop").code == 0
    terminal = Terminal(stack, tmp_path, "shop")
    terminal.until("\\q leaves", "shop=>")
    terminal.type("\\dt")
    terminal.until("order_items", "3,000", "shop=>")
    terminal.type("\\d products")
    terminal.until("products", "primary", "shop=>")
    terminal.type("SELECT COUNT(*) AS n")
    terminal.until("->")
    terminal.type("FROM orders;")
    terminal.until("1000", "1 rows in", "shop=>")
    terminal.type("SELECT nope FROM orders;")
    terminal.until("UNKNOWN_COLUMN", "shop=>")
    terminal.type("\\timing")
    terminal.until("timing is on", "shop=>")
    terminal.type("\\x")
    terminal.until("expanded display is on", "shop=>")
    terminal.type("SELECT 7 AS seven, 8 AS eight;")
    terminal.until("row 1", "seven", "eight", "first row after", "shop=>")
    terminal.type("\\translate SELECT NVL(phone, 'none') FROM customers;")
    terminal.until("redshift to sqlite: exact", "shop=>")
    terminal.type("EXPLAIN SELECT * FROM orders;")
    terminal.until("SCAN orders", "shop=>")
    terminal.type("\\nonsense")
    terminal.until("there is no command", "shop=>")
    terminal.type(".help")
    terminal.until(*COMMANDS, "shop=>")
    terminal.process.send("SELECT order_i\t")
    terminal.until("order_i")
    terminal.process.send(" FROM order_it\t")
    terminal.until("ems")
    terminal.process.sendcontrol("c")
    terminal.until("shop=>")
    terminal.type("\\q")
    terminal.process.expect(pexpect.EOF)
    terminal.process.close()
    assert terminal.process.exitstatus == 0
    history = tmp_path / "dw-sim/query_history"
    assert "SELECT COUNT(*) AS n" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_ctrl_c_ends_the_statement_and_not_the_shell(stack: Path, sim: DwSim, tmp_path: Path) -> None:
    """Whoever forgot a join condition wants the prompt back, and the warehouse wants its time back."""

    def newest() -> str:
        [query] = sim("call", "ListQueries", '{"page_size": 1}').document["queries"]
        return str(query["state"]) if query["sql"] == LONG else ""

    terminal = Terminal(stack, tmp_path, "shop")
    terminal.until("shop=>")
    terminal.type(LONG + ";")
    wait_for(lambda: newest() == "RUNNING", "the statement to run")
    terminal.process.sendcontrol("c")
    terminal.until("cancelled", "shop=>")
    wait_for(lambda: newest() == "CANCELLED", "the statement to end")
    terminal.process.sendeof()
    terminal.process.expect(pexpect.EOF)
    terminal.process.close()
