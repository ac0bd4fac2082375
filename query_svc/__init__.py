"""Runs the user's SQL on the experiment's warehouse and streams results."""
