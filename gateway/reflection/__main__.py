"""Starts the reflection server: `python -m gateway.reflection`."""

import sys

from dwsim_wire.entry import run_service
from gateway.reflection import ReflectionSettings, build

if __name__ == "__main__":
    sys.exit(run_service(ReflectionSettings, build))
