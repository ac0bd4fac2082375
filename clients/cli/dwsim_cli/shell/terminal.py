"""The terminal: editing, history, completion."""

import os
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from dwsim_cli.mesh import Mesh
from dwsim_cli.session import Session
from dwsim_cli.shell.catalog import Catalog
from dwsim_cli.shell.completion import NameCompleter
from dwsim_cli.shell.loop import Shell, Target
from dwsim_cli.shell.statements import is_whole


class Terminal:
    """Reads from the terminal, over several lines where a statement has not ended."""

    def __init__(self, catalog: Catalog) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=FileHistory(str(history_file())),
            completer=NameCompleter(catalog),
            complete_while_typing=False,
            enable_history_search=True,
            multiline=True,
            key_bindings=_keys(),
        )

    async def read(self, prompt: str) -> str:
        """Next text."""
        blank = " " * (len(prompt) - 3) + "-> "
        return await self._session.prompt_async(prompt, prompt_continuation=blank)


def run_shell(session: Session, target: Target) -> None:
    """Read statements and run them until the user leaves."""

    async def work(mesh: Mesh) -> None:
        catalog = Catalog(mesh, target.experiment)
        await Shell(mesh, session.output, target, catalog).run(Terminal(catalog))

    session.run(work)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_whole(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def history_file() -> Path:
    """Where typed statements are kept, readable by their user alone."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    folder = Path(state) / "dw-sim"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "query_history"
    file.touch(mode=0o600)
    return file
