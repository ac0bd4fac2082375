"""Names of Envoy's configuration messages."""

from typing import Any

Config = dict[str, Any]
"""One of Envoy's messages, as JSON has it."""


def typed(message: str, **fields: Any) -> Config:
    """A message that says its type."""
    return {"@type": f"type.googleapis.com/envoy.{message}"} | fields


def extension(name: str, message: str, **fields: Any) -> Config:
    """An extension by its name, with its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def seconds(number: float) -> str:
    """A duration."""
    return f"{number:g}s"
