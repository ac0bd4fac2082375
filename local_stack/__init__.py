"""Starts the whole mesh on one machine, without containers.

`async with LocalStack(data_dir) as stack:` gives four healthy services behind a gateway;
`stack.addresses["schema"]` is one of them, `stack.addresses["gateway"]` the door to all.
"""

from local_stack.stack import SERVICES, LocalStack, ServiceSpec

__all__ = ["SERVICES", "LocalStack", "ServiceSpec"]
