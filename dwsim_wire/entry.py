"""A service process: settings, logs, failpoints, then serve until told to stop."""

import asyncio
import atexit
import contextlib
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from dwsim_wire.memory import keep_freed_memory
from dwsim_wire.request_id import current_request_id
from dwsim_wire.server import Service, serve
from dwsim_wire.settings import ServiceSettings, read_settings

S = TypeVar("S", bound=ServiceSettings)


class JsonLines(logging.Formatter):
    """One JSON object per log record."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time, level, logger, message, request id, the record's `facts` and its exception."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": current_request_id(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def run_service(
    settings_class: type[S], build: Callable[[S], Awaitable[Service]], argv: Sequence[str] | None = None
) -> int:
    """Run one service to its end; the exit code is 1 where it could not start, with the reason as the last line."""
    keep_freed_memory()
    try:
        settings = read_settings(settings_class, sys.argv[1:] if argv is None else argv)
        log_json(settings.log_level)
        failpoint.arm(settings.failpoints)
        asyncio.run(_serve(build, settings))
    except Fault as fault:
        sys.stderr.write(f"{fault.reason}: {fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        return 1
    return 0


def end_process(code: int) -> NoReturn:
    """End this process now that all is drained: taking an interpreter with numba and Arrow apart takes up to seconds.

    What is registered for the end of a process has its turn; threads that still compute are not waited for.
    """
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError, ValueError):  # whoever read them is gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


async def _serve(build: Callable[[S], Awaitable[Service]], settings: S) -> None:
    await serve(await build(settings), settings)


def log_json(level: str) -> None:
    """Log JSON lines to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
