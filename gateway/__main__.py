"""Runs the gateway: `python -m gateway`; `--mode validate` checks its configuration, `--mode render` prints it."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence

from dwsim_wire.entry import log_json
from dwsim_wire.fault import Fault
from dwsim_wire.settings import read_settings
from gateway import docs, envoy
from gateway.render import bootstrap
from gateway.settings import GatewaySettings

log = logging.getLogger("gateway")


def main(argv: Sequence[str]) -> int:
    """Do what the settings say; the exit code is 1 where it cannot be done, with the reason as the last line."""
    try:
        settings = read_settings(GatewaySettings, argv)
        log_json(settings.log_level)
        if settings.mode == "render":
            sys.stdout.write(json.dumps(bootstrap(settings.inputs()), indent=2) + "\n")
        elif settings.mode == "validate":
            envoy.validate(settings.inputs())
        else:
            _run(settings)
    except Fault as fault:
        sys.stderr.write(f"{fault.reason}: {fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        return 1
    return 0


def _run(settings: GatewaySettings) -> None:
    def on_bound(address: str) -> None:
        if settings.address_file:
            partial = settings.address_file.with_suffix(".tmp")
            partial.write_text(address, encoding="ascii")
            partial.replace(settings.address_file)
        log.info("serving", extra={"facts": {"service": "gateway", "address": address}})

    with envoy.private_folder() as folder:
        pages = folder / "docs"
        docs.build(pages)
        inputs = settings.inputs(envoy.admin_socket(folder), pages)
        asyncio.run(
            envoy.run(inputs, folder, threads=settings.threads, drain_seconds=settings.drain_seconds, on_bound=on_bound)
        )
    log.info("stopped", extra={"facts": {"service": "gateway"}})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
