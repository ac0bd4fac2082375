"""What goes wrong with a local stack.

Fault
├── AlreadyRunning   another stack owns the data directory
├── PortTaken        a port that was asked for belongs to somebody else
├── ServiceFailed    a service ended, or was not healthy in time
├── ServerFailed     the embedded PostgreSQL cannot be made or started
└── OtherVersion     another PostgreSQL made its directory
"""

from dwsim_wire.fault import Fault


class AlreadyRunning(Fault):
    """Another stack owns the data directory."""

    reason = "ALREADY_RUNNING"


class PortTaken(Fault):
    """A port that was asked for belongs to somebody else."""

    reason = "PORT_TAKEN"


class ServerFailed(Fault):
    """The embedded PostgreSQL cannot be made or started, or it ends again and again."""

    reason = "WAREHOUSE_UNAVAILABLE"


class OtherVersion(Fault):
    """The directory was made by another major version of PostgreSQL, which this one cannot read."""

    reason = "DATA_DIRECTORY_OTHER_VERSION"


class ServiceFailed(Fault):
    """A service ended, or was not healthy in time; `tail` has the last lines of its log."""

    reason = "SERVICE_FAILED"

    def __init__(self, message: str, *, service: str, hint: str = "", tail: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint, metadata={"service": service})
        self.tail = tail
