"""What keeps the gateway from running.

Fault
├── EnvoyMissing       Envoy is not installed
├── EnvoyRefuses       Envoy does not take the configuration
└── EnvoyEnded         Envoy ended by itself
"""

from dwsim_wire.fault import Fault


class EnvoyMissing(Fault):
    """Envoy is not installed."""

    reason = "ENVOY_MISSING"


class EnvoyRefuses(Fault):
    """Envoy does not take the configuration."""

    reason = "INVALID_ARGUMENT"


class EnvoyEnded(Fault):
    """Envoy ended by itself."""

    reason = "ENVOY_ENDED"
