"""Envoy's configuration as one document, for the local stack and for containers alike.

It is complete in itself, descriptors included: one file to mount, to validate, to read.
"""

from gateway.render.bootstrap import bootstrap

__all__ = ["bootstrap"]
