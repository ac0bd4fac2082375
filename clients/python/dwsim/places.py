"""Where the gateway is: where it was said to be, else that of a stack on this machine, else the usual port."""

import os
from pathlib import Path

from dwsim.arguments import checked
from dwsim.faults import Unavailable
from dwsim_wire.settings import ENV_PREFIX, GATEWAY_PORT, default_data_dir
from local_stack.record import StackRecord


@checked
def find_gateway(address: str = "", data_dir: str | Path | None = None) -> str:
    """Address of the gateway; a directory that was named is a promise, and nobody else's stack is taken instead."""
    named = address or ("" if data_dir else os.environ.get(f"{ENV_PREFIX}GATEWAY_ADDRESS", ""))
    if named:
        return named.removeprefix("http://").rstrip("/")
    directory = data_dir or os.environ.get(f"{ENV_PREFIX}DATA_DIR")
    record = StackRecord.read(Path(directory or default_data_dir()).absolute())
    if record:
        return record.addresses["gateway"]
    if directory:
        raise Unavailable(
            f"no stack runs on {directory}",
            hint=f"`dw-sim up --detach --data-dir {directory}` starts one",
            reason="NO_STACK",
        )
    return f"127.0.0.1:{GATEWAY_PORT}"
