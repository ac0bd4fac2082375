"""Facts that go wrong in the cell engine.

Fault
├── NotYetAvailable     a rule of the contract that is not served yet (dwsim_wire)
├── UnknownProvider     no Faker provider has this name
└── ImpossibleRule      a rule cannot be met
"""

from dwsim_wire.fault import Fault


class ImpossibleRule(Fault):
    """A rule cannot be met, such as 200 distinct values of a type that has 100."""

    reason = "IMPOSSIBLE_RULE"


class UnknownProvider(Fault):
    """No Faker provider has this name."""

    reason = "UNKNOWN_PROVIDER"
