"""Owns loads; brings staged batches into warehouses, exactly once."""
