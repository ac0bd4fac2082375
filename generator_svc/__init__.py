"""Owns runs, the event log and the staged files."""
