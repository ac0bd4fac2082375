"""Benchmarks: each measures the product beside the floor of its step, in one run, and says the ratio."""
