"""Starts the reflection server: `python -m gateway.reflection`."""

from dwsim_wire.entry import end_process, run_service
from gateway.reflection import ReflectionSettings, build

if __name__ == "__main__":
    end_process(run_service(ReflectionSettings, build))
