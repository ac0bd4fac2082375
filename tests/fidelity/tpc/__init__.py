"""TPC's queries on the Redshift stand-in, judged by DuckDB over the same files; their texts stay in its extensions."""
