"""The mind of the service: plain Python, no gRPC, no clock, no disk."""
