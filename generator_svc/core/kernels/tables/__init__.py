"""Committed numeric tables, written by `tools/`: never computed with a machine's math library at run time."""
