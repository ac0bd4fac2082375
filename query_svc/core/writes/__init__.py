"""Statements that write into a scratch: read, and turned into queries whose rows are written there."""
