"""The gateway: Envoy in front of the mesh, for gRPC, gRPC-web and REST on one port.

`render.bootstrap(…)` makes Envoy's configuration, `python -m gateway` runs Envoy with it.
"""
