"""Warehouses that are read, one file per kind behind the Protocol of reader.py."""
