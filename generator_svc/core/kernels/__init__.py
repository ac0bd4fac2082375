"""Kernels: one small compiled function per kind of value."""
