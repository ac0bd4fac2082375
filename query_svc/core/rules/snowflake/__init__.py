"""Snowflake as a target: an account, and its emulator, which is DuckDB inside."""
