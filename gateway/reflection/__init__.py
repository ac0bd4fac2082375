"""Server reflection for the whole mesh: behind one gateway, the services' own could answer only for themselves."""

from gateway.reflection.server import ReflectionSettings, build

__all__ = ["ReflectionSettings", "build"]
