"""Warehouses that loads go to, one module each behind `writer.Writer`."""
