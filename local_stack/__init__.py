"""Starts the whole mesh on one machine, without containers.

`async with LocalStack(data_dir) as stack:` gives four healthy services behind a gateway;
`stack.addresses["schema"]` is one of them, `stack.addresses["gateway"]` the door to all.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_stack.stack import SERVICES, LocalStack, ServiceSpec

__all__ = ["SERVICES", "LocalStack", "ServiceSpec"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the processes of this package start without gRPC."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from local_stack import stack

    return getattr(stack, name)
